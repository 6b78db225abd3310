/**
 * The rounds of a server once all has settled: how often each kind of check is probed, how many threads a round starts, how
 * long it lasts. The checker itself (`simulator/health/checker.ts`) runs them on a virtual clock, one check for each kind.
 */
import { MICROS_PER_SECOND, type Micros } from '../simulator/clock.ts';
import { type Check, httpCheck, ownIntervalSeconds, tcpCheck } from '../simulator/health/check.ts';
import { Checker } from '../simulator/health/checker.ts';
import type { Prober } from '../simulator/health/probe.ts';
import { failed } from '../simulator/health/verdict.ts';
import type { Profile } from '../simulator/profile/profile.ts';
import { VirtualClock } from '../simulator/virtual-clock.ts';

/** A check, and how long its probes take. */
export interface TimedCheck {
  readonly check: Check;
  readonly micros: Micros;
}

export interface Rounds {
  /** By identity of the check. */
  readonly pace: ReadonlyMap<string, Pace>;
  /** Threads that one round starts, at most and on average over the rounds that start any. */
  readonly mostThreads: number;
  readonly meanThreads: number;
  /** From its start to the end of its slowest probe. */
  readonly longestRoundSeconds: number;
  /** Between the starts of two rounds that probe anything, on average. */
  readonly meanRoundPeriodSeconds: number;
}

/** How often a check is probed. Infinite where a hanging probe has stopped the checker for good. */
export interface Pace {
  readonly meanPeriodSeconds: number;
  readonly leastPeriodSeconds: number;
  readonly longestPeriodSeconds: number;
}

export interface RoundsOptions {
  readonly profile: Profile;
  readonly intervalSeconds: number;
  /** Of the wall clock's second in which rounds start; undefined: all of them, each as likely as any other. */
  readonly fraction?: number;
}

export function steadyRounds(checks: readonly TimedCheck[], options: RoundsOptions): Rounds {
  const kinds = kindsOf(checks, options.profile);
  if (kinds.some(({ micros }) => !Number.isFinite(micros))) return stoppedRounds(checks);
  const phases = options.fraction === undefined ? phasesOf(kinds, options) : [{ at: options.fraction, share: 1 }];
  const runs = phases.map(({ at, share }) => ({ share, run: runPhase(kinds, options, at) }));
  const mean = (of: (run: Run) => number) => runs.reduce((sum, { share, run }) => sum + share * of(run), 0);
  const pace = new Map<string, Pace>();
  for (const [i, { ids }] of kinds.entries()) {
    const of = {
      // Rates are what adds up over phases.
      meanPeriodSeconds: 1 / mean((run) => 1 / (run.periods[i]?.mean ?? Number.POSITIVE_INFINITY)),
      leastPeriodSeconds: Math.min(...runs.map(({ run }) => run.periods[i]?.least ?? 0)),
      longestPeriodSeconds: Math.max(...runs.map(({ run }) => run.periods[i]?.longest ?? 0)),
    };
    for (const id of ids) pace.set(id, of);
  }
  return {
    pace,
    mostThreads: Math.max(0, ...runs.map(({ run }) => run.mostThreads)),
    meanThreads: mean((run) => run.meanThreads),
    longestRoundSeconds: Math.max(0, ...kinds.map(({ micros }) => micros / MICROS_PER_SECOND)),
    meanRoundPeriodSeconds: 1 / mean((run) => 1 / run.meanRoundPeriod),
  };
}

/** Checks that the checker cannot tell apart. */
interface Kind {
  readonly check: Check;
  readonly micros: Micros;
  readonly ids: readonly string[];
}

function kindsOf(checks: readonly TimedCheck[], profile: Profile): Kind[] {
  const kinds = new Map<string, { check: Check; micros: Micros; ids: string[] }>();
  for (const { check, micros } of checks) {
    const key = `${ownIntervalSeconds(check, profile)} ${micros}`;
    const known = kinds.get(key);
    if (known !== undefined) known.ids.push(check.id);
    else kinds.set(key, { check, micros, ids: [check.id] });
  }
  return [...kinds.values()];
}

interface Run {
  readonly periods: readonly { readonly mean: number; readonly least: number; readonly longest: number }[];
  readonly mostThreads: number;
  readonly meanThreads: number;
  readonly meanRoundPeriod: number;
}

/** Where the border of a second falls into a probe, its check may miss a round: between two such places nothing changes. */
function phasesOf(kinds: readonly Kind[], { profile }: RoundsOptions): { at: number; share: number }[] {
  if (profile.checker.due === 'every round') return [{ at: 0, share: 1 }];
  const borders = kinds.map(({ micros }) => 1 - ((micros / MICROS_PER_SECOND) % 1));
  // Rounds that a slow probe stretches begin in other phases later on, so some are tried in any case.
  const grid = Array.from({ length: GRID }, (_, i) => i / GRID);
  const cuts = [...new Set([...grid, ...borders, 1])].filter((cut) => cut <= 1).sort((a, b) => a - b);
  return cuts.slice(1).flatMap((end, i) => {
    const start = cuts[i] ?? 0;
    return end - start < 1e-9 ? [] : [{ at: (start + end) / 2, share: end - start }];
  });
}

const GRID = 8;
/** Rounds that are let pass before anything is counted, and rounds that are counted. */
const SETTLING = 12;
const COUNTED = 120;

function runPhase(kinds: readonly Kind[], { profile, intervalSeconds }: RoundsOptions, fraction: number): Run {
  const clock = new VirtualClock(Math.round(fraction * MICROS_PER_SECOND));
  const starts: Micros[][] = kinds.map(() => []);
  const rounds = new Map<Micros, number>();
  const prober: Prober = (request, report) => {
    const at = request.kind === 'failing' ? 0 : Number(request.address);
    const kind = kinds[at];
    const now = clock.now();
    starts[at]?.push(now);
    rounds.set(now, (rounds.get(now) ?? 0) + (kind?.ids.length ?? 0));
    return clock.at(now + (kind?.micros ?? 0), () => report(failed('')));
  };
  const checker = new Checker({
    clock,
    prober,
    profile,
    intervalSeconds,
    expireDelaySeconds: Number.MAX_SAFE_INTEGER / MICROS_PER_SECOND,
  });
  for (const [i, { check }] of kinds.entries()) checker.ask(standIn(check, i));
  const slowest = Math.max(...kinds.map(({ check, micros }) => slowestPeriod(check, micros, profile, intervalSeconds)));
  const from = SETTLING * slowest;
  clock.run(from + COUNTED * slowest);
  checker.close();
  const counted = [...rounds].filter(([at]) => at >= from);
  const threads = counted.map(([, count]) => count);
  return {
    periods: starts.map((times) => periodsOf(times.filter((at) => at >= from))),
    mostThreads: Math.max(0, ...threads),
    meanThreads: threads.reduce((sum, count) => sum + count, 0) / Math.max(1, threads.length),
    meanRoundPeriod: periodsOf(counted.map(([at]) => at)).mean,
  };
}

/** The same to the checker, and told apart by its address. */
function standIn(check: Check, i: number): Check {
  const interval = check.options.interval;
  const options = interval === undefined ? {} : { interval };
  return check.kind === 'tcp' ? tcpCheck(`${i}`, 1, options) : httpCheck(`${i}`, 0, 'http://plan/', options);
}

function slowestPeriod(check: Check, micros: Micros, profile: Profile, intervalSeconds: number): Micros {
  const own = Math.max(intervalSeconds, ownIntervalSeconds(check, profile) ?? 0);
  return own * MICROS_PER_SECOND + micros;
}

function periodsOf(times: readonly Micros[]): Run['periods'][number] {
  const first = times[0];
  const last = times.at(-1);
  if (first === undefined || last === undefined || times.length < 2) {
    return { mean: Number.POSITIVE_INFINITY, least: Number.POSITIVE_INFINITY, longest: Number.POSITIVE_INFINITY };
  }
  const gaps = times.slice(1).map((at, i) => (at - (times[i] ?? 0)) / MICROS_PER_SECOND);
  const mean = (last - first) / (times.length - 1) / MICROS_PER_SECOND;
  return { mean, least: Math.min(...gaps), longest: Math.max(...gaps) };
}

/** The checker waits for a probe that never ends, and probes nothing any more. */
function stoppedRounds(checks: readonly TimedCheck[]): Rounds {
  const never = Number.POSITIVE_INFINITY;
  const pace = { meanPeriodSeconds: never, leastPeriodSeconds: never, longestPeriodSeconds: never };
  return {
    pace: new Map(checks.map(({ check }) => [check.id, pace])),
    mostThreads: checks.length,
    meanThreads: 0,
    longestRoundSeconds: never,
    meanRoundPeriodSeconds: never,
  };
}
