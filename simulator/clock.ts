/**
 * Time, as the simulator sees it. Virtual in worlds, real in the agent and in `serve`; the same scheduler runs on both.
 * All times are integer microseconds.
 */

/** Microseconds. */
export type Micros = number;

export const MICROS_PER_SECOND = 1_000_000;
export const MICROS_PER_MILLISECOND = 1_000;

export interface Clock {
  /** Monotonic time. Only differences mean anything. */
  now(): Micros;
  /** Wall-clock time since the Unix epoch: what `time()` tells a server. May step. */
  wall(): Micros;
  /** Runs `task` once `now()` has reached `time` (at once, but never synchronously, if that has passed). */
  at(time: Micros, task: () => void): { cancel(): void };
}
