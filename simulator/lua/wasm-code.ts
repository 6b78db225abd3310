/**
 * Reads the code of WebAssembly functions exactly enough to tell where each instruction ends: the instructions of the
 * first version, sign extension and saturating conversions. It throws on any other, rather than to guess how long it is.
 */

/** What decides where meters belong in a piece of code. */
export interface Turns {
  /** The places behind the headers of loops, in order. */
  readonly loops: readonly number[];
  readonly calls: boolean;
}

const LOOP = 0x03;
const CALL = 0x10;
const CALL_INDIRECT = 0x11;
/** Also ends the expression that starts a global. */
export const END = 0x0b;

/** Reads the instructions of `bytes` from `start` to `end`. Throws on one that it does not know. */
export function turnsOf(bytes: Uint8Array, start: number, end: number): Turns {
  const loops: number[] = [];
  let calls = false;
  let at = start;
  // A module has a hundred thousand instructions, which are read in every process once, by code that is not yet compiled.
  while (at < end) {
    const opcode = bytes[at++] ?? 0;
    const immediates = IMMEDIATES[opcode] ?? UNKNOWN;
    if (immediates === NUMBER || immediates === TWO_NUMBERS) {
      while ((bytes[at++] ?? 0) >= 0x80);
      if (immediates === TWO_NUMBERS) while ((bytes[at++] ?? 0) >= 0x80);
      if (opcode === LOOP) loops.push(at);
      else if (opcode === CALL || opcode === CALL_INDIRECT) calls = true;
    } else if (immediates !== NONE) at = behindRareImmediates(bytes, opcode, immediates, at);
  }
  if (at !== end) throw new Error('a WebAssembly instruction reaches beyond its function');
  return { loops, calls };
}

function behindRareImmediates(bytes: Uint8Array, opcode: number, immediates: number, start: number): number {
  switch (immediates) {
    case FOUR_BYTES:
      return start + 4;
    case EIGHT_BYTES:
      return start + 8;
    case LABELS: {
      const reader = new NumberReader(bytes, start);
      for (let left = reader.read() + 1; left > 0; left--) reader.read();
      return reader.position;
    }
    case SATURATING: {
      // Saturating conversions are 0 to 7; from 8 on memory is moved by the block, for which nobody would have paid.
      const sub = bytes[start] ?? 0;
      if (sub > 7) throw new Error(`unknown WebAssembly instruction 0x${opcode.toString(16)} ${sub}`);
      return start + 1;
    }
    default:
      throw new Error(`unknown WebAssembly instruction 0x${opcode.toString(16)}`);
  }
}

/** Reads unsigned LEB128 numbers of up to 32 bits. */
export class NumberReader {
  readonly bytes: Uint8Array;
  position: number;

  constructor(bytes: Uint8Array, position: number) {
    this.bytes = bytes;
    this.position = position;
  }

  read(): number {
    let value = 0;
    for (let scale = 1; ; scale *= 0x80) {
      const byte = this.bytes[this.position++];
      if (byte === undefined) throw new Error('the WebAssembly module ends too early');
      if (byte < 0x80) return value + byte * scale;
      value += (byte - 0x80) * scale;
    }
  }
}

const UNKNOWN = 0;
const NONE = 1;
const NUMBER = 2;
const TWO_NUMBERS = 3;
const FOUR_BYTES = 4;
const EIGHT_BYTES = 5;
const LABELS = 6;
const SATURATING = 7;

const IMMEDIATES = immediates([
  // unreachable, nop; else; end; return; drop, select
  [NONE, 0x00, 0x01],
  [NONE, 0x05, 0x05],
  [NONE, 0x0b, 0x0b],
  [NONE, 0x0f, 0x0f],
  [NONE, 0x1a, 0x1b],
  // block, loop, if: the type of the block
  [NUMBER, 0x02, 0x04],
  // br, br_if; call; local.get to global.set
  [NUMBER, 0x0c, 0x0d],
  [NUMBER, 0x10, 0x10],
  [NUMBER, 0x20, 0x24],
  // memory.size, memory.grow; i32.const, i64.const
  [NUMBER, 0x3f, 0x42],
  // call_indirect: type, table; loads and stores: alignment, offset
  [TWO_NUMBERS, 0x11, 0x11],
  [TWO_NUMBERS, 0x28, 0x3e],
  // br_table
  [LABELS, 0x0e, 0x0e],
  // f32.const, f64.const
  [FOUR_BYTES, 0x43, 0x43],
  [EIGHT_BYTES, 0x44, 0x44],
  // comparisons, arithmetic, conversions; sign extension; saturating conversions
  [NONE, 0x45, 0xc4],
  [SATURATING, 0xfc, 0xfc],
]);

function immediates(ranges: readonly (readonly [kind: number, first: number, last: number])[]): Uint8Array {
  const table = new Uint8Array(256).fill(UNKNOWN);
  for (const [kind, first, last] of ranges) table.fill(kind, first, last + 1);
  return table;
}

/** So few bytes are copied one by one sooner than all at once. */
const SHORT = 64;

/** Writes up to `capacity` bytes, one behind the other. */
export class ByteWriter {
  readonly #bytes: Uint8Array;
  #position = 0;

  constructor(capacity: number) {
    this.#bytes = new Uint8Array(capacity);
  }

  copy(from: Uint8Array, start: number, end: number): void {
    const position = this.#position;
    this.#position += end - start;
    if (end - start > SHORT) this.#bytes.set(from.subarray(start, end), position);
    else for (let at = start; at < end; at++) this.#bytes[position + at - start] = from[at] ?? 0;
  }

  /** LEB128, unsigned. */
  number(value: number): void {
    let rest = value;
    for (; rest >= 0x80; rest >>>= 7) this.#bytes[this.#position++] = (rest & 0x7f) | 0x80;
    this.#bytes[this.#position++] = rest;
  }

  written(): Uint8Array {
    return this.#bytes.subarray(0, this.#position);
  }
}
