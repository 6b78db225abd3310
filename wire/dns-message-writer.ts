import { HEADER_BYTES } from './raw-message.ts';

/** The bytes of a message as they are written, with the names in them that later ones can point to. */
export class DnsMessageWriter {
  #bytes: Buffer;
  #length = 0;
  #questionName: string | undefined;
  /** Where a name, or the end of one, was written in full: the key is its labels in lower case, a character a byte. */
  readonly #places = new Map<string, number>();

  constructor(expectedBytes: number) {
    this.#bytes = Buffer.allocUnsafe(expectedBytes);
  }

  get length(): number {
    return this.#length;
  }

  u8(value: number): void {
    this.#reserve(1);
    this.#length = this.#bytes.writeUInt8(value, this.#length);
  }

  u16(value: number): void {
    this.#reserve(2);
    this.#length = this.#bytes.writeUInt16BE(value, this.#length);
  }

  u32(value: number): void {
    this.#reserve(4);
    this.#length = this.#bytes.writeUInt32BE(value, this.#length);
  }

  append(bytes: Uint8Array): void {
    this.#reserve(bytes.length);
    this.#bytes.set(bytes, this.#length);
    this.#length += bytes.length;
  }

  /** Overwrites two bytes that were written before. */
  patchU16(value: number, offset: number): void {
    this.#bytes.writeUInt16BE(value, offset);
  }

  /** The name behind the header, which owners are pointed to however long it is. */
  questionName(name: Uint8Array): void {
    this.#questionName = keyOf(name, 0);
    this.name(name, false);
  }

  /** The owner of a record, compressed where it can be. */
  owner(name: Uint8Array): void {
    if (name.length > 1 && keyOf(name, 0) === this.#questionName) this.u16(0xc000 | HEADER_BYTES);
    else this.name(name, true);
  }

  /**
   * A name in wire format. Its longest end that was written before, in any case, becomes a pointer, as PowerDNS does it:
   * names of more than 34 labels are neither compressed nor pointed to, but for the question's as an owner.
   */
  name(name: Uint8Array, compressible: boolean): void {
    const starts = labelStarts(name);
    const keys = starts.length > MAX_COMPRESSED_LABELS ? [] : starts.map((start) => keyOf(name, start));
    const known = compressible ? keys.findIndex((key) => this.#places.has(key)) : -1;
    const pointer = this.#places.get(keys[known] ?? '') ?? MAX_POINTER;
    const isCompressed = known !== -1 && pointer < MAX_POINTER;
    const base = this.#length;
    if (base < MAX_POINTER) {
      for (const [index, key] of keys.slice(0, isCompressed ? known : undefined).entries()) {
        if (!this.#places.has(key)) this.#places.set(key, base + (starts[index] ?? 0));
      }
    }
    this.append(isCompressed ? name.subarray(0, starts[known]) : name);
    if (isCompressed) this.u16(0xc000 | pointer);
  }

  /** What was written, not to be changed any more. */
  toBuffer(): Buffer {
    return this.#bytes.subarray(0, this.#length);
  }

  #reserve(count: number): void {
    if (this.#length + count <= this.#bytes.length) return;
    const larger = Buffer.allocUnsafe(Math.max(2 * this.#bytes.length, this.#length + count));
    this.#bytes.copy(larger, 0, 0, this.#length);
    this.#bytes = larger;
  }
}

/** A pointer has 14 bits. */
const MAX_POINTER = 0x4000;
const MAX_COMPRESSED_LABELS = 34;

/** Where the labels begin; none for the root, which no pointer is shorter than. */
function labelStarts(name: Uint8Array): number[] {
  const starts: number[] = [];
  for (let at = 0; (name[at] ?? 0) !== 0; at += 1 + (name[at] ?? 0)) starts.push(at);
  return starts;
}

function keyOf(name: Uint8Array, start: number): string {
  return Buffer.from(name.subarray(start))
    .toString('latin1')
    .replace(/[A-Z]/g, (letter) => letter.toLowerCase());
}
