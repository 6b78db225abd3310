/** What the bootstrap needs of the host: arithmetic that Lua 5.1 lacks, and the compiler's second opinion. */
import type { Profile } from '../profile/profile.ts';
import { Opaque } from './context.ts';
import { hashedKeys } from './convert.ts';
import { LuaError } from './lua-error.ts';
import { LUA_TYPE, type LuaFunction } from './lua-value.ts';
import { chunkName, plainLua, whyRefused } from './luajit-syntax.ts';
import { formatNumber, numberText } from './number-format.ts';
import { hostErrorType } from './objects/host-error.ts';
import type { LuaStack } from './stack.ts';

/** What reading a byte of code costs, in steps of the machine. */
const STEPS_TO_TRANSLATE = 10;
const STEPS_TO_PARSE = 100;

/** Checks of code that is compiled while a record runs; `loads` says what runs in its place. */
export function compileHelpers(profile: Profile, loads: (code: string) => string): ReadonlyMap<string, LuaFunction> {
  return new Map<string, LuaFunction>([
    [
      'gate',
      (stack) => {
        const code = stack.string(1);
        stack.spend(code.length * STEPS_TO_TRANSLATE);
        const plain = plainLua(code, profile);
        if (plain.kind === 'foreign') throw new Opaque(plain.message);
        return plain.kind === 'code' ? loads(plain.code) : false;
      },
    ],
    [
      'explain_refusal',
      (stack) => {
        const code = stack.string(1);
        stack.spend(code.length * STEPS_TO_PARSE);
        if (whyRefused(code, profile) === 'foreign') throw new Opaque('only LuaJIT can compile this text');
        return undefined;
      },
    ],
  ]);
}

export const valueHelpers: ReadonlyMap<string, LuaFunction> = new Map<string, LuaFunction>([
  [
    'opaque',
    (stack) => {
      throw new Opaque(stack.string(1));
    },
  ],
  ['is_host_error', (stack) => stack.object(1)?.type === hostErrorType],
  ['unordered', (stack) => hashedKeys(stack, 1) > 1],
  [
    'format_number',
    (stack) => {
      const precision = stack.number(3);
      return formatNumber(
        {
          flags: stack.string(1),
          width: stack.number(2),
          precision: precision < 0 ? undefined : precision,
          letter: stack.string(4),
        },
        stack.number(5),
      );
    },
  ],
  ['number_text', (stack) => numberText(stack.number(1))],
  ['chunk_name', (stack) => chunkName(stack.string(1))],
  ['parse_number', (stack) => parseNumber(stack.string(1), stack.number(2))],
  // LuaJIT multiplies by the inverse of the base's logarithm.
  ['log_to_base', (stack) => Math.log2(stack.number(1)) * (1 / Math.log2(stack.number(2)))],
  ...bitOperations(),
]);

/** `tonumber` with a base other than ten. */
function parseNumber(text: string, base: number): number | undefined {
  if (!(base >= 2 && base <= 36)) throw new LuaError('base out of range');
  const match = /^\s*([+-]?)([0-9a-z]+)\s*$/i.exec(text);
  const digits = base === 16 ? match?.[2]?.replace(/^0x/i, '') : match?.[2];
  if (digits === undefined || digits === '') return undefined;
  let value = 0;
  for (const digit of digits) {
    const worth = Number.parseInt(digit, 36);
    if (worth >= base) return undefined;
    value = value * base + worth;
  }
  return match?.[1] === '-' ? -value : value;
}

/** LuaJIT's `bit` library: 32 bits, results signed. */
function bitOperations(): [string, LuaFunction][] {
  const fold = (combine: (a: number, b: number) => number): LuaFunction => {
    return (stack) => {
      let result = bits(stack, 1);
      for (let slot = 2; slot <= stack.size; slot++) result = combine(result, bits(stack, slot));
      return result;
    };
  };
  const shift =
    (move: (value: number, count: number) => number): LuaFunction =>
    (stack) =>
      move(bits(stack, 1), bits(stack, 2) & 31) | 0;
  return [
    ['bit_band', fold((a, b) => a & b)],
    ['bit_bor', fold((a, b) => a | b)],
    ['bit_bxor', fold((a, b) => a ^ b)],
    ['bit_bnot', (stack) => ~bits(stack, 1)],
    ['bit_tobit', (stack) => bits(stack, 1)],
    ['bit_lshift', shift((value, count) => value << count)],
    ['bit_rshift', shift((value, count) => value >>> count)],
    ['bit_arshift', shift((value, count) => value >> count)],
    ['bit_rol', shift((value, count) => (value << count) | (value >>> (32 - count)))],
    ['bit_ror', shift((value, count) => (value >>> count) | (value << (32 - count)))],
    ['bit_bswap', (stack) => swapBytes(bits(stack, 1))],
    ['bit_tohex', (stack) => toHex(bits(stack, 1), stack.size < 2 ? 8 : bits(stack, 2))],
  ];
}

/** Rounded to the nearest whole number, halves to even, modulo 2^32. */
function bits(stack: LuaStack, slot: number): number {
  const type = stack.type(slot);
  const text = type === LUA_TYPE.string ? stack.string(slot).trim() : undefined;
  const value =
    type === LUA_TYPE.number ? stack.number(slot) : text === undefined || text === '' ? Number.NaN : Number(text);
  if (type !== LUA_TYPE.number && Number.isNaN(value)) throw new LuaError(`bad argument #${slot}: number expected`);
  if (!Number.isFinite(value)) return 0;
  const floor = Math.floor(value);
  const rest = value - floor;
  return (rest > 0.5 || (rest === 0.5 && floor % 2 !== 0) ? floor + 1 : floor) | 0;
}

function swapBytes(value: number): number {
  return (value << 24) | ((value & 0xff00) << 8) | ((value >>> 8) & 0xff00) | (value >>> 24);
}

const MAX_HEX_DIGITS = 254;

/** A negative number of digits means capitals. */
function toHex(value: number, digits: number): string {
  const count = Math.min(MAX_HEX_DIGITS, Math.abs(digits));
  if (count === 0) return '';
  const text = (value >>> 0).toString(16).padStart(Math.max(8, count), '0').slice(-count);
  return digits < 0 ? text.toUpperCase() : text;
}
