/** From what became of scenarios to their reports. */
import type { Shard } from '../../input/shard.ts';
import { MICROS_PER_MILLISECOND, MICROS_PER_SECOND, type Micros } from '../../simulator/clock.ts';
import type { Phase } from '../../simulator/world/plan.ts';
import { windowOf } from '../judge/window.ts';
import type {
  Counterexample,
  ExpectationResult,
  FailoverBound,
  ProfileResult,
  ScenarioResult,
  ShownRun,
} from '../result.ts';
import type { Expectation, PhaseRequest, Scenario, TimelineEvent } from '../scenario.ts';
import { isHealed, spanOf } from '../simulate/faults.ts';
import { alertsOf } from './alerts.ts';
import { answersOf } from './answers.ts';
import { probesOf } from './probes.ts';
import type {
  ExpectationReport,
  ExpectedReport,
  FailoverReport,
  FaultReport,
  PhasesReport,
  ResultReport,
  ScenarioReport,
  ShownReport,
} from './report.ts';
import { faultText, whatText, whenText, whoText } from './words.ts';

/** What a run was asked for. */
export interface AskedRun {
  /** The results are that part of all. */
  readonly shard?: Shard | undefined;
  /** In place of the scenario's own. */
  readonly phase?: PhaseRequest | undefined;
  readonly dilation?: number | undefined;
}

export function reportOf({ scenario, results }: ScenarioResult, asked: AskedRun = {}): ScenarioReport {
  const { shard, phase, dilation } = asked;
  return {
    scenario: scenario.name,
    file: scenario.file,
    shows: scenario.shows,
    endsAtSeconds: seconds(scenario.endsAt),
    targets: [...scenario.targets.values()].map(({ name, address }) => ({ name, address })),
    faults: faultsOf(scenario.timeline, scenario),
    expected: expectationsIn(scenario, results).map((expectation) => expectedOf(expectation, scenario)),
    ...(phase === undefined ? {} : { phase: phaseWord(phase) }),
    ...(dilation === undefined ? {} : { dilation }),
    ...(shard === undefined ? {} : { shard: { ...shard } }),
    results: results.map((result) => resultOf(result, scenario)),
  };
}

/** As the command line takes it. */
function phaseWord(phase: PhaseRequest): string {
  if (phase.kind === 'fixed') return `${phase.offset / MICROS_PER_MILLISECOND}ms`;
  return phase.kind === 'all' ? 'all' : `${phase.count}`;
}

/** What the scenario expects, and what an engine holds it to besides. */
function expectationsIn({ expect }: Scenario, results: readonly ProfileResult[]): readonly Expectation[] {
  const besides = results.flatMap(({ expectations }) =>
    expectations.flatMap(({ expectation }) => (expectation.index >= expect.length ? [expectation] : [])),
  );
  return [...expect, ...new Map(besides.map((each) => [each.index, each])).values()];
}

function resultOf(result: ProfileResult, scenario: Scenario): ResultReport {
  const { profile, engine, verdict, skipped, seed, phases, expectations, failover, shown } = result;
  return {
    profile,
    engine,
    verdict,
    ...(skipped === '' ? {} : { skipped }),
    seed,
    phases: { ...phases },
    expectations: expectations.map(expectationOf),
    timeline: shown === undefined ? [] : answersOf(shown, scenario),
    failover: failover.map(failoverOf),
    ...(shown === undefined ? {} : { shown: shownOf(shown, scenario, seed) }),
  };
}

function shownOf({ phases, history, watches, timeline }: ShownRun, scenario: Scenario, seed: number): ShownReport {
  return {
    phases: phasesOf(phases),
    faults: faultsOf(timeline, scenario),
    statuses: history.statuses.map(({ server, check, target, changes }) => ({
      server,
      check,
      target,
      changes: changes.map(({ at, value }) => ({ atSeconds: seconds(at), status: value })),
    })),
    probes: probesOf(history),
    lease: history.lease.map(({ at, value: { holder, writers } }) => ({
      atSeconds: seconds(at),
      ...(holder === undefined ? {} : { holder }),
      writers: [...writers],
    })),
    alerts: alertsOf({ scenario, timeline, watches, history, seed }),
    probeCount: history.probeCount,
    questionCount: history.questionCount,
    droppedCount: history.droppedCount,
  };
}

function faultsOf(timeline: readonly TimelineEvent[], scenario: Scenario): FaultReport[] {
  return timeline.map((event) => {
    const { to } = spanOf(event, timeline, scenario.endsAt);
    const lasts = event.lasts !== undefined || isHealed(event.fault);
    return {
      atSeconds: seconds(event.at),
      ...(lasts ? { untilSeconds: seconds(Math.min(to, scenario.endsAt)) } : {}),
      text: faultText(event.fault, scenario),
      ...lineOf(event.place),
    };
  });
}

function expectedOf(expectation: Expectation, { endsAt }: Scenario): ExpectedReport {
  const { index, place, when, what, profiles, modality, note } = expectation;
  const { from, to } = windowOf(when, endsAt);
  return {
    index,
    file: place.file,
    ...lineOf(place),
    when: whenText(when),
    who: whoText(expectation),
    what: what.length === 0 ? note : whatText(what),
    modality,
    note,
    profiles: [...profiles],
    fromSeconds: seconds(from),
    toSeconds: seconds(Math.min(to, endsAt)),
  };
}

function expectationOf(result: ExpectationResult): ExpectationReport {
  const { expectation, verdict, untold, message, proven, counterexample } = result;
  return {
    index: expectation.index,
    verdict,
    ...(untold === undefined ? {} : { untold }),
    message,
    ...lineOf(expectation.place),
    proven,
    ...(counterexample === undefined ? {} : { counterexample: counterexampleOf(counterexample) }),
  };
}

function counterexampleOf({ at, phases, client, server, wanted, seen, record, because = [] }: Counterexample) {
  const when = at === undefined ? {} : { atSeconds: seconds(at) };
  const why = because.length === 0 ? {} : { because: [...because] };
  const which = record === undefined ? {} : { record };
  return { ...when, client, server, wanted, seen, ...which, phases: phasesOf(phases), ...why };
}

function failoverOf(bound: FailoverBound): FailoverReport {
  const { name, client, server, fault, edge, alwaysChanges, proven } = bound;
  return {
    name,
    client,
    server,
    fault,
    edge,
    earliestSeconds: seconds(bound.earliest),
    latestSeconds: seconds(bound.latest),
    earliestPhase: phaseOf(bound.earliestPhase),
    latestPhase: phaseOf(bound.latestPhase),
    alwaysChanges,
    proven,
  };
}

function phasesOf(phases: ReadonlyMap<string, Phase>): PhasesReport {
  return Object.fromEntries([...phases].map(([server, phase]) => [server, phaseOf(phase)]));
}

function phaseOf({ offset, fraction }: Phase) {
  return { offsetSeconds: seconds(offset), fractionSeconds: seconds(fraction) };
}

function lineOf({ line }: { readonly line?: number }): { line?: number } {
  return line === undefined ? {} : { line };
}

function seconds(micros: Micros): number {
  return micros / MICROS_PER_SECOND;
}
