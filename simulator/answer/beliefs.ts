import type { Chooser } from '../chooser.ts';
import type { Check } from '../health/check.ts';
import type { CheckStatus } from '../health/status.ts';
import type { Reason, RecordQuery, Warning } from '../lua/context.ts';
import type { Fact } from '../lua/fact.ts';

/** What changes between two evaluations of the same question. */
export interface Beliefs {
  readonly chooser: Chooser;
  /** As the server holds it before this evaluation, or as its checker gives it. `speaksFor`: the address that hangs on it. */
  statusOf(check: Check, speaksFor: string): CheckStatus;
  /** Told of every fact that code reads, and gives its value; absent: the fact's own. */
  factOf?<T>(fact: Fact<T>, query: RecordQuery): T;
}

/** Told of what an evaluation found, for explanations. Reasons are made only where somebody listens. */
export interface Trace {
  because(reason: () => Reason): void;
  warn(warning: Warning): void;
}
