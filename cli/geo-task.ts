/** What threads of `plan geo` are told: plain data and shared memory, from which each makes the same server. */
import { serverModel } from '../agent/model.ts';
import type { GeoDatabase } from '../geoip/database.ts';
import { geoView, noGeo } from '../geoip/location.ts';
import type { Atlas } from '../planner/geo/atlas.ts';
import { Surveyor } from '../planner/geo/surveyor.ts';
import type { Sweep } from '../planner/geo/sweep.ts';
import type { ServerModel } from '../simulator/answer/server-model.ts';
import { LuaHost } from '../simulator/lua/environment.ts';
import { PROFILES } from '../simulator/profile/index.ts';
import type { ReleaseLine } from '../simulator/profile/profile.ts';
import type { Zone } from '../simulator/zone/record.ts';
import { luaModule } from '../wire/lua-module.ts';
import { serverSettings } from '../wire/server-settings.ts';
import { databasesFor } from './option-values.ts';

export interface GeoServer {
  readonly line: ReleaseLine;
  readonly settings: ReadonlyMap<string, string>;
  readonly zones: readonly Zone[];
  /** As in `geoip-database-files`. */
  readonly geoFiles: string | undefined;
}

export interface GeoTask extends GeoServer {
  readonly sweep: Sweep;
  readonly atlas: Atlas;
  readonly knownMasks: ReadonlySet<string>;
}

export async function surveyorFor(task: GeoTask, opened?: readonly GeoDatabase[]): Promise<Surveyor> {
  const databases = opened ?? (await databasesFor(task.geoFiles));
  const { sweep, atlas, knownMasks, zones } = task;
  return new Surveyor({ sweep, atlas, knownMasks, databases, zones, model: geoModel(task, databases) });
}

export function geoModel({ line, settings, zones }: GeoServer, databases: readonly GeoDatabase[]): ServerModel {
  const profile = PROFILES[line];
  return serverModel({
    profile,
    settings: serverSettings(settings, profile),
    zones,
    geo: databases.length === 0 ? noGeo : geoView(databases),
    lua: new LuaHost({ module: luaModule(), profile }),
    address: { address: '127.0.0.1', port: 53 },
    usesClientSubnets: false,
  });
}
