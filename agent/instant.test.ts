import { describe, expect, it } from 'vitest';
import { parseInstant } from './instant.ts';

describe('a moment in a query', () => {
  it.each([
    ['2026-01-31T12:00:00Z', 1769860800000],
    ['2026-01-31T12:00:00.250Z', 1769860800250],
    ['2026-01-31T14:00:00+02:00', 1769860800000],
    ['2026-01-31T07:30:00-04:30', 1769860800000],
    ['1769860800', 1769860800000],
    ['1769860800.5', 1769860800500],
  ])('%s is read', (text, ms) => expect(parseInstant(text)).toBe(ms));

  it('is read where the plus of its offset was not escaped', () =>
    expect(parseInstant(new URLSearchParams('at=2026-01-31T14:00:00+02:00').get('at') ?? '')).toBe(1769860800000));

  it.each([
    '',
    'yesterday',
    '2026-01-31',
    '2026-01-31T12:00:00',
    '2026-02-30T12:00:00Z',
    '2026-01-31T25:00:00Z',
    '-5',
    '1e400',
    '9'.repeat(40),
  ])("'%s' is none", (text) => expect(parseInstant(text)).toBeUndefined());
});
