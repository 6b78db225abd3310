/**
 * Runs a scenario on real PowerDNS servers: targets on loopback that really fail, real questions, and a clock that runs as
 * much faster as libfaketime makes that of the servers.
 */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { UserError } from '../../input/errors.ts';
import { seededUint32 } from '../../simulator/chooser.ts';
import { MICROS_PER_MILLISECOND, MICROS_PER_SECOND, type Micros } from '../../simulator/clock.ts';
import type { LuaHost } from '../../simulator/lua/environment.ts';
import { PROFILES, profileOfVersion } from '../../simulator/profile/index.ts';
import type { ReleaseLine } from '../../simulator/profile/profile.ts';
import type { Phase, WorldPlan } from '../../simulator/world/plan.ts';
import { fakeTimeEnvironment, installFakeTime } from '../../wire/rig/faketime.ts';
import type { ServerBinary } from '../../wire/rig/rig.ts';
import type { Scenario } from '../scenario.ts';
import { type ScenarioWorld, worldOf } from '../simulate/plan.ts';
import { planAsAsked, questionsOf } from './asked.ts';
import { Asker } from './asker.ts';
import { mostDilation } from './dilation.ts';
import { observedHistory, type RealRun } from './observed.ts';
import { type Played, play } from './play.ts';
import { linesOf } from './setups.ts';
import { Stage } from './stage.ts';

export interface RealRunOptions {
  readonly line: ReleaseLine;
  readonly seed: number;
  /** How many times as fast; default: the most that comes out right. */
  readonly dilation?: number;
  readonly binaryOf: (line: ReleaseLine) => ServerBinary | undefined;
  readonly lua: LuaHost;
  /** When the first questions are asked, counted from the start; default: as the scenario says, or drawn for each server. */
  readonly offset?: Micros;
  /** How often it is made at most while the machine is too busy; default 4. */
  readonly attempts?: number;
  /** Told why a run is made again. */
  readonly onDisturbed?: (reason: string) => void;
}

/** What the shortest way through sockets and timers takes. */
const LEAST_SLACK_MS = 3;
const DEFAULT_INTERVAL_SECONDS = 5;
const MOST_SLACK: Micros = 2.5 * MICROS_PER_SECOND;
/** Nobody can say what is answered meanwhile. */
const MOST_CHANGE: Micros = 4 * MICROS_PER_SECOND;
/** Below what PowerDNS waits for by default. */
const MOST_OVERHEAD: Micros = 1.5 * MICROS_PER_SECOND;
/** A run is made again so much slower. */
const SLOWER = 3;
const MOST_ATTEMPTS = 4;

/**
 * A run that the machine was too busy for is made again: once as fast, since most of what disturbs is over in a moment, then slower
 * each time. At last it is handed over with its `disturbed`.
 * Throws `UserError` with exit code 3 for what the machine lacks (`E_ENGINE_SERVER`, `E_ENGINE_FAKETIME`, `E_ENGINE_PORT`),
 * `E_ENGINE_DILATION` for a dilation under which the scenario comes out wrong, and what the rig throws.
 */
export async function runPowerDns(scenario: Scenario, options: RealRunOptions): Promise<RealRun> {
  let run = await runOnce(scenario, options);
  for (let attempt = 2; attempt <= (options.attempts ?? MOST_ATTEMPTS) && run.disturbed !== undefined; attempt++) {
    const dilation = attempt === 2 ? run.dilation : slower(run.dilation);
    const how = dilation === run.dilation ? '' : `, ${dilation} times as fast instead of ${run.dilation}`;
    options.onDisturbed?.(`${run.disturbed}: once more${how}`);
    run = await runOnce(scenario, { ...options, dilation });
  }
  return run;
}

/** The dilation of a run that is made again. */
export function slower(dilation: number): number {
  return Math.max(1, Math.round(dilation / SLOWER));
}

async function runOnce(scenario: Scenario, options: RealRunOptions): Promise<RealRun> {
  const binaries = binariesFor(scenario, options);
  const profile = profileOfVersion(binaries.get(options.line)?.version ?? '') ?? PROFILES[options.line];
  const world = worldOf(scenario, { profile, seed: options.seed, lua: options.lua });
  const dilation = dilationFor(scenario, world.zone, options.dilation);
  const environments = await environmentsFor(binaries, dilation);
  const folder = await mkdtemp(join(tmpdir(), 'pdns-scenario-'));
  const stage = new Stage(scenario, world, { ...options, binaries, environments, dilation, folder });
  try {
    await stage.open();
    const asker = await Asker.open(stage.askerAddress);
    try {
      const phases = phasesFor(scenario, options);
      const plan = planAsAsked(world, world.watches);
      const questions = questionsOf(scenario, world, plan, phases);
      const played = await play(stage, asker, questions, { dilation, endsAt: scenario.endsAt });
      return runOf(scenario, world, plan, phases, played, dilation);
    } finally {
      asker.close();
    }
  } finally {
    await stage.close();
    await rm(folder, { recursive: true, force: true });
  }
}

function runOf(
  { endsAt }: Scenario,
  { watches }: ScenarioWorld,
  plan: WorldPlan,
  phases: ReadonlyMap<string, Phase>,
  { observations, probes, overhead, unansweredCount, latestMs, longestChange, fractions }: Played,
  dilation: number,
): RealRun {
  const slackMicros = Math.round((latestMs + LEAST_SLACK_MS) * MICROS_PER_MILLISECOND * dilation);
  return {
    history: observedHistory({ watches: watches.length, observations, probes, endsAt }),
    watches,
    observations,
    slackMicros,
    disturbed: disturbance(slackMicros, longestChange, overhead.most, unansweredCount),
    overhead,
    phases: new Map(
      [...phases].map(([name, { offset }]) => [name, { offset, fraction: fractions.get(name) ?? 0 }] as const),
    ),
    plan,
    dilation,
  };
}

function disturbance(slack: Micros, change: Micros, overhead: Micros, unansweredCount: number): string | undefined {
  const seconds = (micros: Micros) => `${(micros / MICROS_PER_SECOND).toFixed(1)} s of the scenario`;
  if (slack > MOST_SLACK) return `something was late by ${seconds(slack)}`;
  if (change > MOST_CHANGE) return `a change of what servers serve took ${seconds(change)}`;
  if (unansweredCount === 1) return 'a probe of a target that was well had no answer';
  if (unansweredCount > 0) return `${unansweredCount} probes of targets that were well had no answer`;
  return overhead > MOST_OVERHEAD ? `a probe took ${seconds(overhead)} longer than its target` : undefined;
}

function binariesFor(scenario: Scenario, { line, binaryOf }: RealRunOptions): Map<ReleaseLine, ServerBinary> {
  const binaries = new Map<ReleaseLine, ServerBinary>();
  for (const needed of linesOf(scenario, line)) {
    const binary = binaryOf(needed);
    if (binary === undefined) {
      throw new UserError('E_ENGINE_SERVER', `there is no PowerDNS ${needed} on this machine`, {
        hint: 'Install it for the tests, or name one with PDNS_SERVER.',
        exitCode: 3,
      });
    }
    binaries.set(needed, binary);
  }
  return binaries;
}

function dilationFor(scenario: Scenario, zone: Parameters<typeof mostDilation>[1], wanted: number | undefined): number {
  const { times, why } = mostDilation(scenario, zone);
  if (wanted !== undefined && wanted > times && times === 1) {
    throw new UserError('E_ENGINE_DILATION', `time cannot run ${wanted} times as fast here: ${why}`, {
      hint: 'Leave the dilation out, or write 1.',
    });
  }
  return wanted ?? times;
}

async function environmentsFor(binaries: ReadonlyMap<ReleaseLine, ServerBinary>, dilation: number) {
  const environments = new Map<ReleaseLine, Readonly<Record<string, string>>>();
  if (dilation === 1) return environments;
  for (const [line, binary] of binaries) {
    const found = await installFakeTime(binary);
    if (found.kind === 'reason') {
      throw new UserError('E_ENGINE_FAKETIME', `time cannot be made to run faster: ${found.reason}`, {
        hint: 'Write the dilation 1, under which a scenario takes as long as it says.',
        exitCode: 3,
      });
    }
    environments.set(line, fakeTimeEnvironment(found.path, dilation));
  }
  return environments;
}

function phasesFor({ servers, phase }: Scenario, { seed, offset }: RealRunOptions): Map<string, Phase> {
  const fixed = offset ?? (phase.kind === 'fixed' ? phase.offset : undefined);
  const next = seededUint32(seed);
  return new Map(
    [...servers.values()].map(({ name, settings }) => {
      const interval = Number(settings.get('lua-health-checks-interval') ?? DEFAULT_INTERVAL_SECONDS);
      return [name, { offset: fixed ?? next() % (Math.max(1, interval) * MICROS_PER_SECOND), fraction: 0 }];
    }),
  );
}
