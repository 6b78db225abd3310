import type { IpAddress } from '../../geoip/address.ts';
import type { GeoView } from '../../geoip/location.ts';
import type { LuaHost } from '../lua/environment.ts';
import type { Profile } from '../profile/profile.ts';
import type { ZoneIndex } from '../zone/index.ts';

/** Settings of the server that decide answers; names as in `pdns.conf`, spelled as identifiers. */
export interface AnswerSettings {
  /** `enable-lua-records` is not `no`. */
  readonly luaRecords: boolean;
  /** `edns-subnet-processing` */
  readonly ednsSubnetProcessing: boolean;
  /** `lua-records-insert-whitespace` */
  readonly luaRecordsInsertWhitespace: boolean;
  /** `lua-records-exec-limit`: instructions of LuaJIT that one evaluation may take, on 5.0 and later; 0 is no limit. */
  readonly luaRecordsExecLimit: number;
}

/** A server as far as answers go: what it serves and knows, but nothing that changes with the health of targets. */
export interface ServerModel {
  readonly profile: Profile;
  readonly settings: AnswerSettings;
  readonly zones: readonly ZoneIndex[];
  /** Zones that are configured and have no data, such as those of a secondary that was never transferred. */
  readonly emptyZones?: readonly string[];
  readonly geo: GeoView;
  readonly lua: LuaHost;
  readonly localAddress: IpAddress;
  readonly localPort: number;
}

/** The same server as another release line. */
export function asRelease(model: ServerModel, profile: Profile): ServerModel {
  return { ...model, profile, lua: model.lua.withProfile(profile) };
}
