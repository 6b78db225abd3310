/** What passes between Lua code and its host. Strings are binary strings: one character a byte. */
import type { LuaStack } from './stack.ts';

export const LUA_TYPE = {
  none: -1,
  nil: 0,
  boolean: 1,
  lightUserdata: 2,
  number: 3,
  string: 4,
  table: 5,
  function: 6,
  userdata: 7,
  thread: 8,
} as const;

/** A type of userdata: its name as error messages show it, and its methods. */
export interface ObjectType {
  readonly name: string;
  readonly methods: Readonly<Record<string, LuaFunction>>;
  /** `==` on two objects of the type; absent = identity. */
  readonly equals?: (a: unknown, b: unknown) => boolean;
  /** What `tostring` gives; absent = Lua's own text, an address. */
  readonly text?: (value: unknown) => string;
  /** Handlers by event (`__concat`, …). An `__index` among them takes the place of the methods. */
  readonly events?: Readonly<Record<string, LuaFunction>>;
}

/** A value of JavaScript that Lua code holds as userdata. */
export class LuaObject {
  readonly type: ObjectType;
  readonly value: unknown;
  constructor(type: ObjectType, value: unknown) {
    this.type = type;
    this.value = value;
  }
}

/** What JavaScript functions give back to Lua. Functions are new ones, made for the occasion. */
export type LuaReturn =
  | undefined
  | boolean
  | number
  | string
  | LuaFunction
  | LuaObject
  | readonly LuaReturn[]
  | LuaTable;

/** A table with keys of its own, for results that are no list. */
export interface LuaTable {
  readonly entries: ReadonlyMap<string | number, LuaReturn>;
}

/** A function of the host. Reads its arguments from the stack; throws `LuaError` to raise an error in the code. */
export type LuaFunction = (stack: LuaStack) => LuaReturn;
