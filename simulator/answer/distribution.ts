/** Outcomes with their probabilities: exact where every sequence of draws can be walked, else estimated from a sample. */
import { type Branch, type Chooser, enumerate, sampler, seededUint32 } from '../chooser.ts';
import { add, type Rational, rational, ZERO } from '../rational.ts';
import { answerKey, type Outcome } from './outcome.ts';

export interface PredictedOutcome {
  readonly outcome: Outcome;
  /** Exact; in a sample the share that was seen. */
  readonly probability: Rational;
  /** Of an outcome in a sample. */
  readonly confidence?: Confidence;
}

/** The range that holds the true probability, but for one case in a hundred where `level` is 0.99. */
export interface Confidence {
  readonly level: number;
  readonly from: number;
  readonly to: number;
}

export interface Distribution {
  /** Most probable first. The probabilities sum to one. */
  readonly outcomes: readonly PredictedOutcome[];
  /** False where the tree of draws has more than the allowed branches: the outcomes are then of a sample. */
  readonly exact: boolean;
  /** How many times was drawn for the sample. Absent when `exact`. */
  readonly sampleSize?: number;
}

/** Beyond so many branches a distribution is sampled. */
export const MAX_BRANCHES = 10_000;

const SAMPLES_PER_BRANCH = 2;
/** The same sample every time: two runs on the same records must say the same. */
const SEED = 20_000;

const LEVEL = 0.99;
/** The two-sided quantile of the normal distribution for LEVEL. */
const Z = 2.5758293035489004;

/** Equal for outcomes that are taken together. */
type KeyOf = (outcome: Outcome) => string;

/** The outcomes of `ask`, which must depend on nothing but the draws. Asks at most three times for each allowed branch. */
export function distribution(
  ask: (chooser: Chooser) => Outcome,
  maxBranches = MAX_BRANCHES,
  keyOf: KeyOf = answerKey,
): Distribution {
  const { branches, complete } = enumerate(ask, maxBranches);
  return complete ? distributionOf(branches, keyOf) : sample(ask, maxBranches * SAMPLES_PER_BRANCH, keyOf);
}

/** An outcome that never was in a sample of this size is, at the level of its confidences, rarer than this. */
export function rarestSeen(sampleSize: number): number {
  return wilson(0, sampleSize).to;
}

/** The probability of outcomes for which `holds`. */
export function probabilityThat(of: Distribution, holds: (outcome: Outcome) => boolean): Rational {
  return of.outcomes
    .filter(({ outcome }) => holds(outcome))
    .reduce((sum, { probability }) => add(sum, probability), ZERO);
}

const keys = new WeakMap<Distribution, string>();

/** Equal where clients cannot tell the distributions apart, TTLs included. */
export function distributionKey(of: Distribution): string {
  const known = keys.get(of);
  if (known !== undefined) return known;
  const parts = of.outcomes.map(({ outcome, probability: { numerator, denominator } }) => {
    const ttls = outcome.answers.map(({ ttlSeconds }) => ttlSeconds);
    return `${numerator}/${denominator} ${ttls} ${answerKey(outcome)}`;
  });
  const key = `${of.exact}\n\n${parts.sort().join('\n\n')}`;
  keys.set(of, key);
  return key;
}

/** Of all branches there are. Outcomes that a client cannot tell apart are taken together. */
export function distributionOf(branches: readonly Branch<Outcome>[], keyOf: KeyOf = answerKey): Distribution {
  const merged = new Map<string, { outcome: Outcome; probability: Rational }>();
  for (const { value, probability } of branches) {
    const key = keyOf(value);
    const known = merged.get(key);
    if (known === undefined) merged.set(key, { outcome: value, probability });
    else known.probability = add(known.probability, probability);
  }
  return { outcomes: [...merged.values()].sort(byProbability), exact: true };
}

function sample(ask: (chooser: Chooser) => Outcome, size: number, keyOf: KeyOf): Distribution {
  const dice = sampler(seededUint32(SEED));
  const seen = new Map<string, { outcome: Outcome; count: number }>();
  for (let i = 0; i < size; i++) {
    const outcome = ask(dice);
    const key = keyOf(outcome);
    const known = seen.get(key);
    if (known === undefined) seen.set(key, { outcome, count: 1 });
    else known.count++;
  }
  const outcomes = [...seen.values()].map(({ outcome, count }) => ({
    outcome,
    probability: rational(count, size),
    confidence: wilson(count, size),
  }));
  return { outcomes: outcomes.sort(byProbability), exact: false, sampleSize: size };
}

/** Wilson's interval: it holds for shares near 0 and 1 too. */
function wilson(count: number, size: number): Confidence {
  const share = count / size;
  const spread = Z * Math.sqrt((share * (1 - share)) / size + (Z * Z) / (4 * size * size));
  const middle = share + (Z * Z) / (2 * size);
  const scale = 1 + (Z * Z) / size;
  const from = count === 0 ? 0 : (middle - spread) / scale;
  const to = count === size ? 1 : (middle + spread) / scale;
  return { level: LEVEL, from, to };
}

function byProbability(a: PredictedOutcome, b: PredictedOutcome): number {
  const difference = b.probability.numerator * a.probability.denominator;
  const other = a.probability.numerator * b.probability.denominator;
  return difference > other ? 1 : difference < other ? -1 : 0;
}
