/** What every target gets, of all servers together. */
import { probeMicros } from './duration.ts';
import type { Fleet } from './fleet.ts';
import { overlapOf, type Volley } from './overlap.ts';
import type { TargetLoad } from './plan.ts';
import type { PlannedServer } from './planned-server.ts';
import { targetOf } from './target.ts';
import type { StateOf } from './target-state.ts';
import { probeBytes } from './traffic.ts';

const SECONDS_PER_DAY = 86_400;

export function targetLoads(servers: readonly PlannedServer[], { targets }: Fleet, stateOf: StateOf): TargetLoad[] {
  interface Sums {
    checks: number;
    probesPerSecond: number;
    bytesPerDay: number;
    readonly names: Set<string>;
    readonly servers: Set<string>;
    readonly volleys: Volley[];
  }
  const found = new Map<string, Sums>();
  for (const { server, warm, rounds, names } of servers) {
    const volleys = new Map<string, { probes: number; periodSeconds: number; lastsSeconds: number }>();
    for (const check of warm) {
      const key = targetOf(check);
      const of = found.get(key) ?? {
        checks: 0,
        probesPerSecond: 0,
        bytesPerDay: 0,
        names: new Set(),
        servers: new Set(),
        volleys: [],
      };
      found.set(key, of);
      const state = stateOf(check);
      const periodSeconds = rounds.pace.get(check.id)?.meanPeriodSeconds ?? Number.POSITIVE_INFINITY;
      of.probesPerSecond += 1 / periodSeconds;
      of.bytesPerDay += (SECONDS_PER_DAY / periodSeconds) * probeBytes(check, state, targets, server.profile);
      of.servers.add(server.name);
      const lastsSeconds = probeMicros(check, state, targets.latencySeconds, server.profile) / 1e6;
      const volley = volleys.get(key) ?? { probes: 0, periodSeconds, lastsSeconds };
      volleys.set(key, {
        ...volley,
        probes: volley.probes + 1,
        lastsSeconds: Math.max(volley.lastsSeconds, lastsSeconds),
      });
    }
    for (const [key, volley] of volleys) {
      const of = found.get(key);
      of?.volleys.push(volley);
      if (of !== undefined) of.checks = Math.max(of.checks, volley.probes);
    }
    for (const name of names)
      for (const check of name.warm) found.get(targetOf(check))?.names.add(`${name.owner} ${name.type}`);
  }
  const overlaps = new Map<string, TargetLoad['connectionsAtOnce']>();
  const overlap = (volleys: readonly Volley[]) => {
    const key = JSON.stringify(volleys);
    const known = overlaps.get(key) ?? overlapOf(volleys);
    overlaps.set(key, known);
    return known;
  };
  return [...found]
    .map(([target, of]) => ({
      target,
      checks: of.checks,
      servers: of.servers.size,
      names: of.names.size,
      probesPerSecond: of.probesPerSecond,
      bytesPerDay: Math.round(of.bytesPerDay),
      connectionsAtOnce: overlap(of.volleys),
    }))
    .sort((a, b) => b.probesPerSecond - a.probesPerSecond || (a.target < b.target ? -1 : 1));
}
