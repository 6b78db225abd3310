/** Whether an expectation holds in all the courses that a scenario can take, or in one of them. */
import type { Zone } from '../../simulator/zone/record.ts';
import type { ExpectationResult } from '../result.ts';
import type { Expectation, Scenario, What } from '../scenario.ts';
import type { Course, Courses } from '../simulate/courses.ts';
import { hangsOnSeveral, type ScenarioWatch } from '../simulate/watches.ts';
import { failureOf } from './expectation.ts';
import { failedResult, reasonsFor } from './failed.ts';
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
  const isAboutAll =
    expectation.what.some((what) => isOfAllServers(what, expectation)) || looksBeyondOne(expectation, judged);
  const relevant = (isAboutAll ? courses.joint : courses.single).filter((course) =>
    concerns(course, expectation, judged),
  );
  const proven = courses.complete && (!isAboutAll || courses.joint === courses.single);
  const failed = (failure: Failure, where: string, course: Course | undefined, isProven: boolean) =>
    failedResult(expectation, failure, {
      phases: course?.phases ?? new Map(),
      where,
      proven: isProven,
      because: course === undefined ? [] : reasonsFor(failure, course, judged.watches),
      watched: course === undefined ? [] : watchedBy(viewOf(course, judged), expectation).map(({ watch }) => watch),
    });
  if (relevant.length === 0) return failed(NOBODY, 'nobody is looked at', undefined, true);
  const outcomes = relevant.map((course) => ({ course, failure: failureOf(expectation, viewOf(course, judged)) }));
  const wrong = outcomes.find(({ failure }) => failure !== undefined);
  const ways = `${relevant.length} ${relevant.length === 1 ? 'way' : 'ways'}`;
  if (expectation.modality === 'certain') {
    if (wrong?.failure !== undefined) return failed(wrong.failure, 'in some phase', wrong.course, proven);
    const message = proven ? `holds in every phase (${ways} that it can go)` : `holds in all ${ways} tried`;
    return { expectation, verdict: 'pass', message, proven, counterexample: undefined };
  }
  // Each server must be able to.
  for (const ofServer of Map.groupBy(outcomes, ({ course }) => course.server ?? '').values()) {
    const [first] = ofServer;
    if (first?.failure === undefined || ofServer.some(({ failure }) => failure === undefined)) continue;
    return failed(first.failure, proven ? 'in every phase' : `in all ${ways} tried`, first.course, proven);
  }
  const fitting = outcomes.filter(({ failure }) => failure === undefined).length;
  const message = `possible: holds in ${fitting} of the ${ways} that ${proven ? 'it can go' : 'were tried'}`;
  return { expectation, verdict: 'pass', message, proven: true, counterexample: undefined };
}

/** What no server's own course can tell. Probes of all servers reach a target together. */
function isOfAllServers({ kind }: What, { servers }: Expectation): boolean {
  return kind === 'agree' || kind === 'alert' || kind === 'invariant' || (kind === 'probes' && servers.length !== 1);
}

/** Some client that is looked at asks several servers through its resolver. */
function looksBeyondOne(expectation: Expectation, judged: Judged): boolean {
  const [joint] = judged.courses.joint;
  if (joint === undefined) return false;
  const looked = new Set(watchedBy(viewOf(joint, judged), expectation).map(({ watch }) => watch));
  return judged.watches.some((watch) => looked.has(watch) && hangsOnSeveral(watch, joint.plan));
}

/** The view of one course on a scenario. */
export function viewOf({ history, watches, plan }: Course, judged: Omit<Judged, 'courses'>): RunView {
  const { scenario, zone } = judged;
  return { scenario, zone, history, plan, watches: watches.flatMap((i) => judged.watches[i] ?? []) };
}

/** A course of one server says nothing about expectations of others, and none about answers that nobody asks for. */
function concerns(course: Course, expectation: Expectation, judged: Judged): boolean {
  const { server } = course;
  const isOther = expectation.servers.length > 0 && server !== undefined && !expectation.servers.includes(server);
  if (isOther) return false;
  return !expectation.what.some(needsWatch) || watchedBy(viewOf(course, judged), expectation).length > 0;
}

function needsWatch(what: What): boolean {
  if (what.kind === 'invariant') return what.invariant !== 'single-writer';
  return what.kind !== 'status' && what.kind !== 'probes' && what.kind !== 'alert';
}

const NOBODY: Failure = {
  at: undefined,
  client: '',
  server: '',
  wanted: 'somebody who asks',
  seen: 'no client asks any of these servers for this name',
};
