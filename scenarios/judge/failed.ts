/** From what went otherwise than expected to what a result says of it. */
import type { Counterexample, ExpectationResult, WatchInfo } from '../result.ts';
import type { Expectation } from '../scenario.ts';
import type { Course } from '../simulate/courses.ts';
import type { ScenarioWatch } from '../simulate/watches.ts';
import { becauseOf } from './because.ts';
import type { Failure } from './view.ts';

export interface FailedRun {
  readonly phases: Counterexample['phases'];
  /** In which of the runs, such as `in some phase`; empty where there is one. */
  readonly where: string;
  /** It fails so in every phase. */
  readonly proven: boolean;
  readonly because: readonly string[];
  /** All that the expectation is about. */
  readonly watched: readonly WatchInfo[];
}

export function failedResult(
  expectation: Expectation,
  failure: Failure,
  { phases, where, proven, because, watched }: FailedRun,
): ExpectationResult {
  const { watch, ...seen } = failure;
  const record = recordAmong(watch, watched);
  const when = seen.at === undefined ? '' : `at ${(seen.at / 1e6).toFixed(3)} s `;
  const who = [record && `of ${record}`, seen.client && `for ${seen.client}`, seen.server && `from ${seen.server}`];
  const message = `${when}${[...who, where].filter(Boolean).join(' ')}: ${seen.seen}, expected ${seen.wanted}`;
  const counterexample = { ...seen, ...(record === '' ? {} : { record }), phases, because };
  return { expectation, verdict: 'fail', message, proven, counterexample };
}

/** Which record was asked for, where it is one of several: `www.acme.test. AAAA`. */
function recordAmong(watch: WatchInfo | undefined, watched: readonly WatchInfo[]): string {
  const textOf = ({ name, type }: WatchInfo) => `${name} ${type}`;
  return watch !== undefined && new Set(watched.map(textOf)).size > 1 ? textOf(watch) : '';
}

/** Where it is an answer of a server that was not as expected, what is wrong with its code. */
export function reasonsFor(
  { at, watch }: Failure,
  course: Pick<Course, 'plan' | 'history'>,
  watches: readonly ScenarioWatch[],
): readonly string[] {
  const asked = watches.find((each) => each === watch)?.asked;
  return at === undefined || asked?.kind !== 'server' ? [] : becauseOf(course, asked.server, asked.question, at);
}
