/**
 * Every random draw that PowerDNS makes is a call of `choose`. Who implements it decides what an evaluation is good for:
 * `enumerate` walks every branch (exact predictions), `sampler` draws (worlds, `serve`), `replayer` repeats one path.
 */
import { multiply, ONE, type Rational, rational } from './rational.ts';

export interface Chooser {
  /** An index into `weights`, drawn with probability weight / sum. Weights are integers >= 0, their sum is > 0. */
  choose(weights: readonly number[]): number;
}

const uniformWeights = new Map<number, readonly number[]>();

/** An index below `count`, each as likely as any other. One possibility is no draw at all. */
export function chooseUniformly(chooser: Chooser, count: number): number {
  if (count === 1) return 0;
  let weights = uniformWeights.get(count);
  if (weights === undefined) {
    weights = Array<number>(count).fill(1);
    uniformWeights.set(count, weights);
  }
  return chooser.choose(weights);
}

/** One way an evaluation can go. */
export interface Branch<T> {
  readonly value: T;
  readonly probability: Rational;
}

export interface Enumeration<T> {
  readonly branches: readonly Branch<T>[];
  /** False when `maxBranches` ended the walk: the probabilities then sum to less than one. */
  readonly complete: boolean;
}

interface Draw {
  readonly weights: readonly number[];
  index: number;
}

/**
 * Runs `evaluation` once for every sequence of draws it can make, by replaying it with a growing prefix of choices.
 * The evaluation must depend on nothing but the draws.
 */
export function enumerate<T>(evaluation: (chooser: Chooser) => T, maxBranches: number): Enumeration<T> {
  const branches: Branch<T>[] = [];
  const path: Draw[] = [];
  do {
    if (branches.length === maxBranches) return { branches, complete: false };
    let depth = 0;
    const chooser: Chooser = {
      choose(weights) {
        const draw = path[depth] ?? { weights, index: firstPossible(weights, 0) };
        path[depth++] = draw;
        return draw.index;
      },
    };
    const value = evaluation(chooser);
    branches.push({ value, probability: path.reduce((product, draw) => multiply(product, share(draw)), ONE) });
  } while (advance(path));
  return { branches, complete: true };
}

/** Moves `path` to the next untried sequence; false when there is none. */
function advance(path: Draw[]): boolean {
  for (;;) {
    const last = path.pop();
    if (last === undefined) return false;
    const next = firstPossible(last.weights, last.index + 1);
    if (next < last.weights.length) {
      path.push({ weights: last.weights, index: next });
      return true;
    }
  }
}

function firstPossible(weights: readonly number[], from: number): number {
  let index = from;
  while (index < weights.length && weights[index] === 0) index++;
  return index;
}

function share({ weights, index }: Draw): Rational {
  let sum = 0;
  for (const weight of weights) sum += weight;
  return rational(weights[index] ?? 0, sum);
}

/** Draws from `nextUint32`, a source of uniform 32-bit integers. */
export function sampler(nextUint32: () => number): Chooser {
  return {
    choose(weights) {
      let sum = 0;
      for (const weight of weights) sum += weight;
      // 53 bits, so that sums up to 2^32 stay free of visible bias.
      const unit = (nextUint32() * 0x200000 + (nextUint32() >>> 11)) / 0x20000000000000;
      let rest = unit * sum;
      for (let i = 0; i < weights.length; i++) {
        rest -= weights[i] ?? 0;
        if (rest < 0) return i;
      }
      return weights.findLastIndex((weight) => weight > 0);
    },
  };
}

/** A small seeded source of uniform 32-bit integers (sfc32): the same seed gives the same sequence everywhere. */
export function seededUint32(seed: number): () => number {
  let [a, b, c, counter] = [seed | 0, 0x9e3779b9 | 0, 0x243f6a88 | 0, 1];
  const next = () => {
    const sum = (((a + b) | 0) + counter) | 0;
    counter = (counter + 1) | 0;
    a = b ^ (b >>> 9);
    b = (c + (c << 3)) | 0;
    c = (((c << 21) | (c >>> 11)) + sum) | 0;
    return sum >>> 0;
  };
  for (let i = 0; i < 12; i++) next();
  return next;
}

/** Repeats one recorded path. A draw beyond it is a programming error. */
export function replayer(choices: readonly number[]): Chooser {
  let depth = 0;
  return {
    choose(weights) {
      const index = choices[depth++];
      if (index === undefined || index >= weights.length) throw new RangeError(`no recorded choice at draw ${depth}`);
      return index;
    },
  };
}
