/**
 * What code can learn of a question, each as a pure function of it and as coarse as the rules of PowerDNS allow: not the
 * client's hash but the place in the list that it comes to, not where the client is but which candidate is closest.
 *
 * An evaluation that reads the same facts, statuses and draws comes to the same outcome, whatever else differs. So outcomes
 * are remembered under exactly these (`answer/decision-tree.ts`), and a map of all clients needs to look only where they change.
 */
import { formatAddress, type IpAddress, type Prefix, prefixContains } from '../../geoip/address.ts';
import { degreesSquared } from '../../geoip/distance.ts';
import type { GeoAttribute, GeoLocation, GeoView } from '../../geoip/location.ts';
import { burtle } from '../hash.ts';
import { lowerCaseName, wireName } from '../zone/name.ts';
import type { RecordQuery } from './context.ts';

export type FactKey = string | number | boolean;

/** What a fact depends on, of all that differs between two clients. */
export type Grain =
  /** The data that GeoIP databases hold of the client's address. */
  | { readonly kind: 'geo' }
  /** Whether the client's address is in this network. */
  | { readonly kind: 'network'; readonly prefix: Prefix }
  /**
   * The hash of the client's address: over many clients each key has its share of them, as whole numbers. The value for a
   * client is the place of its hash.
   */
  | { readonly kind: 'hash'; readonly shares: readonly number[]; placeOf(hash: number): number }
  /** The address itself. */
  | { readonly kind: 'address' }
  /** Nothing of the client: the name asked for, the transport, flags. */
  | { readonly kind: 'question' };

export interface Fact<T = unknown> {
  readonly grain: Grain;
  of(query: RecordQuery, geo: GeoView): T;
  /** Equal for values that no code can tell apart. */
  key(value: T): FactKey;
}

const GEO: Grain = { kind: 'geo' };
const ADDRESS: Grain = { kind: 'address' };
const QUESTION: Grain = { kind: 'question' };

function plain<T extends FactKey>(grain: Grain, of: Fact<T>['of']): Fact<T> {
  return { grain, of, key: (value) => value };
}

export const qname = plain(QUESTION, (query) => query.qname);
export const isTcp = plain(QUESTION, (query) => query.tcp);
export const isDnssecOk = plain(QUESTION, (query) => query.dnssecOk);
export const ednsSize = plain(QUESTION, (query) => query.ednsSize);

/** The flags and the like that `dh` shows. */
export const header: Fact<RecordQuery> = {
  grain: QUESTION,
  of: (query) => query,
  key: ({ recursionDesired, checkingDisabled }) => `${recursionDesired} ${checkingDisabled}`,
};

export interface Peer {
  readonly address: IpAddress;
  readonly port: number;
}

function peer(grain: Grain, of: Fact<Peer>['of']): Fact<Peer> {
  return { grain, of, key: ({ address, port }) => `${formatAddress(address)} ${port}` };
}

export const who = peer(ADDRESS, (query) => ({ address: query.who, port: query.whoPort }));
export const localwho = peer(QUESTION, (query) => ({ address: query.localwho, port: query.localPort }));
/** `bestwho`: its port is that of the packet, and 0 where the address is the client's network. */
export const bestwho = peer(ADDRESS, (query) => ({
  address: query.bestwho,
  port: query.ecswho === undefined ? query.whoPort : 0,
}));

export const ecswho: Fact<Prefix | undefined> = {
  grain: ADDRESS,
  of: (query) => query.ecswho,
  key: (prefix) => (prefix === undefined ? '' : `${formatAddress(prefix.address)}/${prefix.length}`),
};

/** Is the client in the network? Families never match each other. */
export function inNetwork(prefix: Prefix): Fact<boolean> {
  return plain({ kind: 'network', prefix }, (query) => prefixContains(prefix, query.bestwho));
}

/** An attribute of the client, `unknown` where no database has it. */
export function clientAttribute(attribute: GeoAttribute): Fact<string> {
  return plain(GEO, (query, geo) => geo.attribute(query.bestwho, attribute));
}

/** Where the client is. */
export const clientLocation: Fact<GeoLocation> = {
  grain: GEO,
  of: (query, geo) => geo.location(query.bestwho),
  key: ({ latitude, longitude }) => `${latitude} ${longitude}`,
};

/** The places in `locations` at the smallest distance from the client in PowerDNS's measure, as `0` or `0,2`. */
export function closestPlaces(locations: readonly GeoLocation[]): Fact<string> {
  return plain(GEO, (query, geo) => {
    const client = geo.location(query.bestwho);
    let smallest = Number.POSITIVE_INFINITY;
    let places = '';
    for (let i = 0; i < locations.length; i++) {
      const distance = degreesSquared(client, locations[i] as GeoLocation);
      if (distance < smallest) {
        smallest = distance;
        places = `${i}`;
      } else if (distance === smallest) places += `,${i}`;
    }
    return places;
  });
}

/** What is hashed: the address that the server takes for the client, or the name asked for without regard to case. */
export type Hashed = 'client' | 'name';

export function hashOf(hashed: Hashed, query: RecordQuery): number {
  return burtle(hashed === 'client' ? query.bestwho.bytes : wireName(lowerCaseName(query.qname)));
}

/** The place that `hash mod sum` of the weights comes to, walking them in order. The sum must not be 0. */
export function weightedPlace(hashed: Hashed, weights: readonly number[]): Fact<number> {
  let sum = 0;
  const ends = weights.map((weight) => {
    sum += weight;
    return sum;
  });
  const placeOf = (hash: number): number => {
    const bucket = hash % sum;
    let place = 0;
    while (bucket >= (ends[place] as number)) place++;
    return place;
  };
  const grain: Grain = hashed === 'client' ? { kind: 'hash', shares: weights, placeOf } : QUESTION;
  return plain(grain, (query) => placeOf(hashOf(hashed, query)));
}

/** A point on the ring of hashes, and the place in a list that it belongs to. */
export interface RingPoint {
  readonly point: number;
  readonly place: number;
}

const HASHES = 2 ** 32;

/** The place of the first point at or after the client's hash, around the ring. `ring` ascends; it has at least one point. */
export function ringPlace(ring: readonly RingPoint[]): Fact<number> {
  const shares: number[] = [];
  let before = (ring[ring.length - 1]?.point ?? 0) - HASHES;
  for (const { point, place } of ring) {
    shares[place] = (shares[place] ?? 0) + point - before;
    before = point;
  }
  const placeOf = (hash: number): number => nextOnRing(ring, hash).place;
  const grain: Grain = { kind: 'hash', shares: Array.from(shares, (share) => share ?? 0), placeOf };
  return plain(grain, (query) => placeOf(hashOf('client', query)));
}

/** The first point at or after `hash`, around the ring. */
export function nextOnRing(ring: readonly RingPoint[], hash: number): RingPoint {
  let low = 0;
  let high = ring.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((ring[middle] as RingPoint).point < hash) low = middle + 1;
    else high = middle;
  }
  return ring[low === ring.length ? 0 : low] as RingPoint;
}
