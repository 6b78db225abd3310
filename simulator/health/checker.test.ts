import { describe, expect, test } from 'vitest';
import { MICROS_PER_SECOND as S } from '../clock.ts';
import { PROFILES } from '../profile/index.ts';
import { pdns49BeforeWakeUp } from '../profile/pdns-4.9.ts';
import { RELEASE_LINES, type ReleaseLine } from '../profile/profile.ts';
import { VirtualClock } from '../virtual-clock.ts';
import { type CheckOptions, httpCheck, tcpCheck } from './check.ts';
import { Checker, type CheckerOptions, type EndedProbe } from './checker.ts';
import { type ProbeStart, scriptedProber, type TargetScript } from './fixtures/targets.ts';
import { ABSENT, AWAITED, DOWN, UP } from './status.ts';

const [A, B] = ['192.0.2.1', '192.0.2.2'] as const;
const ANSWERS: TargetScript = [{ at: 0, does: 'answers' }];
const REFUSES: TargetScript = [{ at: 0, does: 'refuses' }];
const DROPS: TargetScript = [{ at: 0, does: 'drops' }];
const check = (address: string, options: CheckOptions = {}) => httpCheck(address, 0, 'http://svc.test/', options);

/** A server whose time 0 falls `phase` seconds into a second of the wall clock. */
function server(
  line: ReleaseLine,
  scripts: Readonly<Record<string, TargetScript>>,
  options: Partial<CheckerOptions> & { readonly phase?: number } = {},
) {
  const clock = new VirtualClock((1_700_000_000 + (options.phase ?? 0.5)) * S);
  const starts: ProbeStart[] = [];
  const probes: EndedProbe[] = [];
  const checker = new Checker({
    clock,
    prober: scriptedProber(clock, scripts, starts),
    profile: PROFILES[line],
    intervalSeconds: 5,
    expireDelaySeconds: 3600,
    onProbe: (probe) => probes.push(probe),
    ...options,
  });
  const startsOf = (address: string) => starts.filter((start) => start.address === address).map(({ at }) => at / S);
  return { clock, checker, probes, startsOf };
}

test.each(RELEASE_LINES)('%s: a check is absent, then awaited, then known', (line) => {
  const { clock, checker } = server(line, { [A]: [{ at: 0, does: 'answers', latencyMicros: S }] });
  expect(checker.peek(check(A))).toBe(ABSENT);
  expect(checker.ask(check(A))).toBe(ABSENT);
  expect(checker.ask(check(A))).toBe(AWAITED);
  clock.run(0.9 * S);
  expect(checker.ask(check(A))).toBe(AWAITED);
  clock.run(S);
  expect(checker.ask(check(A))).toEqual(UP);
});

test.each(RELEASE_LINES)('%s: peeking makes no check known and keeps none alive', (line) => {
  const { clock, checker, startsOf } = server(line, { [A]: ANSWERS }, { expireDelaySeconds: 10 });
  checker.peek(check(A));
  clock.run(20 * S);
  expect(checker.checks()).toEqual([]);
  checker.ask(check(A));
  for (let at = 21; at < 60; at++) {
    clock.run(at * S);
    checker.peek(check(A));
  }
  expect(checker.checks()).toEqual([]);
  expect(startsOf(A).at(-1)).toBeLessThanOrEqual(20 + 15);
});

describe('rounds', () => {
  test.each(['4.7', '4.8', '4.9'] as const)('%s: a slow check delays the whole next round', (line) => {
    const { clock, checker, startsOf } = server(line, { [A]: ANSWERS, [B]: DROPS }, { intervalSeconds: 1 });
    checker.ask(check(A));
    checker.ask(check(B, { timeout: '3' }));
    clock.run(10 * S);
    expect(startsOf(A)).toEqual([0, 3, 6, 9]);
    expect(startsOf(B)).toEqual([0, 3, 6, 9]);
  });

  test.each(['5.0', '5.1'] as const)('%s: a run across the second of the clock misses the next round', (line) => {
    const slow: TargetScript = [{ at: 0, does: 'answers', latencyMicros: 0.5 * S }];
    const early = server(line, { [A]: slow }, { phase: 0.4 });
    early.checker.ask(check(A));
    early.clock.run(20 * S);
    expect(early.startsOf(A)).toEqual([0, 5, 10, 15, 20]);
    const late = server(line, { [A]: slow }, { phase: 0.5 });
    late.checker.ask(check(A));
    late.clock.run(20 * S);
    expect(late.startsOf(A)).toEqual([0, 10, 20]);
  });

  test('4.9 does not look at the clock on the wall', () => {
    const { clock, checker, startsOf } = server('4.9', { [A]: ANSWERS });
    checker.ask(check(A));
    clock.at(7 * S, () => clock.stepWall(-1000 * S));
    clock.run(20 * S);
    expect(startsOf(A)).toEqual([0, 5, 10, 15, 20]);
  });

  test('5.1: a wall clock set back stops the checks until it has caught up', () => {
    const { clock, checker, startsOf } = server('5.1', { [A]: ANSWERS });
    checker.ask(check(A));
    clock.at(7 * S, () => clock.stepWall(-30 * S));
    clock.run(60 * S);
    expect(startsOf(A)).toEqual([0, 5, 40, 45, 50, 55, 60]);
  });
});

describe('new checks', () => {
  test('5.1: wake a sleeping checker, and its next round is a whole interval later', () => {
    const { clock, checker, startsOf } = server('5.1', { [A]: ANSWERS, [B]: ANSWERS });
    checker.ask(check(A));
    clock.at(7 * S, () => checker.ask(check(B)));
    clock.run(20 * S);
    expect(startsOf(B)).toEqual([7, 12, 17]);
    expect(startsOf(A)).toEqual([0, 5, 12, 17]);
  });

  test('4.9: wake a sleeping checker for a round of all checks', () => {
    const { clock, checker, startsOf } = server('4.9', { [A]: ANSWERS, [B]: ANSWERS });
    checker.ask(check(A));
    clock.at(7 * S, () => checker.ask(check(B)));
    clock.run(20 * S);
    expect(startsOf(B)).toEqual([7, 12, 17]);
    expect(startsOf(A)).toEqual([0, 5, 7, 12, 17]);
  });

  test('4.9.17 and older of the line: wait for the next round', () => {
    const { clock, checker, startsOf } = server('4.9', { [A]: ANSWERS, [B]: ANSWERS }, { profile: pdns49BeforeWakeUp });
    checker.ask(check(A));
    clock.at(7 * S, () => checker.ask(check(B)));
    clock.run(12 * S);
    expect(startsOf(B)).toEqual([10]);
  });

  test('5.1: one that comes while a round is running is told of too early and waits for the next round', () => {
    const { clock, checker, startsOf } = server('5.1', { [A]: DROPS, [B]: ANSWERS });
    checker.ask(check(A));
    clock.at(S, () => checker.ask(check(B)));
    clock.run(9 * S);
    expect(startsOf(B)).toEqual([5]);
  });

  test.each(RELEASE_LINES)('%s: of those that begin a round it may know only some', (line) => {
    const first = (newChecksKnown: number, roundsEndLate = 0) => {
      const options = { newChecksKnown, roundsEndLate };
      const { clock, checker, startsOf } = server(line, { [A]: ANSWERS, [B]: ANSWERS }, options);
      checker.ask(check(A));
      checker.ask(check(B));
      clock.run(7 * S);
      return [startsOf(A)[0], startsOf(B)[0]];
    };
    expect(first(1)).toEqual([0, 5]);
    expect(first(2)).toEqual([0, 0]);
    expect(first(Number.POSITIVE_INFINITY)).toEqual([0, 0]);
    // Where new checks wake the checker, those after an empty round have one of their own, unless it still lasts.
    expect(first(0)).toEqual(PROFILES[line].checker.wakesForNewChecks ? [0, 0] : [5, 5]);
    expect(first(0, 1)).toEqual([5, 5]);
  });

  test.each(['4.7', '4.8', '5.0'] as const)('%s: wait for the next round', (line) => {
    const { clock, checker, startsOf } = server(line, { [A]: ANSWERS, [B]: ANSWERS });
    checker.ask(check(A));
    clock.at(7 * S, () => checker.ask(check(B)));
    clock.run(12 * S);
    expect(startsOf(B)).toEqual([10]);
  });
});

describe('5.0 sleeps for the greatest common divisor of all intervals', () => {
  test('interval 7 beside 5: rounds each second', () => {
    const { clock, checker, startsOf } = server('5.0', { [A]: ANSWERS, [B]: ANSWERS });
    checker.ask(check(A, { interval: '7' }));
    checker.ask(check(B));
    clock.run(22 * S);
    expect(startsOf(A)).toEqual([0, 7, 14, 21]);
    expect(startsOf(B)).toEqual([0, 5, 10, 15, 20]);
  });

  test('interval 10 beside 5: rounds each 5 seconds', () => {
    const { clock, checker, startsOf } = server('5.0', { [A]: [{ at: 0, does: 'answers', latencyMicros: 0.6 * S }] });
    checker.ask(check(A, { interval: '10' }));
    clock.run(31 * S);
    expect(startsOf(A)).toEqual([0, 15, 30]);
  });

  test('a check that comes while it sleeps is known to the sleep after the next', () => {
    const { clock, checker, startsOf } = server('5.0', { [A]: ANSWERS, [B]: ANSWERS });
    checker.ask(check(A));
    clock.at(1 * S, () => checker.ask(check(B, { interval: '2' })));
    clock.run(12 * S);
    expect(startsOf(B)).toEqual([5, 7, 9, 11]);
  });

  test('an interval that is no number is the global one', () => {
    const { clock, checker, startsOf } = server('5.0', { [A]: ANSWERS });
    checker.ask(check(A, { interval: 'often' }));
    clock.run(11 * S);
    expect(startsOf(A)).toEqual([0, 5, 10]);
  });
});

describe('expiry', () => {
  test.each(RELEASE_LINES)('%s: a check runs once more and is gone; the next question starts from unknown', (line) => {
    const { clock, checker, startsOf } = server(line, { [A]: ANSWERS }, { expireDelaySeconds: 8 });
    checker.ask(check(A));
    clock.run(60 * S);
    expect(startsOf(A)).toEqual([0, 5, 10]);
    expect(checker.ask(check(A))).toBe(ABSENT);
  });

  test.each(RELEASE_LINES)('%s: counts from the whole second of the last question', (line) => {
    const ask = (phase: number) => {
      const told = server(line, { [A]: ANSWERS }, { expireDelaySeconds: 10, phase });
      told.checker.ask(check(A));
      told.clock.run(60 * S);
      return told.startsOf(A);
    };
    expect(ask(0)).toEqual([0, 5, 10, 15]);
    expect(ask(0.001)).toEqual([0, 5, 10]);
  });

  test('4.7: a check goes at the end of a round though it was asked for while that round was running', () => {
    const { clock, checker } = server('4.7', { [A]: ANSWERS, [B]: DROPS }, { expireDelaySeconds: 8 });
    checker.ask(check(A));
    clock.at(6 * S, () => checker.ask(check(B)));
    clock.at(11 * S, () => expect(checker.ask(check(A))).toEqual(UP));
    clock.at(13 * S, () => expect(checker.ask(check(A))).toBe(ABSENT));
    clock.run(14 * S);
    expect.assertions(2);
  });

  test.each(['5.0', '5.1'] as const)('%s: a check stays until it is due', (line) => {
    const { clock, checker, startsOf } = server(line, { [A]: ANSWERS, [B]: ANSWERS }, { expireDelaySeconds: 8 });
    checker.ask(check(A, { interval: '30' }));
    for (let at = 0; at < 40; at++) clock.at(at * S, () => checker.ask(check(B)));
    clock.run(29 * S);
    expect(checker.peek(check(A, { interval: '30' }))).toEqual(UP);
    clock.run(35 * S);
    expect(startsOf(A)).toEqual([0, 30]);
    expect(checker.peek(check(A, { interval: '30' }))).toBe(ABSENT);
  });
});

describe('a shadow that does not wait for slow checks', () => {
  const shadow = { waitsForSlowChecks: false, intervalSeconds: 1 };

  test('starts its rounds on time and leaves out what is still running', () => {
    const { clock, checker, startsOf } = server('4.9', { [A]: ANSWERS, [B]: DROPS }, shadow);
    checker.ask(check(A));
    checker.ask(check(B, { timeout: '3' }));
    clock.run(5.5 * S);
    expect(startsOf(A)).toEqual([0, 1, 2, 3, 4, 5]);
    // The probe ends in the same moment as a round begins, and may be a part of it or of the next.
    expect(startsOf(B)).toHaveLength(2);
  });

  test('is not held up by a probe that never ends', () => {
    const { clock, checker, startsOf } = server('4.9', { [A]: ANSWERS, [B]: DROPS }, shadow);
    checker.ask(check(A));
    checker.ask(check(B, { timeout: '0' }));
    clock.run(10 * S);
    expect(startsOf(A)).toHaveLength(11);
    expect(startsOf(B)).toEqual([0]);
  });

  test('ends the probe of a check that goes', () => {
    const script: TargetScript = [
      { at: 0, does: 'drops' },
      { at: 8 * S, does: 'answers' },
    ];
    const { clock, checker, probes } = server('4.9', { [A]: script }, { ...shadow, expireDelaySeconds: 3 });
    checker.ask(check(A, { timeout: '0' }));
    clock.run(6 * S);
    expect(checker.checks()).toEqual([]);
    clock.run(10 * S);
    expect(probes).toEqual([]);
  });
});

test('each ended probe is told of once, with times and the change of status', () => {
  const script: TargetScript = [
    { at: 0, does: 'answers', latencyMicros: 0.1 * S },
    { at: 3 * S, does: 'refuses', latencyMicros: 0.2 * S },
  ];
  const { clock, checker, probes } = server('5.1', { [A]: script });
  checker.ask(check(A));
  clock.run(9 * S);
  expect(probes.map(({ startedAt, endedAt, before, after }) => [startedAt / S, endedAt / S, before, after])).toEqual([
    [0, 0.1, AWAITED, UP],
    [5, 5.2, UP, DOWN],
  ]);
});

test('5.1: a TCP check with a timeout of 0 is up whatever the target does', () => {
  const { clock, checker } = server('5.1', { [A]: REFUSES });
  const unheard = tcpCheck(A, 80, { timeout: '0' });
  checker.ask(unheard);
  clock.run(S);
  expect(checker.peek(unheard)).toEqual(UP);
});

test('closing ends probes without a report and starts no more', () => {
  const { clock, checker, probes, startsOf } = server('5.1', { [A]: DROPS });
  checker.ask(check(A));
  clock.run(S);
  checker.close();
  clock.run(100 * S);
  expect(startsOf(A)).toEqual([0]);
  expect(probes).toEqual([]);
});
