/** Whether an expectation holds in all the courses that a scenario can take, or in one of them. */
import type { Zone } from '../../simulator/zone/record.ts';
import type { Counterexample, ExpectationResult } from '../result.ts';
import type { Expectation, Scenario } from '../scenario.ts';
import type { Course, Courses } from '../simulate/courses.ts';
import type { ScenarioWatch } from '../simulate/watches.ts';
import { failureOf } from './expectation.ts';
import { type Failure, type RunView, watchedBy } from './view.ts';

/** What all courses of a scenario have in common. */
export interface Judged {
  readonly scenario: Scenario;
  readonly zone: Zone;
  readonly watches: readonly ScenarioWatch[];
  readonly courses: Courses;
}

export function judge(expectation: Expectation, judged: Judged): ExpectationResult {
  const { courses } = judged;
  const isAboutAll = expectation.what.some(({ kind }) => kind === 'agree' || kind === 'alert' || kind === 'invariant');
  const relevant = (isAboutAll ? courses.joint : courses.single).filter((course) =>
    concerns(course, expectation, judged),
  );
  const proven = courses.complete && (!isAboutAll || courses.joint === courses.single);
  if (relevant.length === 0) return failed(expectation, NOBODY, 'nobody is looked at', undefined, true);
  const outcomes = relevant.map((course) => ({ course, failure: failureOf(expectation, viewOf(course, judged)) }));
  const wrong = outcomes.find(({ failure }) => failure !== undefined);
  const ways = `${relevant.length} ${relevant.length === 1 ? 'way' : 'ways'}`;
  if (expectation.modality === 'certain') {
    if (wrong?.failure !== undefined) return failed(expectation, wrong.failure, 'in some phase', wrong.course, proven);
    const message = proven ? `holds in every phase (${ways} that it can go)` : `holds in all ${ways} tried`;
    return { expectation, verdict: 'pass', message, proven, counterexample: undefined };
  }
  // Each server must be able to.
  for (const ofServer of Map.groupBy(outcomes, ({ course }) => course.server ?? '').values()) {
    const [first] = ofServer;
    if (first?.failure === undefined || ofServer.some(({ failure }) => failure === undefined)) continue;
    return failed(expectation, first.failure, proven ? 'in every phase' : `in all ${ways} tried`, first.course, proven);
  }
  const fitting = outcomes.filter(({ failure }) => failure === undefined).length;
  const message = `possible: holds in ${fitting} of the ${ways} that ${proven ? 'it can go' : 'were tried'}`;
  return { expectation, verdict: 'pass', message, proven: true, counterexample: undefined };
}

/** The view of one course on a scenario. */
export function viewOf({ history, watches, plan }: Course, judged: Omit<Judged, 'courses'>): RunView {
  const { scenario, zone } = judged;
  return { scenario, zone, history, plan, watches: watches.flatMap((i) => judged.watches[i] ?? []) };
}

/** A course of one server says nothing about expectations of others. */
function concerns(course: Course, expectation: Expectation, judged: Judged): boolean {
  const { server } = course;
  if (server === undefined) return true;
  if (expectation.servers.length > 0 && !expectation.servers.includes(server)) return false;
  const needsWatch = expectation.what.some(({ kind }) => kind !== 'status' && kind !== 'probes' && kind !== 'alert');
  return !needsWatch || watchedBy(viewOf(course, judged), expectation).length > 0;
}

const NOBODY: Failure = {
  at: undefined,
  client: '',
  server: '',
  wanted: 'somebody who asks',
  seen: 'no client asks any of these servers for this name',
};

function failed(
  expectation: Expectation,
  failure: Failure,
  where: string,
  course: Course | undefined,
  proven: boolean,
): ExpectationResult {
  const counterexample: Counterexample = { ...failure, phases: course?.phases ?? new Map() };
  const when = failure.at === undefined ? '' : `at ${(failure.at / 1e6).toFixed(3)} s `;
  const who = [failure.client && `for ${failure.client}`, failure.server && `from ${failure.server}`].filter(Boolean);
  const message = `${when}${[...who, where].join(' ')}: ${failure.seen}, expected ${failure.wanted}`;
  return { expectation, verdict: 'fail', message, proven, counterexample };
}
