/** Where IPv4 starts in a tree of 128 bits. */
export const IPV4_DEPTH = 96;

/** In place of the offset of a record: there is none. */
export const NO_RECORD = -1;

/**
 * The search tree of a MaxMind DB in the making. A branch holds the offset of a record (0 and up), `NO_RECORD`, or a node
 * (−2 and down).
 */
export class TreeBuilder {
  /** Left and right branch of node 0, of node 1, … */
  readonly #branches: number[] = [NO_RECORD, NO_RECORD];

  get nodeCount(): number {
    return this.#branches.length / 2;
  }

  /** Gives a network its record. Shorter networks must be inserted before longer ones. */
  insert(bits: Uint8Array, length: number, record: number): void {
    if (length === 0) {
      this.#branches[0] = record;
      this.#branches[1] = record;
      return;
    }
    let node = 0;
    for (let depth = 0; depth < length - 1; depth++) node = this.#descend(node * 2 + bitAt(bits, depth));
    this.#branches[node * 2 + bitAt(bits, length - 1)] = record;
  }

  toBuffer(recordSize: 24 | 28 | 32): Buffer {
    const nodeBytes = recordSize / 4;
    const buffer = Buffer.alloc(this.nodeCount * nodeBytes);
    for (let node = 0; node < this.nodeCount; node++) {
      writeNode(buffer, node * nodeBytes, recordSize, this.#encoded(node * 2), this.#encoded(node * 2 + 1));
    }
    return buffer;
  }

  /** The node behind a branch. Where there is none yet, a new one hands down what the branch held. */
  #descend(branch: number): number {
    const held = this.#branches[branch] ?? NO_RECORD;
    if (held < NO_RECORD) return -2 - held;
    const node = this.nodeCount;
    this.#branches.push(held, held);
    this.#branches[branch] = -2 - node;
    return node;
  }

  #encoded(branch: number): number {
    const held = this.#branches[branch] ?? NO_RECORD;
    if (held < NO_RECORD) return -2 - held;
    return held === NO_RECORD ? this.nodeCount : this.nodeCount + 16 + held;
  }
}

function bitAt(bits: Uint8Array, position: number): number {
  return ((bits[position >> 3] ?? 0) >> (7 - (position & 7))) & 1;
}

function writeNode(buffer: Buffer, offset: number, recordSize: 24 | 28 | 32, left: number, right: number): void {
  if (recordSize === 32) {
    buffer.writeUInt32BE(left, offset);
    buffer.writeUInt32BE(right, offset + 4);
    return;
  }
  buffer.writeUIntBE(left & 0xffffff, offset, 3);
  if (recordSize === 28) buffer[offset + 3] = ((left >>> 24) << 4) | (right >>> 24);
  buffer.writeUIntBE(right & 0xffffff, offset + recordSize / 4 - 3, 3);
}
