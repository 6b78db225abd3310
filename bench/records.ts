/** What both sides are asked: the records, the clients, and where they are. */
import { type Prefix, parsePrefix } from '../geoip/address.ts';
import type { GeoNetwork } from '../geoip/writer.ts';

export const ZONE = 'bench.test';

export interface BenchRecord {
  readonly label: string;
  /** Absolute. */
  readonly name: string;
}

export const RECORDS: readonly BenchRecord[] = [
  { label: 'pickwhashed 80/20', name: `hashed.${ZONE}.` },
  { label: 'pickclosest of two', name: `closest.${ZONE}.` },
  { label: 'ifurlup, two up', name: `up.${ZONE}.` },
];

const FSN = '192.0.2.1';
const HEL = '192.0.2.2';

/** `targets`: two addresses that answer HTTP on `port`. */
export function zoneText(targets: readonly string[], port: number): string {
  const list = targets.map((target) => `'${target}'`).join(',');
  return `$TTL 60
@       IN SOA ns1.${ZONE}. hostmaster.${ZONE}. 1 3600 600 86400 60
@       IN NS  ns1.${ZONE}.
ns1     IN A   127.0.0.1
hashed  IN LUA A "pickwhashed({{80,'${FSN}'},{20,'${HEL}'}})"
closest IN LUA A "pickclosest({'${FSN}','${HEL}'})"
up      IN LUA A "ifurlup('http://bench.test:${port}/healthz',{${list}})"
`;
}

const CLIENTS = 8192;
const PLACES = 512;

/** Networks of 10.0.0.0/11: one question after the other comes from another one. */
export const CLIENT_NETWORKS: readonly Prefix[] = Array.from({ length: CLIENTS }, (_, i) =>
  requirePrefix(`10.${i >> 8}.${i & 255}.0/24`),
);

/** The two regions, and clients in many places of Europe, sixteen networks in each. */
export const GEO_NETWORKS: readonly GeoNetwork[] = [
  { network: `${FSN}/32`, lat: 50.5, lon: 12.4 },
  { network: `${HEL}/32`, lat: 60.2, lon: 24.9 },
  ...Array.from({ length: PLACES }, (_, i) => ({
    network: `10.${i >> 4}.${(i & 15) << 4}.0/20`,
    lat: 40 + (i % 29),
    lon: (i % 37) - 5,
  })),
];

function requirePrefix(text: string): Prefix {
  const prefix = parsePrefix(text);
  if (prefix === undefined) throw new TypeError(`'${text}' is no network`);
  return prefix;
}
