/** A value with the type it has in a MaxMind DB. A plain string is text. */
export type MmdbValue =
  | string
  | { readonly kind: 'double' | 'float'; readonly value: number }
  | { readonly kind: 'uint16' | 'uint32'; readonly value: number }
  | { readonly kind: 'uint64'; readonly value: bigint }
  | { readonly kind: 'array'; readonly elements: readonly MmdbValue[] }
  | MmdbMap;

export interface MmdbMap {
  readonly kind: 'map';
  readonly entries: readonly (readonly [key: string, value: MmdbValue])[];
}

const TYPE_NUMBERS = { string: 2, double: 3, uint16: 5, uint32: 6, map: 7, uint64: 9, array: 11, float: 15 } as const;

/** A shorter string takes no more room than a pointer to it. */
const SHORTEST_SHARED_BYTES = 4;

/** The longest size that the format can say. */
const LARGEST_SIZE = 65_821 + 0xffffff;

/** The data section of a MaxMind DB in the making: every longer string is written once. */
export class DataWriter {
  readonly #chunks: Buffer[] = [];
  readonly #strings = new Map<string, number>();
  #length = 0;

  get length(): number {
    return this.#length;
  }

  /** Writes a record and returns its offset. */
  record(record: MmdbMap): number {
    const offset = this.#length;
    this.#write(record);
    return offset;
  }

  toBuffer(): Buffer {
    return Buffer.concat(this.#chunks, this.#length);
  }

  #write(value: MmdbValue): void {
    if (typeof value === 'string') {
      this.#writeString(value);
    } else if (value.kind === 'map') {
      this.#append(encodeControl('map', value.entries.length));
      for (const [key, entry] of value.entries) {
        this.#writeString(key);
        this.#write(entry);
      }
    } else if (value.kind === 'array') {
      this.#append(encodeControl('array', value.elements.length));
      for (const element of value.elements) this.#write(element);
    } else {
      this.#append(encodeValue(value));
    }
  }

  #writeString(text: string): void {
    const known = this.#strings.get(text);
    if (known !== undefined) {
      this.#append(encodePointer(known));
      return;
    }
    const bytes = encodeValue(text);
    if (bytes.length > SHORTEST_SHARED_BYTES) this.#strings.set(text, this.#length);
    this.#append(bytes);
  }

  #append(bytes: Buffer): void {
    this.#chunks.push(bytes);
    this.#length += bytes.length;
  }
}

/** A value with everything in place, without pointers, as the metadata wants it. */
export function encodeValue(value: MmdbValue): Buffer {
  if (typeof value === 'string') {
    const bytes = Buffer.from(value);
    return Buffer.concat([encodeControl('string', bytes.length), bytes]);
  }
  switch (value.kind) {
    case 'map': {
      const entries = value.entries.flatMap(([key, entry]) => [encodeValue(key), encodeValue(entry)]);
      return Buffer.concat([encodeControl('map', value.entries.length), ...entries]);
    }
    case 'array':
      return Buffer.concat([encodeControl('array', value.elements.length), ...value.elements.map(encodeValue)]);
    case 'double': {
      const bytes = Buffer.alloc(8);
      bytes.writeDoubleBE(value.value);
      return Buffer.concat([encodeControl('double', 8), bytes]);
    }
    case 'float': {
      const bytes = Buffer.alloc(4);
      bytes.writeFloatBE(value.value);
      return Buffer.concat([encodeControl('float', 4), bytes]);
    }
    default: {
      const bytes = encodeUnsigned(BigInt(value.value));
      return Buffer.concat([encodeControl(value.kind, bytes.length), bytes]);
    }
  }
}

function encodeControl(type: keyof typeof TYPE_NUMBERS, size: number): Buffer {
  if (size > LARGEST_SIZE) throw new RangeError(`Expected a ${type} of at most ${LARGEST_SIZE}, got ${size}`);
  const number = TYPE_NUMBERS[type];
  const high = number > 7 ? 0 : number << 5;
  const extended = number > 7 ? [number - 7] : [];
  if (size < 29) return Buffer.from([high | size, ...extended]);
  if (size < 285) return Buffer.from([high | 29, ...extended, size - 29]);
  const rest = size < 65_821 ? size - 285 : size - 65_821;
  if (size < 65_821) return Buffer.from([high | 30, ...extended, rest >> 8, rest & 0xff]);
  return Buffer.from([high | 31, ...extended, rest >> 16, (rest >> 8) & 0xff, rest & 0xff]);
}

function encodePointer(offset: number): Buffer {
  const control = 0x20;
  if (offset < 2048) return Buffer.from([control | (offset >> 8), offset & 0xff]);
  if (offset < 526_336) {
    const value = offset - 2048;
    return Buffer.from([control | 0x08 | (value >> 16), (value >> 8) & 0xff, value & 0xff]);
  }
  const bytes = Buffer.alloc(5);
  bytes.writeUInt32BE(offset < 134_744_064 ? offset - 526_336 : offset, 1);
  if (offset >= 134_744_064) {
    bytes[0] = control | 0x18;
    return bytes;
  }
  bytes[1] = control | 0x10 | (bytes[1] ?? 0);
  return bytes.subarray(1);
}

/** The fewest bytes that hold a number: none for 0. */
function encodeUnsigned(value: bigint): Buffer {
  if (value === 0n) return Buffer.alloc(0);
  const hex = value.toString(16);
  return Buffer.from(hex.padStart(hex.length + (hex.length % 2), '0'), 'hex');
}
