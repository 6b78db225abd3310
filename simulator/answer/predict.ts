/** From one question and known statuses to the exact distribution of outcomes. */
import { type Branch, enumerate } from '../chooser.ts';
import type { Check } from '../health/check.ts';
import type { CheckStatus } from '../health/status.ts';
import type { Reason, Warning } from '../lua/context.ts';
import { add, type Rational, ZERO } from '../rational.ts';
import { evaluate, type Question, type ServerModel } from './evaluate.ts';
import { answerKey, type Outcome } from './outcome.ts';

export interface PredictedOutcome {
  readonly outcome: Outcome;
  readonly probability: Rational;
}

export interface Distribution {
  /** Most probable first. The probabilities sum to one when `exact`. */
  readonly outcomes: readonly PredictedOutcome[];
  /** False where the tree of draws has more than the allowed branches: the outcomes are then of a sample. */
  readonly exact: boolean;
}

export interface Prediction extends Distribution {
  /** The checks that were asked on any branch, with the status they were taken to have. */
  readonly checks: readonly { readonly check: Check; readonly status: CheckStatus }[];
  readonly warnings: readonly Warning[];
  /** Why, along the first branch. */
  readonly because: readonly Reason[];
}

/** Beyond so many branches a prediction is sampled. */
export const MAX_BRANCHES = 10_000;

/** Every outcome of `question`, given the status of every check. */
export function predict(
  question: Question,
  server: ServerModel,
  statusOf: (check: Check) => CheckStatus,
  maxBranches = MAX_BRANCHES,
): Prediction {
  const checks = new Map<string, { check: Check; status: CheckStatus }>();
  const warnings = new Map<string, Warning>();
  const because: Reason[] = [];
  let branch = 0;
  const { branches, complete } = enumerate((chooser) => {
    const first = branch++ === 0;
    const beliefs = {
      chooser,
      statusOf: (check: Check) => {
        const status = statusOf(check);
        checks.set(check.id, { check, status });
        return status;
      },
    };
    return evaluate(question, server, beliefs, {
      because: (reason) => {
        if (first) because.push(reason());
      },
      warn: (warning) => warnings.set(`${warning.code} ${warning.message}`, warning),
    });
  }, maxBranches);
  return {
    ...distributionOf(branches, complete),
    checks: [...checks.values()],
    warnings: [...warnings.values()],
    because,
  };
}

/** The outcomes of branches, those that a client cannot tell apart taken together. */
export function distributionOf(branches: readonly Branch<Outcome>[], exact: boolean): Distribution {
  const merged = new Map<string, { outcome: Outcome; probability: Rational }>();
  for (const { value, probability } of branches) {
    const key = answerKey(value);
    const known = merged.get(key);
    if (known === undefined) merged.set(key, { outcome: value, probability });
    else known.probability = add(known.probability, probability);
  }
  return { outcomes: [...merged.values()].sort((a, b) => compareProbability(b.probability, a.probability)), exact };
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
