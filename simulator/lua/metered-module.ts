/**
 * Makes a WebAssembly module pay for what it does: each turn of a loop and each entry into a function that calls others
 * costs one unit of fuel, and the module traps where there is none left. Whatever a module does for long, it does in loops
 * or by calling, so this bounds every run, wherever it is: in the interpreter, a pattern, a sort, the garbage collector.
 */
import { ByteWriter, END, NumberReader, turnsOf } from './wasm-code.ts';

/** Under this name a metered module exports its fuel: a mutable `i32`, below zero once it has run out. */
export const FUEL_EXPORT = 'fuel';

const SECTION = { import: 2, global: 6, export: 7, code: 10 } as const;
const HEADER_BYTES = 8;
const I32 = 0x7f;

/**
 * The module with meters. Throws on what it cannot read exactly: instructions beyond those of `wasm-code.ts`, imports that are
 * no functions, no section for globals or exports.
 */
export function meteredModule(module: Uint8Array): Uint8Array {
  const sections = readSections(module);
  const contentOf = (id: number) => {
    const content = sections.get(id);
    if (content === undefined) throw new Error(`the WebAssembly module has no section ${id}`);
    return content;
  };
  requireFunctions(contentOf(SECTION.import));
  const fuel = new NumberReader(contentOf(SECTION.global), 0).read();
  const replaced = new Map<number, Uint8Array>([
    [SECTION.global, appended(contentOf(SECTION.global), [I32, 0x01, 0x41, 0x00, END])],
    [SECTION.export, appended(contentOf(SECTION.export), fuelExport(fuel))],
    [SECTION.code, meteredCode(contentOf(SECTION.code), charge(fuel))],
  ]);
  const metered = new ByteWriter(module.length + (replaced.get(SECTION.code)?.length ?? 0));
  metered.copy(module, 0, HEADER_BYTES);
  for (const [id, content] of sections) {
    const now = replaced.get(id) ?? content;
    metered.number(id);
    metered.number(now.length);
    metered.copy(now, 0, now.length);
  }
  return metered.written();
}

/** Takes one from the fuel and traps below zero. */
function charge(fuel: number): Uint8Array {
  const global = numberBytes(fuel);
  const [get, set, constant, subtract, less, when, trap] = [0x23, 0x24, 0x41, 0x6b, 0x48, 0x04, 0x00];
  return Uint8Array.of(
    ...[get, ...global, constant, 1, subtract, set, ...global],
    ...[get, ...global, constant, 0, less, when, 0x40, trap, END],
  );
}

function meteredCode(content: Uint8Array, meter: Uint8Array): Uint8Array {
  const reader = new NumberReader(content, 0);
  // Most instructions are no loops, and a loop has more bytes than a meter is long.
  const metered = new ByteWriter(content.length * 2);
  const count = reader.read();
  metered.number(count);
  for (let left = count; left > 0; left--) {
    const size = reader.read();
    const start = reader.position;
    reader.position = start + size;
    const places = placesOfMeters(content, start, reader.position);
    metered.number(size + places.length * meter.length);
    let copied = start;
    for (const place of places) {
      metered.copy(content, copied, place);
      metered.copy(meter, 0, meter.length);
      copied = place;
    }
    metered.copy(content, copied, reader.position);
  }
  return metered.written();
}

/** Where meters belong in the function that lies from `start` to `end`, in order. */
function placesOfMeters(content: Uint8Array, start: number, end: number): readonly number[] {
  const locals = new NumberReader(content, start);
  for (let groups = locals.read(); groups > 0; groups--) {
    locals.read();
    locals.position++;
  }
  const { loops, calls } = turnsOf(content, locals.position, end);
  // What calls nothing cannot recurse: its caller's turn has paid for it.
  return calls ? [locals.position, ...loops] : loops;
}

/** By id, in order. Of the sections with names of their own, which share an id and mean nothing here, one stays. */
function readSections(module: Uint8Array): Map<number, Uint8Array> {
  const reader = new NumberReader(module, HEADER_BYTES);
  const sections = new Map<number, Uint8Array>();
  while (reader.position < module.length) {
    const id = reader.read();
    const size = reader.read();
    sections.set(id, module.subarray(reader.position, reader.position + size));
    reader.position += size;
  }
  return sections;
}

/** Globals are counted from the imported ones on. */
function requireFunctions(imports: Uint8Array): void {
  const reader = new NumberReader(imports, 0);
  for (let left = reader.read(); left > 0; left--) {
    for (let names = 2; names > 0; names--) {
      const length = reader.read();
      reader.position += length;
    }
    const kind = reader.read();
    if (kind !== 0) throw new Error(`the WebAssembly module imports more than functions (kind ${kind})`);
    reader.read();
  }
}

function fuelExport(fuel: number): number[] {
  const name = [...FUEL_EXPORT].map((letter) => letter.charCodeAt(0));
  return [...numberBytes(name.length), ...name, 0x03, ...numberBytes(fuel)];
}

/** A vector with one entry more. */
function appended(vector: Uint8Array, entry: readonly number[]): Uint8Array {
  const reader = new NumberReader(vector, 0);
  const longer = new ByteWriter(vector.length + entry.length + 1);
  longer.number(reader.read() + 1);
  longer.copy(vector, reader.position, vector.length);
  longer.copy(Uint8Array.from(entry), 0, entry.length);
  return longer.written();
}

function numberBytes(value: number): Uint8Array {
  const writer = new ByteWriter(5);
  writer.number(value);
  return writer.written();
}
