/** Many prefixes of one family, each with a number, in a few bytes a prefix: millions of them must not be objects. */
import type { IpAddress, Prefix } from './address.ts';

const WORD_BYTES = 4;

export class PrefixTable {
  readonly family: 4 | 6;
  readonly #wordsEach: number;
  #words: Uint32Array;
  #lengths: Uint8Array;
  #values: Int32Array;
  #size = 0;

  constructor(family: 4 | 6) {
    this.family = family;
    this.#wordsEach = family === 4 ? 1 : 4;
    this.#words = new Uint32Array(1024 * this.#wordsEach);
    this.#lengths = new Uint8Array(1024);
    this.#values = new Int32Array(1024);
  }

  get size(): number {
    return this.#size;
  }

  lengthAt(index: number): number {
    return this.#lengths[index] ?? 0;
  }

  valueAt(index: number): number {
    return this.#values[index] ?? 0;
  }

  prefixAt(index: number): Prefix {
    const bytes = new Uint8Array(this.#wordsEach * WORD_BYTES);
    const view = new DataView(bytes.buffer);
    for (let word = 0; word < this.#wordsEach; word++) {
      view.setUint32(word * WORD_BYTES, this.#words[index * this.#wordsEach + word] ?? 0);
    }
    return { address: { family: this.family, bytes }, length: this.lengthAt(index) };
  }

  /** Writes the network's address to `bytes`, which must be as long. */
  copyAddressAt(index: number, bytes: Uint8Array): void {
    for (let at = 0; at < bytes.length; at++) {
      const word = this.#words[index * this.#wordsEach + (at >> 2)] ?? 0;
      bytes[at] = word >>> (24 - 8 * (at & 3));
    }
  }

  /** The place of the prefix that holds `address`, or −1. The prefixes must be disjoint and in ascending order. */
  indexOf(address: IpAddress): number {
    let low = 0;
    let high = this.#size;
    const view = new DataView(address.bytes.buffer, address.bytes.byteOffset, address.bytes.length);
    while (low < high) {
      const middle = (low + high) >> 1;
      if (this.#startsAfter(middle, view)) high = middle;
      else low = middle + 1;
    }
    return low > 0 && this.#holds(low - 1, view) ? low - 1 : -1;
  }

  /** `bytes`: the network, host bits clear. */
  push(bytes: Uint8Array, length: number, value: number): void {
    if (this.#size === this.#lengths.length) this.#grow();
    const start = this.#size * this.#wordsEach;
    for (let word = 0; word < this.#wordsEach; word++) {
      const at = word * WORD_BYTES;
      const high = ((bytes[at] ?? 0) << 24) | ((bytes[at + 1] ?? 0) << 16);
      this.#words[start + word] = high | ((bytes[at + 2] ?? 0) << 8) | (bytes[at + 3] ?? 0);
    }
    this.#lengths[this.#size] = length;
    this.#values[this.#size++] = value;
  }

  pop(): void {
    this.#size--;
  }

  #startsAfter(index: number, address: DataView): boolean {
    for (let word = 0; word < this.#wordsEach; word++) {
      const start = this.#words[index * this.#wordsEach + word] ?? 0;
      const wanted = address.getUint32(word * WORD_BYTES);
      if (start !== wanted) return start > wanted;
    }
    return false;
  }

  #holds(index: number, address: DataView): boolean {
    for (let word = 0, bits = this.lengthAt(index); word < this.#wordsEach && bits > 0; word++, bits -= 32) {
      const difference = (this.#words[index * this.#wordsEach + word] ?? 0) ^ address.getUint32(word * WORD_BYTES);
      if (bits >= 32 ? difference !== 0 : difference >>> (32 - bits) !== 0) return false;
    }
    return true;
  }

  #grow(): void {
    const words = new Uint32Array(this.#words.length * 2);
    const lengths = new Uint8Array(this.#lengths.length * 2);
    const values = new Int32Array(this.#values.length * 2);
    words.set(this.#words);
    lengths.set(this.#lengths);
    values.set(this.#values);
    this.#words = words;
    this.#lengths = lengths;
    this.#values = values;
  }
}
