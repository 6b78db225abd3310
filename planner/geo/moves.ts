/** Who goes elsewhere when one thing changes. */
import { type Amounts, addAmounts, noAmounts } from './amounts.ts';
import type { Asked } from './asked.ts';
import type { Move } from './figures.ts';
import type { Shares } from './target.ts';

const MOST_ANSWERS = 2 ** 26;

/** Shares below this are rounding. */
const NOTHING = 1e-12;

export class MoveSums {
  readonly #pairs = new Map<number, { before: number; after: number; amounts: number[] }>();

  add(before: number, after: number, amounts: Amounts): void {
    const key = before * MOST_ANSWERS + after;
    let pair = this.#pairs.get(key);
    if (pair === undefined) {
      pair = { before, after, amounts: noAmounts() };
      this.#pairs.set(key, pair);
    }
    addAmounts(pair.amounts, amounts);
  }

  /** From target to target; the largest first. */
  figures(before: Pick<Asked, 'sharesOf'>, after: Pick<Asked, 'sharesOf'>): Move[] {
    const moves = new Map<string, { from: string; to: string; clients: number[] }>();
    for (const { before: first, after: second, amounts } of this.#pairs.values()) {
      for (const { from, to, share } of flowsOf(before.sharesOf(first), after.sharesOf(second))) {
        const key = `${from}\n${to}`;
        let move = moves.get(key);
        if (move === undefined) {
          move = { from, to, clients: noAmounts() };
          moves.set(key, move);
        }
        addAmounts(move.clients, amounts, share);
      }
    }
    const size = ({ clients }: Move) => (clients[1] ?? 0) + (clients[3] ?? 0);
    const order = ({ from, to }: Move) => `${from}\n${to}`;
    return [...moves.values()].sort((a, b) => size(b) - size(a) || (order(a) < order(b) ? -1 : 1));
  }
}

interface Flow {
  readonly from: string;
  readonly to: string;
  readonly share: number;
}

/** The fewest clients that must move for one set of shares to become another; who leaves goes where others are missing. */
export function flowsOf(before: Shares, after: Shares): Flow[] {
  const leaving: [string, number][] = [];
  const coming: [string, number][] = [];
  for (const target of new Set([...before.keys(), ...after.keys()])) {
    const change = (after.get(target) ?? 0) - (before.get(target) ?? 0);
    if (change < -NOTHING) leaving.push([target, -change]);
    else if (change > NOTHING) coming.push([target, change]);
  }
  const moved = coming.reduce((sum, [, share]) => sum + share, 0);
  return leaving.flatMap(([from, left]) => coming.map(([to, came]) => ({ from, to, share: (left * came) / moved })));
}
