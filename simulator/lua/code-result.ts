/** What evaluations come to, those that have to be ended among them. */
import { Opaque, ServerCrash } from './context.ts';
import { hasEndlessLoop, isEndlessMatch } from './endless.ts';
import { InstructionLimit } from './instruction-meter.ts';
import { LuaBroken, LuaBudgetExceeded, LuaError } from './lua-error.ts';
import { syntaxTree } from './luajit-syntax.ts';

/** What one evaluation of a record's code came to. Texts are binary strings. */
export type CodeResult =
  | {
      readonly kind: 'values';
      readonly values: readonly string[];
      /** Their order hangs on the hash of their keys. */
      readonly unordered: boolean;
    }
  /** The whole response becomes SERVFAIL. */
  | { readonly kind: 'error'; readonly message: string }
  /** More instructions than the server allows: SERVFAIL. */
  | { readonly kind: 'limit'; readonly message: string }
  /** The server process dies. */
  | { readonly kind: 'crash'; readonly message: string }
  /** The code does not end: the client gets no answer and the server loses a worker. */
  | { readonly kind: 'hang'; readonly message: string }
  /** Cannot be predicted soundly. */
  | { readonly kind: 'opaque'; readonly message: string };

/** Well under a second for anything that a machine can do; LuaJIT takes some hundredths of one for as much. */
export const STEP_BUDGET = 20_000_000;

/** Errors that Lua 5.1 raises where LuaJIT, or a server with more memory, would go on. */
const OURS_ALONE = /attempt to yield across|not enough memory/;

/**
 * Lua 5.1 nests calls out of its library two hundred deep. LuaJIT goes on until the stack of the process is full and dies of
 * it, but makes do without that stack for all other calls, whose recursion ends in an error as here.
 */
const C_STACK_OVERFLOW = /C stack overflow/;
export const CALLS_BACK = /\b(?:gsub|sort|foreachi?|coroutine|load|__tostring)\b/;

/** What a run came to that did not end by itself. `codes`: the code and all that it loaded. */
export function asResult(thrown: unknown, codes: readonly string[]): CodeResult {
  if (thrown instanceof LuaError) {
    const goesOn =
      OURS_ALONE.test(thrown.message) ||
      (C_STACK_OVERFLOW.test(thrown.message) && codes.some((code) => CALLS_BACK.test(code)));
    return { kind: goesOn ? 'opaque' : 'error', message: thrown.message };
  }
  if (thrown instanceof InstructionLimit) return { kind: 'limit', message: thrown.message };
  if (thrown instanceof LuaBudgetExceeded) return tooLong(thrown, codes);
  if (thrown instanceof Opaque) return { kind: 'opaque', message: thrown.message };
  if (thrown instanceof ServerCrash) return { kind: 'crash', message: thrown.message };
  if (thrown instanceof LuaBroken) return { kind: 'opaque', message: thrown.message };
  throw thrown;
}

const SHOWN_PATTERN = 40;
const TOO_LONG = `the code takes more than ${STEP_BUDGET / 1e6} million steps`;

/** What has no end hangs. What may have one, only later than is waited for here, is not known. */
function tooLong({ match }: LuaBudgetExceeded, codes: readonly string[]): CodeResult {
  if (match !== undefined && isEndlessMatch(match.subject.length, match.pattern)) {
    const shown = match.pattern.slice(0, SHOWN_PATTERN);
    return {
      kind: 'hang',
      message: `${TOO_LONG}: the pattern '${shown}' backtracks over ${match.subject.length} bytes`,
    };
  }
  const trees = codes.map((code) => syntaxTree(code));
  if (trees.some((tree) => tree !== undefined && hasEndlessLoop(tree)))
    return { kind: 'hang', message: `${TOO_LONG}: it loops for ever` };
  return {
    kind: 'opaque',
    message: `${TOO_LONG}: whether a server has done them before the client gives up is not known`,
  };
}
