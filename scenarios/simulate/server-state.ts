/** What a server of a scenario is at a moment, by the timeline: its settings, its release line, how late transfers reach it. */
import type { Micros } from '../../simulator/clock.ts';
import type { ReleaseLine } from '../../simulator/profile/profile.ts';
import type { Fault, Scenario, ScenarioServer, TimelineEvent } from '../scenario.ts';
import { changesInForce, spanOf } from './faults.ts';

type SettingChange = Extract<Fault, { kind: 'setting-change' }>;
type TransferDelay = Extract<Fault, { kind: 'transfer-delay' }>;

/** Its settings from each moment at which they change. */
export function settingsChanges(
  { endsAt }: Pick<Scenario, 'endsAt'>,
  { name, settings }: ScenarioServer,
  timeline: readonly TimelineEvent[],
): { readonly at: Micros; readonly settings: ReadonlyMap<string, string> }[] {
  const isMeant = (fault: Fault): fault is SettingChange => fault.kind === 'setting-change' && fault.server === name;
  return changesInForce(timeline, endsAt, isMeant).map(({ at, inForce }) => ({
    at,
    settings: new Map([...settings, ...inForce.flatMap((change) => [...change.settings])]),
  }));
}

export function settingsAt(
  scenario: Pick<Scenario, 'endsAt'>,
  server: ScenarioServer,
  timeline: readonly TimelineEvent[],
  at: Micros,
): ReadonlyMap<string, string> {
  const changes = settingsChanges(scenario, server, timeline);
  return changes.findLast((change) => change.at <= at)?.settings ?? server.settings;
}

/** The release line as which it was last started, or is about to be. */
export function lineAt(
  server: ScenarioServer,
  timeline: readonly TimelineEvent[],
  ofRun: ReleaseLine,
  at: Micros,
): ReleaseLine {
  const lines = timeline.flatMap((event) =>
    event.fault.kind === 'restart' && event.fault.server === server.name && event.at <= at
      ? (event.fault.profile ?? [])
      : [],
  );
  return lines.at(-1) ?? server.profile ?? ofRun;
}

/** When it is started again: after a restart, and with settings that change. */
export function startsOf(
  scenario: Pick<Scenario, 'endsAt'>,
  server: ScenarioServer,
  timeline: readonly TimelineEvent[],
): readonly Micros[] {
  const restarts = timeline.flatMap((event) => {
    if (event.fault.kind !== 'restart' || event.fault.server !== server.name) return [];
    return event.lasts === undefined ? event.at : spanOf(event, timeline, scenario.endsAt).to;
  });
  return [...settingsChanges(scenario, server, timeline).map(({ at }) => at), ...restarts];
}

export function transferDelayAt(
  { endsAt }: Pick<Scenario, 'endsAt'>,
  { name, transferDelay }: ScenarioServer,
  timeline: readonly TimelineEvent[],
  at: Micros,
): Micros {
  const isMeant = (fault: Fault): fault is TransferDelay => fault.kind === 'transfer-delay' && fault.server === name;
  const changes = changesInForce(timeline, endsAt, isMeant);
  return changes.findLast((change) => change.at <= at)?.inForce.at(-1)?.delay ?? transferDelay;
}
