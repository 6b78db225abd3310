/** From one question and known statuses to the exact distribution of outcomes. */
import { enumerate } from '../chooser.ts';
import type { Check } from '../health/check.ts';
import { AWAITED, type CheckStatus } from '../health/status.ts';
import type { Reason, Warning } from '../lua/context.ts';
import { add, type Rational, ZERO } from '../rational.ts';
import { evaluate, type Question, type ServerModel } from './evaluate.ts';
import { answerKey, type Outcome } from './outcome.ts';

export interface PredictedOutcome {
  readonly outcome: Outcome;
  readonly probability: Rational;
}

export interface Prediction {
  /** Most probable first. The probabilities sum to one when `exact`. */
  readonly outcomes: readonly PredictedOutcome[];
  /** False where the tree of draws has more than the allowed branches: outcomes beyond them are missing. */
  readonly exact: boolean;
  /** The checks that were asked on any branch, with the status they were taken to have. */
  readonly checks: readonly { readonly check: Check; readonly status: CheckStatus }[];
  readonly warnings: readonly Warning[];
  /** Why, along the first branch. */
  readonly because: readonly Reason[];
}

const MAX_BRANCHES = 10_000;

/**
 * Every outcome of `question`, given the status of every check. Those with the same `keyOf` count as one, of which the first
 * stands for all: by default TTLs that hang on draws are not told apart.
 */
export function predict(
  question: Question,
  server: ServerModel,
  statusOf: (check: Check) => CheckStatus,
  maxBranches = MAX_BRANCHES,
  keyOf: (outcome: Outcome) => string = answerKey,
): Prediction {
  const checks = new Map<string, { check: Check; status: CheckStatus }>();
  const warnings = new Map<string, Warning>();
  const because: Reason[] = [];
  let branch = 0;
  const { branches, complete } = enumerate((chooser) => {
    const asked = new Set<string>();
    const first = branch++ === 0;
    const beliefs = {
      chooser,
      statusOf: (check: Check) => {
        const status = statusOf(check);
        checks.set(check.id, { check, status });
        // The first question makes an unknown check known, so a second one in the same evaluation finds it awaited.
        if (status.kind === 'unknown' && asked.has(check.id)) return AWAITED;
        asked.add(check.id);
        return status;
      },
    };
    return evaluate(question, server, beliefs, {
      because: (reason) => {
        if (first) because.push(reason);
      },
      warn: (warning) => warnings.set(`${warning.code} ${warning.message}`, warning),
    });
  }, maxBranches);
  const merged = new Map<string, { outcome: Outcome; probability: Rational }>();
  for (const { value, probability } of branches) {
    const key = keyOf(value);
    const known = merged.get(key);
    if (known === undefined) merged.set(key, { outcome: value, probability });
    else known.probability = add(known.probability, probability);
  }
  const outcomes = [...merged.values()].sort((a, b) => compareProbability(b.probability, a.probability));
  return { outcomes, exact: complete, checks: [...checks.values()], warnings: [...warnings.values()], because };
}

/** The probability of outcomes for which `holds`. */
export function probabilityThat(prediction: Prediction, holds: (outcome: Outcome) => boolean): Rational {
  return prediction.outcomes
    .filter(({ outcome }) => holds(outcome))
    .reduce((sum, { probability }) => add(sum, probability), ZERO);
}

function compareProbability(a: Rational, b: Rational): number {
  const difference = a.numerator * b.denominator - b.numerator * a.denominator;
  return difference > 0n ? 1 : difference < 0n ? -1 : 0;
}
