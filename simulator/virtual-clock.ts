/** Time that passes only when `run` is told to: a binary heap of tasks, ties broken by the order they were asked for. */
import type { Clock, Micros } from './clock.ts';
import type { Witness } from './world/witness.ts';

class Task {
  readonly time: Micros;
  readonly sequence: number;
  run: (() => void) | undefined;

  constructor(time: Micros, sequence: number, run: () => void) {
    this.time = time;
    this.sequence = sequence;
    this.run = run;
  }

  cancel(): void {
    this.run = undefined;
  }
}

/** Added to the sequence of tasks that come behind all others of their moment. */
const LAST = 2 ** 51;

export class VirtualClock implements Clock {
  #now: Micros = 0;
  #wallOffset: Micros;
  #sequence = 0;
  /** The sequence of the task that runs, or ran last. */
  #current = -1;
  readonly #heap: Task[] = [];
  readonly #witness: Witness | undefined;

  /** `wallAtStart`: what the wall clock shows at time 0. `witness` is told of the order of tasks. */
  constructor(wallAtStart: Micros = 0, witness?: Witness) {
    this.#wallOffset = wallAtStart;
    this.#witness = witness;
  }

  now(): Micros {
    return this.#now;
  }

  wall(): Micros {
    return this.#now + this.#wallOffset;
  }

  /** Moves the wall clock, not the time. */
  stepWall(by: Micros): void {
    this.#wallOffset += by;
  }

  at(time: Micros, task: () => void): { cancel(): void } {
    return this.#enter(time, this.#sequence++, task);
  }

  /** As `at`, but behind everything else of that moment. */
  atLast(time: Micros, task: () => void): { cancel(): void } {
    return this.#enter(time, LAST + this.#sequence++, task);
  }

  #enter(time: Micros, sequence: number, task: () => void): { cancel(): void } {
    const isPast = time < this.#now;
    if (isPast) this.#witness?.follows(time, this.#now, false, sequence);
    else this.#witness?.follows(this.#now, time, true, sequence);
    const entry = new Task(isPast ? this.#now : time, sequence, task);
    this.#push(entry);
    return entry;
  }

  /**
   * Runs every task due until `end`, in order, then stands at `end`. `settled` is called whenever all tasks of one moment
   * have run, before time goes on.
   */
  run(end: Micros, settled: () => void = () => {}): void {
    for (let next = this.#heap[0]; next !== undefined && next.time <= end; next = this.#heap[0]) {
      if (next.run === undefined) {
        this.#pop();
        continue;
      }
      if (next.time > this.#now) {
        settled();
        // It may have asked for something earlier.
        if (this.#heap[0] !== next) continue;
      }
      this.#pop();
      this.#witness?.follows(this.#now, next.time, this.#current < next.sequence, next.sequence);
      this.#now = next.time;
      this.#current = next.sequence;
      next.run();
    }
    settled();
    this.#now = Math.max(this.#now, end);
  }

  #push(task: Task): void {
    const heap = this.#heap;
    let at = heap.length;
    heap.push(task);
    while (at > 0) {
      const parentAt = (at - 1) >> 1;
      const parent = heap[parentAt];
      if (parent === undefined || isBefore(parent, task)) break;
      heap[at] = parent;
      at = parentAt;
    }
    heap[at] = task;
  }

  #pop(): void {
    const heap = this.#heap;
    const last = heap.pop();
    if (last === undefined || heap.length === 0) return;
    let at = 0;
    for (;;) {
      const left = heap[2 * at + 1];
      const right = heap[2 * at + 2];
      if (left === undefined) break;
      const child = right !== undefined && isBefore(right, left) ? right : left;
      if (isBefore(last, child)) break;
      heap[at] = child;
      at = child === left ? 2 * at + 1 : 2 * at + 2;
    }
    heap[at] = last;
  }
}

function isBefore(a: Task, b: Task): boolean {
  return a.time < b.time || (a.time === b.time && a.sequence < b.sequence);
}
