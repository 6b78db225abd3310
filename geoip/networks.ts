import { UserError } from '../input/errors.ts';
import type { Prefix } from './address.ts';
import type { GeoDatabase } from './database.ts';
import type { SearchTree, TreePlace } from './tree.ts';

/** A network of a database that holds a record. Networks with equal pointers hold the same data. */
export interface Network {
  readonly prefix: Prefix;
  readonly recordPointer: number;
}

const IPV4_DEPTH = 96;

/** A sound tree reaches each node once, or a few times where parts of it are shared. */
const VISITS_PER_NODE = 16;

/**
 * Every network of a database that holds a record, in the order of its addresses: IPv4 first, shown as IPv4. Other places
 * in an IPv6 tree that lead to the IPv4 networks again (`::ffff:0:0/96`, `2002::/16`) are left out.
 *
 * Throws `UserError` `E_GEOIP_CORRUPT` if the tree has a loop.
 */
export function* networks(database: GeoDatabase): Generator<Network> {
  const { tree } = database;
  yield* networksBelow(database, tree.ipv4, 4);
  if (tree.depth === 128) yield* networksBelow(database, { value: 0, depth: 0 }, 6);
}

/** The networks of a database by the pointer of their record: one entry for each different record. */
export function networksByRecord(database: GeoDatabase): Map<number, Prefix[]> {
  const groups = new Map<number, Prefix[]>();
  for (const { prefix, recordPointer } of networks(database)) {
    const group = groups.get(recordPointer);
    if (group === undefined) groups.set(recordPointer, [prefix]);
    else group.push(prefix);
  }
  return groups;
}

interface Branch extends TreePlace {
  readonly bit: 0 | 1;
}

function* networksBelow(database: GeoDatabase, top: TreePlace, family: 4 | 6): Generator<Network> {
  const { tree } = database;
  const bits = family === 4 ? 32 : 128;
  const path = new Uint8Array(bits / 8);
  const pending: Branch[] = [{ value: top.value, depth: 0, bit: 0 }];
  let visitsLeft = tree.nodeCount * VISITS_PER_NODE + VISITS_PER_NODE;
  for (let branch = pending.pop(); branch !== undefined; branch = pending.pop()) {
    if (visitsLeft-- === 0) throw treeLoop(database.label);
    const { value, depth } = branch;
    // Left branches come first and so find nothing but zeros after their parent's bits.
    if (branch.bit === 1) setLastBit(path, depth);
    if (family === 6 && leadsToIpv4(tree, branch, path)) continue;
    if (value > tree.nodeCount) {
      const prefix: Prefix = { address: { family, bytes: path.slice() }, length: depth };
      yield { prefix, recordPointer: tree.recordPointer(value) };
    } else if (value < tree.nodeCount && depth < bits) {
      pending.push({ value: tree.child(value, 1), depth: depth + 1, bit: 1 });
      pending.push({ value: tree.child(value, 0), depth: depth + 1, bit: 0 });
    }
  }
}

function leadsToIpv4(tree: SearchTree, { value, depth }: TreePlace, path: Uint8Array): boolean {
  if (value < tree.nodeCount) return value === tree.ipv4.value;
  return depth === IPV4_DEPTH && path.every((byte) => byte === 0);
}

/** Sets bit `depth − 1` and clears everything after it. */
function setLastBit(path: Uint8Array, depth: number): void {
  const index = (depth - 1) >> 3;
  const bit = 0x80 >> ((depth - 1) & 7);
  path[index] = ((path[index] ?? 0) & ~(bit - 1)) | bit;
  path.fill(0, index + 1);
}

/** The error about a search tree that never ends. */
export function treeLoop(label: string): UserError {
  return new UserError('E_GEOIP_CORRUPT', 'not a usable MaxMind DB: its search tree has a loop', {
    place: { file: label },
    hint: 'fetch the file again',
  });
}
