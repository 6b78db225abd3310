import { expect, test } from 'vitest';
import { seededUint32 } from '../chooser.ts';
import { type Micros, MICROS_PER_SECOND as S } from '../clock.ts';
import { PROFILES } from '../profile/index.ts';
import { RELEASE_LINES, type ReleaseLine } from '../profile/profile.ts';
import { VirtualClock } from '../virtual-clock.ts';
import { type Check, tcpCheck } from './check.ts';
import { Checker } from './checker.ts';
import { scriptedProber, type TargetPhase, type TargetScript } from './fixtures/targets.ts';
import { checkTiming } from './possible.ts';

/**
 * The bounds that everything the agent concludes hangs on, against a simulated server that is treated as badly as the
 * rules allow: checks that hang, new checks at every moment (each a wake-up where the release line has them), and every
 * phase of the rounds against the seconds of the clock. No time may exceed its bound; the worst one found must come so
 * close to it that the bound is no luxury.
 */

const RUNS = 1500;
const LENGTH: Micros = 90 * S;

interface Worst {
  period: number;
  learning: number;
  firstResult: number;
}

test.each([
  ['4.7', { period: 0.99, learning: 0.97, firstResult: 0.95 }],
  ['4.8', { period: 0.99, learning: 0.97, firstResult: 0.95 }],
  ['4.9', { period: 0.99, learning: 0.97, firstResult: 0.95 }],
  ['5.0', { period: 0.9, learning: 0.9, firstResult: 0.95 }],
  ['5.1', { period: 0.95, learning: 0.9, firstResult: 0.9 }],
] as const)('%s: the bounds hold and are nearly reached', (line, atLeast) => {
  const worst = worstOf(line);
  for (const what of ['period', 'learning', 'firstResult'] as const) {
    expect(worst[what], what).toBeLessThanOrEqual(1);
    expect(worst[what], what).toBeGreaterThan(atLeast[what]);
  }
});

/**
 * A target that fails at once may hang a moment later. Whoever saw the first failure at once then waits for a server whose
 * own failing probes take their whole timeout.
 */
test.each(RELEASE_LINES)('%s: however a target goes on failing, the server learns of it within the bound', (line) => {
  const next = seededUint32(100 + RELEASE_LINES.indexOf(line));
  const below = (limit: number): number => next() % limit;
  let worst = 0;
  for (let run = 0; run < RUNS; run++) worst = Math.max(worst, partTaken(line, below));
  expect(worst).toBeLessThanOrEqual(1);
  expect(worst).toBeGreaterThan(0.8);
});

/** Longer than any bound from the latest failure. */
const END: Micros = 200 * S;

/** The part of the bound that passes between a target's first failure and the end of the probe that makes it down. */
function partTaken(line: ReleaseLine, below: (limit: number) => number): number {
  const profile = PROFILES[line];
  const intervalSeconds = 1 + below(5);
  const clock = new VirtualClock(below(S));
  const subject = tcpCheck('192.0.2.1', 80, {
    timeout: `${1 + below(3)}`,
    ...(below(2) === 0 ? {} : { interval: `${1 + below(7)}` }),
    ...(below(2) === 0 ? {} : { minimumFailures: `${1 + below(3)}` }),
  });
  const slow = tcpCheck('192.0.2.2', 80, { timeout: '3' });
  const timing = checkTiming(subject, [subject, slow], profile, intervalSeconds);
  const failedAt = 40 * S + below(10 * S);
  const script: TargetPhase[] = [{ at: 0, does: 'answers', latencyMicros: below(S) }];
  for (let at = failedAt; at < END; at += 1 + below(3 * S)) {
    script.push({ at, does: (['refuses', 'hangs', 'drops'] as const)[script.length === 1 ? 0 : below(3)] ?? 'hangs' });
  }
  let downAt: Micros | undefined;
  const checker = new Checker({
    clock,
    prober: scriptedProber(clock, {
      [subject.address]: script,
      [slow.address]: [{ at: below(60 * S), does: 'answers' }],
    }),
    profile,
    intervalSeconds,
    expireDelaySeconds: 3600,
    onProbe({ check, after, endedAt }) {
      if (check.id === subject.id && endedAt >= failedAt && after.kind === 'down') downAt ??= endedAt;
    },
  });
  clock.at(below(10 * S), () => checker.ask(subject));
  clock.at(below(60 * S), () => checker.ask(slow));
  clock.run(END);
  const bound = timing.longestLearningMicros + (timing.minimumFailures - 1) * timing.longestPeriodMicros;
  return ((downAt ?? END) - failedAt) / bound;
}

/** The largest part of each bound that any of the runs took. */
function worstOf(line: ReleaseLine): Worst {
  const worst: Worst = { period: 0, learning: 0, firstResult: 0 };
  const next = seededUint32(RELEASE_LINES.indexOf(line));
  const below = (limit: number): number => next() % limit;
  for (let run = 0; run < RUNS; run++) measure(line, below, worst);
  return worst;
}

function measure(line: ReleaseLine, below: (limit: number) => number, worst: Worst): void {
  const profile = PROFILES[line];
  const intervalSeconds = 1 + below(5);
  const clock = new VirtualClock(below(S));
  const subject = tcpCheck('192.0.2.1', 80, {
    timeout: `${1 + below(3)}`,
    ...(below(2) === 0 ? {} : { interval: `${1 + below(7)}` }),
  });
  const others = Array.from({ length: below(6) }, (_, i) => tcpCheck(`192.0.2.${i + 2}`, 80, { timeout: '3' }));
  const timing = checkTiming(subject, [subject, ...others], profile, intervalSeconds);
  const hangsOrAnswers = (): TargetScript => [
    { at: 0, does: below(2) === 0 ? 'drops' : 'answers', latencyMicros: below(S) },
  ];
  // Changes so seldom that each change is learnt of before the next.
  const script: { at: Micros; does: 'answers' | 'drops'; latencyMicros: Micros }[] = [];
  for (let at = below(S); at < LENGTH; at += timing.longestLearningMicros + below(5 * S)) {
    script.push({ at, does: script.length % 2 === 0 ? 'answers' : 'drops', latencyMicros: below(S) });
  }
  const scripts = Object.fromEntries(others.map(({ address }) => [address, hangsOrAnswers()]));
  let askedAt = 0;
  let firstStart: Micros | undefined;
  let lastStart: Micros | undefined;
  let learnt = 0;
  const checker = new Checker({
    clock,
    prober: scriptedProber(clock, { ...scripts, [subject.address]: script }),
    profile,
    intervalSeconds,
    expireDelaySeconds: 3600,
    onProbe({ check, startedAt, endedAt, result }) {
      if (check.id !== subject.id) return;
      if (lastStart === undefined) note(worst, 'firstResult', endedAt - askedAt, timing.longestFirstResultMicros);
      else note(worst, 'period', startedAt - lastStart, timing.longestPeriodMicros);
      lastStart = startedAt;
      firstStart ??= startedAt;
      const index = script.findLastIndex(({ at }) => at <= endedAt);
      const phase = script[index];
      if (phase === undefined || index <= learnt || phase.at < firstStart || result.up !== (phase.does === 'answers'))
        return;
      learnt = index;
      note(worst, 'learning', endedAt - phase.at, timing.longestLearningMicros);
    },
  });
  const start = below(10 * S);
  const ask = (check: Check, at: Micros) => clock.at(at, () => checker.ask(check));
  ask(subject, start);
  askedAt = start;
  // The others come before and after it, at any time.
  for (const other of others) ask(other, below(LENGTH));
  clock.run(LENGTH);
}

function note(worst: Worst, what: keyof Worst, micros: Micros, bound: Micros): void {
  worst[what] = Math.max(worst[what], micros / bound);
}
