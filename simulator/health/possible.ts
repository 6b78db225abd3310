/**
 * Which statuses a server can have, given what was seen of a target from the same vantage. PowerDNS probes at times that
 * nobody can see; but its release line's rules bound how long it can take to learn of a change. Inside that time both
 * the old and the new status fit, after it only the new one.
 */
import { MICROS_PER_SECOND, type Micros } from '../clock.ts';
import type { Profile } from '../profile/profile.ts';
import { type Check, commonIntervalSeconds, minimumFailures, ownIntervalSeconds, timeoutSeconds } from './check.ts';
import type { EndedProbe } from './checker.ts';
import { ABSENT, type CheckStatus, DOWN, statusKey, UP } from './status.ts';

/** How long a server of a release line can take, at most. Infinite where a hanging probe can freeze its checker. */
export interface CheckTiming {
  /** Between the starts of two probes of this check. */
  readonly longestPeriodMicros: Micros;
  /** From a change of the target to the end of the first probe that sees it. */
  readonly longestLearningMicros: Micros;
  /** From the first question about a check to the end of its first probe. */
  readonly longestFirstResultMicros: Micros;
  /** From the start of a round to its end. */
  readonly longestRoundMicros: Micros;
  /** Failed probes in a row that make it down. */
  readonly minimumFailures: number;
}

/** The bounds for `check` on a server that runs `all` checks every `intervalSeconds` (`lua-health-checks-interval`). */
export function checkTiming(
  check: Check,
  all: readonly Check[],
  profile: Profile,
  intervalSeconds: number,
): CheckTiming {
  const own = timeoutSeconds(check) ?? Number.POSITIVE_INFINITY;
  // A round lasts as long as its slowest check, whoever's it is.
  const slowest = all.reduce((max, each) => Math.max(max, timeoutSeconds(each) ?? Number.POSITIVE_INFINITY), own);
  const interval = ownIntervalSeconds(check, profile) ?? intervalSeconds;
  // Further checks can only make the common divisor smaller, so this one's own is the longest that is possible.
  const sleep =
    profile.checker.sleep === 'interval' ? intervalSeconds : commonIntervalSeconds(intervalSeconds, interval);
  const betweenRounds = Math.max(sleep, slowest);
  const period = profile.checker.due === 'every round' ? betweenRounds : own + Math.max(0, interval) + betweenRounds;
  return {
    longestPeriodMicros: period * MICROS_PER_SECOND,
    longestLearningMicros: (period + own) * MICROS_PER_SECOND,
    // The checker fell asleep without knowing of this check.
    longestFirstResultMicros: (Math.max(intervalSeconds, slowest) + own) * MICROS_PER_SECOND,
    longestRoundMicros: slowest * MICROS_PER_SECOND,
    minimumFailures: minimumFailures(check, profile),
  };
}

/** Probes in a row with the same result. */
export interface ProbeRun {
  readonly up: boolean;
  /** The number at the start of the body where it means a weight; else 0. */
  readonly weight: number;
  readonly firstStartedAt: Micros;
  readonly firstEndedAt: Micros;
  readonly lastStartedAt: Micros;
  readonly lastEndedAt: Micros;
  /** How many. */
  readonly probes: number;
  /** What the last one said. */
  readonly reason: string;
}

/** What was seen of a target: runs of equal results, oldest first. Never empty. */
export type Evidence = readonly ProbeRun[];

const MAX_RUNS = 200;

/** The evidence after one more probe. Runs that ended more than `keepMicros` ago are forgotten. */
export function evidenceAfter(evidence: Evidence, probe: EndedProbe, keepMicros: Micros): Evidence {
  const { startedAt, endedAt, result, after } = probe;
  const weight = result.up && after.kind === 'up' ? Math.max(0, after.weight) : 0;
  const last = evidence.at(-1);
  if (last !== undefined && last.up === result.up && last.weight === weight) {
    const longer = {
      ...last,
      lastStartedAt: startedAt,
      lastEndedAt: endedAt,
      probes: last.probes + 1,
      reason: result.reason,
    };
    return [...evidence.slice(0, -1), longer];
  }
  const run: ProbeRun = {
    up: result.up,
    weight,
    firstStartedAt: startedAt,
    firstEndedAt: endedAt,
    lastStartedAt: startedAt,
    lastEndedAt: endedAt,
    probes: 1,
    reason: result.reason,
  };
  return [...evidence.filter((old) => endedAt - old.lastEndedAt <= keepMicros), run].slice(-MAX_RUNS);
}

/** What is known of how a server came to have the check: when questions that surely asked for it were answered. */
export interface Warmth {
  /** The first of them without a pause as long as the expire delay since. */
  readonly startedAt: Micros;
  /** The first of them after which the check was surely kept; undefined before. */
  readonly since: Micros | undefined;
  readonly last: Micros;
}

/** After a question at `now` that the server cannot have answered without asking for the check. */
export function warmthAfter(
  warmth: Warmth | undefined,
  now: Micros,
  timing: CheckTiming,
  expireDelayMicros: Micros,
): Warmth {
  if (warmth === undefined || isForgotten(warmth, now, expireDelayMicros)) {
    return { startedAt: now, since: undefined, last: now };
  }
  // A round that began before `startedAt` may drop the check when it ends, though it was asked for in between.
  const isKept = now > warmth.startedAt + timing.longestRoundMicros;
  return { startedAt: warmth.startedAt, since: warmth.since ?? (isKept ? now : undefined), last: now };
}

/** PowerDNS notes the whole second of a question, so a check can be forgotten a second early. */
function isForgotten({ last }: Warmth, now: Micros, expireDelayMicros: Micros): boolean {
  return now - last >= expireDelayMicros - MICROS_PER_SECOND;
}

export interface StatusQuestion {
  readonly check: Check;
  readonly evidence: Evidence | undefined;
  readonly warmth: Warmth | undefined;
  readonly timing: CheckTiming;
  readonly profile: Profile;
  readonly expireDelayMicros: Micros;
  readonly now: Micros;
}

/** The statuses that fit at `now`; at least one. One means that it is known. The likeliest, the one seen last, is last. */
export function fittingStatuses(question: StatusQuestion): readonly CheckStatus[] {
  const { evidence, now, timing } = question;
  const first = evidence?.[0];
  if (evidence === undefined || first === undefined) return [UP, DOWN, ABSENT];
  const fitting = mayBeCold(question) ? coldStatuses(question) : [];
  const isEarlierUnknown = evidence.length < MAX_RUNS;
  if (isEarlierUnknown && now < first.firstEndedAt + learning(first, timing)) fitting.push(UP, DOWN);
  for (const [i, run] of evidence.entries()) {
    // Failed, but not often enough to be down: still up, and no longer with the weight it had.
    if (!run.up && timing.minimumFailures > 1 && now < run.firstEndedAt + learning(run, timing)) fitting.push(UP);
    const next = evidence[i + 1];
    if (next === undefined || now < next.firstEndedAt + learning(next, timing)) fitting.push(statusOfRun(run));
  }
  return distinctStatuses(fitting);
}

/** Only the very first question finds a check absent; the next ones find it down until its first result. */
function coldStatuses(question: StatusQuestion): CheckStatus[] {
  const statuses = wantsIncomplete(question) ? [ABSENT, DOWN] : [DOWN];
  return question.timing.minimumFailures > 1 ? [...statuses, UP] : statuses;
}

/** Every status a check can have at all, for the weights seen. */
export function anyStatus(evidence: Evidence | undefined): readonly CheckStatus[] {
  return distinctStatuses([UP, DOWN, ABSENT, ...(evidence ?? []).map(statusOfRun)]);
}

/** True while the server may have no result for the check: it is new to it, or was forgotten, or the server restarted. */
export function mayBeCold({ warmth, timing, expireDelayMicros, now }: StatusQuestion): boolean {
  if (warmth?.since === undefined || isForgotten(warmth, now, expireDelayMicros)) return true;
  const firstFailures = (timing.minimumFailures - 1) * timing.longestPeriodMicros;
  return now < warmth.since + timing.longestFirstResultMicros + firstFailures;
}

/** How long after the first probe of `run` the status before it can still be believed. */
function learning(run: ProbeRun, timing: CheckTiming): Micros {
  const more = run.up ? 0 : (timing.minimumFailures - 1) * timing.longestPeriodMicros;
  return timing.longestLearningMicros + more;
}

function statusOfRun(run: ProbeRun): CheckStatus {
  if (!run.up) return DOWN;
  return run.weight === 0 ? UP : { kind: 'up', failures: 0, weight: run.weight };
}

function wantsIncomplete({ check, profile }: StatusQuestion): boolean {
  return profile.incompleteFails && check.options.failOnIncompleteCheck === 'true';
}

/** Those that act alike once, in the order of their last places. */
function distinctStatuses(statuses: readonly CheckStatus[]): readonly CheckStatus[] {
  const seen = new Map<string, CheckStatus>();
  for (const status of statuses) {
    const key = statusKey(status);
    seen.delete(key);
    seen.set(key, status);
  }
  return [...seen.values()];
}
