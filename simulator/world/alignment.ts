/** How many offsets of a server's first question there are before all that matters comes again. */
import { MICROS_PER_SECOND, type Micros } from '../clock.ts';
import type { Check } from '../health/check.ts';
import { checkTiming } from '../health/possible.ts';
import type { Profile } from '../profile/profile.ts';

export interface Alignment {
  /** First questions at offsets below this lie in every way to what happens later. */
  readonly offsets: Micros;
  /** False where it would take longer than is explored. */
  readonly complete: boolean;
}

const MOST_ROUNDS = 60;

/**
 * Where every check runs in every round, rounds come again after the longest round. Where a check is due an interval after its
 * end it may run in every round, in every second, or more seldom, so that all of this lines up again only after a multiple
 * of each: a healthy target whose probes end in the next second is probed every other round, and which one is a matter of when
 * the first one was.
 */
export function alignmentOf(checks: readonly Check[], profile: Profile, intervalSeconds: number): Alignment {
  const periods = checks.map((check) => checkTiming(check, checks, profile, intervalSeconds).longestPeriodMicros);
  const round = intervalSeconds * MICROS_PER_SECOND;
  const longest = Math.max(round, ...periods);
  // A check that is waited for without end can make a round of any length, and then none comes again. Until it does, a
  // healthy target is probed in every round or in every other one.
  if (!Number.isFinite(longest)) return { offsets: 2 * round, complete: false };
  if (profile.checker.due === 'every round') return { offsets: longest, complete: true };
  const rounds = leastCommonMultiple(Math.floor(longest / round));
  return { offsets: Math.min(rounds, MOST_ROUNDS) * round, complete: rounds <= MOST_ROUNDS };
}

/** Of all whole numbers up to `most`. */
function leastCommonMultiple(most: number): number {
  let multiple = 1;
  for (let i = 2; i <= most && multiple <= MOST_ROUNDS; i++) multiple = (multiple / divisor(multiple, i)) * i;
  return multiple;
}

function divisor(a: number, b: number): number {
  return b === 0 ? a : divisor(b, a % b);
}
