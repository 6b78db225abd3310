/**
 * The answers to all clients of the world at once. A record can tell clients apart only by the facts that its code reads; so
 * the address space is cut where one of these can change, each kind of piece is answered once, and what is answered alike is
 * one prefix again.
 */
import { type IpAddress, type Prefix, parseAddress } from '../../geoip/address.ts';
import type { GeoDatabase } from '../../geoip/database.ts';
import { networkMap } from '../../geoip/network-map.ts';
import type { PrefixTable } from '../../geoip/prefix-table.ts';
import type { Check } from '../health/check.ts';
import type { CheckStatus } from '../health/status.ts';
import type { Warning } from '../lua/context.ts';
import { type ClientAnswer, ClientAnswers } from './client-answers.ts';
import type { Question } from './question.ts';
import type { ServerModel } from './server-model.ts';

export interface ClientMapInput {
  /** Every client asks this itself, without ECS: the server sees its own full address. */
  readonly question: Omit<Question, 'client' | 'ecs'>;
  readonly server: ServerModel;
  /** Those that `server.geo` is a view of. */
  readonly databases: readonly GeoDatabase[];
  readonly statusOf: (check: Check, speaksFor: string) => CheckStatus;
}

export interface ClientMap {
  /** Answers that differ. Those of the whole map count here by their place. */
  readonly answers: readonly MappedAnswer[];
  /** The fewest disjoint prefixes, in ascending order, each with the place of its answer. They cover all of IPv4. */
  readonly ipv4: PrefixTable;
  /** The same of IPv6; a value below 0 is a copy of the IPv4 networks: `copies[-1 - value]` says where they are laid out. */
  readonly ipv6: PrefixTable;
  readonly copies: readonly Prefix[];
  readonly checks: readonly { readonly check: Check; readonly status: CheckStatus }[];
  readonly warnings: readonly Warning[];
}

export interface MappedAnswer extends ClientAnswer {
  /** Networks of the databases, cut where a mask of the record or another database cuts them. */
  readonly networks: number;
  readonly ipv4Addresses: number;
  readonly prefixes: number;
}

/**
 * The answers to every address. What it cannot tell of a piece is the outcome `OPAQUE` there, with a warning that says why.
 * Throws as `networkMap`.
 */
export function clientMap({ question, server, databases, statusOf }: ClientMapInput): ClientMap {
  const checks = new Map<string, { check: Check; status: CheckStatus }>();
  const clients = new ClientAnswers(question, server, (check, speaksFor) => {
    const status = statusOf(check, speaksFor);
    checks.set(check.id, { check, status });
    return status;
  });
  askAround(clients);
  for (;;) {
    const masks = [...clients.masks.values()];
    const map = networkMap({ databases, masks, numberFor: (address) => clients.numberFor(address) });
    // Code that reads a mask only for some clients has been found out by now, but too late for the pieces before.
    if (clients.masks.size > masks.length) continue;
    return {
      answers: counted(clients.answers, map),
      ipv4: map.ipv4,
      ipv6: map.ipv6,
      copies: map.copies,
      checks: [...checks.values()],
      warnings: [...clients.warnings.values()],
    };
  }
}

/** The value of a map at `address`: the place of the answer in `answers`. */
export function answerPlaceOf(map: Pick<ClientMap, 'ipv4' | 'ipv6' | 'copies'>, address: IpAddress): number {
  const table = address.family === 4 ? map.ipv4 : map.ipv6;
  const index = table.indexOf(address);
  const value = table.valueAt(index);
  if (value >= 0) return value;
  const { address: place, length } = map.copies[-1 - value] ?? ALL_IPV4;
  const bytes = place.bytes.slice();
  for (let bit = 0; bit < 32; bit++) setBit(bytes, length + bit, bitOf(address.bytes, table.lengthAt(index) + bit));
  return answerPlaceOf(map, { family: place.family, bytes });
}

const ALL_IPV4: Prefix = { address: { family: 4, bytes: new Uint8Array(4) }, length: 0 };

/** Most masks come to light when a few clients are asked, and then those that are in them. */
function askAround(clients: ClientAnswers): void {
  for (const text of ['192.0.2.1', '2001:db8::1']) {
    const address = parseAddress(text);
    if (address !== undefined) clients.numberFor(address);
  }
  // More are added while this goes on.
  for (const { address } of clients.masks.values()) clients.numberFor(address);
}

function counted(
  answers: readonly ClientAnswer[],
  { ipv4, ipv6, networks }: { ipv4: PrefixTable; ipv6: PrefixTable; networks: readonly number[] },
): MappedAnswer[] {
  const addresses = new Float64Array(answers.length);
  const prefixes = new Float64Array(answers.length);
  for (const table of [ipv4, ipv6]) {
    for (let i = 0; i < table.size; i++) {
      const answer = table.valueAt(i);
      if (answer < 0) continue;
      prefixes[answer] = (prefixes[answer] ?? 0) + 1;
      if (table === ipv4) addresses[answer] = (addresses[answer] ?? 0) + 2 ** (32 - table.lengthAt(i));
    }
  }
  return answers.map((answer, i) => ({
    ...answer,
    networks: networks[i] ?? 0,
    ipv4Addresses: addresses[i] ?? 0,
    prefixes: prefixes[i] ?? 0,
  }));
}

function bitOf(bytes: Uint8Array, bit: number): number {
  return ((bytes[bit >> 3] ?? 0) >> (7 - (bit & 7))) & 1;
}

function setBit(bytes: Uint8Array, bit: number, value: number): void {
  const mask = 0x80 >> (bit & 7);
  const before = bytes[bit >> 3] ?? 0;
  bytes[bit >> 3] = value === 1 ? before | mask : before & ~mask;
}
