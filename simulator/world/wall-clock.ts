/** A wall clock in a world: it starts at some fraction of a second, may be set, and may run fast or slow. */
import { type Clock, MICROS_PER_SECOND, type Micros } from '../clock.ts';
import type { Witness } from './witness.ts';

/** Long before any expire delay could reach back behind it. */
const EPOCH_SECONDS = 1_000_000_000;

export class WallClock {
  readonly #clock: Clock;
  readonly #witness: Witness | undefined;
  /** What it shows beyond the world's time. */
  #offset: Micros;
  #drift: { readonly since: Micros; readonly perSecond: Micros } | undefined;

  constructor(clock: Clock, fraction: Micros, witness: Witness | undefined) {
    this.#clock = clock;
    this.#offset = EPOCH_SECONDS * MICROS_PER_SECOND + fraction;
    this.#witness = witness;
  }

  /** PowerDNS looks at whole seconds only, so a witness need not know more. */
  now(): Micros {
    const now = this.#clock.now();
    const offset = this.#offset + this.#drifted(now);
    this.#witness?.readsSecond(now, offset);
    return now + offset;
  }

  set(step: Micros, driftPerSecond: Micros): void {
    const now = this.#clock.now();
    this.#offset += this.#drifted(now) + step;
    this.#drift = driftPerSecond === 0 ? undefined : { since: now, perSecond: driftPerSecond };
  }

  #drifted(now: Micros): Micros {
    if (this.#drift === undefined) return 0;
    return Math.trunc(((now - this.#drift.since) * this.#drift.perSecond) / MICROS_PER_SECOND);
  }
}
