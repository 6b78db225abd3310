/**
 * `lua-records-exec-limit` (5.0 and later): code fails at the Nth instruction that LuaJIT interprets. What its compiler has
 * turned into machine code is not counted, and when it does that cannot be known exactly, so there are two counts: of what is
 * interpreted for certain, and of what may be.
 */
import { type CountedCode, type CountingPoint, isUncountable } from './instruction-points.ts';
import { LuaAbort } from './lua-error.ts';

/** Code that fails at the limit for certain. */
export class InstructionLimit extends LuaAbort {
  override readonly name = 'InstructionLimit';
}

/** The header of the chunk is an instruction too, and the last one must not reach the limit. */
const AROUND_CODE = 2;
/** LuaJIT compiles what has turned 56 times (`hotloop`); what turns here and there may share a counter. */
const TURNS_INTERPRETED = 55;
/** How often a loop turns, at most, before it is compiled if nothing in it can stop that. */
const TURNS_COMPILED = 120;

/** Code that does something again, or code that is not seen yet. */
const DOES_AGAIN = /\b(?:for|while|repeat|function|include|load|loadstring)\b/;
/** Where errors are caught, the one of the limit may be too. */
const CATCHES = /\b(?:pcall|xpcall|coroutine|sethook)\b/;

const LOOPS = /\b(?:for|while|repeat|gsub|sort)\b/;

/**
 * True where the text alone shows that code stays below the limit: an instruction takes half a character at least. Where its
 * instructions cannot be counted, the absence of loops has to do.
 */
export function isFarBelow(code: string, limit: number): boolean {
  return 2 * code.length < limit && !(isUncountable(code) ? LOOPS : DOES_AGAIN).test(code);
}

/** Counts the instructions of one run. */
export class InstructionMeter {
  readonly #limit: number;
  readonly #points: CountingPoint[] = [];
  readonly #turns: number[] = [];
  #hot = 0;
  #isInterpretedOnly = false;
  #catches = false;
  #least = AROUND_CODE;
  #most = AROUND_CODE;

  constructor(limit: number) {
    this.#limit = limit;
  }

  /** The number of points so far, from which those of more code are to be numbered. */
  get pointCount(): number {
    return this.#points.length;
  }

  /** `counted` runs now, too. */
  add(code: string, counted: CountedCode): void {
    this.#points.push(...counted.points);
    this.#catches ||= CATCHES.test(code);
  }

  /** The code turns off the compiler (`jit.off()`). */
  interpretOnly(): void {
    this.#isInterpretedOnly = true;
  }

  /** A point is passed. Throws `InstructionLimit`. */
  pass(index: number): void {
    const point = this.#points[index];
    if (point === undefined) return;
    const turns = (this.#turns[index] ?? 0) + 1;
    this.#turns[index] = turns;
    if (point.isHot) this.#hot++;
    if (this.#isInterpretedOnly || this.#hot <= TURNS_INTERPRETED) this.#least += point.range.min;
    if (this.#isInterpretedOnly || !point.isCompiled || turns <= TURNS_COMPILED) this.#most += point.range.max;
    if (this.#least <= this.#limit || this.#catches) return;
    throw new InstructionLimit(
      `the code fails at instruction ${this.#limit} of LuaJIT (${this.#setting}); it has ${this.#least} or more`,
    );
  }

  /** Why it is not known whether the run stays below the limit; undefined where it does. */
  doubt(): string | undefined {
    if (this.#most <= this.#limit) return undefined;
    const count = this.#least === this.#most ? `${this.#least}` : `${this.#least} to ${this.#most}`;
    const turns = this.#hot > TURNS_INTERPRETED ? 'LuaJIT compiles some of them' : 'how many hangs on values';
    const why = this.#catches ? 'the code may catch the error' : turns;
    return `the code took ${count} instructions of LuaJIT, and ${this.#setting} are allowed: ${why}`;
  }

  /** Whether an error of the code is one with the limit and without it. */
  get catches(): boolean {
    return this.#catches;
  }

  get #setting(): string {
    return `lua-records-exec-limit=${this.#limit}`;
  }
}
