import { describe, expect, test } from 'vitest';
import { MICROS_PER_SECOND as S } from '../clock.ts';
import { PROFILES } from '../profile/index.ts';
import type { ReleaseLine } from '../profile/profile.ts';
import { type CheckOptions, httpCheck, tcpCheck } from './check.ts';
import type { EndedProbe } from './checker.ts';
import {
  anyStatus,
  checkTiming,
  type Evidence,
  evidenceAfter,
  fittingStatuses,
  mayBeCold,
  type StatusQuestion,
  type Warmth,
  warmthAfter,
} from './possible.ts';
import { ABSENT, AWAITED, availability, DOWN, UP } from './status.ts';

const check = (options: CheckOptions = {}) => httpCheck('192.0.2.1', 0, 'http://svc.test/', options);

function timing(line: ReleaseLine, intervalSeconds: number, options: CheckOptions = {}, others: CheckOptions[] = []) {
  const all = [check(options), ...others.map((each, i) => tcpCheck(`192.0.2.${i + 2}`, 80, each))];
  const { longestPeriodMicros, longestLearningMicros, longestFirstResultMicros, minimumFailures } = checkTiming(
    check(options),
    all,
    PROFILES[line],
    intervalSeconds,
  );
  return [longestPeriodMicros / S, longestLearningMicros / S, longestFirstResultMicros / S, minimumFailures];
}

describe('bounds: period, learning, first result, failures', () => {
  test.each([
    ['4.9', 5, {}, [5, 7, 7, 1]],
    ['4.9', 1, {}, [2, 4, 4, 1]],
    ['4.9', 5, { interval: '60', minimumFailures: '3' }, [5, 7, 7, 1]],
    ['5.0', 5, {}, [12, 14, 7, 1]],
    ['5.0', 5, { interval: '7' }, [11, 13, 7, 1]],
    ['5.1', 5, {}, [12, 14, 7, 1]],
    ['5.1', 5, { interval: '7', minimumFailures: '3' }, [14, 16, 7, 3]],
    ['5.1', 5, { interval: '0' }, [12, 14, 7, 1]],
    ['5.1', 5, { interval: '-60' }, [7, 9, 7, 1]],
  ] as const)('%s at interval %i, %o', (line, interval, options, bounds) => {
    expect(timing(line, interval, options)).toEqual(bounds);
  });

  test("the slowest check of the server delays everybody's rounds", () => {
    expect(timing('4.9', 5, {}, [{ timeout: '30' }])).toEqual([30, 32, 32, 1]);
    expect(timing('5.1', 5, {}, [{ timeout: '30' }])).toEqual([37, 39, 32, 1]);
  });

  test('a probe that may hang for ever leaves no bound', () => {
    expect(timing('5.1', 5, { timeout: '0' })).toEqual([Infinity, Infinity, Infinity, 1]);
    const all = [tcpCheck('192.0.2.1', 80, {}), check({ timeout: '0' })];
    expect(checkTiming(tcpCheck('192.0.2.1', 80, {}), all, PROFILES['4.9'], 5).longestLearningMicros).toBe(Infinity);
  });
});

/** One probe a second: `+` succeeded, `-` failed, a digit succeeded with that weight, a blank is no probe. */
function seen(probes: string): Evidence {
  let evidence: Evidence = [];
  for (const [second, probe] of [...probes].entries()) {
    if (probe === ' ') continue;
    const weight = Number(probe) || 0;
    const up = probe !== '-';
    const ended: EndedProbe = {
      check: check(),
      startedAt: second * S,
      endedAt: second * S,
      result: { up, reason: probe, ...(weight === 0 ? {} : { bodyNumber: weight }) },
      before: AWAITED,
      after: up ? { kind: 'up', failures: 0, weight } : DOWN,
    };
    evidence = evidenceAfter(evidence, ended, 1000 * S);
  }
  return evidence;
}

describe('evidence', () => {
  test('is runs of equal results', () => {
    expect(seen('+++--+').map(({ up, probes }) => [up, probes])).toEqual([
      [true, 3],
      [false, 2],
      [true, 1],
    ]);
    const [run] = seen('+++');
    expect(run).toMatchObject({ firstStartedAt: 0, firstEndedAt: 0, lastStartedAt: 2 * S, lastEndedAt: 2 * S });
  });

  test('another weight is another run', () => {
    expect(seen('5577').map(({ weight }) => weight)).toEqual([5, 7]);
  });

  test('a number in the body is no weight where the server reads none', () => {
    const ended = {
      check: check(),
      startedAt: 0,
      endedAt: 0,
      result: { up: true, bodyNumber: 80, reason: '' },
      before: AWAITED,
      after: UP,
    };
    expect(evidenceAfter([], ended, S)[0]?.weight).toBe(0);
  });

  test('runs that ended long ago are forgotten when a new one begins', () => {
    const old = seen('+-');
    const late = { check: check(), startedAt: 2000 * S, endedAt: 2000 * S, before: DOWN, after: UP };
    const after = evidenceAfter(old, { ...late, result: { up: true, reason: '' } }, 1000 * S);
    expect(after).toHaveLength(1);
  });

  test('never grows beyond 200 runs', () => {
    expect(seen('+-'.repeat(300))).toHaveLength(200);
  });
});

const NO_EXPIRY = 3600 * S;
const WARM: Warmth = { startedAt: -1000 * S, since: -1000 * S, last: 1000 * S };

/** What fits at `now` seconds on a warm 4.9 at interval 1, timeout 2: it learns within 4 seconds. */
function fitting(probes: string, now: number, given: Partial<StatusQuestion> & { options?: CheckOptions } = {}) {
  const subject = check(given.options ?? {});
  const profile = given.profile ?? PROFILES['4.9'];
  const statuses = fittingStatuses({
    check: subject,
    evidence: seen(probes),
    warmth: WARM,
    timing: checkTiming(subject, [subject], profile, 1),
    profile,
    expireDelayMicros: NO_EXPIRY,
    now: now * S,
    ...given,
  });
  return statuses.map((status) => (status.kind === 'unknown' ? 'absent' : availability(status, false)));
}

describe('what fits', () => {
  test('everything, before the first probe has ended', () => {
    expect(
      fittingStatuses({
        check: check(),
        evidence: undefined,
        warmth: WARM,
        timing: checkTiming(check(), [check()], PROFILES['4.9'], 1),
        profile: PROFILES['4.9'],
        expireDelayMicros: NO_EXPIRY,
        now: 0,
      }),
    ).toEqual([UP, DOWN, ABSENT]);
  });

  test('both, until the server must have learnt what the first probe saw', () => {
    expect(fitting('++++++', 3.9)).toEqual([0, 1]);
    expect(fitting('++++++', 4)).toEqual([1]);
  });

  test('old and new after a change, then the new alone', () => {
    expect(fitting('++++++----', 9.9)).toEqual([1, 0]);
    expect(fitting('++++++----', 10)).toEqual([0]);
  });

  test('a blink of one probe leaves both open until the server must have seen its end', () => {
    expect(fitting('++++++-+++++', 7)).toEqual([0, 1]);
    expect(fitting('++++++-+++++', 10.9)).toEqual([0, 1]);
    expect(fitting('++++++-+++++', 11)).toEqual([1]);
  });

  test('failures below minimumFailures keep a target up', () => {
    const five = { profile: PROFILES['5.1'], options: { minimumFailures: '3' } };
    const learning = 2 + (2 + 1 + 2) + 2 * (2 + 1 + 2);
    expect(fitting('++++++++++++++++++++++------', 22 + learning - 0.1, five)).toEqual([1, 0]);
    expect(fitting('++++++++++++++++++++++------', 22 + learning, five)).toEqual([0]);
  });

  test('a weight is lost with the first failure, though the target stays up', () => {
    const five = { profile: PROFILES['5.1'], options: { minimumFailures: '3' } };
    expect(fitting('77777777777777777777--', 21, five)).toEqual([7, 1, 0]);
  });

  test('weights are told apart, 0 and 1 are not', () => {
    const five = { profile: PROFILES['5.1'] };
    expect(fitting('777777777777999', 14, five)).toEqual([7, 9]);
    expect(fitting('++++++++++++111', 14, five)).toEqual([1]);
  });

  test('the status seen last is the last of them, for those who want one', () => {
    expect(fitting('++', 1).at(-1)).toBe(1);
    expect(fitting('--', 1).at(-1)).toBe(0);
    expect(fitting('++++++++', 7, { warmth: undefined }).at(-1)).toBe(1);
  });
});

describe('a server that may have no result', () => {
  test('takes the target for down', () => {
    expect(fitting('++++++++', 7, { warmth: undefined })).toEqual([0, 1]);
  });

  test('with failOnIncompleteCheck also finds the check absent, from 5.0', () => {
    const options = { failOnIncompleteCheck: 'true' };
    const given = { warmth: undefined, options };
    expect(fitting('++++++++++++', 11, { ...given, profile: PROFILES['5.1'] })).toEqual(['absent', 0, 1]);
    expect(fitting('++++++++++++', 11, { ...given, profile: PROFILES['4.9'] })).toEqual([0, 1]);
  });

  test('with minimumFailures takes a dead target for up after its first failure', () => {
    const given = { warmth: undefined, options: { minimumFailures: '3' }, profile: PROFILES['5.1'] };
    expect(fitting('-'.repeat(40), 39, given)).toEqual([1, 0]);
  });
});

describe('warmth', () => {
  const bounds = checkTiming(check(), [check()], PROFILES['4.9'], 1);
  const question = (warmth: Warmth | undefined, nowSeconds: number, expireSeconds = 10): StatusQuestion => ({
    check: check(),
    evidence: undefined,
    warmth,
    timing: bounds,
    profile: PROFILES['4.9'],
    expireDelayMicros: expireSeconds * S,
    now: nowSeconds * S,
  });
  /** Asked at each of these seconds. */
  const askedAt = (...seconds: number[]): Warmth | undefined =>
    seconds.reduce<Warmth | undefined>((warmth, at) => warmthAfter(warmth, at * S, bounds, 10 * S), undefined);

  test('comes only from a second question, after the longest round', () => {
    expect(mayBeCold(question(askedAt(0), 9))).toBe(true);
    expect(mayBeCold(question(askedAt(0, 2), 9))).toBe(true);
    expect(mayBeCold(question(askedAt(0, 2.1), 6))).toBe(true);
    expect(mayBeCold(question(askedAt(0, 2.1), 6.1))).toBe(false);
  });

  test('goes a second before the expire delay, since the server counts from the whole second', () => {
    expect(mayBeCold(question(askedAt(0, 3), 11.9))).toBe(false);
    expect(mayBeCold(question(askedAt(0, 3), 12))).toBe(true);
  });

  test('starts anew after a pause as long as the expire delay', () => {
    expect(askedAt(0, 3, 11)).toMatchObject({ since: 3 * S });
    expect(askedAt(0, 3, 12)).toMatchObject({ startedAt: 12 * S, since: undefined });
  });

  test('is never certain while a probe may hang for ever', () => {
    const hanging = checkTiming(check({ timeout: '0' }), [], PROFILES['4.9'], 1);
    const warmth = warmthAfter(warmthAfter(undefined, 0, hanging, NO_EXPIRY), 1000 * S, hanging, NO_EXPIRY);
    expect(warmth.since).toBeUndefined();
  });
});

test('any status a check can have includes the weights that were seen', () => {
  expect(anyStatus(seen('57'))).toEqual([
    UP,
    DOWN,
    ABSENT,
    { kind: 'up', failures: 0, weight: 5 },
    { kind: 'up', failures: 0, weight: 7 },
  ]);
});
