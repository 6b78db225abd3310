import { describe, expect, test } from 'vitest';
import { zoneOf } from '../answer/fixtures/zone-model.ts';
import { watchedNames } from './watched-name.ts';

describe('the names that are watched', () => {
  const names = watchedNames([
    zoneOf(
      "www A '192.0.2.1'",
      "WWW A '192.0.2.2'",
      "www AAAA '2001:db8::1'",
      "*.app A '192.0.2.3'",
      'lib LUA return 1',
    ),
  ]);

  test('are each name and type that code answers, once, in any case', () => {
    expect(names.map(({ owner, type, records }) => [owner, type, records.length])).toEqual([
      ['www.example.org.', 'A', 2],
      ['www.example.org.', 'AAAA', 1],
      ['*.app.example.org.', 'A', 1],
    ]);
  });

  test('below a wildcard a name of our own is asked for', () => {
    expect(names.map(({ questionName }) => questionName).at(-1)).toBe('pdns-shadow.app.example.org.');
  });
});
