/** A smooth rate limit (GCRA): at most `perSecond` on average, never more than `burst` at once. */
import { type Clock, MICROS_PER_SECOND, type Micros } from '../simulator/clock.ts';

export interface RateLimit {
  /** The time at which the next question may go out; the place is taken. */
  reserve(): Micros;
}

export function rateLimit(clock: Clock, perSecond: number, burst: number): RateLimit {
  const step = MICROS_PER_SECOND / perSecond;
  const tolerance = step * (burst - 1);
  let theoreticalArrival = Number.NEGATIVE_INFINITY;
  return {
    reserve() {
      const now = clock.now();
      const arrival = Math.max(theoreticalArrival, now);
      theoreticalArrival = arrival + step;
      return Math.max(now, arrival - tolerance);
    },
  };
}
