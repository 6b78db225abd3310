/** Servers, targets, resolvers, clients, GeoIP and the lease of a scenario file. */
import { dirname, resolve } from 'node:path';
import { addressBits, formatPrefix, parsePrefix } from '../../geoip/address.ts';
import { readGeoNetworks } from '../../geoip/geo-yaml.ts';
import type { GeoNetwork } from '../../geoip/writer.ts';
import type { Micros } from '../../simulator/clock.ts';
import type { ReleaseLine } from '../../simulator/profile/profile.ts';
import { HEALTHY, type TargetBehaviour } from '../../simulator/world/behaviour.ts';
import type {
  Front,
  GeoSource,
  ScenarioClient,
  ScenarioLease,
  ScenarioResolver,
  ScenarioServer,
  ScenarioTarget,
} from '../scenario.ts';
import type { ScenarioFile, ServerEntry, TargetEntry } from '../schema/schema.ts';
import type { Path, Reading } from './reading.ts';
import { readSettings } from './settings.ts';

export const LOCAL_VANTAGE = 'local';
const DEFAULT_SERVER = 'ns1';
const DEFAULT_CLIENT = 'any-client';
const DEFAULT_SUBNET = '198.51.100.0/24';

export function loadServers(reading: Reading, file: ScenarioFile): ReadonlyMap<string, ScenarioServer> {
  const written = Object.entries(file.servers ?? {});
  const hasPrimary = written.some(([, { role }]) => role === 'primary');
  const servers = written.map(([name, entry]) => {
    checkRole(reading, name, entry, hasPrimary);
    return [name, loadServer(reading, name, entry, file)] as const;
  });
  return new Map(servers.length > 0 ? servers : [[DEFAULT_SERVER, defaultServer(reading, file)]]);
}

function loadServer(reading: Reading, name: string, entry: ServerEntry, file: ScenarioFile): ScenarioServer {
  const lines = entry.profile === undefined ? file.profiles : [entry.profile];
  const { front } = entry;
  return {
    name,
    vantage: entry.vantage,
    settings: serverSettings(reading, entry, file, lines, ['servers', name, 'settings']),
    front: front && loadFront(front),
    role: entry.role,
    dnssec: entry.dnssec,
    transferDelay: entry['transfer-delay'] ?? 0,
    profile: entry.profile,
  };
}

function loadFront({ kind, source, address, ...rest }: NonNullable<ServerEntry['front']>): Front {
  return { kind, source, address, queriesPerSecondPerSource: rest['qps-per-source'] };
}

function defaultServer(reading: Reading, file: ScenarioFile): ScenarioServer {
  return {
    name: DEFAULT_SERVER,
    vantage: LOCAL_VANTAGE,
    settings: serverSettings(reading, { settings: {} }, file, file.profiles, []),
    front: undefined,
    role: 'primary',
    dnssec: 'off',
    transferDelay: 0,
    profile: undefined,
  };
}

/** LUA records on, and the GeoIP backend where there is a database, unless the file says otherwise. */
function serverSettings(
  reading: Reading,
  entry: Pick<ServerEntry, 'settings'>,
  file: ScenarioFile,
  lines: readonly ReleaseLine[],
  path: Path,
): ReadonlyMap<string, string> {
  const launch = file.geo === undefined ? 'bind' : 'bind,geoip';
  return new Map([
    ['launch', launch],
    ['enable-lua-records', 'yes'],
    ...readSettings(reading, entry.settings, lines, path),
  ]);
}

function checkRole(reading: Reading, name: string, entry: ServerEntry, hasPrimary: boolean): void {
  if (entry.role === 'secondary' && !hasPrimary) {
    const hint = 'Leave role out at one server, which is then the primary.';
    reading.complain(
      'E_SCENARIO_VALUE',
      ['servers', name, 'role'],
      `${name} is a secondary, and there is no primary`,
      hint,
    );
  }
  if (entry.role === 'primary' && entry['transfer-delay'] !== undefined) {
    const hint = 'Add role: secondary, or leave transfer-delay out.';
    const path = ['servers', name, 'transfer-delay'];
    reading.complain('E_SCENARIO_VALUE', path, `${name} is no secondary: nothing is transferred to it`, hint);
  }
}

/** No network answers in no time. */
const DEFAULT_LATENCY: Micros = 5000;
const RESTING: TargetBehaviour = { ...HEALTHY, latency: { base: DEFAULT_LATENCY, jitter: 0 } };

export function loadTargets(reading: Reading, file: ScenarioFile): ReadonlyMap<string, ScenarioTarget> {
  const names = new Map<string, string>();
  for (const [name, { address }] of Object.entries(file.targets)) {
    const other = names.get(address);
    names.set(address, name);
    if (other === undefined) continue;
    const hint = 'Answers are told apart by their addresses: give each target its own.';
    reading.complain('E_SCENARIO_VALUE', ['targets', name, 'address'], `${name} and ${other} have one address`, hint);
  }
  return new Map(
    Object.entries(file.targets).map(([name, entry]) => [
      name,
      { name, address: entry.address, vantage: entry.vantage, resting: { ...RESTING, ...behaviourOf(entry) } },
    ]),
  );
}

type BehaviourKeys = 'http' | 'body' | 'tcp' | 'tls' | 'latency' | 'slow-body' | 'loss';

/** What is written, and nothing else. */
export function behaviourOf(entry: Pick<TargetEntry, BehaviourKeys>): Partial<TargetBehaviour> {
  const { http, body, tcp, tls, latency, loss } = entry;
  const bodyDelay: Micros | undefined = entry['slow-body'];
  return {
    ...(tcp === undefined ? {} : { tcp }),
    ...(http === undefined ? {} : { httpStatus: http }),
    ...(body === undefined ? {} : { httpBody: body }),
    ...(latency === undefined ? {} : { latency: typeof latency === 'number' ? { base: latency, jitter: 0 } : latency }),
    ...(bodyDelay === undefined ? {} : { bodyDelay }),
    ...(tls === undefined ? {} : { tls }),
    ...(loss === undefined ? {} : { loss }),
  };
}

export function loadResolvers(
  reading: Reading,
  file: ScenarioFile,
  servers: ReadonlyMap<string, ScenarioServer>,
): ReadonlyMap<string, ScenarioResolver> {
  return new Map(
    Object.entries(file.resolvers).map(([name, entry]) => {
      for (const [i, server] of entry.asks.entries()) {
        reading.knows('server', server, servers.keys(), ['resolvers', name, 'asks', i]);
      }
      const { address, ecs, asks, 'min-ttl': leastTtl, 'max-ttl': mostTtl } = entry;
      if (leastTtl > mostTtl) {
        const hint = 'Let min-ttl be at most max-ttl.';
        reading.complain('E_SCENARIO_VALUE', ['resolvers', name, 'min-ttl'], 'min-ttl is more than max-ttl', hint);
      }
      return [name, { name, address, ecs, asks, leastTtl, mostTtl }];
    }),
  );
}

export function loadClients(
  reading: Reading,
  file: ScenarioFile,
  servers: ReadonlyMap<string, ScenarioServer>,
  resolvers: ReadonlyMap<string, ScenarioResolver>,
): ReadonlyMap<string, ScenarioClient> {
  const usesEcs = (asked: readonly string[]) =>
    [...servers.values()].some(
      ({ name, settings }) =>
        (asked.length === 0 || asked.includes(name)) && settings.get('edns-subnet-processing') === 'yes',
    );
  const clients = Object.entries(file.clients ?? {}).map(([name, entry]): [string, ScenarioClient] => {
    const path = ['clients', name];
    const { subnet, via, sample } = entry;
    const asks = entry.asks ?? [];
    for (const [i, server] of asks.entries()) reading.knows('server', server, servers.keys(), [...path, 'asks', i]);
    const resolver = via === undefined ? undefined : resolvers.get(via);
    if (via !== undefined) reading.knows('resolver', via, resolvers.keys(), [...path, 'via']);
    if (via !== undefined && entry.asks !== undefined) {
      const hint = `Give resolvers.${via} the asks, or leave via out.`;
      reading.complain('E_SCENARIO_VALUE', [...path, 'asks'], `${name} asks its resolver, and no server`, hint);
    }
    const size = 2 ** (addressBits(subnet.address) - subnet.length);
    if (sample !== undefined && sample > size) {
      const hint = 'Let it be fewer, or the subnet larger.';
      const message = `${formatPrefix(subnet)} has ${size} addresses, not ${sample}`;
      reading.complain('E_SCENARIO_VALUE', [...path, 'sample'], message, hint);
    }
    return [name, { name, subnet, ecs: entry.ecs ?? usesEcs(resolver?.asks ?? asks), via, asks, sample }];
  });
  if (clients.length > 0) return new Map(clients);
  const subnet = parsePrefix(DEFAULT_SUBNET);
  if (subnet === undefined) throw new Error(`${DEFAULT_SUBNET} is a network`);
  const only = { name: DEFAULT_CLIENT, subnet, ecs: usesEcs([]), via: undefined, asks: [], sample: undefined };
  return new Map([[DEFAULT_CLIENT, only]]);
}

export function loadGeo(reading: Reading, written: ScenarioFile['geo']): GeoSource | undefined {
  if (written === undefined) return undefined;
  if (Array.isArray(written)) return { kind: 'networks', networks: geoNetworksAt(reading, ['geo']) };
  const folder = dirname(reading.yaml.file);
  return { kind: 'files', files: written.files.map((path) => resolve(folder, path)).join(',') };
}

export function geoNetworksAt(reading: Reading, path: Path): readonly GeoNetwork[] {
  const node = reading.yaml.nodeAt(path);
  return node === null ? [] : (reading.attempt(() => readGeoNetworks(reading.yaml, node)) ?? []);
}

export function loadLease(
  reading: Reading,
  written: ScenarioFile['lease'],
  vantages: readonly string[],
): ScenarioLease | undefined {
  if (written === undefined) return undefined;
  reading.knows('vantage', written.holder, vantages, ['lease', 'holder']);
  for (const [i, each] of written.candidates.entries()) {
    reading.knows('vantage', each, vantages, ['lease', 'candidates', i]);
  }
  if (written.renew >= written.ttl) {
    const hint = 'Let renew be a third of ttl or so.';
    reading.complain('E_SCENARIO_VALUE', ['lease', 'renew'], 'the lease runs out before it is renewed', hint);
  }
  return written;
}

/** Places that servers and targets stand at. */
export function vantagesOf(
  servers: ReadonlyMap<string, ScenarioServer>,
  targets: ReadonlyMap<string, ScenarioTarget>,
): readonly string[] {
  const all = [
    ...[...servers.values()].map(({ vantage }) => vantage),
    ...[...targets.values()].map(({ vantage }) => vantage),
  ];
  return [...new Set(all.filter((vantage) => vantage !== undefined))];
}
