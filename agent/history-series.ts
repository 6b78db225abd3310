/**
 * Which changes of one thing are worth a row. An answer that rotates changes with every question; so each thing has a
 * budget, and while it is spent only the newest change is held, with a count of those that it took the place of.
 */

/** What is to be written. */
export interface Row {
  readonly state: string;
  readonly atMs: number;
  /** Changes since the row before that are not kept. */
  readonly skipped: number;
}

/** Changes that are written as they come, after a quiet time. */
const BURST = 30;
/** In the long run, one change in so long. */
const REFILL_MS = 120_000;
/** A change that has stood for so long is written whatever the budget is: it is no rotation. */
const SETTLED_MS = 60_000;

export class SeriesBudget {
  #last: string | undefined;
  #held: { readonly state: string; readonly atMs: number } | undefined;
  #skipped = 0;
  #budget = BURST;
  #refilledMs: number;

  constructor(nowMs: number) {
    this.#refilledMs = nowMs;
  }

  /** Changes since the last row that are not kept, or not yet. */
  get unwritten(): number {
    return this.#skipped + (this.#held === undefined ? 0 : 1);
  }

  get isHolding(): boolean {
    return this.#held !== undefined;
  }

  /** The row for a change; undefined where it changes nothing or has to wait. */
  change(state: string, atMs: number, recurs: boolean): Row | undefined {
    if (!recurs && state === (this.#held?.state ?? this.#last)) return undefined;
    if (this.#held !== undefined) this.#skipped++;
    this.#held = { state, atMs };
    return this.#refilled(atMs) >= 1 ? this.release() : undefined;
  }

  /** The held change, if its time has come. */
  due(nowMs: number): Row | undefined {
    if (this.#held === undefined) return undefined;
    return nowMs - this.#held.atMs >= SETTLED_MS || this.#refilled(nowMs) >= 1 ? this.release() : undefined;
  }

  /** The held change, whatever the budget is. */
  release(): Row | undefined {
    if (this.#held === undefined) return undefined;
    const row = { ...this.#held, skipped: this.#skipped };
    this.#last = row.state;
    this.#held = undefined;
    this.#skipped = 0;
    this.#budget = Math.max(0, this.#budget - 1);
    return row;
  }

  #refilled(nowMs: number): number {
    this.#budget = Math.min(BURST, this.#budget + Math.max(0, nowMs - this.#refilledMs) / REFILL_MS);
    this.#refilledMs = Math.max(nowMs, this.#refilledMs);
    return this.#budget;
  }
}
