/**
 * Are the shares of random answers right? Right answers in wrong proportions are a drift too. A G-test over the answers
 * seen under one and the same exact prediction, looked at only when the number of answers has doubled, so that looking
 * often does not make chance look like a cause.
 */

import type { Rational } from '../simulator/rational.ts';
import { toNumber } from '../simulator/rational.ts';

export interface ShareCount {
  /** Which prediction the answers were counted under. */
  readonly prediction: string;
  readonly counts: ReadonlyMap<string, number>;
  readonly total: number;
}

const FIRST_LOOK = 32;
/** Chance of a false alarm at one look, at most. */
const SIGNIFICANCE = 1e-7;

export function countAnswer(previous: ShareCount | undefined, prediction: string, answer: string): ShareCount {
  const same = previous?.prediction === prediction ? previous : undefined;
  const counts = new Map(same?.counts);
  counts.set(answer, (counts.get(answer) ?? 0) + 1);
  return { prediction, counts, total: (same?.total ?? 0) + 1 };
}

/** Is it time to look? At 32, 64, 128 … answers. */
export function isTimeToLook({ total }: ShareCount): boolean {
  return total >= FIRST_LOOK && Number.isInteger(Math.log2(total / FIRST_LOOK));
}

/** False when the counts cannot come from these probabilities but by a chance of less than one in ten million. */
export function sharesAgree(count: ShareCount, expected: ReadonlyMap<string, Rational>): boolean {
  let statistic = 0;
  for (const [answer, seen] of count.counts) {
    const share = expected.get(answer);
    if (share === undefined) return false;
    statistic += 2 * seen * Math.log(seen / (count.total * toNumber(share)));
  }
  return chiSquareTail(statistic, expected.size - 1) >= SIGNIFICANCE;
}

/** P(X > x) for a chi-square distribution, by Wilson and Hilferty's cube root. */
function chiSquareTail(x: number, degreesOfFreedom: number): number {
  if (degreesOfFreedom <= 0) return 1;
  const k = degreesOfFreedom;
  const z = (Math.cbrt(Math.max(0, x) / k) - (1 - 2 / (9 * k))) / Math.sqrt(2 / (9 * k));
  return normalTail(z);
}

/** P(Z > z), by the continued fraction's usual approximation (Abramowitz and Stegun 26.2.17). */
function normalTail(z: number): number {
  if (z < 0) return 1 - normalTail(-z);
  const t = 1 / (1 + 0.2316419 * z);
  const polynomial = t * (0.31938153 + t * (-0.356563782 + t * (1.781477937 + t * (-1.821255978 + t * 1.330274429))));
  return (Math.exp((-z * z) / 2) / Math.sqrt(2 * Math.PI)) * polynomial;
}
