/** The servers that a plan is made for: where they stand, what they run, and how targets take their probes. Plain data. */

import { PROFILES } from '../simulator/profile/index.ts';
import type { Profile } from '../simulator/profile/profile.ts';
import { LUA_RECORDS_ON, type ServerSettings, serverSettings } from '../wire/server-settings.ts';

export interface Fleet {
  /** At least one. */
  readonly servers: readonly FleetServer[];
  readonly targets: TargetAssumptions;
  /** How a validator beside the servers would ask. */
  readonly crossCheck: CrossCheckBudget;
}

export interface FleetServer {
  readonly name: string;
  /** The place that it probes from. */
  readonly vantage: string;
  readonly profile: Profile;
  readonly settings: ServerSettings;
  /** `enable-lua-records`: a Lua state for every record that is run, or one for each thread. */
  readonly luaStates: 'own' | 'shared';
  /** Questions that what stands before the server lets through of one source in a second; undefined: all. */
  readonly frontQueriesPerSecond: number | undefined;
}

/** What no zone says of targets. */
export interface TargetAssumptions {
  /** From a probe's start to its end while all is well. */
  readonly latencySeconds: number;
  /** Header and body of the answer to one HTTP probe. */
  readonly responseBytes: number;
  /** Certificates and all else that a TLS handshake sends, both ways. */
  readonly tlsBytes: number;
  /** Those that are not well in what is planned, by a name of their checks (`namesOfCheck`). */
  readonly states: ReadonlyMap<string, TargetState>;
}

/** `hangs`: packets vanish, or the connection is taken and nothing is ever answered. */
export type TargetState = 'answers' | 'refuses' | 'hangs';

export interface CrossCheckBudget {
  readonly intervalSeconds: number;
  readonly queriesPerSecond: number;
  /** Client networks that every name is asked for. */
  readonly clients: number;
}

export const DEFAULT_TARGETS: TargetAssumptions = Object.freeze({
  latencySeconds: 0.01,
  responseBytes: 300,
  tlsBytes: 5000,
  states: new Map(),
});

/** As `agent` asks by default. */
export const DEFAULT_CROSS_CHECK: CrossCheckBudget = Object.freeze({
  intervalSeconds: 5,
  queriesPerSecond: 50,
  clients: 1,
});

export interface ServerParts {
  readonly name: string;
  readonly vantage?: string;
  readonly profile?: Profile;
  /** By name, as `pdns.conf` has them. */
  readonly settings?: ReadonlyMap<string, string>;
  readonly frontQueriesPerSecond?: number | undefined;
}

/** A server; what `settings` do not say has PowerDNS's default. Without any, LUA records are on. */
export function fleetServer(parts: ServerParts): FleetServer {
  const { name, vantage = 'here', profile = PROFILES['5.1'], settings = LUA_RECORDS_ON } = parts;
  return Object.freeze({
    name,
    vantage,
    profile,
    settings: serverSettings(settings, profile),
    luaStates: settings.get('enable-lua-records') === 'shared' ? 'shared' : 'own',
    frontQueriesPerSecond: parts.frontQueriesPerSecond,
  });
}

/** The places that servers stand in, each once. */
export function vantagesOf({ servers }: Pick<Fleet, 'servers'>): readonly string[] {
  return [...new Set(servers.map(({ vantage }) => vantage))];
}
