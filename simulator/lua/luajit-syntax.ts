/**
 * PowerDNS runs LuaJIT, this simulator plain Lua 5.1. What LuaJIT writes differently is translated where that is exact;
 * the rest is told apart: code that only LuaJIT takes cannot be predicted here, code that LuaJIT refuses fails there too.
 */
import luaparse, { type Chunk } from 'luaparse';

export type PlainLua =
  | { readonly kind: 'code'; readonly code: string }
  /** LuaJIT refuses it: the record fails. */
  | { readonly kind: 'refused'; readonly message: string }
  /** Only LuaJIT, or only its exact build, can run it. */
  | { readonly kind: 'foreign'; readonly message: string };

export interface Dialect {
  /** Built with the extensions from Lua 5.2. */
  readonly lua52: boolean;
}

/** `code` (a binary string) for Lua 5.1 to run with the same effect. Says nothing of other syntax errors. */
export function plainLua(code: string, dialect: Dialect): PlainLua {
  const mayFold = mayFoldToMinusZero(code);
  if (!mayFold && !MAY_DIFFER.test(code)) return { kind: 'code', code };
  if (dialect.lua52 && /\bgoto\b/.test(code)) return keywordGoto(code);
  let problem: PlainLua | undefined;
  let plain = '';
  const rest = dialect.lua52 ? code.replace(/^\s*(?:;\s*)+/, '') : code;
  for (const [token] of rest.matchAll(TOKEN)) {
    const translated = (mayFold ? atRunTime(token) : undefined) ?? translate(token);
    if (typeof translated === 'string') plain += translated;
    else problem ??= translated;
  }
  return problem ?? otherwiseForeign(plain, dialect) ?? { kind: 'code', code: plain };
}

/** Where `goto` is a keyword, Lua 5.1 would take it for a name. */
function keywordGoto(code: string): PlainLua {
  return parses(code, '5.2')
    ? { kind: 'foreign', message: "only LuaJIT knows 'goto'" }
    : { kind: 'refused', message: "'goto' is a keyword in this build of LuaJIT" };
}

/** How LuaJIT names a chunk in messages, as a name that Lua 5.1 takes over: `=[string "…"]`. */
export function chunkName(nameOrCode: string): string {
  if (/^[=@]/.test(nameOrCode)) return nameOrCode;
  const start = nameOrCode.slice(0, 48);
  const control = [...start].findIndex((character) => character < ' ');
  const line = control === -1 ? start : start.slice(0, control);
  return `=[string "${line.length === nameOrCode.length ? line : `${line.slice(0, 45)}...`}"]`;
}

/** Why Lua 5.1 refuses `code`: because anybody would, or because it is not LuaJIT. */
export function whyRefused(code: string, { lua52 }: Dialect): 'syntax error' | 'foreign' {
  // LuaJIT takes letters beyond ASCII in names.
  if (/[\x80-\xff]/.test(withoutTexts(code))) return 'foreign';
  const versions = lua52 ? (['LuaJIT', '5.2'] as const) : (['LuaJIT'] as const);
  return versions.some((luaVersion) => parses(code, luaVersion)) ? 'foreign' : 'syntax error';
}

/** Cheap enough to spare nearly every record the scan. */
const MAY_DIFFER = /\\|\bgoto\b|\b0[bB][01]|\barg\b|__(?:len|pairs|ipairs)\b|^\s*;/;

/**
 * Lua 5.1 works out `-0` as it compiles, and then takes every constant 0 of the function for the same. LuaJIT never does, and
 * neither does Lua 5.1 with zeros that it comes to know only as it runs.
 */
export function mayFoldToMinusZero(code: string): boolean {
  return FOLDED_ZERO.test(code) && FOLDED_ZERO.test(withoutTexts(code));
}

const ZERO = String.raw`(?:0[xX]0+|0+\.?0*(?:[eE][-+]?\d+)?|\.0+(?:[eE][-+]?\d+)?)`;
/** So small that a product of two may be a zero. */
const TINY = String.raw`[\d.][eE]-\d{3}`;
const FOLDED_ZERO = new RegExp(
  String.raw`(?<!\d[eE])[-*/%][\s(]*${ZERO}(?![\w.])|(?<![\w.])${ZERO}[\s)]*[*/%]|${TINY}`,
);

const IS_TINY = new RegExp(TINY);

/** The same number, which no compiler works with. */
function atRunTime(token: string): string | undefined {
  if (!/^\.?\d/.test(token)) return undefined;
  if (Number(token) === 0) return "(#'')";
  return IS_TINY.test(token) ? `(#''+${token})` : undefined;
}

/**
 * Comments, strings, numbers and words; everything else one character at a time. Strings may lack their end: it would be
 * looked for anew behind every quote.
 */
const TOKEN =
  /--\[(=*)\[[\s\S]*?(?:\]\1\]|$)|--[^\n]*|\[(=*)\[[\s\S]*?(?:\]\2\]|$)|"(?:\\[\s\S]|[^"\\\n])*"?|'(?:\\[\s\S]|[^'\\\n])*'?|\.{2,3}|0[xX]\w*|\.?\d[\d.]*(?:[eE][-+]?)?\w*|[A-Za-z_]\w*|[\s\S]/g;

function translate(token: string): string | PlainLua {
  if (/^0b[01]+$/i.test(token)) return String(Number(token));
  return /^["']/.test(token) && token.length > 1 && token.includes('\\') ? translateString(token) : token;
}

/** Strings are empty, comments gone. */
function withoutTexts(code: string): string {
  return code.replace(TOKEN, (token) => (/^["']|^\[=*\[/.test(token) ? "''" : token.startsWith('--') ? ' ' : token));
}

const SIMPLE_ESCAPES = new Set([...'abfnrtv\\"\'\n\r']);
const ESCAPE = /\\(?:x([0-9a-fA-F]{2})|z\s*|u\{([0-9a-fA-F]+)\}|\d{1,3}|([\s\S]))/g;
const LARGEST_CODE_POINT = 0x10ffff;

function translateString(token: string): string | PlainLua {
  let bad: string | undefined;
  const plain = token.replace(ESCAPE, (written, hex?: string, codePoint?: string, other?: string) => {
    if (hex !== undefined) return decimalEscape(Number.parseInt(hex, 16));
    if (codePoint !== undefined) {
      const value = Number.parseInt(codePoint, 16);
      if (value <= LARGEST_CODE_POINT && (value < 0xd800 || value > 0xdfff)) return utf8Escapes(value);
      bad = written;
    }
    if (written.startsWith('\\z')) return '';
    if (other !== undefined && !SIMPLE_ESCAPES.has(other)) bad = written;
    return written;
  });
  return bad === undefined ? plain : { kind: 'refused', message: `LuaJIT knows no escape ${bad}` };
}

function decimalEscape(byte: number): string {
  return `\\${String(byte).padStart(3, '0')}`;
}

function utf8Escapes(codePoint: number): string {
  return [...new TextEncoder().encode(String.fromCodePoint(codePoint))].map(decimalEscape).join('');
}

/** What Lua 5.1 would run, but not with the same effect. */
function otherwiseForeign(code: string, { lua52 }: Dialect): PlainLua | undefined {
  if (/\barg\b/.test(code) && code.includes('...')) {
    return { kind: 'foreign', message: "'arg' inside functions with '...' differs between Lua 5.1 and LuaJIT" };
  }
  const event = lua52 ? /__(?:len|pairs|ipairs)\b/.exec(code)?.[0] : undefined;
  return event === undefined ? undefined : { kind: 'foreign', message: `${event} works in this build of LuaJIT only` };
}

function parses(code: string, luaVersion: 'LuaJIT' | '5.2'): boolean {
  return syntaxTree(code, luaVersion) !== undefined;
}

/** What `code` means to a parser of that dialect; undefined where it is no Lua. With places in the text. */
export function syntaxTree(code: string, luaVersion: 'LuaJIT' | '5.2' = 'LuaJIT'): Chunk | undefined {
  try {
    return luaparse.parse(code, { luaVersion, encodingMode: 'pseudo-latin1', comments: false, ranges: true });
  } catch (error) {
    // Nesting that overflows the parser's stack is refused by every Lua.
    if (error instanceof SyntaxError || error instanceof RangeError) return undefined;
    throw error;
  }
}
