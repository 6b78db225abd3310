/** Time that passes only when `run` is told to: a binary heap of tasks, ties broken by the order they were asked for. */
import type { Clock, Micros } from './clock.ts';

interface Task {
  readonly time: Micros;
  readonly sequence: number;
  run: (() => void) | undefined;
}

export class VirtualClock implements Clock {
  #now: Micros = 0;
  #wallOffset: Micros;
  #sequence = 0;
  readonly #heap: Task[] = [];

  /** `wallAtStart`: what the wall clock shows at time 0. */
  constructor(wallAtStart: Micros = 0) {
    this.#wallOffset = wallAtStart;
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
    const entry: Task = { time: Math.max(time, this.#now), sequence: this.#sequence++, run: task };
    this.#push(entry);
    return {
      cancel() {
        entry.run = undefined;
      },
    };
  }

  /** Runs every task due until `end`, in order, then stands at `end`. */
  run(end: Micros): void {
    for (let next = this.#heap[0]; next !== undefined && next.time <= end; next = this.#heap[0]) {
      this.#pop();
      this.#now = next.time;
      next.run?.();
    }
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
