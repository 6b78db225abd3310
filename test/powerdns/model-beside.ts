/** What the evaluator knows of a server that the rig has started with these zones. */
import { parseAddress } from '../../geoip/address.ts';
import { noGeo } from '../../geoip/location.ts';
import type { ServerModel } from '../../simulator/answer/server-model.ts';
import { LuaHost } from '../../simulator/lua/environment.ts';
import { PROFILES, profileOfVersion } from '../../simulator/profile/index.ts';
import { bindBackendOrder } from '../../simulator/zone/backend-order.ts';
import { indexZone } from '../../simulator/zone/index.ts';
import { parseZoneFile } from '../../simulator/zone/zonefile.ts';
import { luaModule } from '../../wire/lua-module.ts';
import type { ServerBinary } from '../../wire/rig/server-binary.ts';

const CLIENT = parseAddress('127.0.0.1') ?? { family: 4 as const, bytes: new Uint8Array(4) };

/** `zones`: texts by name, without the final dot, as the rig takes them. `rejected`: names of zones that it cannot load. */
export function modelBeside(
  binary: ServerBinary,
  zones: Readonly<Record<string, string>>,
  rejected: readonly string[] = [],
): ServerModel {
  const profile = profileOfVersion(binary.version) ?? PROFILES[binary.line];
  return {
    profile,
    settings: {
      luaRecords: true,
      ednsSubnetProcessing: false,
      luaRecordsInsertWhitespace: false,
      luaRecordsExecLimit: 1000,
    },
    zones: Object.entries(zones).map(([name, text]) => {
      const records = parseZoneFile(text, { file: name, origin: `${name}.`, onUnreadable: () => {} });
      return indexZone({ name: `${name}.`, records: bindBackendOrder(records) });
    }),
    emptyZones: rejected.map((name) => `${name}.`),
    geo: noGeo,
    lua: new LuaHost({ module: luaModule(), profile }),
    localAddress: CLIENT,
    localPort: 53,
  };
}
