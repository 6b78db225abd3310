/** What a server should know and be asked, as of one reading of its source. */
import type { IpAddress } from '../geoip/address.ts';
import type { GeoView } from '../geoip/location.ts';
import type { ServerModel } from '../simulator/answer/server-model.ts';
import type { Check } from '../simulator/health/check.ts';
import type { LuaHost } from '../simulator/lua/environment.ts';
import type { Profile } from '../simulator/profile/profile.ts';
import { type WatchedName, watchedNames } from '../simulator/zone/watched-name.ts';
import { type ServerSettings, serverSettings } from '../wire/server-settings.ts';
import type { ClientConfig, Endpoint } from './config.ts';
import { type CrossCheck, crossChecks, serverModel } from './model.ts';
import type { SourceReading } from './source.ts';

export interface Content {
  readonly reading: SourceReading;
  readonly geo: GeoView;
  readonly profile: Profile;
  readonly settings: ServerSettings;
  readonly model: ServerModel;
  readonly names: readonly WatchedName[];
  readonly crossChecks: readonly CrossCheck[];
  readonly checks: readonly Check[];
}

export interface ContentParts {
  readonly reading: SourceReading;
  readonly geo: GeoView;
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
  const model = serverModel({ profile, settings, zones, geo, lua, address, usesClientSubnets });
  const names = watchedNames(zones);
  const all = crossChecks(model, names, clients, ownAddress);
  const checks = new Map(all.flatMap((each) => each.checks).map((check) => [check.id, check]));
  return { reading, geo, profile, settings, model, names, crossChecks: all, checks: [...checks.values()] };
}

/** Would a server with these two readings answer the same? */
export function isSameContent(content: Content, reading: SourceReading, geo: GeoView, profile: Profile): boolean {
  const { zones } = content.reading;
  return (
    content.profile === profile &&
    content.geo === geo &&
    zones.length === reading.zones.length &&
    zones.every((zone, i) => zone === reading.zones[i]) &&
    JSON.stringify(serverSettings(reading.settings, profile)) === JSON.stringify(content.settings)
  );
}
