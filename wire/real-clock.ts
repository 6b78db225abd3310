import { type Clock, MICROS_PER_MILLISECOND, type Micros } from '../simulator/clock.ts';

/** Longest delay that Node's timers take. */
const MAX_TIMER_MS = 2 ** 31 - 1;

/** The clock of this machine, in microseconds. */
export const realClock: Clock = {
  now: () => Math.round(performance.now() * MICROS_PER_MILLISECOND),
  wall: () => Math.round(Date.now() * MICROS_PER_MILLISECOND),
  at(time, task) {
    let timer: NodeJS.Timeout;
    // Timers may fire a little early, and cannot wait longer than 25 days at once: look again until it is time.
    const wait = () => {
      const remainingMs = (time - realClock.now()) / MICROS_PER_MILLISECOND;
      timer = setTimeout(() => (realClock.now() >= time ? task() : wait()), clampDelay(remainingMs));
    };
    wait();
    return { cancel: () => clearTimeout(timer) };
  },
};

function clampDelay(delayMs: number): number {
  return Math.min(MAX_TIMER_MS, Math.max(0, Math.ceil(delayMs)));
}

/** The microsecond `milliseconds` from now. */
export function fromNow(clock: Clock, milliseconds: number): Micros {
  return clock.now() + milliseconds * MICROS_PER_MILLISECOND;
}
