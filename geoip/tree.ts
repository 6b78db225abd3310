import type { IpAddress } from './address.ts';

const DATA_SEPARATOR_BYTES = 16;

/** What the header of a MaxMind DB says about its search tree. */
export interface TreeShape {
  readonly nodeCount: number;
  readonly recordSize: number;
  readonly ipVersion: number;
}

/** A place in the tree: a node below `nodeCount`, nothing at `nodeCount`, data above it; and how many bits led there. */
export interface TreePlace {
  readonly value: number;
  readonly depth: number;
}

/** The binary search tree of a MaxMind DB, as libmaxminddb walks it. */
export class SearchTree {
  readonly nodeCount: number;
  /** How many bits an address has in this tree. IPv4 lives at `::/96` in a tree of 128. */
  readonly depth: 32 | 128;
  /** Where IPv4 addresses start: the root of an IPv4 tree, the place of `::/96` in an IPv6 tree. */
  readonly ipv4: TreePlace;
  readonly #view: DataView;
  readonly #recordSize: number;

  constructor(bytes: Buffer, shape: TreeShape) {
    this.nodeCount = shape.nodeCount;
    this.depth = shape.ipVersion === 4 ? 32 : 128;
    this.#recordSize = shape.recordSize;
    this.#view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    this.ipv4 = this.#findIpv4();
  }

  /** Where the path of `address` ends. In a tree without IPv6, an IPv6 address leads nowhere. */
  find(address: IpAddress): TreePlace {
    const { bytes, family } = address;
    if (family === 6 && this.depth === 32) return { value: this.nodeCount, depth: 0 };
    let { value, depth } = family === 4 ? this.ipv4 : { value: 0, depth: 0 };
    const skipped = family === 4 ? depth : 0;
    const bits = skipped + bytes.length * 8;
    for (; value < this.nodeCount && depth < bits; depth++) {
      const bit = depth - skipped;
      value = this.child(value, ((bytes[bit >> 3] ?? 0) >> (7 - (bit & 7))) & 1);
    }
    return { value, depth: depth - skipped };
  }

  /** The left (`bit` 0) or right (1) branch of a node. */
  child(node: number, bit: number): number {
    const view = this.#view;
    if (this.#recordSize === 24) {
      return bit === 0 ? view.getUint32(node * 6) >>> 8 : view.getUint32(node * 6 + 2) & 0xffffff;
    }
    if (this.#recordSize === 28) {
      if (bit === 1) return view.getUint32(node * 7 + 3) & 0x0fffffff;
      const packed = view.getUint32(node * 7);
      return (packed >>> 8) | ((packed & 0xf0) << 20);
    }
    return view.getUint32(node * 8 + bit * 4);
  }

  /** The offset in the data section that a place points to, or −1 if it holds no data. */
  recordPointer(value: number): number {
    return value > this.nodeCount ? value - this.nodeCount - DATA_SEPARATOR_BYTES : -1;
  }

  #findIpv4(): TreePlace {
    if (this.depth === 32) return { value: 0, depth: 0 };
    let value = 0;
    let depth = 0;
    for (; depth < 96 && value < this.nodeCount; depth++) value = this.child(value, 0);
    return { value, depth };
  }
}

/** How many bytes the tree takes, and where the data section starts. */
export function treeLayout(shape: TreeShape): { treeBytes: number; dataStart: number } {
  const treeBytes = (shape.nodeCount * shape.recordSize) / 4;
  return { treeBytes, dataStart: treeBytes + DATA_SEPARATOR_BYTES };
}
