/** Where the clients of a state go, by cell of the map. */
import { type Amounts, MEASURES } from './amounts.ts';
import type { MapFigures } from './figures.ts';
import type { Grid } from './grid.ts';

/** Letters for targets; who has more has the last for all of the rest. */
export const TARGET_LETTERS = 'ABCDEFGHIJKLMNOPQRSTUVWXYZ';
export const NOBODY = '.';
const KM_PER_STEP = 500;

export class MapSums {
  readonly #grid: Grid;
  readonly #measure: number;
  readonly #byTarget = new Map<string, Float64Array>();
  readonly #lost: Float64Array;
  readonly #all: Float64Array;

  constructor(grid: Grid) {
    this.#grid = grid;
    this.#measure = MEASURES.indexOf(grid.byTraffic ? 'traffic' : 'ipv4Addresses');
    this.#lost = new Float64Array(grid.cells.length);
    this.#all = new Float64Array(grid.cells.length);
  }

  add(place: number, target: string, amounts: Amounts, share: number, lostKm: number): void {
    const amount = (amounts[this.#measure] ?? 0) * share;
    const cell = this.#grid.cellOfPlace[place] ?? -1;
    if (amount === 0 || cell < 0) return;
    let sums = this.#byTarget.get(target);
    if (sums === undefined) {
      sums = new Float64Array(this.#grid.cells.length);
      this.#byTarget.set(target, sums);
    }
    sums[cell] = (sums[cell] ?? 0) + amount;
    this.#all[cell] = (this.#all[cell] ?? 0) + amount;
    this.#lost[cell] = (this.#lost[cell] ?? 0) + amount * lostKm;
  }

  /** `targets`: in the order of their letters. */
  figures(targets: readonly string[]): MapFigures {
    let most = '';
    let share = '';
    let lost = '';
    for (const [cell, all] of this.#all.entries()) {
      let [best, bestSum] = [-1, 0];
      for (const [i, target] of targets.entries()) {
        const sum = this.#byTarget.get(target)?.[cell] ?? 0;
        if (sum > bestSum) [best, bestSum] = [i, sum];
      }
      most += best === -1 ? NOBODY : TARGET_LETTERS.charAt(Math.min(best, TARGET_LETTERS.length - 1));
      share += best === -1 ? '0' : Math.round((bestSum / all) * 9);
      lost += best === -1 ? '0' : Math.min(9, Math.ceil((this.#lost[cell] ?? 0) / all / KM_PER_STEP - 1e-9));
    }
    return { most, share, lost };
  }
}
