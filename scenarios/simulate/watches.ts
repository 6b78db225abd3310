/** Who is looked at in a scenario: every client with every name that it asks for or that something is expected of. */
import { formatAddress, maskAddress, type Prefix, parseAddress } from '../../geoip/address.ts';
import type { Question } from '../../simulator/answer/question.ts';
import type { Asked, Watch, WorldPlan } from '../../simulator/world/plan.ts';
import type { Zone } from '../../simulator/zone/record.ts';
import type { WatchInfo } from '../result.ts';
import type { Scenario, ScenarioClient, ScenarioServer } from '../scenario.ts';
import { nameInZone } from '../zone.ts';

/** A watch of the world, and what it is about. */
export interface ScenarioWatch extends Watch, WatchInfo {}

/** Networks of clients are this long where a sample is spread over addresses. */
const SAMPLED_LENGTH = { 4: 24, 6: 56 } as const;

export function watchesOf(scenario: Scenario, zone: Zone): ScenarioWatch[] {
  const wanted = new Map<string, { client: string; name: string; type: string }>();
  const add = (client: string, written: string | undefined, type: string | undefined) => {
    const name = nameOf(written, zone);
    if (name === undefined) return;
    const asked = { client, name, type: typeOf(type, name, zone) };
    wanted.set(`${client} ${name.toLowerCase()} ${asked.type}`, asked);
  };
  for (const { from, name, type } of scenario.traffic) add(from, name, type);
  for (const { clients, name, type } of scenario.expect) {
    for (const client of clients.length > 0 ? clients : plainClients(scenario)) add(client, name, type);
  }
  return [...wanted.values()].flatMap(({ client, name, type }) => watchesFor(scenario, client, name, type));
}

/** The name that is written, else the only one that LUA records answer. */
export function nameOf(written: string | undefined, zone: Zone): string | undefined {
  if (written !== undefined) return nameInZone(written, zone.name);
  const names = new Set(zone.records.flatMap((record) => (record.kind === 'lua' ? [record.owner] : [])));
  return names.size === 1 ? [...names][0] : undefined;
}

/** What is asked for at a name: what its LUA record yields, unless something else is written. */
export function typeOf(written: string | undefined, name: string, zone: Zone): string {
  const own = zone.records.find((record) => record.kind === 'lua' && record.owner.toLowerCase() === name.toLowerCase());
  return written ?? own?.type ?? 'A';
}

/** Clients that an expectation without a client is about. */
export function plainClients({ clients }: Scenario): string[] {
  return [...clients.values()].filter(({ sample }) => sample === undefined).map(({ name }) => name);
}

/** Servers that a client asks itself, or those that its resolver asks. */
export function serversOf({ servers, resolvers }: Scenario, client: ScenarioClient): string[] {
  const resolver = client.via === undefined ? undefined : resolvers.get(client.via);
  const asks = resolver === undefined ? client.asks : resolver.asks;
  return asks.length > 0 ? [...asks] : [...servers.keys()];
}

/** As the client's question reaches who is asked: each server, or the client's resolver. */
export function askedBy(scenario: Scenario, clientName: string, name: string, type: string): Asked[] {
  const client = scenario.clients.get(clientName);
  if (client === undefined) return [];
  if (client.via !== undefined) return [{ kind: 'resolver', resolver: client.via, name, type, subnet: client.subnet }];
  return serversOf(scenario, client).flatMap((serverName) => {
    const server = scenario.servers.get(serverName);
    if (server === undefined) return [];
    const question = questionOf(server, client.subnet, client.ecs, name, type);
    return [{ kind: 'server', server: serverName, question } as const];
  });
}

/** What a client of a resolver gets that asks several servers, no server's own course can tell. */
export function hangsOnSeveral({ asked }: Watch, { resolvers }: Pick<WorldPlan, 'resolvers'>): boolean {
  return asked.kind === 'resolver' && (resolvers.find(({ name }) => name === asked.resolver)?.servers.length ?? 0) > 1;
}

function watchesFor(scenario: Scenario, clientName: string, name: string, type: string): ScenarioWatch[] {
  const client = scenario.clients.get(clientName);
  if (client === undefined) return [];
  const info = { client: clientName, name, type };
  if (client.sample === undefined) {
    return askedBy(scenario, clientName, name, type).map((asked) => ({
      ...info,
      asked,
      server: asked.kind === 'server' ? asked.server : asked.resolver,
      sample: undefined,
    }));
  }
  return serversOf(scenario, client).flatMap((serverName) => {
    const server = scenario.servers.get(serverName);
    if (server === undefined) return [];
    return sampledNetworks(client.subnet, client.sample ?? 1).map((subnet, sample) => {
      const question = questionOf(server, subnet, client.ecs, name, type);
      return { ...info, asked: { kind: 'server', server: serverName, question } as const, server: serverName, sample };
    });
  });
}

/** What the server sees: a front may show itself in place of the client, or pass the client on in one of two ways. */
function questionOf({ front }: ScenarioServer, subnet: Prefix, ecs: boolean, name: string, type: string): Question {
  const plain = { name, type, ednsSize: 1232 };
  const frontAddress = front === undefined ? undefined : parseAddress(front.address);
  if (front === undefined || frontAddress === undefined) {
    return ecs ? { ...plain, client: subnet.address, ecs: subnet } : { ...plain, client: subnet.address };
  }
  switch (front.source) {
    case 'ecs':
      return { ...plain, client: frontAddress, ecs: subnet };
    case 'proxy':
      return ecs ? { ...plain, client: subnet.address, ecs: subnet } : { ...plain, client: subnet.address };
    case 'hidden':
      return { ...plain, client: frontAddress };
  }
}

/** Networks spread over `subnet` so that neighbours are far apart. */
function sampledNetworks(subnet: Prefix, count: number): Prefix[] {
  const { family } = subnet.address;
  const length = Math.max(subnet.length, SAMPLED_LENGTH[family]);
  const bits = Math.min(30, length - subnet.length);
  const seen = new Set<string>();
  const networks: Prefix[] = [];
  for (let i = 0; i < count && networks.length < 2 ** bits; i++) {
    const network = nthNetwork(subnet, length, Math.floor((i * 2 ** bits) / count));
    const key = formatAddress(network.address);
    if (!seen.has(key)) networks.push(network);
    seen.add(key);
  }
  return networks;
}

function nthNetwork({ address, length: own }: Prefix, length: number, index: number): Prefix {
  const bytes = Uint8Array.from(address.bytes);
  for (let bit = 0; bit < Math.min(30, length - own); bit++) {
    const at = length - 1 - bit;
    if ((index >>> bit) & 1) bytes[at >> 3] = (bytes[at >> 3] ?? 0) | (0x80 >> (at & 7));
  }
  return { address: maskAddress({ family: address.family, bytes }, length), length };
}
