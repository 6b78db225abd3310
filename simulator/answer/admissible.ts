/**
 * Every outcome that is possible given what is *known*: the union of the predictions over all statuses that fit the
 * evidence. Statuses that are not known for sure are walked as the draws are: by replaying the evaluation, so only those
 * that the code really asks for multiply.
 */
import { chooseUniformly, enumerate } from '../chooser.ts';
import type { Check } from '../health/check.ts';
import type { CheckStatus } from '../health/status.ts';
import { evaluate } from './evaluate.ts';
import { answerKey, type Outcome } from './outcome.ts';
import type { Question } from './question.ts';
import type { ServerModel } from './server-model.ts';

/** One way the server can have come to an answer. */
export interface Path {
  readonly outcome: Outcome;
  /** The statuses that it takes, in the order they were read. */
  readonly assumed: ReadonlyMap<string, CheckStatus>;
}

export interface AdmissibleSet {
  readonly paths: readonly Path[];
  /** Outcomes that differ, one path each. */
  readonly outcomes: readonly Outcome[];
  /** False where there are more paths than allowed: an answer outside may be possible all the same. */
  readonly complete: boolean;
  /** Checks that some path asks for. */
  readonly checks: readonly Check[];
}

const MAX_PATHS = 20_000;

/** The admissible outcomes of `question`; `fitting` gives the statuses (at least one) that a check may have. */
export function admissible(
  question: Question,
  server: ServerModel,
  fitting: (check: Check) => readonly CheckStatus[],
  maxPaths = MAX_PATHS,
): AdmissibleSet {
  const checks = new Map<string, Check>();
  const { branches, complete } = enumerate((chooser): Path => {
    const assumed = new Map<string, CheckStatus>();
    const statusOf = (check: Check): CheckStatus => {
      checks.set(check.id, check);
      const known = assumed.get(check.id);
      if (known !== undefined) return known;
      const choices = fitting(check);
      const status = choices[chooseUniformly(chooser, choices.length)];
      if (status === undefined) throw new RangeError(`no status fits check ${check.id}`);
      assumed.set(check.id, status);
      return status;
    };
    return { outcome: evaluate(question, server, { chooser, statusOf }, SILENT), assumed };
  }, maxPaths);
  const paths = branches.map((branch) => branch.value);
  const outcomes = new Map(paths.map(({ outcome }) => [answerKey(outcome), outcome]));
  return { paths, outcomes: [...outcomes.values()], complete, checks: [...checks.values()] };
}

const SILENT = { because: () => {}, warn: () => {} };
