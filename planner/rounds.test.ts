import { describe, expect, test } from 'vitest';
import { httpCheck } from '../simulator/health/check.ts';
import { PROFILES } from '../simulator/profile/index.ts';
import { steadyRounds } from './rounds.ts';

const check = (address: string, options = {}) => httpCheck(address, 0, 'http://svc.test/', options);
const quick = { check: check('192.0.2.1'), micros: 5000 };
const hangs = { check: check('192.0.2.2'), micros: 2_000_000 };
const paceOf = (rounds: ReturnType<typeof steadyRounds>, { check: { id } }: typeof quick) => rounds.pace.get(id);

describe('the rounds of a server', () => {
  test('probe every check once an interval', () => {
    const rounds = steadyRounds([quick], { profile: PROFILES['4.9'], intervalSeconds: 5 });
    expect(paceOf(rounds, quick)?.meanPeriodSeconds).toBeCloseTo(5, 6);
    expect(rounds.mostThreads).toBe(1);
  });

  test('are stretched for all by one that hangs up to 4.9', () => {
    const rounds = steadyRounds([quick, hangs], { profile: PROFILES['4.9'], intervalSeconds: 1 });
    expect(paceOf(rounds, quick)).toEqual({ meanPeriodSeconds: 2, leastPeriodSeconds: 2, longestPeriodSeconds: 2 });
    expect(rounds.mostThreads).toBe(2);
  });

  test('are missed by one that hangs itself on 5.1', () => {
    const rounds = steadyRounds([quick, hangs], { profile: PROFILES['5.1'], intervalSeconds: 5, fraction: 0.5 });
    expect(paceOf(rounds, hangs)?.meanPeriodSeconds).toBe(10);
    expect(paceOf(rounds, quick)?.meanPeriodSeconds).toBe(5);
  });

  test('of 5.1 alternate where its timeout is longer than the interval', () => {
    const rounds = steadyRounds([quick, hangs], { profile: PROFILES['5.1'], intervalSeconds: 1, fraction: 0.3 });
    expect(paceOf(rounds, hangs)?.meanPeriodSeconds).toBe(3);
    expect(paceOf(rounds, quick)).toEqual({ meanPeriodSeconds: 1.5, leastPeriodSeconds: 1, longestPeriodSeconds: 2 });
  });

  test('of 5.1 probe a check of half a second half as often in half of the phases', () => {
    const slow = { check: check('192.0.2.3'), micros: 500_000 };
    const rounds = steadyRounds([slow], { profile: PROFILES['5.1'], intervalSeconds: 3 });
    const pace = paceOf(rounds, slow);
    expect([pace?.leastPeriodSeconds, pace?.longestPeriodSeconds]).toEqual([3, 6]);
    // Rates add up, not periods.
    expect(pace?.meanPeriodSeconds).toBeCloseTo(1 / (0.5 / 3 + 0.5 / 6), 6);
  });

  test('never come again once a probe does not end', () => {
    const endless = { check: check('192.0.2.4', { timeout: '0' }), micros: Number.POSITIVE_INFINITY };
    const rounds = steadyRounds([quick, endless], { profile: PROFILES['5.1'], intervalSeconds: 5 });
    expect(paceOf(rounds, quick)?.meanPeriodSeconds).toBe(Number.POSITIVE_INFINITY);
  });

  test('start every check that is alike at once', () => {
    const crowd = Array.from({ length: 40 }, (_, i) => ({ check: check(`192.0.2.${i + 10}`), micros: 1000 }));
    const { mostThreads, meanThreads } = steadyRounds(crowd, { profile: PROFILES['4.7'], intervalSeconds: 5 });
    expect([mostThreads, meanThreads]).toEqual([40, 40]);
  });
});
