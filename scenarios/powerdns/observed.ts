/** What happened in a run on real servers, in scenario time. */

import { type Distribution, distributionKey } from '../../simulator/answer/distribution.ts';
import type { Outcome } from '../../simulator/answer/outcome.ts';
import type { Micros } from '../../simulator/clock.ts';
import { ONE } from '../../simulator/rational.ts';
import type { History, ProbeRecord, Since } from '../../simulator/world/history.ts';
import type { Phase, WorldPlan } from '../../simulator/world/plan.ts';
import type { ScenarioWatch } from '../simulate/watches.ts';
import { inFewestChanges } from './moments.ts';

export interface Observation {
  /** Place among the watches. */
  readonly watch: number;
  /** When the question was sent and when its answer came: the server made it in between. */
  readonly at: Micros;
  readonly until: Micros;
  /** Addresses are those of the scenario. The authority section is left out. */
  readonly outcome: Outcome;
}

export interface RealRun {
  /** Answers as changes between observations; no statuses, which no server shows; probes as targets saw them. */
  readonly history: History;
  readonly watches: readonly ScenarioWatch[];
  /** Every single one, in order. */
  readonly observations: readonly Observation[];
  /** How far times may be off: how late this program and its timers were at most. */
  readonly slackMicros: Micros;
  /** What probes of targets that were well took, beyond what the target took on purpose: the least and the most. */
  readonly overhead: { readonly least: Micros; readonly most: Micros };
  /** By server, as measured: `fraction` is that of its first process. */
  readonly phases: ReadonlyMap<string, Phase>;
  /** What was asked, as the simulation must ask it to be compared. */
  readonly plan: WorldPlan;
  readonly dilation: number;
  /** Why it shows little: the machine was too busy for this dilation. Undefined where it was not. */
  readonly disturbed: string | undefined;
}

export interface HistoryParts {
  readonly watches: number;
  readonly observations: readonly Observation[];
  readonly probes: readonly ProbeRecord[];
  readonly endsAt: Micros;
}

export function observedHistory({ watches, observations, probes, endsAt }: HistoryParts): History {
  const byWatch = Map.groupBy(observations, ({ watch }) => watch);
  const answers = Array.from({ length: watches }, (_, watch) => changesOf(inFewestChanges(byWatch.get(watch) ?? [])));
  return {
    answers,
    statuses: [],
    probes,
    lease: [],
    probeCount: probes.length,
    questionCount: observations.length,
    droppedCount: observations.filter(({ outcome }) => outcome.rcode === 'DROPPED').length,
    endsAt,
  };
}

function changesOf(observations: readonly Observation[]): Since<Distribution>[] {
  const changes: Since<Distribution>[] = [];
  for (const { at, outcome } of observations) {
    const value: Distribution = { outcomes: [{ outcome, probability: ONE }], exact: true };
    const last = changes.at(-1)?.value;
    if (last === undefined || distributionKey(last) !== distributionKey(value)) changes.push({ at, value });
  }
  return changes;
}
