/** The processes that a server of a scenario is, one after the other. */
import type { Micros } from '../../simulator/clock.ts';
import { PROFILES } from '../../simulator/profile/index.ts';
import type { ReleaseLine } from '../../simulator/profile/profile.ts';
import type { Scenario, ScenarioServer } from '../scenario.ts';
import { spanOf } from '../simulate/faults.ts';
import { isKnownTo } from '../simulate/plan.ts';
import { lineAt, settingsAt, settingsChanges } from '../simulate/server-state.ts';

export interface PlannedProcess {
  readonly line: ReleaseLine;
  readonly settings: Readonly<Record<string, string>>;
  /** When the one before it ends, and when it takes over; the first is there from the beginning. */
  readonly awayAt: Micros;
  readonly from: Micros;
}

/** At least one. `proxiedFrom`: the address from which clients are shown to it. */
export function processesOf(
  scenario: Scenario,
  server: ScenarioServer,
  ofRun: ReleaseLine,
  proxiedFrom: string,
): [PlannedProcess, ...PlannedProcess[]] {
  const { timeline, endsAt } = scenario;
  const process = (awayAt: Micros, from: Micros): PlannedProcess => {
    const line = lineAt(server, timeline, ofRun, awayAt);
    return {
      line,
      settings: settingsFor(settingsAt(scenario, server, timeline, from), line, proxiedFrom),
      awayAt,
      from,
    };
  };
  const restarts = timeline.flatMap((event) => {
    if (event.fault.kind !== 'restart' || event.fault.server !== server.name) return [];
    const { to } = event.lasts === undefined ? { to: event.at } : spanOf(event, timeline, endsAt);
    return process(event.at, to);
  });
  const later = [...settingsChanges(scenario, server, timeline).map(({ at }) => process(at, at)), ...restarts];
  const first: PlannedProcess = {
    line: server.profile ?? ofRun,
    settings: settingsFor(server.settings, server.profile ?? ofRun, proxiedFrom),
    awayAt: 0,
    from: 0,
  };
  return [first, ...later.sort((a, b) => a.awayAt - b.awayAt)];
}

/** Release lines that a run needs servers of. */
export function linesOf(scenario: Scenario, ofRun: ReleaseLine): ReleaseLine[] {
  const lines = [...scenario.servers.values()].flatMap((server) =>
    processesOf(scenario, server, ofRun, '').map(({ line }) => line),
  );
  return [...new Set(lines)];
}

function settingsFor(
  settings: ReadonlyMap<string, string>,
  line: ReleaseLine,
  proxiedFrom: string,
): Readonly<Record<string, string>> {
  const known = [...settings].filter(([name]) => name !== 'launch' && isKnownTo(name, PROFILES[line]));
  return {
    'enable-lua-records': 'yes',
    'edns-subnet-processing': 'no',
    ...Object.fromEntries(known),
    'proxy-protocol-from': proxiedFrom,
    // Milliseconds of a clock that may run fast: a server drops questions that waited longer.
    'queue-limit': '600000',
  };
}
