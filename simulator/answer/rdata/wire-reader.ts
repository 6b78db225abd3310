/** Walks through the bytes of one record's data. Names are not compressed. */
import { nameFromWireLabels } from '../../zone/name.ts';
import { BadRdata } from './errors.ts';

export class WireReader {
  readonly #bytes: Uint8Array;
  #at = 0;

  constructor(bytes: Uint8Array) {
    this.#bytes = bytes;
  }

  get atEnd(): boolean {
    return this.#at === this.#bytes.length;
  }

  take(count: number): Uint8Array {
    const taken = this.#bytes.subarray(this.#at, this.#at + count);
    if (taken.length < count) throw new BadRdata('the data ends too early');
    this.#at += count;
    return taken;
  }

  rest(): Uint8Array {
    return this.take(this.#bytes.length - this.#at);
  }

  /** An unsigned number of `size` bytes. */
  number(size: 1 | 2 | 4): number {
    return this.take(size).reduce((value, byte) => value * 256 + byte, 0);
  }

  string(): Uint8Array {
    return this.take(this.number(1));
  }

  name(): string {
    const labels: Uint8Array[] = [];
    for (let size = this.number(1); size > 0; size = this.number(1)) {
      if (size > 63) throw new BadRdata('a compressed name where none may be');
      labels.push(this.take(size));
    }
    return nameFromWireLabels(labels);
  }
}

/** `value` in `size` bytes, highest first. */
export function numberBytes(value: number, size: 1 | 2 | 4): number[] {
  return Array.from({ length: size }, (_, i) => Math.floor(value / 256 ** (size - 1 - i)) % 256);
}
