/** What the servers of a soak serve: every pattern of LUA record, over targets that go wrong and targets that stay well. */
import { type GeoNetwork, writeDatabase } from '../../geoip/writer.ts';
import type { ReleaseLine } from '../../simulator/profile/profile.ts';

/** Targets by index: those that chaos may touch, those that only an injection touches, by what it does to them. */
export const CHAOTIC = [0, 1, 2] as const;
export const HIDDEN_FAILURE = [3, 4] as const;
export const HIDDEN_SUCCESS = [5, 6] as const;
export const TARGETS = 7;

export const ZONE = 'soak.test';

export const CLIENTS = [
  { name: 'se', subnet: '198.51.100.0/24' },
  { name: 'plain', subnet: undefined },
] as const;
export const CLIENT_NAMES = CLIENTS.map(({ name }) => name);

export interface ZoneOptions {
  readonly line: ReleaseLine;
  readonly address: (index: number) => string;
  readonly port: number;
  /** Timeout of every check. */
  readonly timeoutSeconds: number;
}

/** What a stale or wrong copy has in place of what the source has. */
export interface Variant {
  readonly serial: number;
  readonly ttlSeconds: number;
  readonly moved: string;
}

export const RIGHT: Variant = { serial: 7, ttlSeconds: 30, moved: '192.0.2.10' };
export const STALE: Variant = { ...RIGHT, serial: 6, moved: '192.0.2.20' };
export const WRONG_TTL: Variant = { ...RIGHT, ttlSeconds: 31 };

/** Names whose answer must be another one when the first of the hidden failures is down for the server alone. */
export function namesOfHiddenFailure(line: ReleaseLine): readonly string[] {
  return ['steady', 'steady-backup', '*.steady-wild', 'steady-ext', ...(line === '5.1' ? ['steady-min'] : [])].map(
    owner,
  );
}
/** The same for the first of the hidden successes, up for the server alone. */
export const NAMES_OF_HIDDEN_SUCCESS: readonly string[] = ['secret', 'secret-backup'].map(owner);
/** A random pick, so half of the answers are right all the same: it may be reported, and need not be. */
export const HALF_HIDDEN_SUCCESS: string = owner('secret-any');
/** Names whose answer hangs on the location of client `se`. */
export const NAMES_OF_LOCATION: readonly string[] = ['country'].map(owner);
/** Names that no target's state can change. */
export const NAMES_WITHOUT_CHECKS: readonly string[] = ['random', 'weighted', 'country', 'view', 'ttl0', 'moved'].map(
  owner,
);
export const MOVED: string = owner('moved');

function owner(label: string): string {
  return `${label}.${ZONE}.`;
}

export function zoneText({ line, address, port, timeoutSeconds }: ZoneOptions, variant: Variant): string {
  const { serial, ttlSeconds, moved } = variant;
  const list = (indices: readonly number[]) => `{${indices.map((index) => `'${address(index)}'`).join(',')}}`;
  const groups = (indices: readonly number[]) => `{${indices.map((index) => list([index])).join(',')}}`;
  const urls = (indices: readonly number[]) =>
    `{{${indices.map((index) => `['${address(index)}']='http://${address(index)}:${port}/'`).join(',')}}}`;
  const url = `'http://svc.${ZONE}:${port}/'`;
  const options = (more = '') => `{timeout='${timeoutSeconds}'${more}}`;
  const all = options(",selector='all'");
  const lua = (name: string, code: string, ttl = ttlSeconds) => `${name} ${ttl} IN LUA A "${code}"\n`;
  const hasTuning = line === '5.0' || line === '5.1';
  return [
    `$ORIGIN ${ZONE}.\n@ 60 IN SOA ns1 hostmaster ${serial} 60 60 60 60\n@ 60 IN NS ns1\nns1 60 IN A 127.0.0.1\n`,
    lua('any', `ifurlup(${url}, ${list(CHAOTIC)}, ${options()})`),
    lua('all', `ifurlup(${url}, ${list(CHAOTIC)}, ${all})`),
    lua('ordered', `ifurlup(${url}, ${groups(CHAOTIC)}, ${options()})`),
    lua('hashed', `ifurlup(${url}, ${list(CHAOTIC)}, ${options(",selector='hashed'")})`),
    lua('close', `ifurlup(${url}, ${list(CHAOTIC)}, ${options(",selector='pickclosest'")})`),
    lua('backup', `ifurlup(${url}, ${list(CHAOTIC)}, ${options(",selector='all',backupSelector='all'")})`),
    lua('port', `ifportup(${port}, ${list(CHAOTIC)}, ${all})`),
    ...(line === '4.7' ? [] : [lua('port-ordered', `ifportup(${port}, ${groups(CHAOTIC)}, ${options()})`)]),
    lua('ext', `ifurlextup(${urls([0, 1])}, ${options()})`),
    lua('*.wild', `ifurlup(${url}, ${list(CHAOTIC)}, ${all})`),
    `mixed ${ttlSeconds} IN A 192.0.2.99\n`,
    lua('mixed', `ifurlup(${url}, ${groups(CHAOTIC)}, ${options()})`),
    ...(hasTuning
      ? [lua('min', `ifurlup(${url}, ${list(CHAOTIC)}, ${options(",minimumFailures='2',selector='all'")})`)]
      : []),

    lua('steady', `ifurlup(${url}, ${list(HIDDEN_FAILURE)}, ${all})`),
    lua('steady-backup', `ifurlup(${url}, ${groups(HIDDEN_FAILURE)}, ${options()})`),
    lua('*.steady-wild', `ifurlup(${url}, ${list(HIDDEN_FAILURE)}, ${all})`),
    lua('steady-ext', `ifurlextup(${urls(HIDDEN_FAILURE)}, ${all})`),
    ...(hasTuning
      ? [
          lua(
            'steady-min',
            `ifurlup(${url}, ${list(HIDDEN_FAILURE)}, ${options(",minimumFailures='2',selector='all'")})`,
          ),
        ]
      : []),
    lua('secret', `ifurlup(${url}, ${list(HIDDEN_SUCCESS)}, ${all})`),
    lua('secret-any', `ifurlup(${url}, ${list(HIDDEN_SUCCESS)}, ${options()})`),
    lua('secret-backup', `ifurlup(${url}, ${groups(HIDDEN_SUCCESS)}, ${options()})`),

    lua('random', "pickrandom({'192.0.2.1','192.0.2.2','192.0.2.3'})"),
    lua('weighted', "pickwhashed({{80,'192.0.2.1'},{20,'192.0.2.2'}})"),
    lua('near', `pickclosest(${list(CHAOTIC)})`),
    lua('country', "; if country('SE') then return '192.0.2.46' end return '192.0.2.1'"),
    lua('view', "view({ {{'198.51.100.0/24'}, {'192.0.2.1'}}, {{'0.0.0.0/0'}, {'192.0.2.2'}} })"),
    lua('ttl0', "pickrandom({'192.0.2.1','192.0.2.2'})", ttlSeconds - RIGHT.ttlSeconds),
    lua('moved', `pickrandom({'${moved}'})`),
  ].join('');
}

/** Where the client and the targets are: each target closest to somebody. */
export function geoDatabase(address: (index: number) => string): Buffer {
  const sites = [
    { country: 'SE', continent: 'EU', lat: 59.3, lon: 18.1 },
    { country: 'DE', continent: 'EU', lat: 48.1, lon: 11.6 },
    { country: 'US', continent: 'NA', lat: 40.7, lon: -74 },
  ] as const;
  const targets = CHAOTIC.flatMap((index): GeoNetwork[] => {
    const site = sites[index];
    return site === undefined ? [] : [{ network: `${address(index)}/32`, ...site }];
  });
  return writeDatabase([
    ...targets,
    { network: '198.51.100.0/24', country: 'SE', continent: 'EU', lat: 57.7, lon: 12 },
  ]);
}
