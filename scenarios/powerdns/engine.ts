/** The engine `powerdns`: a scenario on real servers, and what they answered held against all that the simulation deems possible. */
import type { LuaHost } from '../../simulator/lua/environment.ts';
import { PROFILES } from '../../simulator/profile/index.ts';
import type { ReleaseLine } from '../../simulator/profile/profile.ts';
import type { ServerBinary } from '../../wire/rig/rig.ts';
import type { Engine } from '../engine.ts';
import type { ExpectationResult, ProfileResult } from '../result.ts';
import type { Expectation, Scenario } from '../scenario.ts';
import { expectationsOf } from '../simulate/engine.ts';
import { scenarioZone } from '../zone.ts';
import { simulatedBeside } from './beside.ts';
import { cannotRun } from './cannot-run.ts';
import { judgeObserved } from './judge-observed.ts';
import type { RealRun } from './observed.ts';
import { outsideOf } from './outside.ts';
import { runPowerDns, slower } from './run.ts';

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

export function powerDnsEngine({ lua, binaryOf, dilation, compares, onDisturbed }: PowerDnsEngineOptions): Engine {
  return {
    name: 'powerdns',
    cannotRun,
    async run(scenario, { profile, seed, phase }) {
      const runAt = async (times: number | undefined) => {
        const run = await runPowerDns(scenario, {
          line: profile,
          seed,
          lua: lua.withProfile(PROFILES[profile]),
          binaryOf,
          ...(times === undefined ? {} : { dilation: times }),
          ...(phase?.kind === 'fixed' ? { offset: phase.offset } : {}),
          ...(onDisturbed === undefined ? {} : { onDisturbed }),
        });
        return { run, result: resultOf(scenario, run, { profile, seed, compares }) };
      };
      const { run, result } = await runAt(dilation);
      if (result.verdict !== 'fail' || dilation !== undefined || run.dilation === 1) return result;
      // What a server does comes again when its time runs slower; what comes of the hurry does not.
      const times = slower(run.dilation);
      const [first] = result.expectations.filter(({ verdict }) => verdict === 'fail');
      onDisturbed?.(`${first?.message}: looked at again, ${times} times as fast instead of ${run.dilation}`);
      return (await runAt(times)).result;
    },
  };
}

interface Judging {
  readonly profile: ReleaseLine;
  readonly seed: number;
  readonly compares: boolean;
}

function resultOf(scenario: Scenario, run: RealRun, { profile, seed, compares }: Judging): ProfileResult {
  const { history, watches, phases, slackMicros } = run;
  const possible = simulatedBeside(run, BESIDE);
  const draws = (watch: number) =>
    possible.some(({ answers }) => answers[watch]?.some(({ value }) => value.outcomes.length > 1));
  const context = { scenario, zone: scenarioZone(scenario.zone), run, draws };
  const judged = expectationsOf(scenario, profile).map((expectation): ExpectationResult => {
    const verdict = judgeObserved(expectation, context);
    if (verdict.kind === 'fails') return failed(expectation, verdict.failure, run);
    const passed = { expectation, verdict: 'pass', proven: false, counterexample: undefined } as const;
    if (verdict.kind === 'holds') return { ...passed, message: 'holds in this run' };
    return { ...passed, untold: verdict.reason, message: `not told by this run: ${verdict.reason}` };
  });
  const [outside] = compares
    ? outsideOf({ scenario, watches, observations: run.observations }, possible, slackMicros)
    : [];
  const expectations = outside === undefined ? judged : [...judged, failed(asSimulated(scenario), outside, run)];
  const hasFailed = expectations.some(({ verdict }) => verdict === 'fail');
  const result: ProfileResult = {
    profile,
    engine: 'powerdns',
    verdict: hasFailed ? 'fail' : 'pass',
    skipped: '',
    seed,
    phases: { courses: 1, complete: false },
    expectations,
    failover: [],
    shown: { phases, history, watches, timeline: scenario.timeline },
  };
  // A machine that is too busy shows nothing about PowerDNS.
  if (!hasFailed || run.disturbed === undefined) return result;
  return { ...result, verdict: 'skip', skipped: `the machine was too busy: ${run.disturbed}`, expectations: [] };
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

function failed(
  expectation: Expectation,
  failure: Omit<NonNullable<ExpectationResult['counterexample']>, 'phases'>,
  { phases }: RealRun,
): ExpectationResult {
  const when = failure.at === undefined ? '' : `at ${(failure.at / 1e6).toFixed(3)} s `;
  const who = [failure.client && `for ${failure.client}`, failure.server && `from ${failure.server}`].filter(Boolean);
  const message = `${when}${who.join(' ')}: ${failure.seen}, expected ${failure.wanted}`;
  return { expectation, verdict: 'fail', message, proven: false, counterexample: { ...failure, phases } };
}
