/** Distributions that are compared often. */
import { formatRational } from '../rational.ts';
import { answerKey } from './outcome.ts';
import type { Distribution } from './predict.ts';

const keys = new WeakMap<Distribution, string>();

/** Equal for distributions that no client can tell apart. */
export function distributionKey(distribution: Distribution): string {
  let key = keys.get(distribution);
  if (key === undefined) {
    key = distribution.outcomes
      .map(({ outcome, probability }) => `${formatRational(probability)} ${outcome.ecsScope} ${answerKey(outcome)}`)
      .sort()
      .join('\n\n');
    keys.set(distribution, key);
  }
  return key;
}
