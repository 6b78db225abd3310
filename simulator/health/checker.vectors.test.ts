import { readFileSync } from 'node:fs';
import { afterAll, describe, expect, test } from 'vitest';
import { z } from 'zod';
import { MICROS_PER_SECOND as S } from '../clock.ts';
import { pdns47 } from '../profile/pdns-4.7.ts';
import { pdns49BeforeWakeUp } from '../profile/pdns-4.9.ts';
import { pdns51 } from '../profile/pdns-5.1.ts';
import { VirtualClock } from '../virtual-clock.ts';
import { type Check, type CheckOptions, httpCheck } from './check.ts';
import { Checker } from './checker.ts';
import { type ProbeStart, scriptedProber, type TargetScript } from './fixtures/targets.ts';
import { availability } from './status.ts';

/**
 * The timing of health checks recorded from PowerDNS 4.7.3, 4.9.17 and 5.1.5, repeated in virtual time. Seconds are
 * those of the recording; which fraction of a second a recorded server's rounds began in is chosen where it matters.
 */

const Releases = z.record(z.string(), z.unknown());
const Vectors = z.object({ vectors: z.array(z.object({ id: z.string(), observed: Releases })) });
const text = readFileSync(new URL('../../test/vectors/health-timing.json', import.meta.url), 'utf8');
const recorded = new Map(Vectors.parse(JSON.parse(text)).vectors.map(({ id, observed }) => [id, observed]));

const RULES = { '4.7.3': pdns47, '4.9.17': pdns49BeforeWakeUp, '5.1.5': pdns51 } as const;
type Release = keyof typeof RULES;
const RELEASES = ['4.7.3', '4.9.17', '5.1.5'] as const;

const repeated = new Set<string>();

/** What `release` showed, as the numbers or lists that `shape` reads. */
function observed<T>(id: string, release: Release, shape: z.ZodType<T>): T {
  const vector = recorded.get(id);
  repeated.add(id);
  return shape.parse(vector?.[release] ?? vector?.all);
}

const Numbers = z.array(z.number());
const URL_TEXT = 'http://svc.test/';
/** What a probe of a healthy target took in the recordings, about. */
const LATENCY = 0.002 * S;

interface ServerOptions {
  readonly release: Release;
  readonly interval: number;
  readonly expireDelay?: number;
  /** Fraction of a second in which time 0 falls. */
  readonly phase?: number;
  readonly scripts: Readonly<Record<string, TargetScript>>;
}

/** A server whose time 0 is its first question. */
function server({ release, interval, expireDelay = 3600, phase = 0.2, scripts }: ServerOptions) {
  const clock = new VirtualClock(1_700_000_000 * S + phase * S);
  const starts: ProbeStart[] = [];
  const checker = new Checker({
    clock,
    prober: scriptedProber(clock, scripts, starts),
    profile: RULES[release],
    intervalSeconds: interval,
    expireDelaySeconds: expireDelay,
  });
  return {
    clock,
    checker,
    /** Seconds at which probes of a target started. */
    startsOf: (address: string) => starts.filter((start) => start.address === address).map(({ at }) => at / S),
    /** Asks for checks at a time in seconds. */
    askAt: (seconds: number, ...checks: Check[]) =>
      clock.at(seconds * S, () => {
        for (const check of checks) checker.ask(check);
      }),
    /** Calls `look` every `step` seconds until `end`. */
    every: (step: number, end: number, look: (seconds: number) => void) => {
      for (let at = 0; at <= end; at = Math.round((at + step) * 1000) / 1000) clock.at(at * S, () => look(at));
    },
    isUp: (check: Check) => availability(checker.ask(check), false) > 0,
  };
}

const check = (address: string, options: CheckOptions = {}): Check => httpCheck(address, 0, URL_TEXT, options);
const ANSWERS: TargetScript = [{ at: 0, does: 'answers', latencyMicros: LATENCY }];
const HANGS: TargetScript = [{ at: 0, does: 'hangs' }];
const [A, B] = ['192.0.2.1', '192.0.2.2'] as const;

/** Differences in whole tenths of a second. */
function gaps(times: readonly number[], count: number): number[] {
  const all = times.slice(1).map((time, i) => Math.round((time - (times[i] ?? 0)) * 10) / 10);
  return all.slice(0, count);
}

describe.each(RELEASES)('PowerDNS %s', (release) => {
  test('S1 first-check delay (int 5): the first question starts its check at once', () => {
    const { clock, askAt, startsOf } = server({ release, interval: 5, scripts: { [A]: ANSWERS } });
    askAt(0, check(A));
    clock.run(S);
    for (const delay of observed('S1 first-check delay (int 5)', release, Numbers)) {
      expect(startsOf(A)[0]).toBeCloseTo(delay, 1);
    }
  });

  test('S2 new check delay; phase since last round', () => {
    const [delay, phase] = observed(
      'S2 new check delay; phase since last round',
      release,
      z.tuple([z.number(), z.number()]),
    );
    const { clock, askAt, startsOf } = server({ release, interval: 5, scripts: { [A]: ANSWERS, [B]: ANSWERS } });
    askAt(0, check(A));
    askAt(5 + phase, check(B));
    clock.run(20 * S);
    expect((startsOf(B)[0] ?? 0) - 5 - phase).toBeCloseTo(delay, 2);
  });

  test('S3: a new check 13 s after the start shifts the rounds of those that wake for it', () => {
    const offset = observed('S3 tn offset', release, z.number());
    const { clock, askAt, startsOf } = server({ release, interval: 5, scripts: { [A]: ANSWERS, [B]: ANSWERS } });
    askAt(0, check(A));
    askAt(offset, check(B));
    clock.run(30 * S);
    const fast = observed('S3 fast gaps', release, Numbers);
    const added = observed('S3 new gaps', release, Numbers);
    expect(gaps(startsOf(A), fast.length)).toEqual(fast);
    expect(gaps(startsOf(B), added.length)).toEqual(added);
  });

  test('S4: at interval 5 a target that hangs for 2 s', () => {
    const { clock, askAt, startsOf } = server({ release, interval: 5, scripts: { [A]: ANSWERS, [B]: HANGS } });
    askAt(0, check(A), check(B));
    clock.run(60 * S);
    const fast = observed('S4 fast gaps (int5, other hangs 2s)', release, Numbers);
    const hanging = observed('S4 hang gaps', release, Numbers);
    expect(gaps(startsOf(A), fast.length)).toEqual(fast);
    expect(gaps(startsOf(B), hanging.length)).toEqual(hanging);
  });

  test('S4b: at interval 1 a target that hangs for 2 s delays every round', () => {
    const { clock, askAt, startsOf } = server({ release, interval: 1, scripts: { [A]: ANSWERS, [B]: HANGS } });
    askAt(0, check(A));
    // The same query, but by then the first round has begun: the notification is lost.
    askAt(0.001, check(B));
    clock.run(40 * S);
    const fast = observed('S4b fast gaps (int1, other hangs 2s)', release, Numbers);
    const hanging = observed('S4b hang gaps', release, Numbers);
    expect(gaps(startsOf(A), fast.length)).toEqual(fast);
    expect(gaps(startsOf(B), hanging.length)).toEqual(hanging);
  });

  test.each(['refuse-down', 'refuse-up', 'hang-down', 'hang-up'])('flip latency seconds, interval 5: %s', (flip) => {
    const measured = observed(`flip latency seconds, interval 5: ${flip}`, release, Numbers);
    const latencies = flipLatencies(release, flip);
    // A query every few hundredths of a second is what the recording saw the flip with.
    expect(Math.min(...measured)).toBeGreaterThanOrEqual(Math.min(...latencies) - 0.05);
    expect(Math.max(...measured)).toBeLessThanOrEqual(Math.max(...latencies) + 0.05);
  });

  test('active-passive, interval 1, expire-delay 3, queries every 0.2 s for 12 s', () => {
    repeated.add('active-passive, interval 1, expire-delay 3, queries every 0.2 s for 12 s');
    const { clock, every, isUp, startsOf } = server({
      release,
      interval: 1,
      expireDelay: 3,
      scripts: { [A]: ANSWERS, [B]: ANSWERS },
    });
    every(0.2, 12, () => isUp(check(A)) || isUp(check(B)));
    clock.run(12.5 * S);
    expect(startsOf(A)).toHaveLength(13);
    expect(startsOf(B).map(Math.round)).toEqual([0, 1, 2, 3]);
  });

  test('same + B touched in every query', () => {
    repeated.add('same + B touched in every query');
    const { clock, every, isUp, startsOf } = server({
      release,
      interval: 1,
      expireDelay: 3,
      scripts: { [A]: ANSWERS, [B]: ANSWERS },
    });
    every(0.2, 12, () => [isUp(check(B)), isUp(check(A))]);
    clock.run(12.5 * S);
    expect(startsOf(A)).toHaveLength(13);
    expect(startsOf(B)).toHaveLength(13);
  });

  test('A closed after B expired: answers', () => {
    repeated.add('A closed after B expired: answers');
    const seen = failover(release, false);
    expect(seen.lastOfA).toBeLessThanOrEqual(1);
    // Until 4.9 the standby waits for the next round; from 5.1 its check runs at once.
    if (release === '5.1.5') expect(seen.neither).toHaveLength(1);
    else expect(Math.max(...seen.neither)).toBeGreaterThan(seen.lastOfA + 0.8);
    expect(seen.firstOfB).toBeLessThanOrEqual(2);
  });

  test('A closed, B kept warm: answers', () => {
    repeated.add('A closed, B kept warm: answers');
    const seen = failover(release, true);
    expect(seen.lastOfA).toBeLessThanOrEqual(1);
    expect(seen.neither).toEqual([]);
    expect(seen.firstOfB).toBeLessThanOrEqual(1.1);
  });

  test('one query, then silence, interval 1, expire-delay 3: check times', () => {
    const id = 'one query, then silence, interval 1, expire-delay 3: check times';
    const { clock, askAt, startsOf } = server({ release, interval: 1, expireDelay: 3, scripts: { [A]: ANSWERS } });
    askAt(0, check(A));
    clock.run(20 * S);
    expect(startsOf(A)).toEqual(observed(id, release, Numbers));
  });

  test("minimumFailures='3' after an UP target closes at t=0, interval 1 (DOWN seen at)", () => {
    const id = "minimumFailures='3' after an UP target closes at t=0, interval 1 (DOWN seen at)";
    const options = { minimumFailures: '3' };
    const downAt = [0.05, 0.25, 0.45, 0.65, 0.85].map((phase) => {
      const closed = 5 + phase;
      const script: TargetScript = [...ANSWERS, { at: closed * S, does: 'refuses' }];
      const { clock, isUp, every } = server({ release, interval: 1, scripts: { [A]: script } });
      let seen = 0;
      every(0.05, 12, (at) => {
        if (!isUp(check(A, options)) && at > closed && seen === 0) seen = at - closed;
      });
      clock.run(13 * S);
      return seen;
    });
    const measured = observed(id, release, z.number());
    expect(measured).toBeGreaterThan(Math.min(...downAt) - 0.1);
    expect(measured).toBeLessThan(Math.max(...downAt) + 0.2);
  });

  test("minimumFailures='3', target never up: answers", () => {
    repeated.add("minimumFailures='3', target never up: answers");
    const { clock, isUp, every } = server({ release, interval: 1, scripts: { [A]: [{ at: 0, does: 'refuses' }] } });
    const seen: [number, boolean][] = [];
    every(0.1, 5, (at) => seen.push([at, isUp(check(A, { minimumFailures: '3' }))]));
    clock.run(6 * S);
    const upAt = seen.filter(([, up]) => up).map(([at]) => at);
    // A question in the very moment of a round comes before its result.
    if (release === '5.1.5') expect([upAt[0], upAt.at(-1)]).toEqual([0.1, 2]);
    else expect(upAt).toEqual([]);
  });

  test("failOnIncompleteCheck='true', one address whose check takes 1.2 s, queries every 0.1 s", () => {
    repeated.add("failOnIncompleteCheck='true', one address whose check takes 1.2 s, queries every 0.1 s");
    const slow: TargetScript = [{ at: 0, does: 'answers', latencyMicros: 1.2 * S }];
    const { clock, checker, every } = server({ release, interval: 5, scripts: { [A]: slow } });
    const wantsIncomplete = RULES[release].incompleteFails;
    const seen: number[] = [];
    every(0.1, 2, () =>
      seen.push(availability(checker.ask(check(A, { failOnIncompleteCheck: 'true' })), wantsIncomplete)),
    );
    clock.run(3 * S);
    expect(seen.slice(0, 3)).toEqual(release === '5.1.5' ? [-1, 0, 0] : [0, 0, 0]);
    expect(seen.slice(1, 12)).toEqual(Array(11).fill(0));
    expect(seen.at(-1)).toBe(1);
  });

  test("timeout='0' on a hanging HTTP target, other target on 127.0.10.2, interval 1", () => {
    repeated.add("timeout='0' on a hanging HTTP target, other target on 127.0.10.2, interval 1");
    const script: TargetScript = [...ANSWERS, { at: 6 * S, does: 'refuses' }];
    const { clock, askAt, isUp, startsOf } = server({ release, interval: 1, scripts: { [A]: script, [B]: HANGS } });
    askAt(0, check(A));
    askAt(4.5, check(B, { timeout: '0' }));
    clock.run(1000 * S);
    expect(startsOf(A).at(-1)).toBeLessThanOrEqual(5);
    expect(isUp(check(A))).toBe(true);
  });
});

describe('PowerDNS 5.1.5', () => {
  test.each([
    ['S5 interval=1 global=5 gaps', '1'],
    ['S5 interval=2 global=5 gaps', '2'],
    ['S5 interval=3 global=5 gaps', '3'],
    ['S5 interval=7 global=5 gaps', '7'],
    ['S5 interval=10 global=5 gaps', '10'],
  ])('%s', (id, interval) => {
    const { clock, askAt, startsOf } = server({ release: '5.1.5', interval: 5, scripts: { [A]: ANSWERS } });
    askAt(0, check(A, { interval }));
    clock.run(60 * S);
    const measured = observed(id, '5.1.5', Numbers);
    expect(gaps(startsOf(A), measured.length)).toEqual(measured);
  });

  test('S5 both iv2,iv3: iv2 gaps, S5 both: iv3 gaps', () => {
    const { clock, askAt, startsOf } = server({
      release: '5.1.5',
      interval: 5,
      scripts: { [A]: ANSWERS, [B]: ANSWERS },
    });
    askAt(0, check(A, { interval: '2' }), check(B, { interval: '3' }));
    clock.run(60 * S);
    const two = observed('S5 both iv2,iv3: iv2 gaps', '5.1.5', Numbers);
    const three = observed('S5 both: iv3 gaps', '5.1.5', Numbers);
    expect(gaps(startsOf(A), two.length)).toEqual(two);
    expect(gaps(startsOf(B), three.length)).toEqual(three);
  });
});

test.each(['4.9.17', '5.1.5'] as const)(
  'check duration 0.5 s, interval 3: gaps by phase (fractional second of the round start), PowerDNS %s',
  (release) => {
    const id = 'check duration 0.5 s, interval 3: gaps by phase (fractional second of the round start)';
    for (const [phase, measured] of Object.entries(observed(id, release, z.record(z.string(), z.string())))) {
      const slow: TargetScript = [{ at: 0, does: 'answers', latencyMicros: 0.5 * S }];
      const { clock, askAt, startsOf } = server({ release, interval: 3, phase: Number(phase), scripts: { [A]: slow } });
      askAt(0, check(A));
      clock.run(30 * S);
      expect(new Set(gaps(startsOf(A), 4))).toEqual(new Set([Number.parseFloat(measured)]));
    }
  },
);

afterAll(() => {
  // Told of by the test of check identity, which counts checks and not time.
  repeated.add('checks/s at one backend after adding records (interval 1), cumulative');
  const missing = [...recorded.keys()].filter((id) => !repeated.has(id));
  expect(missing).toEqual([]);
});

/** Seconds from a flip of a target until the status follows, for flips at every twentieth of a period. */
function flipLatencies(release: Release, flip: string): number[] {
  const bad = flip.startsWith('hang') ? 'hangs' : 'refuses';
  const isDown = flip.endsWith('down');
  const period = 10;
  return Array.from({ length: 2 * 20 }, (_, i) => {
    const flipAt = 50 + (period * (i + 0.5)) / 40;
    const [before, after] = isDown ? (['answers', bad] as const) : ([bad, 'answers'] as const);
    const script: TargetScript = [
      { at: 0, does: before, latencyMicros: LATENCY },
      { at: flipAt * S, does: after, latencyMicros: LATENCY },
    ];
    const { clock, checker, askAt } = server({ release, interval: 5, scripts: { [A]: script } });
    askAt(0, check(A));
    let seenAt = 0;
    for (let at = flipAt; seenAt === 0 && at < flipAt + 30; at += 0.02) {
      clock.run(at * S);
      if (availability(checker.peek(check(A)), false) > 0 !== isDown) seenAt = at;
    }
    return seenAt - flipAt;
  });
}

/** Active-passive at interval 1 and expire delay 3, asked every 0.02 s; the active target closes 12.1 s after the start. */
function failover(release: Release, keepsWarm: boolean) {
  const closedAt = 12.1;
  const script: TargetScript = [...ANSWERS, { at: closedAt * S, does: 'refuses' }];
  const { clock, every, isUp } = server({
    release,
    interval: 1,
    expireDelay: 3,
    scripts: { [A]: script, [B]: ANSWERS },
  });
  const after: { a: number[]; b: number[]; neither: number[] } = { a: [], b: [], neither: [] };
  every(0.02, 16, (at) => {
    if (keepsWarm) isUp(check(B));
    const answer = isUp(check(A)) ? 'a' : isUp(check(B)) ? 'b' : 'neither';
    if (at > closedAt) after[answer].push(at - closedAt);
  });
  clock.run(17 * S);
  return { lastOfA: Math.max(...after.a), firstOfB: Math.min(...after.b), neither: after.neither };
}
