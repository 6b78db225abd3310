/**
 * A map of the whole address space by what databases say of it and which masks hold it: the search trees are walked side by
 * side, and neighbours with the same value become one prefix again on the way back up.
 */
import type { IpAddress, Prefix } from './address.ts';
import type { GeoDatabase } from './database.ts';
import { type MaskNode, maskTree, OUTSIDE } from './mask-tree.ts';
import { treeLoop } from './networks.ts';
import { PrefixTable } from './prefix-table.ts';
import type { SearchTree } from './tree.ts';

export interface NetworkMapInput {
  /** None: a server without GeoIP. */
  readonly databases: readonly GeoDatabase[];
  /** Where the value may change inside a network of the databases. */
  readonly masks: readonly Prefix[];
  /**
   * A number (0 and up) for the addresses that have the same records and are in the same masks as `address`. Asked once for
   * each combination of these. `address` is only good during the call.
   */
  numberFor(address: IpAddress): number;
}

export interface NetworkMap {
  /** The fewest disjoint prefixes with one value each, in ascending order. Together they are all of IPv4. */
  readonly ipv4: PrefixTable;
  /** All of IPv6. A value below 0 stands for a place that holds the IPv4 networks once more, see `copies`. */
  readonly ipv6: PrefixTable;
  /** `copies[-1 - value]` has this layout already: the 32 bits behind either prefix decide in the same way. */
  readonly copies: readonly Prefix[];
  /** How many networks of the databases have a value, cut where another database or a mask cuts them. Copies are not counted. */
  readonly networks: readonly number[];
}

/** Throws `UserError` `E_GEOIP_CORRUPT` if a tree has a loop. */
export function networkMap(input: NetworkMapInput): NetworkMap {
  const combinations = new Combinations(input.databases.length);
  const counts: number[] = [];
  const ipv4 = new Walk(input, 4, combinations, counts);
  ipv4.run();
  const ipv6 = new Walk(input, 6, combinations, counts);
  // Where no mask tells families apart, a copy of the IPv4 networks is answered as they are.
  if (!input.masks.some(({ address }) => address.family === 4)) {
    ipv6.knowCopy(OUTSIDE, ALL_IPV4, ipv4.table.size === 1 ? ipv4.table.valueAt(0) : MIXED);
  }
  ipv6.run();
  return { ipv4: ipv4.table, ipv6: ipv6.table, copies: ipv6.copies, networks: counts };
}

const ALL_IPV4: Prefix = { address: { family: 4, bytes: new Uint8Array(4) }, length: 0 };

/** In place of a value: there are several below. */
const MIXED = -1;

/** A sound tree reaches each node once, or a few times where parts of it are shared. */
const VISITS_PER_NODE = 16;
const VISITS_PER_MASK = 256;

class Walk {
  readonly table: PrefixTable;
  readonly copies: Prefix[] = [];
  readonly #input: NetworkMapInput;
  readonly #trees: readonly SearchTree[];
  readonly #family: 4 | 6;
  readonly #bits: number;
  readonly #combinations: Combinations;
  readonly #counts: number[];
  readonly #masks: MaskNode | undefined;
  /** Where each tree is at each depth. */
  readonly #places: Uint32Array;
  readonly #path: Uint8Array;
  /** By region: the value of each combination of records. */
  readonly #known: Map<number, number>[] = [];
  /** By region: the value of every copy of the IPv4 networks, as it is in the table. */
  readonly #copyOf = new Map<number, number>();
  #isInCopy = false;
  #visitsLeft: number;

  constructor(input: NetworkMapInput, family: 4 | 6, combinations: Combinations, counts: number[]) {
    this.table = new PrefixTable(family);
    this.#input = input;
    this.#trees = input.databases.map(({ tree }) => tree);
    this.#family = family;
    this.#bits = family === 4 ? 32 : 128;
    this.#combinations = combinations;
    this.#counts = counts;
    this.#masks = maskTree(input.masks, family);
    this.#places = new Uint32Array((this.#bits + 1) * this.#trees.length);
    this.#path = new Uint8Array(this.#bits / 8);
    const nodes = this.#trees.reduce((sum, { nodeCount }) => sum + nodeCount, 1);
    this.#visitsLeft = nodes * VISITS_PER_NODE + (input.masks.length + 1) * VISITS_PER_MASK;
  }

  /** From now on copies of the IPv4 networks are not walked again: `value` is theirs, unless it is MIXED. */
  knowCopy(region: number, place: Prefix, value: number): void {
    this.#copyOf.set(region, value === MIXED ? -this.copies.push(place) : value);
  }

  run(): void {
    for (const [i, tree] of this.#trees.entries()) this.#places[i] = startOf(tree, this.#family);
    const value = this.#below(0, this.#masks, OUTSIDE);
    if (value !== MIXED) this.table.push(this.#path, 0, value);
  }

  /** The one value of everything below, or MIXED; then the table has the pieces. */
  #below(depth: number, mask: MaskNode | undefined, outer: number): number {
    if (this.#visitsLeft-- === 0) throw treeLoop(this.#input.databases.map(({ label }) => label).join(', '));
    const region = mask?.region ?? outer;
    const [left, right] = mask?.children ?? NO_CHILDREN;
    const isUncut = left === undefined && right === undefined;
    if (isUncut) {
      if (depth === this.#bits || this.#isEnd(depth)) return this.#valueAt(depth, region);
      if (this.#family === 6 && !this.#isInCopy && this.#leadsToIpv4(depth)) return this.#copy(depth, region);
    }
    return this.#halves(depth, left, right, region);
  }

  #copy(depth: number, region: number): number {
    const known = this.#copyOf.get(region);
    if (known === undefined) {
      const place: Prefix = { address: { family: 6, bytes: this.#path.slice() }, length: depth };
      this.#isInCopy = true;
      const value = this.#halves(depth, undefined, undefined, region);
      this.#isInCopy = false;
      this.knowCopy(region, place, value);
      return value;
    }
    if (known >= 0) return known;
    this.table.push(this.#path, depth, known);
    return MIXED;
  }

  #halves(depth: number, left: MaskNode | undefined, right: MaskNode | undefined, region: number): number {
    this.#step(depth, 0);
    const low = this.#below(depth + 1, left, region);
    if (low !== MIXED) this.table.push(this.#path, depth + 1, low);
    this.#step(depth, 1);
    const index = depth >> 3;
    const bit = 0x80 >> (depth & 7);
    this.#path[index] = (this.#path[index] ?? 0) | bit;
    const high = this.#below(depth + 1, right, region);
    const isOne = high !== MIXED && high === low;
    if (isOne) this.table.pop();
    else if (high !== MIXED) this.table.push(this.#path, depth + 1, high);
    this.#path[index] = (this.#path[index] ?? 0) & ~bit;
    return isOne ? low : MIXED;
  }

  #step(depth: number, bit: 0 | 1): void {
    const trees = this.#trees;
    const count = trees.length;
    for (let i = 0; i < count; i++) {
      const tree = trees[i] as SearchTree;
      const place = this.#places[depth * count + i] ?? 0;
      this.#places[(depth + 1) * count + i] = place < tree.nodeCount ? tree.child(place, bit) : place;
    }
  }

  #isEnd(depth: number): boolean {
    const count = this.#trees.length;
    for (let i = 0; i < count; i++) {
      if ((this.#places[depth * count + i] ?? 0) < (this.#trees[i] as SearchTree).nodeCount) return false;
    }
    return true;
  }

  #leadsToIpv4(depth: number): boolean {
    const count = this.#trees.length;
    return (
      depth <= this.#bits - 32 &&
      this.#trees.every((tree, i) => tree.depth === 128 && this.#places[depth * count + i] === tree.ipv4.value)
    );
  }

  #valueAt(depth: number, region: number): number {
    const { key, hasRecord } = this.#combinations.at(this.#trees, this.#places, depth);
    let known = this.#known[region];
    if (known === undefined) {
      known = new Map();
      this.#known[region] = known;
    }
    let value = known.get(key);
    if (value === undefined) {
      value = this.#input.numberFor({ family: this.#family, bytes: this.#path });
      known.set(key, value);
    }
    if (hasRecord && !this.#isInCopy) this.#counts[value] = (this.#counts[value] ?? 0) + 1;
    return value;
  }
}

const NO_CHILDREN: MaskNode['children'] = [undefined, undefined];

function startOf(tree: SearchTree, family: 4 | 6): number {
  if (family === 4) return tree.ipv4.value;
  return tree.depth === 128 ? 0 : tree.nodeCount;
}

/** Numbers for combinations of records, one of each database. */
class Combinations {
  readonly #count: number;
  /** From the number of the databases before and the record of the next one to the number of both. */
  readonly #numbers = new Map<number, Map<number, number>>();
  #next = 0;
  readonly #found = { key: 0, hasRecord: false };

  constructor(count: number) {
    this.#count = count;
  }

  /** The result is only good until the next call. */
  at(trees: readonly SearchTree[], places: Uint32Array, depth: number): { key: number; hasRecord: boolean } {
    let key = 0;
    let hasRecord = false;
    for (let i = 0; i < this.#count; i++) {
      const pointer = (trees[i] as SearchTree).recordPointer(places[depth * this.#count + i] ?? 0);
      if (pointer >= 0) hasRecord = true;
      key = i === 0 ? pointer + 1 : this.#number(key, pointer);
    }
    this.#found.key = key;
    this.#found.hasRecord = hasRecord;
    return this.#found;
  }

  #number(before: number, pointer: number): number {
    let numbers = this.#numbers.get(before);
    if (numbers === undefined) {
      numbers = new Map();
      this.#numbers.set(before, numbers);
    }
    let number = numbers.get(pointer);
    if (number === undefined) {
      number = this.#next++;
      numbers.set(pointer, number);
    }
    return number;
  }
}
