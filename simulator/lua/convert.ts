/**
 * How PowerDNS's Lua wrapper turns arguments into C++ values: what each kind of parameter takes, and what it refuses
 * (any refusal is a Lua error, so SERVFAIL unless the code catches it). The same on all release lines but for option
 * tables, which 5.1 added.
 */
import { type IpAddress, parseComboAddress } from '../../geoip/address.ts';
import { atoi } from '../health/c-number.ts';
import type { CheckOptions, OptionValue } from '../health/check.ts';
import { type EvaluationContext, Opaque } from './context.ts';
import { LuaError } from './lua-error.ts';
import { LUA_TYPE, type LuaReturn } from './lua-value.ts';
import type { LuaStack } from './stack.ts';

/** Reads the argument in `slot`, or throws `LuaError`. */
export type Reader<T> = (stack: LuaStack, slot: number, context: EvaluationContext) => T;

/** A function that records can call. */
export interface RecordFunction {
  readonly name: string;
  call(stack: LuaStack, context: EvaluationContext): LuaReturn;
}

/**
 * Declares a record function by its parameters. The last `optionalCount` may be missing or nil; any other count of
 * arguments is an error, as in PowerDNS.
 */
export function recordFunction<A extends readonly unknown[]>(
  name: string,
  parameters: { readonly [K in keyof A]: Reader<A[K]> },
  call: (context: EvaluationContext, ...args: A) => LuaReturn,
): RecordFunction {
  return {
    name,
    call(stack, context) {
      if (stack.size > parameters.length) throw new LuaError(`${name}: too many arguments`);
      const args = parameters.map((read, i) => read(stack, i + 1, context));
      return call(context, ...(args as unknown as A));
    },
  };
}

/** A parameter that may be missing or nil. */
export function optional<T>(read: Reader<T>): Reader<T | undefined> {
  return (stack, slot, context) => {
    const type = stack.type(slot);
    return type === LUA_TYPE.none || type === LUA_TYPE.nil ? undefined : read(stack, slot, context);
  };
}

/** A string, or a number as `%.14g` writes it. */
export const text: Reader<string> = (stack, slot) => {
  const type = stack.type(slot);
  if (type !== LUA_TYPE.string && type !== LUA_TYPE.number) throw mismatch(stack, slot, 'a string');
  return stack.string(slot);
};

/** A number without its fraction, or text that is a number. */
export const integer: Reader<number> = (stack, slot) => {
  const type = stack.type(slot);
  if (type === LUA_TYPE.number) return Math.trunc(stack.number(slot));
  if (type === LUA_TYPE.string) {
    const value = Number(stack.string(slot).trim() || 'NaN');
    if (!Number.isNaN(value)) return Math.trunc(value);
  }
  throw mismatch(stack, slot, 'a number');
};

/** A number without a fraction, or text that is one. */
export const attributeNumber: Reader<number> = (stack, slot, context) => {
  if (stack.type(slot) === LUA_TYPE.number && !Number.isInteger(stack.number(slot))) {
    throw mismatch(stack, slot, 'a whole number');
  }
  return integer(stack, slot, context);
};

/** Texts in the order of Lua's `next`; keys must be numbers, or text that is one. */
export const textList: Reader<readonly string[]> = (stack, slot, context) => {
  const list: string[] = [];
  forEachItem(stack, slot, 'a list of strings', (valueSlot) => list.push(text(stack, valueSlot, context)));
  return list;
};

/** As `textList`, for functions whose result depends on the order. */
export const orderedTexts: Reader<readonly string[]> = (stack, slot, context) => {
  const list: string[] = [];
  forEachInOrder(stack, slot, 'a list of strings', (valueSlot) => list.push(text(stack, valueSlot, context)));
  return list;
};

/** A single text or number, or a list of them. */
export const textOrList: Reader<readonly string[]> = (stack, slot, context) =>
  stack.type(slot) === LUA_TYPE.table ? textList(stack, slot, context) : [text(stack, slot, context)];

export interface WeightedItem {
  readonly weightText: string;
  readonly value: string;
}

/**
 * `{ {weight, value}, … }`: field 1 and 2 of each row; further fields count for nothing. A missing field is read as an empty
 * text: no weight, or an answer that fails only where it is picked.
 */
export const weightedList: Reader<readonly WeightedItem[]> = (stack, slot, context) =>
  weightedRows(stack, slot, context).map(({ weightText = '', value = '' }) => ({ weightText, value }));

/** As `weightedList`, but both fields must be there. */
export const completeWeightedList: Reader<readonly WeightedItem[]> = (stack, slot, context) =>
  weightedRows(stack, slot, context).map(({ weightText, value }) => {
    if (weightText === undefined || value === undefined) throw new LuaError('a row of the list is not {weight, value}');
    return { weightText, value };
  });

/** What a point on the ring of `pickchashed` costs, in steps of the machine. */
const STEPS_OF_A_POINT = 50;

/** As `completeWeightedList`, where each row is to be worth as many points as it weighs: the run pays for them. */
export const completeRingList: Reader<readonly WeightedItem[]> = (stack, slot, context) => {
  const rows = completeWeightedList(stack, slot, context);
  for (const { weightText } of rows) stack.spend(Math.max(0, atoi(weightText)) * STEPS_OF_A_POINT);
  return rows;
};

const weightedRows: Reader<readonly Partial<WeightedItem>[]> = (stack, slot, context) => {
  const list: Partial<WeightedItem>[] = [];
  forEachInOrder(stack, slot, 'a list of {weight, value}', (rowSlot) => {
    const fields = new Map<number, string>();
    forEachEntry(stack, rowSlot, '{weight, value}', (keySlot, valueSlot) =>
      fields.set(integer(stack, keySlot, context), text(stack, valueSlot, context)),
    );
    const weightText = fields.get(1);
    const value = fields.get(2);
    list.push({ ...(weightText === undefined ? {} : { weightText }), ...(value === undefined ? {} : { value }) });
  });
  return list;
};

export interface Candidate {
  readonly address: IpAddress;
  readonly port: number;
}

/** One address as `ComboAddress` reads it: lenient IPv4 forms, `a.b.c.d:port`, `[v6]:port`; never a host name. */
export function candidate(addressText: string): Candidate {
  const parsed = parseComboAddress(addressText);
  if (parsed === undefined) throw new LuaError(`Unable to convert presentation address '${addressText}'`);
  return parsed;
}

export type Groups = readonly (readonly Candidate[])[];

/** A flat list of addresses (one group), or a list of such lists. Mixing the two is refused. */
export const addressGroups: Reader<{ readonly groups: Groups; readonly nested: boolean }> = (stack, slot, context) => {
  const kinds = new Set<boolean>();
  forEachItem(stack, slot, 'a list of addresses', (valueSlot) => kinds.add(stack.type(valueSlot) === LUA_TYPE.table));
  if (kinds.size === 2) throw new LuaError('addresses and groups of addresses are mixed');
  if (!kinds.has(true)) return { groups: [orderedTexts(stack, slot, context).map(candidate)], nested: false };
  const groups: Candidate[][] = [];
  forEachInOrder(stack, slot, 'a list of groups', (groupSlot) =>
    groups.push(orderedTexts(stack, groupSlot, context).map(candidate)),
  );
  return { groups, nested: true };
};

/** The options of a check: a table of texts; from 5.1 also tables of texts. Booleans are refused on every line. */
export const options: Reader<CheckOptions> = (stack, slot, context) => {
  const read: Record<string, OptionValue> = {};
  forEachEntry(stack, slot, 'a table of options', (keySlot, valueSlot) => {
    const key = text(stack, keySlot, context);
    if (stack.type(valueSlot) !== LUA_TYPE.table || !context.profile.optionTables) {
      read[key] = text(stack, valueSlot, context);
      return;
    }
    const table: Record<string, string> = {};
    forEachEntry(stack, valueSlot, 'a table of strings', (nameSlot, itemSlot) => {
      table[text(stack, nameSlot, context)] = text(stack, itemSlot, context);
    });
    read[key] = table;
  });
  return read;
};

/** Visits the values of a table whose keys are numbers, or texts that are numbers. */
export function forEachItem(
  stack: LuaStack,
  slot: number,
  expected: string,
  visit: (valueSlot: number, key: number) => void,
): void {
  forEachEntry(stack, slot, expected, (keySlot, valueSlot) => {
    const type = stack.type(keySlot);
    const isNumeric = type === LUA_TYPE.number || type === LUA_TYPE.string;
    const key = isNumeric ? Number(stack.string(keySlot).trim() || 'NaN') : Number.NaN;
    if (Number.isNaN(key)) throw new LuaError(`a key of ${expected} is not a number`);
    visit(valueSlot, Math.trunc(key));
  });
}

/**
 * As `forEachItem`, for what depends on the order. PowerDNS takes values in the order of Lua's `next`, which nobody knows
 * when two or more of the keys are hashed.
 */
export function forEachInOrder(
  stack: LuaStack,
  slot: number,
  expected: string,
  visit: (valueSlot: number, key: number) => void,
): void {
  forEachItem(stack, slot, expected, visit);
  if (hashedKeys(stack, slot) > 1) throw new Opaque(`the order of ${expected} hangs on the hash of its keys`);
}

/** How many keys of a table are hashed. The others are the leading integers, and `next` gives them in order. */
export function hashedKeys(stack: LuaStack, slot: number): number {
  const arraySize = stack.arraySize(slot);
  let hashed = 0;
  stack.forEach(slot, (keySlot) => {
    const key = stack.type(keySlot) === LUA_TYPE.number ? stack.number(keySlot) : 0;
    if (Number.isInteger(key) && key >= 1 && key <= arraySize) return;
    // LuaJIT's array part starts at 0, which then comes first.
    hashed += stack.type(keySlot) === LUA_TYPE.number && key === 0 && arraySize > 0 ? 2 : 1;
  });
  return hashed;
}

export function forEachEntry(
  stack: LuaStack,
  slot: number,
  expected: string,
  visit: (keySlot: number, valueSlot: number) => void,
): void {
  if (stack.type(slot) !== LUA_TYPE.table) throw mismatch(stack, slot, expected);
  stack.forEach(slot, visit);
}

const TYPE_NAMES = ['nil', 'boolean', 'light userdata', 'number', 'string', 'table', 'function', 'userdata', 'thread'];

export function mismatch(stack: LuaStack, slot: number, expected: string): LuaError {
  const type = stack.type(slot);
  return new LuaError(`argument ${slot}: expected ${expected}, got ${TYPE_NAMES[type] ?? 'nothing'}`);
}
