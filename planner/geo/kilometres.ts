/** How far clients have to go: quantiles of great-circle distances, to the kilometre, without sorting the world. */
import { type Amounts, MEASURE_COUNT } from './amounts.ts';
import type { Kilometres } from './figures.ts';

/** Half way around the earth, and a little more. */
const FARTHEST_KM = 20_020;

export class DistanceSums {
  readonly #sums = new Float64Array((FARTHEST_KM + 1) * MEASURE_COUNT);
  readonly #totals = new Float64Array(MEASURE_COUNT);

  add(km: number, amounts: Amounts, share: number): void {
    const start = Math.min(FARTHEST_KM, Math.round(km)) * MEASURE_COUNT;
    for (let i = 0; i < MEASURE_COUNT; i++) {
      const amount = (amounts[i] as number) * share;
      this.#sums[start + i] = (this.#sums[start + i] as number) + amount;
      this.#totals[i] = (this.#totals[i] as number) + amount;
    }
  }

  get totals(): Amounts {
    return [...this.#totals];
  }

  /** By measure: the fewest kilometres within which at least this share of the clients is. */
  quantile(share: number): Kilometres {
    return Array.from(this.#totals, (total, measure) => {
      if (total === 0) return null;
      let sum = 0;
      for (let km = 0; km <= FARTHEST_KM; km++) {
        sum += this.#sums[km * MEASURE_COUNT + measure] ?? 0;
        // Sums of shares miss the whole by rounding.
        if (sum >= total * share * (1 - 1e-12)) return km;
      }
      return FARTHEST_KM;
    });
  }
}
