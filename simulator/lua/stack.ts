/** What a host function sees of Lua's stack. */
import { LuaError } from './lua-error.ts';
import { LUA_TYPE, type LuaObject } from './lua-value.ts';
import { numberText } from './number-format.ts';
import type { LuaVm } from './vm.ts';
import type { LuaApi } from './wasm.ts';

const STEPS_OF_AN_ITEM = 50;

/** The arguments of a call, or the result of a run: slots count from 1. */
export class LuaStack {
  readonly #vm: LuaVm;
  readonly #api: LuaApi;
  readonly #state: number;

  constructor(vm: LuaVm, api: LuaApi, state: number) {
    this.#vm = vm;
    this.#api = api;
    this.#state = state;
  }

  get size(): number {
    return this.#api.lua_gettop(this.#state);
  }

  type(slot: number): number {
    return this.#api.lua_type(this.#state, slot);
  }

  boolean(slot: number): boolean {
    return this.#api.lua_toboolean(this.#state, slot) !== 0;
  }

  number(slot: number): number {
    return this.#api.lua_tonumber(this.#state, slot);
  }

  /** A string, or a number converted as LuaJIT does (fourteen digits, halves rounded up). */
  string(slot: number): string {
    if (this.type(slot) === LUA_TYPE.number) return numberText(this.number(slot));
    return this.#vm.readString(this.#state, slot);
  }

  object(slot: number): LuaObject | undefined {
    return this.type(slot) === LUA_TYPE.userdata ? this.#vm.readObject(this.#state, slot) : undefined;
  }

  /** Visits a table in the order of `next`. The visitor sees the key and the value as slots. */
  forEach(slot: number, visit: (keySlot: number, valueSlot: number) => void): void {
    const api = this.#api;
    const table = slot < 0 ? api.lua_gettop(this.#state) + 1 + slot : slot;
    if (api.lua_checkstack(this.#state, 8) === 0) throw new LuaError('stack overflow');
    api.lua_pushnil(this.#state);
    while (api.lua_next(this.#state, table) !== 0) {
      const top = api.lua_gettop(this.#state);
      this.#vm.spend(STEPS_OF_AN_ITEM);
      visit(top - 1, top);
      api.lua_settop(this.#state, top - 1);
    }
  }

  /** Puts `table[key]` on top and returns its slot; `drop` it after use. */
  item(slot: number, key: number): number {
    this.#api.lua_rawgeti(this.#state, slot, key);
    return this.#api.lua_gettop(this.#state);
  }

  /** Pays for work of the host beyond the reading of arguments. */
  spend(steps: number): void {
    this.#vm.spend(steps);
  }

  drop(count: number): void {
    this.#api.lua_settop(this.#state, -count - 1);
  }

  length(slot: number): number {
    return this.#api.lua_objlen(this.#state, slot);
  }

  /**
   * How many leading integer keys of a table lie in its array part, and so come in order. All other keys are hashed:
   * with two or more of them the order of `next` is the hash's own.
   */
  arraySize(slot: number): number {
    return this.#vm.arraySize(this.#api.lua_topointer(this.#state, slot));
  }
}
