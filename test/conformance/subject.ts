/** The simulator in the place of the servers that were recorded. */
import { z } from 'zod';
import { type IpAddress, parseAddress, parseNetmask } from '../../geoip/address.ts';
import { GeoDatabase } from '../../geoip/database.ts';
import { geoView, noGeo } from '../../geoip/location.ts';
import type { Question } from '../../simulator/answer/question.ts';
import type { ServerModel } from '../../simulator/answer/server-model.ts';
import { LuaHost } from '../../simulator/lua/environment.ts';
import { PROFILES } from '../../simulator/profile/index.ts';
import { bindBackendOrder } from '../../simulator/zone/backend-order.ts';
import { indexZone, type ZoneIndex } from '../../simulator/zone/index.ts';
import { parseZoneFile } from '../../simulator/zone/zonefile.ts';
import { luaModule } from '../../wire/lua-module.ts';
import { RELEASES, type RecordedQuestion, type Release, read, releases } from './recorded.ts';

export const ZONE = 'example.org';
const APEX = [
  '@ 3600 IN SOA ns1.example.org. hostmaster.example.org. 1 10800 3600 604800 60',
  '@ 3600 IN NS ns1.example.org.',
];
const EPHEMERAL_PORT = 40_000;
/** Where the servers listened, as their answers show. */
const LOCAL_PORTS: Readonly<Record<Release, number>> = { '4.7.3': 15_316, '4.9.17': 15_317, '5.1.5': 15_318 };

const hosts = new Map(
  releases.map((release) => [release, new LuaHost({ module: luaModule(), profile: PROFILES[RELEASES[release]] })]),
);

/** The two databases that the recorded servers looked up. */
export const recordedGeo = (() => {
  const schema = z.object({
    meta: z.object({ order: z.array(z.string()) }),
    mmdb_base64: z.record(z.string(), z.string()),
  });
  const { meta, mmdb_base64: files } = read('geodb', schema);
  return geoView(meta.order.map((name) => GeoDatabase.fromBuffer(Buffer.from(files[name] ?? '', 'base64'), name)));
})();

/** A zone of the bind backend from lines of a zone file behind its SOA and NS. */
export function zoneOfLines(lines: readonly string[], origin = ZONE): ZoneIndex {
  const records = parseZoneFile([...APEX, ...lines].join('\n'), { file: origin, origin: `${origin}.` });
  return indexZone({ name: `${origin}.`, records: bindBackendOrder(records) });
}

export interface Setup {
  /** `lua-records-exec-limit`; default 1000. */
  readonly execLimit?: number;
  readonly zones: readonly ZoneIndex[];
  readonly usesGeo?: boolean;
  readonly luaRecords?: boolean;
}

/** A server of a release as the recorded ones were set up. */
export function serverOf(
  release: Release,
  { zones, usesGeo = false, luaRecords = true, execLimit = 1000 }: Setup,
): ServerModel {
  const profile = PROFILES[RELEASES[release]];
  const lua = hosts.get(release);
  if (lua === undefined) throw new Error(`no Lua for ${release}`);
  return {
    profile,
    settings: {
      luaRecords,
      ednsSubnetProcessing: true,
      luaRecordsInsertWhitespace: profile.insertWhitespace,
      luaRecordsExecLimit: execLimit,
    },
    zones,
    geo: usesGeo ? recordedGeo : noGeo,
    lua,
    localAddress: address('127.0.0.1'),
    localPort: LOCAL_PORTS[release],
  };
}

/** The question as it was sent. Escapes of a name that the recording leaves out are put in. */
export function questionOf({ query }: Pick<RecordedQuestion, 'query'>): Question {
  const ecs = query.ecs === undefined ? undefined : parseNetmask(query.ecs);
  const hasEdns = query.ecs !== undefined || query.do === true;
  return {
    name: query.qname.replaceAll(' ', '\\032'),
    type: query.qtype,
    client: address(query.client ?? '127.0.0.1'),
    clientPort: EPHEMERAL_PORT,
    ...(ecs === undefined ? {} : { ecs }),
    ...(query.tcp === undefined ? {} : { tcp: query.tcp }),
    ...(query.do === undefined ? {} : { dnssecOk: query.do }),
    ...(hasEdns ? { ednsSize: 1232 } : {}),
  };
}

export function address(text: string): IpAddress {
  const parsed = parseAddress(text);
  if (parsed === undefined) throw new Error(`${text} is no address`);
  return parsed;
}
