/** A run on real servers with what it shows of the expectations; made again where the hurry may have failed it. */
import type { History } from '../../simulator/world/history.ts';
import { failedResult, reasonsFor } from '../judge/failed.ts';
import { type Failure, watchedBy } from '../judge/view.ts';
import type { ExpectationResult, ProfileResult } from '../result.ts';
import type { Expectation, Scenario } from '../scenario.ts';
import { expectationsOf } from '../simulate/engine.ts';
import { scenarioZone } from '../zone.ts';
import { simulatedBeside } from './beside.ts';
import { type Cause, causeOf } from './cause.ts';
import { judgeObserved } from './judge-observed.ts';
import type { RealRun } from './observed.ts';
import { outsideOf } from './outside.ts';
import { type RealRunOptions, runPowerDns, slower } from './run.ts';

export interface JudgedRun {
  readonly run: RealRun;
  readonly result: ProfileResult;
}

export interface JudgedRunOptions extends RealRunOptions {
  /** Fail where an answer is outside of what the simulation deems possible. */
  readonly compares: boolean;
}

/** Worlds that are simulated beside a run, of each kind at most, to know what is possible. */
const BESIDE = 150;
/** So many of all kinds tell whether draws decide. */
const FEW = 36;
/** How often a run that failed is made again, slower each time where it can be; and where slow probes explain it. */
const MOST_LOOKS = 2;
const MOST_LOOKS_AT_SLOW = 1;

/**
 * What a server does comes again, above all when its time runs slower; what comes of the hurry does not. So a run that fails is
 * made again, unless a dilation was asked for or any server would fail so. What nothing but slow probes explain at last is not
 * told by the run. Throws what `runPowerDns` throws.
 */
export async function runJudged(scenario: Scenario, options: JudgedRunOptions): Promise<JudgedRun> {
  let looked = await look(scenario, options);
  for (let again = 1; options.dilation === undefined && isWorthAnother(looked, again); again++) {
    const { dilation: before } = looked.run;
    const dilation = slower(before);
    const how = dilation === before ? '' : `, ${dilation} times as fast instead of ${before}`;
    options.onDisturbed?.(`${failuresOf(looked)[0]?.message}: looked at again${how}`);
    looked = await look(scenario, { ...options, dilation });
  }
  return { run: looked.run, result: withoutSlow(looked) };
}

interface Looked extends JudgedRun {
  /** By the index of the expectation. */
  readonly causes: ReadonlyMap<number, Cause>;
}

function failuresOf({ result }: Looked): readonly ExpectationResult[] {
  return result.expectations.filter(({ verdict }) => verdict === 'fail');
}

function isWorthAnother(looked: Looked, again: number): boolean {
  const causes = failuresOf(looked).map(({ expectation }) => looked.causes.get(expectation.index));
  if (causes.length === 0 || causes.includes('expectation')) return false;
  return again <= (causes.every((cause) => cause === 'slow probes') ? MOST_LOOKS_AT_SLOW : MOST_LOOKS);
}

function withoutSlow({ run, result, causes }: Looked): ProfileResult {
  const late = (run.overhead.most / 1e6).toFixed(1);
  const reason = `probes took up to ${late} s of the scenario longer than their targets, and then it need not hold`;
  const expectations = result.expectations.map((each): ExpectationResult => {
    if (each.verdict !== 'fail' || causes.get(each.expectation.index) !== 'slow probes') return each;
    return untold(each.expectation, reason);
  });
  return { ...result, verdict: verdictOf(result.verdict, expectations), expectations };
}

async function look(scenario: Scenario, options: JudgedRunOptions): Promise<Looked> {
  const { line, seed, compares } = options;
  const run = await runPowerDns(scenario, options);
  const { history, watches, phases, slackMicros, plan } = run;
  const possible = simulatedBeside(run, BESIDE);
  const few = Iterator.from(possible).take(FEW).toArray();
  const zone = scenarioZone(scenario.zone);
  const viewOf = (seen: History) => ({ scenario, zone, watches, plan, history: seen });
  const [simulated = history] = few;
  const failed = (expectation: Expectation, failure: Failure) =>
    failedResult(expectation, failure, {
      phases,
      where: '',
      proven: false,
      because: reasonsFor(failure, { plan, history: simulated }, watches),
      watched: watchedBy(viewOf(history), expectation).map(({ watch }) => watch),
    });
  const draws = (watch: number) =>
    few.some(({ answers }) => answers[watch]?.some(({ value }) => value.outcomes.length > 1));
  const judged = expectationsOf(scenario, line).map((expectation): ExpectationResult => {
    const verdict = judgeObserved(expectation, { scenario, zone, run, draws });
    if (verdict.kind === 'fails') return failed(expectation, verdict.failure);
    if (verdict.kind === 'unjudged') return untold(expectation, verdict.reason);
    return { ...passed(expectation), message: 'holds in this run' };
  });
  const [outside] = compares
    ? outsideOf({ scenario, watches, observations: run.observations }, possible, slackMicros)
    : [];
  const expectations = outside === undefined ? judged : [...judged, failed(asSimulated(scenario), outside)];
  const verdict = verdictOf('pass', expectations);
  const result: ProfileResult = {
    profile: line,
    engine: 'powerdns',
    verdict,
    skipped: '',
    seed,
    phases: { courses: 1, complete: false },
    expectations,
    failover: [],
    shown: { phases, history, watches, timeline: scenario.timeline },
  };
  // A machine that is too busy shows nothing about PowerDNS.
  if (verdict === 'fail' && run.disturbed !== undefined) {
    const skipped = `the machine was too busy: ${run.disturbed}`;
    return { run, result: { ...result, verdict: 'skip', skipped, expectations: [] }, causes: new Map() };
  }
  const failures = expectations.filter((each) => each.verdict === 'fail');
  const causes = failures.map(
    ({ expectation }) => [expectation.index, causeOf(expectation, run, possible, viewOf)] as const,
  );
  return { run, result, causes: new Map(causes) };
}

function verdictOf(before: ProfileResult['verdict'], expectations: readonly ExpectationResult[]) {
  if (before === 'skip') return before;
  return expectations.some(({ verdict }) => verdict === 'fail') ? 'fail' : 'pass';
}

function passed(expectation: Expectation) {
  return { expectation, verdict: 'pass', proven: false, counterexample: undefined } as const;
}

function untold(expectation: Expectation, reason: string): ExpectationResult {
  return { ...passed(expectation), untold: reason, message: `not told by this run: ${reason}` };
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
