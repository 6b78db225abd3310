import type { Micros } from '../../../simulator/clock.ts';
import type { Arrival } from './observed.ts';

/** The probes that were seen, each to be claimed by one that is predicted, at most `allowance` before or after it. */
export class Arrivals {
  readonly #allowance: Micros;
  readonly #unclaimed: Set<Arrival>;

  /** `arrivals`: in the order of time. */
  constructor(arrivals: readonly Arrival[], allowance: Micros) {
    this.#allowance = allowance;
    this.#unclaimed = new Set(arrivals);
  }

  /** The first that is near enough to `time`; of `target`, if it is named. */
  near(time: Micros, target?: string): Arrival | undefined {
    for (const arrival of this.#unclaimed) {
      if (arrival.at > time + this.#allowance) return undefined;
      const isOfTarget = target === undefined || arrival.target === target;
      if (isOfTarget && arrival.at >= time - this.#allowance) return arrival;
    }
    return undefined;
  }

  claim(time: Micros, target: string): Arrival | undefined {
    const arrival = this.near(time, target);
    if (arrival !== undefined) this.#unclaimed.delete(arrival);
    return arrival;
  }

  unclaimed(): Arrival[] {
    return [...this.#unclaimed];
  }
}
