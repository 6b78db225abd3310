/**
 * All clients of the world, sorted by what a PowerDNS server can tell apart: made once for databases and masks, then shared
 * by every record, state and thread.
 */
import { formatAddress, type IpAddress, type Prefix } from '../../geoip/address.ts';
import type { GeoDatabase } from '../../geoip/database.ts';
import { type GeoAttribute, type GeoLocation, type GeoView, geoView } from '../../geoip/location.ts';
import { maskTree, regionOf } from '../../geoip/mask-tree.ts';
import { networkMap } from '../../geoip/network-map.ts';
import type { PrefixTable } from '../../geoip/prefix-table.ts';
import { answerPlaceOf } from '../../simulator/answer/client-map.ts';
import { burtle } from '../../simulator/hash.ts';
import { type Amounts, MEASURE_COUNT, MEASURES } from './amounts.ts';
import type { TrafficLine } from './traffic.ts';

/**
 * Clients of one kind differ in nothing but their hash. Plain numbers in shared memory, so that threads read the same atlas.
 */
export interface Atlas {
  readonly kinds: number;
  /** What clients of a kind have in common beside their place. */
  readonly attributes: readonly GeoAttribute[];
  /** By kind: 4 or 6. */
  readonly families: Uint8Array;
  /** By kind, 16 bytes each: the first address of its first network. */
  readonly samples: Uint8Array;
  /** By kind: the length of its first network. */
  readonly sampleLengths: Uint8Array;
  /** By kind: 1 where a database holds its networks. All of them where there is no database. */
  readonly held: Uint8Array;
  /** By kind, `MEASURE_COUNT` each. */
  readonly amounts: Float64Array;
  /** By kind: where it is. */
  readonly places: Int32Array;
  readonly latitudes: Float64Array;
  readonly longitudes: Float64Array;
  /** By place: 0 where PowerDNS takes 0°N 0°E for want of anything better. */
  readonly located: Uint8Array;
  /** Each network with its hash, by kind. Absent where no record looks at hashes. */
  readonly hashed: HashedNetworks | undefined;
}

/** Networks of a kind are those from `starts[kind]` up to `starts[kind + 1]`. */
export interface HashedNetworks {
  readonly starts: Uint32Array;
  readonly hashes: Uint32Array;
  readonly lengths: Uint8Array;
  readonly trafficStarts: Uint32Array;
  readonly trafficHashes: Uint32Array;
  readonly traffic: Float64Array;
}

export interface AtlasInput {
  readonly databases: readonly GeoDatabase[];
  /** Of each server that is looked at: its view of them. Clients of one kind are alike to all. */
  readonly views: readonly GeoView[];
  readonly masks: readonly Prefix[];
  readonly traffic: readonly TrafficLine[];
  readonly needsHashes: boolean;
  /** What records look at beside the place of a client. */
  readonly attributes: readonly GeoAttribute[];
}

const SAMPLE_BYTES = 16;
const SITE_BITS = 48;
const TRAFFIC = MEASURES.indexOf('traffic');

/** Throws as `networkMap`. */
export function atlasOf(input: AtlasInput): Atlas {
  const { databases, masks, traffic, needsHashes } = input;
  const kinds = new Kinds(input);
  const map = networkMap({ databases, masks, numberFor: (address) => kinds.numberFor(address) });
  const { samples, places } = kinds;
  const count = samples.length;
  const atlas = {
    kinds: count,
    attributes: input.attributes,
    families: shared(Uint8Array, count),
    samples: shared(Uint8Array, count * SAMPLE_BYTES),
    sampleLengths: shared(Uint8Array, count),
    held: shared(Uint8Array, count),
    amounts: shared(Float64Array, count * MEASURE_COUNT),
    places: shared(Int32Array, count),
    latitudes: shared(Float64Array, places.length),
    longitudes: shared(Float64Array, places.length),
    located: shared(Uint8Array, places.length),
  };
  for (const [kind, { address, place, isHeld }] of samples.entries()) {
    atlas.families[kind] = address.family;
    atlas.samples.set(address.bytes, kind * SAMPLE_BYTES);
    atlas.held[kind] = isHeld || databases.length === 0 ? 1 : 0;
    atlas.places[kind] = place;
  }
  for (const [place, { latitude, longitude, known }] of places.entries()) {
    atlas.latitudes[place] = latitude;
    atlas.longitudes[place] = longitude;
    atlas.located[place] = known ? 1 : 0;
  }
  const sizes = new Uint32Array(count + 1);
  forEachNetwork(map, atlas.families, (table, i, kind) => {
    if (sizes[kind] === 0) atlas.sampleLengths[kind] = table.lengthAt(i);
    sizes[kind] = (sizes[kind] ?? 0) + 1;
    addNetwork(atlas.amounts, kind, table.family, table.lengthAt(i));
  });
  const weighed = traffic.map(({ address, weight }) => ({ kind: answerPlaceOf(map, address), address, weight }));
  for (const { kind, weight } of weighed) {
    const at = kind * MEASURE_COUNT + TRAFFIC;
    atlas.amounts[at] = (atlas.amounts[at] ?? 0) + weight;
  }
  return { ...atlas, hashed: needsHashes ? hashedNetworks(map, atlas.families, sizes, weighed) : undefined };
}

/** A client of a kind, and where it is. */
export function sampleOf(atlas: Atlas, kind: number): IpAddress {
  const family = atlas.families[kind] === 4 ? 4 : 6;
  const start = kind * SAMPLE_BYTES;
  return { family, bytes: atlas.samples.slice(start, start + (family === 4 ? 4 : SAMPLE_BYTES)) };
}

/** By place in `MEASURES`: the clients of a network. */
export function networkAmounts(family: number, length: number): Amounts {
  return family === 4 ? [1, 2 ** (32 - length), 0, 0, 0] : [0, 0, 1, 2 ** (SITE_BITS - length), 0];
}

function addNetwork(amounts: Float64Array, kind: number, family: number, length: number): void {
  const at = kind * MEASURE_COUNT + (family === 4 ? 0 : 2);
  const size = family === 4 ? 2 ** (32 - length) : 2 ** (SITE_BITS - length);
  amounts[at] = (amounts[at] ?? 0) + 1;
  amounts[at + 1] = (amounts[at + 1] ?? 0) + size;
}

/** Numbers for what servers can tell apart: two records of a database that say the same to PowerDNS are one kind. */
class Kinds {
  readonly samples: { address: IpAddress; place: number; isHeld: boolean }[] = [];
  readonly places: GeoLocation[] = [];
  readonly #numbers = new Map<string, number>();
  /** By longitude, then by latitude. */
  readonly #columns = new Map<number, Map<number, number>>();
  readonly #attributes: readonly GeoAttribute[];
  readonly #databases: readonly GeoDatabase[];
  readonly #views: readonly GeoView[];
  readonly #located: GeoView;
  readonly #regions: Readonly<Record<4 | 6, ReturnType<typeof maskTree>>>;

  constructor({ databases, views, masks, attributes }: AtlasInput) {
    this.#attributes = attributes;
    this.#databases = databases;
    this.#views = views;
    this.#located = views[0] ?? geoView(databases);
    this.#regions = { 4: maskTree(masks, 4), 6: maskTree(masks, 6) };
  }

  numberFor(address: IpAddress): number {
    const region = regionOf(this.#regions[address.family], address);
    const isHeld = this.#databases.some((database) => database.recordPointer(address) >= 0);
    const location = this.#located.location(address);
    const place = this.#placeOf(location);
    const seen = this.#seenBy(address);
    const key = `${place} ${address.family} ${region} ${isHeld} ${seen}`;
    let number = this.#numbers.get(key);
    if (number === undefined) {
      const own: IpAddress = { family: address.family, bytes: address.bytes.slice() };
      number = this.samples.push({ address: own, place, isHeld }) - 1;
      this.#numbers.set(key, number);
    }
    return number;
  }

  /** All that servers see beside where the first of them sees the client. */
  #seenBy(address: IpAddress): string {
    const attributes = this.#attributes;
    if (attributes.length === 0) return '';
    return this.#views.map((view) => attributes.map((each) => view.attribute(address, each)).join('\t')).join('\n');
  }

  #placeOf(location: GeoLocation): number {
    const key = location.known ? location.longitude : NOWHERE;
    let column = this.#columns.get(key);
    if (column === undefined) {
      column = new Map();
      this.#columns.set(key, column);
    }
    let place = column.get(location.latitude);
    if (place === undefined) {
      place = this.places.push(location) - 1;
      column.set(location.latitude, place);
    }
    return place;
  }
}

/** In place of a longitude. */
const NOWHERE = 1000;

type Tables = ReturnType<typeof networkMap>;

/** Each network once: copies of the IPv4 networks inside IPv6 are none of their own. */
function forEachNetwork(
  { ipv4, ipv6 }: Tables,
  families: Uint8Array,
  visit: (table: PrefixTable, index: number, kind: number) => void,
): void {
  for (const table of [ipv4, ipv6]) {
    for (let i = 0; i < table.size; i++) {
      const kind = table.valueAt(i);
      if (kind >= 0 && families[kind] === table.family) visit(table, i, kind);
    }
  }
}

function hashedNetworks(
  map: Tables,
  families: Uint8Array,
  sizes: Uint32Array,
  weighed: readonly { readonly kind: number; readonly address: IpAddress; readonly weight: number }[],
): HashedNetworks {
  const starts = startsOf(sizes);
  const total = starts[starts.length - 1] ?? 0;
  const hashes = shared(Uint32Array, total);
  const lengths = shared(Uint8Array, total);
  const next = starts.slice();
  const bytes = { 4: new Uint8Array(4), 6: new Uint8Array(SAMPLE_BYTES) };
  forEachNetwork(map, families, (table, i, kind) => {
    const at = next[kind] ?? 0;
    next[kind] = at + 1;
    table.copyAddressAt(i, bytes[table.family]);
    hashes[at] = burtle(bytes[table.family]);
    lengths[at] = table.lengthAt(i);
  });
  const trafficSizes = new Uint32Array(sizes.length);
  for (const { kind } of weighed) trafficSizes[kind] = (trafficSizes[kind] ?? 0) + 1;
  const trafficStarts = startsOf(trafficSizes);
  const trafficHashes = shared(Uint32Array, weighed.length);
  const traffic = shared(Float64Array, weighed.length);
  const nextTraffic = trafficStarts.slice();
  for (const { kind, address, weight } of weighed) {
    const at = nextTraffic[kind] ?? 0;
    nextTraffic[kind] = at + 1;
    trafficHashes[at] = burtle(address.bytes);
    traffic[at] = weight;
  }
  return { starts, hashes, lengths, trafficStarts, trafficHashes, traffic };
}

/** From how many there are of each to where each starts; the last is the end. */
function startsOf(sizes: Uint32Array): Uint32Array {
  const starts = shared(Uint32Array, sizes.length);
  let sum = 0;
  for (let i = 0; i < sizes.length; i++) {
    starts[i] = sum;
    sum += sizes[i] ?? 0;
  }
  return starts;
}

function shared<T>(
  Type: new (buffer: SharedArrayBuffer) => T & { readonly BYTES_PER_ELEMENT: number },
  length: number,
): T {
  const { BYTES_PER_ELEMENT } = Type as unknown as { BYTES_PER_ELEMENT: number };
  return new Type(new SharedArrayBuffer(length * BYTES_PER_ELEMENT));
}

/** For messages: the first network of a kind. */
export function sampleText(atlas: Atlas, kind: number): string {
  return `${formatAddress(sampleOf(atlas, kind))}/${atlas.sampleLengths[kind] ?? 0}`;
}
