/** What all C++ objects share: how their methods find the object and refuse wrong arguments. */

import { LuaError } from '../lua-error.ts';
import { LUA_TYPE, type LuaFunction, type LuaReturn, type ObjectType } from '../lua-value.ts';
import type { LuaStack } from '../stack.ts';

/**
 * A method as LuaWrapper calls it: exactly `argumentCount` arguments after the object, which must be of the type that
 * `type` gives (asked late, since a type names its own methods).
 */
export function method<T>(
  type: () => ObjectType,
  argumentCount: number,
  call: (value: T, stack: LuaStack) => LuaReturn,
): LuaFunction {
  return (stack) => {
    const value = objectAt<T>(stack, type(), 1);
    if (stack.size !== argumentCount + 1) throw new LuaError(`this method takes ${argumentCount} argument(s)`);
    return call(value, stack);
  };
}

/** The object of `type` in a slot, or `LuaError`. */
export function objectAt<T>(stack: LuaStack, type: ObjectType, slot: number): T {
  const object = stack.object(slot);
  if (object?.type !== type) throw new LuaError(`argument ${slot}: expected a ${type.name}`);
  return object.value as T;
}

/** A text argument: a string, or a number as `%.14g` writes it. */
export function textAt(stack: LuaStack, slot: number): string {
  const type = stack.type(slot);
  if (type !== LUA_TYPE.string && type !== LUA_TYPE.number) throw new LuaError(`argument ${slot}: expected a string`);
  return stack.string(slot);
}

/** The texts of a table in the order of `next`. */
export function textsAt(stack: LuaStack, slot: number): string[] {
  if (stack.type(slot) !== LUA_TYPE.table) throw new LuaError(`argument ${slot}: expected a table`);
  const texts: string[] = [];
  stack.forEach(slot, (_key, value) => texts.push(textAt(stack, value)));
  return texts;
}

/** A binary string of bytes, as Lua holds them. */
export function binaryString(bytes: Uint8Array): string {
  return Array.from(bytes, (byte) => String.fromCharCode(byte)).join('');
}
