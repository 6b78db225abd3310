/** Runs scenarios: every one on each of its release lines and on each engine, one after another. */
import { UserError } from '../input/errors.ts';
import type { Shard } from '../input/shard.ts';
import type { ReleaseLine } from '../simulator/profile/profile.ts';
import type { Engine } from './engine.ts';
import { jobsOf as jobsOfShard } from './report/shard.ts';
import type { ProfileResult, ScenarioResult } from './result.ts';
import type { PhaseRequest, Scenario } from './scenario.ts';

export interface RunRequest {
  readonly engines: readonly Engine[];
  /** Of those that scenarios name; empty: all of them. */
  readonly profiles: readonly ReleaseLine[];
  readonly seed: number;
  readonly phase: PhaseRequest | undefined;
  /** The part of all jobs that is this process's. Undefined: all. */
  readonly shard: Shard | undefined;
  /** Told as jobs begin; `done` of `all` are over. */
  readonly onJob?: (job: Job, done: number, all: number) => void;
}

/** One scenario on one release line by one engine. */
export interface Job {
  readonly scenario: Scenario;
  readonly profile: ReleaseLine;
  readonly engine: Engine;
}

/** All jobs in their order, which depends on nothing but the request. */
export function jobsOf(scenarios: readonly Scenario[], { engines, profiles }: RunRequest): Job[] {
  return scenarios.flatMap((scenario) =>
    (profiles.length > 0 ? profiles : scenario.profiles).flatMap((profile) =>
      engines.map((engine) => ({ scenario, profile, engine })),
    ),
  );
}

/** The results by scenario, in order; without any where none of its jobs is ours. */
export async function runScenarios(scenarios: readonly Scenario[], request: RunRequest): Promise<ScenarioResult[]> {
  const all = jobsOf(scenarios, request);
  const ours = request.shard === undefined ? all : jobsOfShard(all, request.shard);
  const results = new Map<Scenario, ProfileResult[]>(scenarios.map((scenario) => [scenario, []]));
  for (const [done, job] of ours.entries()) {
    request.onJob?.(job, done, ours.length);
    results.get(job.scenario)?.push(await runJob(job, request));
  }
  return [...results].map(([scenario, ofScenario]) => ({ scenario, results: ofScenario }));
}

async function runJob({ scenario, profile, engine }: Job, { seed, phase }: RunRequest): Promise<ProfileResult> {
  const reason = notMeant(scenario, profile, engine) ?? engine.cannotRun(scenario, profile);
  if (reason !== undefined) return skipped(profile, engine, seed, reason);
  try {
    return await engine.run(scenario, { profile, seed, phase });
  } catch (error) {
    // What the machine lacks is no verdict on the scenario.
    if (error instanceof UserError && error.exitCode === 3) return skipped(profile, engine, seed, error.message);
    throw error;
  }
}

function notMeant({ profiles, engines }: Scenario, profile: ReleaseLine, engine: Engine): string | undefined {
  if (!profiles.includes(profile)) return `it is for ${profiles.join(', ')}`;
  return engines.includes(engine.name) ? undefined : `it is for the engine ${engines.join(', ')} only`;
}

function skipped(profile: ReleaseLine, engine: Engine, seed: number, reason: string): ProfileResult {
  return {
    profile,
    engine: engine.name,
    verdict: 'skip',
    skipped: reason,
    seed,
    phases: { courses: 0, complete: false },
    expectations: [],
    failover: [],
    shown: undefined,
  };
}
