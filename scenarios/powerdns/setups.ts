/** The processes that a server of a scenario is, one after the other. */
import type { Micros } from '../../simulator/clock.ts';
import { PROFILES } from '../../simulator/profile/index.ts';
import type { ReleaseLine } from '../../simulator/profile/profile.ts';
import type { Scenario, ScenarioServer } from '../scenario.ts';
import { spanOf } from '../simulate/faults.ts';
import { isKnownTo } from '../simulate/plan.ts';

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
  let line = server.profile ?? ofRun;
  let settings = server.settings;
  const process = (awayAt: Micros, from: Micros): PlannedProcess => ({
    line,
    settings: settingsFor(settings, line, proxiedFrom),
    awayAt,
    from,
  });
  const later: PlannedProcess[] = [];
  const first = process(0, 0);
  for (const event of scenario.timeline) {
    const { fault, at } = event;
    if (fault.kind === 'setting-change' && fault.server === server.name) {
      settings = new Map([...settings, ...fault.settings]);
      later.push(process(at, at));
    }
    if (fault.kind === 'restart' && fault.server === server.name) {
      line = fault.profile ?? line;
      const { to } = event.lasts === undefined ? { to: at } : spanOf(event, scenario.timeline, scenario.endsAt);
      later.push(process(at, to));
    }
  }
  return [first, ...later];
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
  };
}
