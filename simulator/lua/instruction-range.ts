/** How many instructions something takes: at least and at most, where it hangs on values. */
export interface Range {
  readonly min: number;
  readonly max: number;
}

export const NONE: Range = { min: 0, max: 0 };

export function exactly(count: number): Range {
  return { min: count, max: count };
}

export function between(min: number, max: number): Range {
  return { min, max };
}

/** One after the other. */
export function sum(...parts: readonly Range[]): Range {
  return { min: parts.reduce((all, { min }) => all + min, 0), max: parts.reduce((all, { max }) => all + max, 0) };
}

/** One or the other; undefined is a way that is never taken. */
export function either(a: Range | undefined, b: Range | undefined): Range | undefined {
  if (a === undefined) return b;
  return b === undefined ? a : { min: Math.min(a.min, b.min), max: Math.max(a.max, b.max) };
}
