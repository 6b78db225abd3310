/**
 * The courses that a scenario can take: one a phase, or, where every phase counts, one for each region of phases in which
 * nothing turns. Servers do not hear of each other, so each is explored on its own; what is about several of them is looked at
 * in worlds that put their phases together.
 */
import { MICROS_PER_SECOND } from '../../simulator/clock.ts';
import { type Alignment, alignmentOf } from '../../simulator/world/alignment.ts';
import type { History } from '../../simulator/world/history.ts';
import { explorePhases, type PhaseCell } from '../../simulator/world/phases.ts';
import type { Asked, Phase, WorldPlan } from '../../simulator/world/plan.ts';
import type { Witness } from '../../simulator/world/witness.ts';
import { runWorld } from '../../simulator/world/world.ts';
import type { PhaseRequest } from '../scenario.ts';

export interface Course {
  readonly phases: ReadonlyMap<string, Phase>;
  /** Of all servers, or of one. */
  readonly plan: WorldPlan;
  /** Places of the plan's watches among those of the whole world. */
  readonly watches: readonly number[];
  readonly history: History;
  /** Undefined: all servers. */
  readonly server: string | undefined;
  /** The region of phases that take this course; undefined where it stands for its own phase only. */
  readonly cell: PhaseCell<History> | undefined;
}

export interface Courses {
  /** What each server does on its own, where each was explored; else of all together. */
  readonly single: readonly Course[];
  /** All servers together. */
  readonly joint: readonly Course[];
  /** Every phase is in one of `single`. */
  readonly complete: boolean;
}

export interface CourseOptions {
  readonly seed: number;
  readonly keepsProbes: boolean;
}

/** Regions of two servers put together are at most so many; others are left out. */
const MAX_JOINT = 120;
/** Makes fractions of seconds that lie evenly, however many there are. */
const GOLDEN = 0.618_033_988_749_895;

export function coursesOf(plan: WorldPlan, request: PhaseRequest, options: CourseOptions): Courses {
  if (request.kind !== 'all') {
    const joint = phasesOf(plan, request, options).map((phases) => jointCourse(plan, phases, options));
    return { single: joint, joint, complete: false };
  }
  const explored = plan.servers.map(({ name }) => exploreServer(plan, name, options));
  const single = explored.flatMap(({ courses }) => courses);
  const complete = explored.every((each) => each.complete) && !drawsTimes(plan);
  const isAlone = plan.servers.length === 1 && plan.lease === undefined;
  const joint = isAlone
    ? single
    : combined(explored.map(({ courses }) => courses)).map((phases) => jointCourse(plan, phases, options));
  return { single, joint, complete };
}

/** One world with all servers. */
export function jointCourse(plan: WorldPlan, phases: ReadonlyMap<string, Phase>, options: CourseOptions): Course {
  const history = runWorld(plan, { ...options, phases });
  return { phases, plan, watches: plan.watches.map((_, i) => i), history, server: undefined, cell: undefined };
}

function exploreServer(plan: WorldPlan, server: string, options: CourseOptions) {
  const { own, watches } = planOfServer(plan, server);
  const run = (phase: Phase, witness: Witness) =>
    runWorld(own, { ...options, phases: new Map([[server, phase]]), witness });
  const alignment = alignmentFor(own, server, options);
  const explored = explorePhases(alignment.offsets, run);
  const courses = explored.cells.map(
    (cell): Course => ({
      phases: new Map([[server, cell.phase]]),
      plan: own,
      watches,
      history: cell.result,
      server,
      cell,
    }),
  );
  return { courses, complete: explored.complete && alignment.complete };
}

/** The world as far as one server has to do with it. */
function planOfServer(plan: WorldPlan, server: string): { own: WorldPlan; watches: number[] } {
  const resolvers = plan.resolvers
    .filter(({ servers }) => servers.includes(server))
    .map((resolver) => ({ ...resolver, servers: [server] }));
  const isOwn = (asked: Asked) =>
    asked.kind === 'server' ? asked.server === server : resolvers.some(({ name }) => name === asked.resolver);
  const watches = plan.watches.flatMap(({ asked }, i) => (isOwn(asked) ? [i] : []));
  const own: WorldPlan = {
    ...plan,
    servers: plan.servers.filter(({ name }) => name === server),
    resolvers,
    asking: plan.asking.filter(({ asked }) => isOwn(asked)),
    watches: plan.watches.filter(({ asked }) => isOwn(asked)),
    lease: undefined,
  };
  return { own, watches };
}

/** From the checks that come up in one run. */
function alignmentFor(plan: WorldPlan, server: string, options: CourseOptions): Alignment {
  const own = plan.servers.find(({ name }) => name === server);
  if (own === undefined) return { offsets: 1, complete: true };
  const { statuses } = runWorld(plan, { ...options, phases: new Map() });
  const checks = statuses.filter((series) => series.server === server).map(({ details }) => details);
  return alignmentOf(checks, own.model.profile, own.checkIntervalSeconds);
}

function phasesOf(
  plan: WorldPlan,
  request: Exclude<PhaseRequest, { kind: 'all' }>,
  options: CourseOptions,
): ReadonlyMap<string, Phase>[] {
  if (request.kind === 'fixed') {
    return [new Map(plan.servers.map(({ name }) => [name, { offset: request.offset, fraction: 0 }]))];
  }
  const alignments = plan.servers.map(({ name }) => alignmentFor(plan, name, options));
  return Array.from({ length: request.count }, (_, i) => {
    const entries = plan.servers.map(({ name }, k) => {
      // Each server goes through all offsets, another way than the one before; none is a round number of seconds, at
      // which things would coincide that almost never do.
      const step = ((i * (2 * k + 1) + k) % request.count) + GOLDEN;
      const offset = Math.floor((step / request.count) * (alignments[k]?.offsets ?? 0));
      const fraction = Math.floor((((i + 1) * (k + 1) * GOLDEN) % 1) * MICROS_PER_SECOND);
      return [name, { offset, fraction }] as const;
    });
    return new Map(entries);
  });
}

/** Phases of several servers put together: each region of each server occurs. */
function combined(ofServers: readonly (readonly Course[])[]): ReadonlyMap<string, Phase>[] {
  const count = Math.min(MAX_JOINT, Math.max(...ofServers.map((courses) => courses.length)));
  return Array.from({ length: count }, (_, i) => {
    const parts = ofServers.flatMap((courses, k) => {
      const course = courses[(i * (2 * k + 1) + k) % courses.length];
      return course === undefined ? [] : [...course.phases];
    });
    return new Map(parts);
  });
}

/** Where times are drawn, one seed shows one way of many. */
function drawsTimes({ targets, events }: WorldPlan): boolean {
  const behaviours = [
    ...targets.map(({ behaviour }) => behaviour),
    ...events.flatMap((event) => (event.kind === 'behaviour' ? [event.behaviour] : [])),
  ];
  return behaviours.some(({ latency, loss }) => latency.jitter > 0 || (loss > 0 && loss < 1));
}
