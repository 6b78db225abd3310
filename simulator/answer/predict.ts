/** From one question and known statuses to the exact distribution of outcomes. */
import type { Check } from '../health/check.ts';
import type { CheckStatus } from '../health/status.ts';
import type { Reason, Warning } from '../lua/context.ts';
import { type Distribution, distribution, MAX_BRANCHES } from './distribution.ts';
import { evaluate } from './evaluate.ts';
import { answerKey, type Outcome } from './outcome.ts';
import type { Question } from './question.ts';
import type { ServerModel } from './server-model.ts';

export interface Prediction extends Distribution {
  /** The checks that were asked on any branch, with the status they were taken to have. */
  readonly checks: readonly { readonly check: Check; readonly status: CheckStatus }[];
  readonly warnings: readonly Warning[];
  /** Why, along the first branch. */
  readonly because: readonly Reason[];
}

/**
 * Every outcome of `question`, given the status of every check; with more than `maxBranches` ways to draw, a sample of them.
 * Those with the same `keyOf` count as one, of which the first stands for all: by default TTLs that hang on draws are not told
 * apart.
 */
export function predict(
  question: Question,
  server: ServerModel,
  statusOf: (check: Check, speaksFor: string) => CheckStatus,
  maxBranches = MAX_BRANCHES,
  keyOf: (outcome: Outcome) => string = answerKey,
): Prediction {
  const checks = new Map<string, { check: Check; status: CheckStatus }>();
  const warnings = new Map<string, Warning>();
  const because: Reason[] = [];
  let branch = 0;
  const predicted = distribution(
    (chooser) => {
      const first = branch++ === 0;
      const beliefs = {
        chooser,
        statusOf: (check: Check, speaksFor: string) => {
          const status = statusOf(check, speaksFor);
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
    },
    maxBranches,
    keyOf,
  );
  return {
    ...predicted,
    checks: [...checks.values()],
    warnings: [...warnings.values()],
    because,
  };
}
