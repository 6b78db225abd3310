/** The engine `powerdns`: a scenario on real servers, and what they answered held against all that the simulation deems possible. */
import type { LuaHost } from '../../simulator/lua/environment.ts';
import { PROFILES } from '../../simulator/profile/index.ts';
import type { ReleaseLine } from '../../simulator/profile/profile.ts';
import type { ServerBinary } from '../../wire/rig/rig.ts';
import type { Engine } from '../engine.ts';
import { failureOf } from '../judge/expectation.ts';
import { failedResult, reasonsFor } from '../judge/failed.ts';
import { type Failure, watchedBy } from '../judge/view.ts';
import type { ExpectationResult, ProfileResult } from '../result.ts';
import type { Expectation, Scenario } from '../scenario.ts';
import { expectationsOf } from '../simulate/engine.ts';
import { scenarioZone } from '../zone.ts';
import { simulatedBeside } from './beside.ts';
import { cannotRun } from './cannot-run.ts';
import { judgeObserved } from './judge-observed.ts';
import type { RealRun } from './observed.ts';
import { outsideOf } from './outside.ts';
import { type RealRunOptions, runPowerDns, slower } from './run.ts';

export interface PowerDnsEngineOptions {
  readonly lua: LuaHost;
  readonly binaryOf: (line: ReleaseLine) => ServerBinary | undefined;
  /** How many times as fast as the clock; undefined: the most that comes out right. */
  readonly dilation: number | undefined;
  /** Fail where an answer is outside of what the simulation deems possible, whatever is expected. */
  readonly compares: boolean;
  /** Told why a run is made again: the machine was too busy, or something failed that may have come of the hurry. */
  readonly onDisturbed?: (reason: string) => void;
}

/** Worlds that are simulated beside a run, to know what is possible. */
const BESIDE = 150;
/** How often a run that failed is made again, slower each time where it can be. */
const MOST_LOOKS = 2;

export function powerDnsEngine({ lua, binaryOf, dilation, compares, onDisturbed }: PowerDnsEngineOptions): Engine {
  return {
    name: 'powerdns',
    cannotRun,
    async run(scenario, { profile, seed, phase }) {
      const { result } = await runJudged(scenario, {
        line: profile,
        seed,
        lua: lua.withProfile(PROFILES[profile]),
        binaryOf,
        compares,
        ...(dilation === undefined ? {} : { dilation }),
        ...(phase?.kind === 'fixed' ? { offset: phase.offset } : {}),
        ...(onDisturbed === undefined ? {} : { onDisturbed }),
      });
      return result;
    },
  };
}

/** A run, and what it shows of the expectations. */
export interface JudgedRun {
  readonly run: RealRun;
  readonly result: ProfileResult;
}

/**
 * What a server does comes again, above all when its time runs slower; what comes of the hurry does not. So a run that fails is
 * made again, unless a dilation was asked for or nothing else than this failure was to be expected of any server. Throws what
 * `runPowerDns` throws.
 */
export async function runJudged(scenario: Scenario, options: RealRunOptions & Comparing): Promise<JudgedRun> {
  let { run, result, isCertain } = await runOnce(scenario, options);
  for (let look = 1; look <= MOST_LOOKS; look++) {
    if (result.verdict !== 'fail' || isCertain || options.dilation !== undefined) break;
    const dilation = slower(run.dilation);
    const [first] = result.expectations.filter(({ verdict }) => verdict === 'fail');
    const how = dilation === run.dilation ? '' : `, ${dilation} times as fast instead of ${run.dilation}`;
    options.onDisturbed?.(`${first?.message}: looked at again${how}`);
    ({ run, result, isCertain } = await runOnce(scenario, { ...options, dilation }));
  }
  return { run, result };
}

interface Comparing {
  /** Fail where an answer is outside of what the simulation deems possible. */
  readonly compares: boolean;
}

interface Looked extends JudgedRun {
  /** Some expectation fails in everything that the simulation deems possible, too. */
  readonly isCertain: boolean;
}

async function runOnce(scenario: Scenario, options: RealRunOptions & Comparing): Promise<Looked> {
  const { line, seed, compares } = options;
  const run = await runPowerDns(scenario, options);
  const { history, watches, phases, slackMicros, plan } = run;
  const possible = simulatedBeside(run, BESIDE);
  const draws = (watch: number) =>
    possible.some(({ answers }) => answers[watch]?.some(({ value }) => value.outcomes.length > 1));
  const zone = scenarioZone(scenario.zone);
  const simulated = possible.at(-1) ?? history;
  const failed = (expectation: Expectation, failure: Failure) =>
    failedResult(expectation, failure, {
      phases,
      where: '',
      proven: false,
      because: reasonsFor(failure, { plan, history: simulated }, watches),
      watched: watchedBy({ scenario, zone, watches, history, plan }, expectation).map(({ watch }) => watch),
    });
  const judged = expectationsOf(scenario, line).map((expectation): ExpectationResult => {
    const verdict = judgeObserved(expectation, { scenario, zone, run, draws });
    if (verdict.kind === 'fails') return failed(expectation, verdict.failure);
    const passed = { expectation, verdict: 'pass', proven: false, counterexample: undefined } as const;
    if (verdict.kind === 'holds') return { ...passed, message: 'holds in this run' };
    return { ...passed, untold: verdict.reason, message: `not told by this run: ${verdict.reason}` };
  });
  const [outside] = compares
    ? outsideOf({ scenario, watches, observations: run.observations }, possible, slackMicros)
    : [];
  const expectations = outside === undefined ? judged : [...judged, failed(asSimulated(scenario), outside)];
  const failures = expectations.filter(({ verdict }) => verdict === 'fail');
  const result: ProfileResult = {
    profile: line,
    engine: 'powerdns',
    verdict: failures.length > 0 ? 'fail' : 'pass',
    skipped: '',
    seed,
    phases: { courses: 1, complete: false },
    expectations,
    failover: [],
    shown: { phases, history, watches, timeline: scenario.timeline },
  };
  // A machine that is too busy shows nothing about PowerDNS.
  if (failures.length > 0 && run.disturbed !== undefined) {
    const skipped = `the machine was too busy: ${run.disturbed}`;
    return { run, result: { ...result, verdict: 'skip', skipped, expectations: [] }, isCertain: false };
  }
  const isCertain = failures.some(({ expectation }) =>
    possible.every((each) => failureOf(expectation, { scenario, zone, watches, plan, history: each }) !== undefined),
  );
  return { run, result, isCertain };
}

/** Beside what the author expects: nothing that the simulation excludes. */
function asSimulated({ expect, file }: Scenario): Expectation {
  return {
    index: expect.length,
    place: { file },
    when: { kind: 'always' },
    clients: [],
    servers: [],
    profiles: [],
    name: undefined,
    type: undefined,
    what: [],
    modality: 'certain',
    note: 'every answer is one that the simulation deems possible',
  };
}
