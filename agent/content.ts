/** What a server should know and be asked, as of one reading of its source. */
import type { IpAddress } from '../geoip/address.ts';
import type { ServerModel } from '../simulator/answer/server-model.ts';
import type { Check } from '../simulator/health/check.ts';
import type { LuaHost } from '../simulator/lua/environment.ts';
import type { Profile } from '../simulator/profile/profile.ts';
import { type WatchedName, watchedNames } from '../simulator/zone/watched-name.ts';
import { type ServerSettings, serverSettings } from '../wire/server-settings.ts';
import type { ClientConfig, Endpoint } from './config.ts';
import { type CrossCheck, crossChecks, GEO_UNKNOWN, serverModel } from './model.ts';
import type { ServerGeo } from './server-geo.ts';
import type { SourceReading } from './source.ts';
import { rejectedZones } from './zones.ts';

export interface Content {
  readonly reading: SourceReading;
  readonly geo: ServerGeo;
  readonly profile: Profile;
  readonly settings: ServerSettings;
  readonly model: ServerModel;
  readonly names: readonly WatchedName[];
  readonly crossChecks: readonly CrossCheck[];
  readonly checks: readonly Check[];
}

export interface ContentParts {
  readonly reading: SourceReading;
  readonly geo: ServerGeo;
  readonly profile: Profile;
  readonly lua: LuaHost;
  readonly address: Endpoint;
  readonly ownAddress: IpAddress;
  readonly clients: readonly ClientConfig[];
}

export function contentOf({ reading, geo, profile, lua, address, ownAddress, clients }: ContentParts): Content {
  const settings = serverSettings(reading.settings, profile);
  const usesClientSubnets = clients.some((client) => client.subnet !== undefined);
  const { zones } = reading;
  const emptyZones = rejectedZones(reading);
  const model = serverModel({ profile, settings, zones, emptyZones, geo: geo.view, lua, address, usesClientSubnets });
  const names = watchedNames(zones);
  const all = crossChecks(model, names, clients, ownAddress, geo.isKnown);
  const checks = new Map(all.flatMap((each) => each.checks).map((check) => [check.id, check]));
  const content = { reading, geo, profile, settings, model, names, crossChecks: all, checks: [...checks.values()] };
  return readAgain(content, reading);
}

/** After another reading of the same, with what that reading warns of. */
export function readAgain(content: Content, reading: SourceReading): Content {
  const { geo, crossChecks: all } = content;
  const unjudged = new Set(all.flatMap(({ watched, unjudged }) => (unjudged === undefined ? [] : [watched.owner])));
  const warnings = [
    ...reading.warnings,
    ...(geo.warning === undefined ? [] : [geo.warning]),
    ...(unjudged.size === 0 ? [] : [`not judged: ${listed([...unjudged])}: ${GEO_UNKNOWN}`]),
  ];
  return { ...content, reading: { ...reading, warnings } };
}

const MOST_NAMES = 5;

function listed(names: readonly string[]): string {
  const more = names.length - MOST_NAMES;
  return names.slice(0, MOST_NAMES).join(', ') + (more > 0 ? ` and ${more} more` : '');
}

/** Would a server with these two readings answer the same? */
export function isSameContent(content: Content, reading: SourceReading, geo: ServerGeo, profile: Profile): boolean {
  const { zones } = content.reading;
  return (
    content.profile === profile &&
    content.geo === geo &&
    zones.length === reading.zones.length &&
    zones.every((zone, i) => zone === reading.zones[i]) &&
    JSON.stringify(serverSettings(reading.settings, profile)) === JSON.stringify(content.settings)
  );
}
