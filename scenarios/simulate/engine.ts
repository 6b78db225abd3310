/** The engine `simulate`: a scenario in virtual time, on one release line. */

import type { LuaHost } from '../../simulator/lua/environment.ts';
import { PROFILES } from '../../simulator/profile/index.ts';
import type { ReleaseLine } from '../../simulator/profile/profile.ts';
import type { Engine } from '../engine.ts';
import { judge } from '../judge/verdict.ts';
import type { Counterexample, ExpectationResult, ProfileResult, ShownRun } from '../result.ts';
import type { PhaseRequest, Scenario, TimelineEvent } from '../scenario.ts';
import { type Course, type Courses, coursesOf, jointCourse } from './courses.ts';
import { failoverBounds } from './failover.ts';
import { type ScenarioWorld, worldOf } from './plan.ts';
import { shortestFailing } from './shorten.ts';

export interface SimulateOptions {
  readonly profile: ReleaseLine;
  readonly seed: number;
  readonly lua: LuaHost;
  /** Default: as the scenario says. */
  readonly phase?: PhaseRequest;
  /** Reduce the timeline of a failure to what it takes. Default true. */
  readonly shortens?: boolean;
}

/** Everything that can happen, for whoever compares it with what did. */
export interface Simulated extends ScenarioWorld {
  readonly courses: Courses;
}

/** `lua`: a host whose machine is shared by all release lines. */
export function simulateEngine(lua: LuaHost): Engine {
  return {
    name: 'simulate',
    cannotRun: () => undefined,
    run: async (scenario, { profile, seed, phase }) =>
      runSimulation(scenario, {
        profile,
        seed,
        lua: lua.withProfile(PROFILES[profile]),
        ...(phase === undefined ? {} : { phase }),
      }),
  };
}

export function simulate(
  scenario: Scenario,
  options: SimulateOptions,
  timeline: readonly TimelineEvent[] = scenario.timeline,
): Simulated {
  const { seed, lua } = options;
  const world = worldOf(scenario, { profile: PROFILES[options.profile], seed, lua, timeline });
  const keepsProbes = scenario.expect.some(({ what }) => what.some(({ kind }) => kind === 'probes'));
  const courses = coursesOf(world.plan, options.phase ?? scenario.phase, { seed, keepsProbes });
  return { ...world, courses };
}

export function runSimulation(scenario: Scenario, options: SimulateOptions): ProfileResult {
  const simulated = simulate(scenario, options);
  const expectations = expectationsOf(scenario, options.profile).map((expectation) =>
    judge(expectation, { scenario, ...simulated }),
  );
  const failed = expectations.find(({ verdict }) => verdict === 'fail');
  const { courses, watches } = simulated;
  return {
    profile: options.profile,
    engine: 'simulate',
    verdict: failed === undefined ? 'pass' : 'fail',
    skipped: '',
    seed: options.seed,
    phases: { courses: courses.single.length, complete: courses.complete },
    expectations,
    failover: failoverBounds(scenario, watches, courses),
    shown:
      failed === undefined
        ? shownRun(simulated, middleOf(courses), scenario.timeline, options)
        : shownFailure(scenario, simulated, failed, options),
  };
}

/** The expectations that are meant for a release line. */
export function expectationsOf(scenario: Scenario, profile: ReleaseLine) {
  return scenario.expect.filter(({ profiles }) => profiles.length === 0 || profiles.includes(profile));
}

function shownFailure(
  scenario: Scenario,
  simulated: Simulated,
  failed: ExpectationResult,
  options: SimulateOptions,
): ShownRun {
  const { counterexample, expectation } = failed;
  const phases = counterexample?.phases ?? new Map();
  // What is wanted and never possible is not made possible by leaving anything out.
  const shortens = options.shortens !== false && expectation.modality === 'certain';
  const timeline = shortens
    ? shortestFailing(scenario.timeline, (shorter) => {
        const world = worldOf(scenario, { ...options, profile: PROFILES[options.profile], timeline: shorter });
        const joint = [jointCourse(world.plan, phases, { seed: options.seed, keepsProbes: true })];
        const courses = { single: joint, joint, complete: false };
        return isSameFailure(judge(expectation, { scenario, ...world, courses }).counterexample, counterexample);
      })
    : scenario.timeline;
  const world = worldOf(scenario, { ...options, profile: PROFILES[options.profile], timeline });
  return shownRun({ ...simulated, ...world }, phases, timeline, options);
}

/** Of several things that go wrong, the one that is told. */
function isSameFailure(a: Counterexample | undefined, b: Counterexample | undefined): boolean {
  if (a === undefined || b === undefined || a.at !== b.at || a.record !== b.record) return false;
  return a.client === b.client && a.server === b.server && a.seen === b.seen;
}

/** Once more with every probe, and with all servers. */
function shownRun(
  { plan, watches }: Simulated,
  phases: Course['phases'],
  timeline: readonly TimelineEvent[],
  { seed }: SimulateOptions,
): ShownRun {
  const { history } = jointCourse(plan, phases, { seed, keepsProbes: true });
  return { phases, history, watches, timeline };
}

function middleOf({ joint }: Courses): Course['phases'] {
  return joint[Math.floor(joint.length / 2)]?.phases ?? new Map();
}
