/**
 * The data section of a MaxMind DB, value by value and with its types: whether a latitude is a double or a float decides
 * what PowerDNS sees, and ordinary readers hide that.
 */

/** The types of MaxMind DB format 2.0 that hold a value. */
export type DataType =
  | 'string'
  | 'double'
  | 'bytes'
  | 'uint16'
  | 'uint32'
  | 'map'
  | 'int32'
  | 'uint64'
  | 'uint128'
  | 'array'
  | 'boolean'
  | 'float';

/** A value in the file, pointers followed. `size` is in bytes, or the number of entries of a map or array. */
export interface Datum {
  readonly type: DataType;
  readonly size: number;
  /** Where the value's bytes, or the first entry of a map or array, start. */
  readonly start: number;
  /** Where the value after this one starts in the containing map or array; for maps and arrays see `skip`. */
  readonly next: number;
  readonly viaPointer: boolean;
}

interface Pointer {
  readonly type: 'pointer';
  readonly target: number;
  readonly next: number;
}

/** What is written is no MaxMind DB value. libmaxminddb reports an error here, which PowerDNS takes as "not found". */
export class CorruptDataError extends Error {
  override readonly name = 'CorruptDataError';
}

const TYPES: readonly (DataType | 'pointer' | undefined)[] = [
  undefined,
  'pointer',
  'string',
  'double',
  'bytes',
  'uint16',
  'uint32',
  'map',
  'int32',
  'uint64',
  'uint128',
  'array',
  undefined,
  undefined,
  'boolean',
  'float',
];

/** libmaxminddb's own limit. */
const DEEPEST_NESTING = 512;

/** Reads values. Offsets count from the start of the section; everything outside it is a `CorruptDataError`. */
export class DataSection {
  readonly #bytes: Buffer;

  constructor(bytes: Buffer) {
    this.#bytes = bytes;
  }

  /** The value at `offset`. */
  at(offset: number): Datum {
    const datum = this.#header(offset);
    if (datum.type !== 'pointer') return datum;
    const target = this.#header(datum.target);
    if (target.type === 'pointer') throw new CorruptDataError(`pointer to a pointer at ${offset}`);
    return { type: target.type, size: target.size, start: target.start, next: datum.next, viaPointer: true };
  }

  /** The value that a path of map keys (ASCII) and array indexes leads to, as libmaxminddb's `MMDB_get_value`. */
  find(offset: number, path: readonly string[]): Datum | undefined {
    return this.findIn(this.at(offset), path);
  }

  /** As `find`, from a value that was found. */
  findIn(value: Datum, path: readonly string[]): Datum | undefined {
    let datum: Datum | undefined = value;
    for (const step of path) {
      if (datum.type === 'map') datum = this.#entry(datum, step);
      else if (datum.type === 'array') datum = this.#element(datum, Number(step));
      else return undefined;
      if (datum === undefined) return undefined;
    }
    return datum;
  }

  /** The text of a string. */
  text(datum: Datum): string {
    return this.#bytes.toString('utf8', datum.start, datum.start + datum.size);
  }

  /** The number in a double, float or integer of up to 32 bits; of a wider integer its low 32 bits. */
  number(datum: Datum): number {
    const { start, size } = datum;
    if (datum.type === 'double') return this.#bytes.readDoubleBE(start);
    if (datum.type === 'float') return this.#bytes.readFloatBE(start);
    const length = Math.min(size, 4);
    if (length === 0) return 0;
    const low = start + size - length;
    return datum.type === 'int32' && length === 4 ? this.#bytes.readInt32BE(low) : this.#bytes.readUIntBE(low, length);
  }

  /** The whole value as plain data. Integers of 64 and 128 bits become bigints. */
  decode(datum: Datum, depth = 0): unknown {
    if (depth > DEEPEST_NESTING) throw new CorruptDataError('nested too deeply');
    switch (datum.type) {
      case 'string':
        return this.text(datum);
      case 'bytes':
        return Uint8Array.from(this.#bytes.subarray(datum.start, datum.start + datum.size));
      case 'boolean':
        return datum.size !== 0;
      case 'uint64':
      case 'uint128':
        return datum.size === 0
          ? 0n
          : BigInt(`0x${this.#bytes.toString('hex', datum.start, datum.start + datum.size)}`);
      case 'map':
        return this.#decodeMap(datum, depth);
      case 'array':
        return this.#decodeArray(datum, depth);
      default:
        return this.number(datum);
    }
  }

  #decodeMap(map: Datum, depth: number): Record<string, unknown> {
    const entries: [string, unknown][] = [];
    let offset = map.start;
    for (let index = 0; index < map.size; index++) {
      const key = this.#key(offset);
      const value = this.at(key.next);
      entries.push([this.text(key), this.decode(value, depth + 1)]);
      offset = this.#skip(value, depth);
    }
    return Object.fromEntries(entries);
  }

  #decodeArray(array: Datum, depth: number): unknown[] {
    const elements: unknown[] = [];
    let offset = array.start;
    for (let index = 0; index < array.size; index++) {
      const element = this.at(offset);
      elements.push(this.decode(element, depth + 1));
      offset = this.#skip(element, depth);
    }
    return elements;
  }

  #entry(map: Datum, name: string): Datum | undefined {
    let offset = map.start;
    for (let index = 0; index < map.size; index++) {
      const key = this.#key(offset);
      const value = this.at(key.next);
      if (key.size === name.length && this.text(key) === name) return value;
      offset = this.#skip(value, 0);
    }
    return undefined;
  }

  #element(array: Datum, position: number): Datum | undefined {
    if (!(position < array.size)) return undefined;
    let element = this.at(array.start);
    for (let index = 0; index < position; index++) element = this.at(this.#skip(element, 0));
    return element;
  }

  #key(offset: number): Datum {
    const key = this.at(offset);
    if (key.type !== 'string') throw new CorruptDataError(`map key at ${offset} is no string`);
    return key;
  }

  /** Where the value after `datum` starts. */
  #skip(datum: Datum, depth: number): number {
    if (datum.viaPointer || (datum.type !== 'map' && datum.type !== 'array')) return datum.next;
    if (depth > DEEPEST_NESTING) throw new CorruptDataError('nested too deeply');
    const values = datum.type === 'map' ? datum.size * 2 : datum.size;
    let offset = datum.start;
    for (let index = 0; index < values; index++) offset = this.#skip(this.at(offset), depth + 1);
    return offset;
  }

  #header(offset: number): Datum | Pointer {
    const control = this.#byte(offset);
    let cursor = offset + 1;
    let type = TYPES[control >> 5];
    if (type === 'pointer') return this.#pointer(control, cursor);
    if (control >> 5 === 0) type = TYPES[7 + this.#byte(cursor++)];
    if (type === undefined || type === 'pointer') throw new CorruptDataError(`unknown type at ${offset}`);
    let size = control & 0x1f;
    if (size >= 29) {
      const extraBytes = size - 28;
      size = (SIZE_BASES[extraBytes] ?? 0) + this.#unsigned(cursor, extraBytes);
      cursor += extraBytes;
    }
    const hasBody = type !== 'map' && type !== 'array' && type !== 'boolean';
    const next = hasBody ? cursor + size : cursor;
    if (next > this.#bytes.length) throw new CorruptDataError(`value at ${offset} runs past the end`);
    if ((type === 'double' && size !== 8) || (type === 'float' && size !== 4)) {
      throw new CorruptDataError(`${type} of ${size} bytes at ${offset}`);
    }
    return { type, size, start: cursor, next, viaPointer: false };
  }

  #pointer(control: number, cursor: number): Pointer {
    const extraBytes = ((control >> 3) & 3) + 1;
    const high = extraBytes === 4 ? 0 : (control & 7) * 256 ** extraBytes;
    const target = high + this.#unsigned(cursor, extraBytes) + (POINTER_BASES[extraBytes] ?? 0);
    return { type: 'pointer', target, next: cursor + extraBytes };
  }

  #byte(offset: number): number {
    const byte = this.#bytes[offset];
    if (byte === undefined) throw new CorruptDataError(`offset ${offset} is outside the data`);
    return byte;
  }

  #unsigned(offset: number, length: number): number {
    if (offset + length > this.#bytes.length) throw new CorruptDataError(`offset ${offset} is outside the data`);
    return this.#bytes.readUIntBE(offset, length);
  }
}

/** What sizes of 29, 30 and 31 start from, by the number of bytes that follow. */
const SIZE_BASES: readonly number[] = [0, 29, 285, 65_821];

/** What pointers start from, by the number of bytes that follow. */
const POINTER_BASES: readonly number[] = [0, 0, 2048, 526_336, 0];
