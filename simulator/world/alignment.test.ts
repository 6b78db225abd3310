import { expect, test } from 'vitest';
import { httpCheck } from '../health/check.ts';
import { PROFILES } from '../profile/index.ts';
import { alignmentOf } from './alignment.ts';

const check = (options: Record<string, string> = {}) =>
  httpCheck('192.0.2.10', 443, 'https://api.acme.test/healthz', options);

test('rounds of 4.9 come again after the longest of them', () => {
  expect(alignmentOf([check()], PROFILES['4.9'], 5)).toEqual({ offsets: 5_000_000, complete: true });
});

test('a check that is waited for without end does not put the first question off to where nothing happens any more', () => {
  for (const line of ['4.9', '5.1'] as const) {
    const { offsets, complete } = alignmentOf([check(), check({ timeout: '0.5' })], PROFILES[line], 5);
    expect([offsets, complete]).toEqual([10_000_000, false]);
  }
});
