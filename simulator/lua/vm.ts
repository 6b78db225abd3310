/**
 * A sandboxed Lua state: compiles chunks, runs them with a budget of steps and a memory cap, calls JavaScript
 * functions, and carries userdata objects. It knows nothing of PowerDNS.
 *
 * Lua strings are byte strings; here they are binary strings (one character a byte, as in latin1).
 */
import { LuaAbort, LuaBroken, LuaBudgetExceeded, LuaError, type Match } from './lua-error.ts';
import { LUA_TYPE, type LuaFunction, LuaObject, type LuaReturn, type ObjectType } from './lua-value.ts';
import { LuaStack } from './stack.ts';
import { instantiateLua, type LuaApi, type LuaMachine, MachineEnded } from './wasm.ts';

const REGISTRY = -10_000;
const GLOBALS = -10_002;
const FIRST_UPVALUE = -10_003;
/** `LUA_GCCOLLECT` */
const COLLECT = 2;
const SCRATCH_BYTES = 65_536;
/** For what the host asks of a machine between runs. */
const HOST_STEPS = 1_000_000_000;
/** What a call of a host function costs, apart from the texts that it reads and gives. */
const STEPS_OF_A_CALL = 500;
const NOT_ENOUGH_MEMORY = 'not enough memory';
/** Where `struct Table` of Lua 5.1 keeps `sizearray` when pointers have four bytes. */
const ARRAY_SIZE_OFFSET = 28;
/** `lua_Debug` of Lua 5.1, likewise. */
const ACTIVATION_BYTES = 128;
const WHAT_OFFSET = 12;

export type Chunk =
  | { readonly kind: 'chunk'; readonly ref: number }
  | { readonly kind: 'refused'; readonly message: string };

export interface LuaLimits {
  readonly maxMemoryBytes: number;
  /** Turns of loops and calls inside the machine, for each run and each compilation. */
  readonly stepBudget: number;
}

/** The type of the value that code catches when a host function raises an error; the value is the message. */
export type HostErrorType = ObjectType;

export class LuaVm {
  readonly #machine: LuaMachine;
  readonly #api: LuaApi;
  readonly #state: number;
  readonly #functions: LuaFunction[] = [];
  readonly #dispatch: number;
  readonly #metatables = new Map<ObjectType, number>();
  readonly #scratch: number;
  readonly #limits: LuaLimits;
  readonly #hostError: HostErrorType | undefined;
  #objects: LuaObject[] = [];
  #usable = true;
  #decided: LuaAbort | undefined;

  /** Without `hostError` code catches errors of host functions as plain strings. */
  constructor(module: WebAssembly.Module, limits: LuaLimits, hostError?: HostErrorType) {
    this.#limits = limits;
    this.#hostError = hostError;
    this.#machine = instantiateLua(module, limits.maxMemoryBytes);
    this.#api = this.#machine.api;
    this.#scratch = this.#api.malloc(SCRATCH_BYTES);
    this.#state = this.#api.luaL_newstate();
    this.#api.luaL_openlibs(this.#state);
    this.#dispatch = this.#machine.addFunction((state = 0) => this.#call(state), 1, true);
  }

  /** False after `LuaBroken`: make a new one. */
  get usable(): boolean {
    return this.#usable;
  }

  get memoryBytes(): number {
    return this.#machine.memoryBytes;
  }

  setGlobal(name: string, value: LuaReturn): void {
    const { lua_setfield } = this.#api;
    this.push(this.#state, value);
    this.#machine.writeBytes(this.#scratch, name);
    lua_setfield(this.#state, GLOBALS, this.#scratch);
  }

  /** Compiles a chunk; it stays until `release`. Throws `LuaBroken`. */
  compile(code: string, chunkName: string): Chunk {
    this.#machine.refuel(this.#limits.stepBudget);
    try {
      return this.#compile(code, chunkName);
    } catch (thrown) {
      throw this.#whatBroke(thrown);
    }
  }

  #compile(code: string, chunkName: string): Chunk {
    const buffer = this.#api.malloc(code.length + chunkName.length + 2);
    if (buffer === 0) return { kind: 'refused', message: NOT_ENOUGH_MEMORY };
    const name = buffer + code.length + 1;
    this.#machine.writeBytes(buffer, code);
    this.#machine.writeBytes(name, chunkName);
    const failed = this.#api.luaL_loadbuffer(this.#state, buffer, code.length, name);
    this.#api.free(buffer);
    if (failed !== 0) {
      const message = this.readString(this.#state, -1);
      this.#api.lua_settop(this.#state, 0);
      return { kind: 'refused', message };
    }
    return { kind: 'chunk', ref: this.#api.luaL_ref(this.#state, REGISTRY) };
  }

  release(chunk: Chunk): void {
    this.#machine.refuel(HOST_STEPS);
    if (chunk.kind === 'chunk') this.#api.luaL_unref(this.#state, REGISTRY, chunk.ref);
  }

  /** Compiles and runs trusted code in the global environment, once. */
  bootstrap(code: string, chunkName: string): void {
    const chunk = this.compile(code, chunkName);
    if (chunk.kind === 'refused') throw new Error(chunk.message);
    this.run(chunk.ref, () => undefined);
    this.release(chunk);
  }

  /**
   * Runs a chunk and reads its first result with `read` (the stack's only slot) before the stack is cleared.
   * Throws `LuaError` for errors of the code and `LuaAbort` where the run was ended from outside.
   */
  run<T>(ref: number, read: (stack: LuaStack) => T, prepare?: (state: number) => void): T {
    if (!this.#usable) throw new Error('this Lua VM was aborted; make a new one');
    const { lua_rawgeti, lua_pcall, lua_settop } = this.#api;
    const state = this.#state;
    this.#objects = [];
    this.#machine.refuel(this.#limits.stepBudget);
    try {
      lua_rawgeti(state, REGISTRY, ref);
      prepare?.(state);
      const failed = lua_pcall(state, 0, 1, 0) !== 0;
      if (this.#decided !== undefined) throw this.#decided;
      if (failed) throw new LuaError(this.#errorMessage(state));
      const result = read(new LuaStack(this, this.#api, state));
      lua_settop(state, 0);
      return result;
    } catch (thrown) {
      const why = this.#whatBroke(thrown);
      if (this.#usable) this.#tidy();
      throw why;
    } finally {
      this.#decided = undefined;
    }
  }

  #tidy(): void {
    this.#machine.refuel(HOST_STEPS);
    this.#api.lua_settop(this.#state, 0);
    // Lua 5.1 does not collect before it gives up, so what the code has left would starve the next.
    if (this.#machine.takeMemoryRefused()) this.#api.lua_gc(this.#state, COLLECT, 0);
  }

  /** The error that ended a run. One that ended the machine comes out as `LuaBroken`. */
  #whatBroke(thrown: unknown): unknown {
    if (thrown instanceof LuaError || thrown instanceof LuaAbort) return thrown;
    this.#usable = false;
    if (this.#machine.outOfFuel) {
      this.#machine.refuel(HOST_STEPS);
      return new LuaBudgetExceeded(this.#currentMatch());
    }
    // The stack of JavaScript, on which WebAssembly runs too.
    if (thrown instanceof RangeError && thrown.message.includes('call stack'))
      return new LuaBroken('the code nests deeper than the simulator can');
    return thrown instanceof WebAssembly.RuntimeError || thrown instanceof MachineEnded
      ? new LuaBroken(thrown.message)
      : thrown;
  }

  /**
   * The match that runs now: of all functions in C only those of patterns take two texts and go on for long. An iterator
   * has them as upvalues. What runs inside a coroutine is not seen.
   */
  #currentMatch(): Match | undefined {
    const state = this.#state;
    const activation = this.#scratch;
    const fields = activation + ACTIVATION_BYTES;
    this.#machine.writeBytes(fields, 'S');
    if (this.#api.lua_getstack(state, 0, activation) === 0) return undefined;
    this.#api.lua_getinfo(state, fields, activation);
    const what = this.#machine.readInt32(activation + WHAT_OFFSET);
    if (this.#machine.readBytes(what, 2) !== 'C\0') return undefined;
    const text = (index: number) =>
      this.#api.lua_type(state, index) === LUA_TYPE.string ? this.readString(state, index) : undefined;
    const subject = text(1) ?? text(FIRST_UPVALUE);
    const pattern = text(2) ?? text(FIRST_UPVALUE - 1);
    return subject === undefined || pattern === undefined ? undefined : { subject, pattern };
  }

  #errorMessage(state: number): string {
    const object = this.#api.lua_type(state, -1) === LUA_TYPE.userdata ? this.readObject(state, -1) : undefined;
    return object !== undefined && object.type === this.#hostError ? String(object.value) : this.readString(state, -1);
  }

  /** Keeps the global `name` at hand as a registry reference. */
  reference(name: string): number {
    this.#machine.writeBytes(this.#scratch, name);
    this.#api.lua_getfield(this.#state, GLOBALS, this.#scratch);
    return this.#api.luaL_ref(this.#state, REGISTRY);
  }

  /** Gives the function on top of the stack a new, empty environment whose metatable is `metatableRef`. */
  freshEnvironment(state: number, metatableRef: number): void {
    this.#api.lua_createtable(state, 0, 0);
    this.#api.lua_rawgeti(state, REGISTRY, metatableRef);
    this.#api.lua_setmetatable(state, -2);
    this.#api.lua_setfenv(state, -2);
  }

  push(state: number, value: LuaReturn): void {
    const api = this.#api;
    if (value === undefined) api.lua_pushnil(state);
    else if (typeof value === 'string') this.#pushString(state, value);
    else if (typeof value === 'number') api.lua_pushnumber(state, value);
    else if (typeof value === 'boolean') api.lua_pushboolean(state, value ? 1 : 0);
    else if (typeof value === 'function') this.#pushFunction(value, state);
    else if (value instanceof LuaObject) this.#pushObject(state, value);
    else if ('entries' in value && value.entries instanceof Map) {
      api.lua_checkstack(state, 4);
      api.lua_createtable(state, 0, value.entries.size);
      for (const [key, item] of value.entries) {
        this.push(state, key);
        this.push(state, item);
        api.lua_rawset(state, -3);
      }
    } else {
      const list = value as readonly LuaReturn[];
      api.lua_checkstack(state, 4);
      api.lua_createtable(state, list.length, 0);
      list.forEach((item, i) => {
        this.push(state, item);
        api.lua_rawseti(state, -2, i + 1);
      });
    }
  }

  /** Work of the host in the name of the code. Ends the run where the budget is used up. */
  spend(steps: number): void {
    this.#machine.spend(steps);
  }

  readString(state: number, index: number): string {
    const pointer = this.#api.lua_tolstring(state, index, this.#scratch);
    if (pointer === 0) return '';
    const size = this.#machine.readInt32(this.#scratch);
    this.#machine.spend(size);
    return this.#machine.readBytes(pointer, size);
  }

  /** Lua's API does not tell; the place of the number inside the struct is fixed by the build. */
  arraySize(tablePointer: number): number {
    return this.#machine.readInt32(tablePointer + ARRAY_SIZE_OFFSET);
  }

  readObject(state: number, index: number): LuaObject | undefined {
    const pointer = this.#api.lua_touserdata(state, index);
    return pointer === 0 ? undefined : this.#objects[this.#machine.readInt32(pointer)];
  }

  #pushString(state: number, binary: string): void {
    this.#machine.spend(binary.length);
    if (binary.length < SCRATCH_BYTES) {
      this.#machine.writeBytes(this.#scratch, binary);
      this.#api.lua_pushlstring(state, this.#scratch, binary.length);
      return;
    }
    const buffer = this.#api.malloc(binary.length + 1);
    if (buffer === 0) throw new LuaError(NOT_ENOUGH_MEMORY);
    this.#machine.writeBytes(buffer, binary);
    this.#api.lua_pushlstring(state, buffer, binary.length);
    this.#api.free(buffer);
  }

  #pushObject(state: number, object: LuaObject): void {
    const pointer = this.#api.lua_newuserdata(state, 4);
    this.#machine.writeInt32(pointer, this.#objects.length);
    this.#objects.push(object);
    this.#api.lua_rawgeti(state, REGISTRY, this.#metatableOf(state, object.type));
    this.#api.lua_setmetatable(state, -2);
  }

  #metatableOf(state: number, type: ObjectType): number {
    const known = this.#metatables.get(type);
    if (known !== undefined) return known;
    const api = this.#api;
    api.lua_createtable(state, 0, 3);
    api.lua_createtable(state, 0, 0);
    for (const [name, method] of Object.entries(type.methods)) {
      this.#pushString(state, name);
      this.#pushFunction(method, state);
      api.lua_rawset(state, -3);
    }
    this.#machine.writeBytes(this.#scratch, '__index');
    api.lua_setfield(state, -2, this.#scratch);
    for (const [event, handler] of eventsOf(type)) {
      this.#pushString(state, event);
      this.#pushFunction(handler, state);
      api.lua_rawset(state, -3);
    }
    this.#pushString(state, '__metatable');
    api.lua_pushboolean(state, 0);
    api.lua_rawset(state, -3);
    const ref = api.luaL_ref(state, REGISTRY);
    this.#metatables.set(type, ref);
    return ref;
  }

  #pushFunction(fn: LuaFunction, state: number = this.#state): void {
    this.#api.lua_pushnumber(state, this.#functions.length);
    this.#functions.push(fn);
    this.#api.lua_pushcclosure(state, this.#dispatch, 1);
  }

  #call(state: number): number {
    const fn = this.#functions[this.#api.lua_tonumber(state, FIRST_UPVALUE)];
    this.#machine.spend(STEPS_OF_A_CALL);
    try {
      this.push(state, fn?.(new LuaStack(this, this.#api, state)));
      return 1;
    } catch (thrown) {
      if (!(thrown instanceof LuaError || thrown instanceof LuaAbort)) throw thrown;
      if (thrown instanceof LuaAbort) this.#decided ??= thrown;
      this.push(state, this.#hostError === undefined ? thrown.message : new LuaObject(this.#hostError, thrown.message));
    }
    return this.#api.lua_error(state);
  }
}

function eventsOf({ equals, text, events }: ObjectType): Map<string, LuaFunction> {
  const handlers = new Map<string, LuaFunction>(Object.entries(events ?? {}));
  if (equals !== undefined) handlers.set('__eq', (stack) => equals(stack.object(1)?.value, stack.object(2)?.value));
  if (text !== undefined) handlers.set('__tostring', (stack) => text(stack.object(1)?.value));
  return handlers;
}
