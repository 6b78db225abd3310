/**
 * Has the server's checker stopped? Then its answers stand still while targets move: every target that has changed is
 * still treated as before, long after the server must have noticed. (Known causes: a hanging check without a timeout, too
 * many checks for the machine.)
 */
import type { Micros } from '../simulator/clock.ts';
import type { Check } from '../simulator/health/check.ts';
import type { Evidence } from '../simulator/health/possible.ts';
import type { Hypothesis } from './drifts.ts';

export interface FrozenInput {
  readonly checks: readonly Check[];
  readonly evidenceOf: (check: Check) => Evidence | undefined;
  /** The longest that the server can hold a wrong belief about the check. */
  readonly longestBelief: (check: Check) => Micros;
  /** When an answer last showed for sure that the server believes what is seen from here. */
  readonly followedAt: ReadonlyMap<string, Micros>;
  /** What the server would have to believe for each of its drifts to be right. */
  readonly drifts: readonly (readonly Hypothesis[])[];
  readonly now: Micros;
}

/** One target that is treated wrongly may have a reason of its own. */
const STUCK_CHECKS = 2;

/** The checks that stand still, when all that moved do; empty otherwise. */
export function frozenChecks(input: FrozenInput): readonly Check[] {
  const moved = input.checks.filter((check) => hasMoved(check, input));
  const isStuck = (check: Check) => input.drifts.some((hypotheses) => contradicts(hypotheses, check, input));
  const followed = moved.filter(
    (check) => (input.followedAt.get(check.id) ?? Number.NEGATIVE_INFINITY) > changedAt(check, input),
  );
  const stuck = moved.filter(isStuck);
  return followed.length === 0 && stuck.length >= STUCK_CHECKS ? stuck : [];
}

/** The target changed, and the server has had the time to notice. */
function hasMoved(check: Check, input: FrozenInput): boolean {
  const runs = input.evidenceOf(check) ?? [];
  const before = runs.at(-2);
  const last = runs.at(-1);
  if (before === undefined || last === undefined || before.up === last.up) return false;
  return input.now >= last.firstEndedAt + input.longestBelief(check);
}

function changedAt(check: Check, input: FrozenInput): Micros {
  return input.evidenceOf(check)?.at(-1)?.firstEndedAt ?? Number.POSITIVE_INFINITY;
}

/** Every belief that explains the drift has the check the other way round than it is seen. */
function contradicts(hypotheses: readonly Hypothesis[], check: Check, input: FrozenInput): boolean {
  const isUp = input.evidenceOf(check)?.at(-1)?.up;
  if (hypotheses.length === 0 || isUp === undefined) return false;
  return hypotheses.every((hypothesis) => {
    const status = hypothesis.get(check.id);
    return status !== undefined && (status.kind === 'up') !== isUp;
  });
}
