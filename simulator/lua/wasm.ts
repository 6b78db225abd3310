/**
 * The WebAssembly build of Lua 5.1, metered, instantiated without any host access: every system call of the module is
 * answered with "not implemented", so code inside has no file, socket, process or clock. Memory is capped.
 *
 * Two facts about the build that the code below relies on: Lua errors (`longjmp`) arrive as the thrown value `Infinity`
 * and must pass through every JavaScript frame untouched until `invoke_vii`, the build's `setjmp`, catches them; any
 * other thrown value, the trap of a meter among them, unwinds the whole machine, which is then unusable and has to be
 * thrown away.
 */
import { FUEL_EXPORT } from './metered-module.ts';

/** `-ENOSYS`: what the kernel says of a system call that it does not have. */
const NOT_IMPLEMENTED = -52;
const PAGE_BYTES = 65_536;
const MOST_FUEL = 0x7fff_ffff;

type Exported = (...args: number[]) => number;

/** The functions of Lua's C API that the host uses, under their C names. Pointers and states are numbers. */
export interface LuaApi {
  luaL_newstate(): number;
  luaL_openlibs(state: number): void;
  luaL_loadbuffer(state: number, buffer: number, size: number, name: number): number;
  luaL_ref(state: number, table: number): number;
  luaL_unref(state: number, table: number, ref: number): void;
  lua_checkstack(state: number, slots: number): number;
  lua_createtable(state: number, arraySize: number, hashSize: number): void;
  lua_error(state: number): number;
  lua_gc(state: number, what: number, data: number): number;
  lua_getfield(state: number, index: number, name: number): void;
  lua_getstack(state: number, level: number, activation: number): number;
  lua_gettop(state: number): number;
  lua_getinfo(state: number, what: number, activation: number): number;
  lua_getmetatable(state: number, index: number): number;
  lua_insert(state: number, index: number): void;
  lua_newuserdata(state: number, size: number): number;
  lua_next(state: number, index: number): number;
  lua_objlen(state: number, index: number): number;
  lua_pcall(state: number, args: number, results: number, handler: number): number;
  lua_pushboolean(state: number, value: number): void;
  lua_pushcclosure(state: number, fn: number, upvalues: number): void;
  lua_pushlstring(state: number, bytes: number, size: number): void;
  lua_pushnil(state: number): void;
  lua_pushnumber(state: number, value: number): void;
  lua_pushvalue(state: number, index: number): void;
  lua_rawequal(state: number, a: number, b: number): number;
  lua_rawget(state: number, index: number): void;
  lua_rawgeti(state: number, index: number, key: number): void;
  lua_rawset(state: number, index: number): void;
  lua_rawseti(state: number, index: number, key: number): void;
  lua_setfenv(state: number, index: number): number;
  lua_setfield(state: number, index: number, name: number): void;
  lua_setmetatable(state: number, index: number): number;
  lua_settop(state: number, index: number): void;
  lua_toboolean(state: number, index: number): number;
  lua_tolstring(state: number, index: number, sizePointer: number): number;
  lua_tonumber(state: number, index: number): number;
  lua_topointer(state: number, index: number): number;
  lua_touserdata(state: number, index: number): number;
  lua_type(state: number, index: number): number;
  malloc(size: number): number;
  free(pointer: number): void;
}

export interface LuaMachine {
  readonly api: LuaApi;
  /** Puts a JavaScript function into the machine's function table. The index serves as a C function pointer. */
  addFunction(fn: (...args: number[]) => number, parameterCount: number, returnsValue: boolean): number;
  /** Writes a binary string (one character a byte) and a final NUL at `pointer`. */
  writeBytes(pointer: number, binary: string): void;
  /** Reads `size` bytes as a binary string. */
  readBytes(pointer: number, size: number): string;
  readInt32(pointer: number): number;
  writeInt32(pointer: number, value: number): void;
  readonly memoryBytes: number;
  /** Whether memory was asked for beyond the cap since this was last asked. */
  takeMemoryRefused(): boolean;
  /** Steps (turns of loops, calls) until the machine traps. */
  refuel(steps: number): void;
  /** Pays for work of the host. Throws `MachineEnded`. */
  spend(steps: number): void;
  readonly outOfFuel: boolean;
}

/** Thrown by the host in the middle of a machine, which cannot go on: it has no fuel left, or has given up. */
export class MachineEnded extends Error {
  override readonly name = 'MachineEnded';
}

/** What the host copies in the time of one step. */
const BYTES_A_STEP = 16;
const STEPS_OF_A_THROW = 300;
const MOST_OWED = 20_000;

/** A new machine out of a metered module. `maxMemoryBytes`: allocation beyond it fails with Lua's own "not enough memory". */
export function instantiateLua(module: WebAssembly.Module, maxMemoryBytes: number): LuaMachine {
  let bytes = new Uint8Array();
  let words = new Int32Array();
  let memoryRefused = false;
  const view = () => {
    const buffer = memory.buffer;
    bytes = new Uint8Array(buffer);
    words = new Int32Array(buffer);
  };
  const growTo = (neededBytes: number): number => {
    const pages = memory.buffer.byteLength / PAGE_BYTES;
    const maxPages = Math.floor(maxMemoryBytes / PAGE_BYTES);
    const neededPages = Math.ceil(neededBytes / PAGE_BYTES);
    if (neededPages > maxPages) {
      memoryRefused = true;
      return 0;
    }
    memory.grow(Math.min(maxPages, Math.max(neededPages, Math.ceil(pages * 1.25))) - pages);
    view();
    return 1;
  };

  const provided: Record<string, (...args: number[]) => number> = {
    _emscripten_throw_longjmp: () => {
      spend(STEPS_OF_A_THROW);
      throw Infinity;
    },
    invoke_vii: (index = 0, first = 0, second = 0) => {
      const stack = call('stackSave')();
      try {
        (table.get(index) as Exported)(first, second);
      } catch (thrown) {
        call('stackRestore')(stack);
        if (thrown !== Infinity) throw thrown;
        call('setThrew')(1, 0);
      }
      return 0;
    },
    emscripten_resize_heap: (size = 0) => growTo(size >>> 0),
    emscripten_memcpy_js: (to = 0, from = 0, size = 0) => {
      spend(Math.ceil((size >>> 0) / BYTES_A_STEP));
      bytes.copyWithin(to, from, from + size);
      return 0;
    },
    environ_sizes_get: (count = 0, size = 0) => {
      words[count >> 2] = 0;
      words[size >> 2] = 0;
      return 0;
    },
    environ_get: () => 0,
    fd_write: () => 0,
    _tzset_js: () => 0,
    _emscripten_get_now_is_monotonic: () => 1,
    emscripten_date_now: () => 0,
    exit: () => {
      throw new MachineEnded('the Lua machine gave up');
    },
  };
  const imports: Record<string, Record<string, WebAssembly.ImportValue>> = {};
  for (const { module: from, name } of WebAssembly.Module.imports(module)) {
    imports[from] ??= {};
    imports[from][name] = provided[name] ?? (() => NOT_IMPLEMENTED);
  }
  const { exports } = new WebAssembly.Instance(module, imports);
  const call = (name: string): Exported => exports[name] as Exported;
  const memory = exports.memory as WebAssembly.Memory;
  const table = exports.__indirect_function_table as WebAssembly.Table;
  const fuel = exports[FUEL_EXPORT] as WebAssembly.Global;
  // Reaching for the global takes longer than most of what is paid for, so the host pays what it owes at times.
  let owed = 0;
  const spend = (steps: number) => {
    owed += steps;
    if (owed < MOST_OWED) return;
    fuel.value = Math.max(-1, fuel.value - owed);
    owed = 0;
    if (fuel.value < 0) throw new MachineEnded('out of fuel');
  };
  view();
  fuel.value = MOST_FUEL;
  call('__wasm_call_ctors')();
  call('emscripten_stack_init')();

  return {
    api: exports as unknown as LuaApi,
    addFunction(fn, parameterCount, returnsValue) {
      table.grow(1);
      table.set(table.length - 1, asWasmFunction(fn, parameterCount, returnsValue));
      return table.length - 1;
    },
    writeBytes(pointer, binary) {
      for (let i = 0; i < binary.length; i++) bytes[pointer + i] = binary.charCodeAt(i);
      bytes[pointer + binary.length] = 0;
    },
    readBytes(pointer, size) {
      if (size > 64) return Buffer.from(bytes.buffer, pointer, size).toString('latin1');
      let text = '';
      for (let i = 0; i < size; i++) text += String.fromCharCode(bytes[pointer + i] ?? 0);
      return text;
    },
    readInt32: (pointer) => words[pointer >> 2] ?? 0,
    writeInt32(pointer, value) {
      words[pointer >> 2] = value;
    },
    get memoryBytes() {
      return memory.buffer.byteLength;
    },
    takeMemoryRefused() {
      const refused = memoryRefused;
      memoryRefused = false;
      return refused;
    },
    refuel(steps) {
      owed = 0;
      fuel.value = Math.min(steps, MOST_FUEL);
    },
    spend,
    get outOfFuel() {
      return fuel.value < 0;
    },
  };
}

/**
 * A function table of WebAssembly takes WebAssembly functions only, so a JavaScript function is passed through a module
 * of one import that it exports again.
 */
function asWasmFunction(fn: (...args: number[]) => number, parameterCount: number, returnsValue: boolean): unknown {
  const I32 = 0x7f;
  const parameters = [parameterCount, ...Array<number>(parameterCount).fill(I32)];
  const results = returnsValue ? [1, I32] : [0];
  const type = [1, 0x60, ...parameters, ...results];
  const binary = new Uint8Array([
    ...[0x00, 0x61, 0x73, 0x6d, 0x01, 0x00, 0x00, 0x00],
    ...[1, type.length, ...type],
    ...[2, 7, 1, 1, 0x65, 1, 0x66, 0x00, 0x00],
    ...[7, 5, 1, 1, 0x66, 0x00, 0x00],
  ]);
  return new WebAssembly.Instance(new WebAssembly.Module(binary), { e: { f: fn } }).exports.f;
}
