/** Answers in words. */
import { describeOutcome } from '../agent/outcome-text.ts';
import type { ClientAnswer } from '../simulator/answer/client-answers.ts';
import { type Distribution, type PredictedOutcome, rarestSeen } from '../simulator/answer/distribution.ts';
import { formatRational, toNumber } from '../simulator/rational.ts';

const MOST_SHOWN = 4;

/** `192.0.2.1`, `192.0.2.1 (1/2) or 192.0.2.2 (1/2)`. */
export function describeDistribution({ outcomes, exact }: Distribution, type: string): string {
  const [first] = outcomes;
  if (first !== undefined && outcomes.length === 1 && exact) return describeOutcome(first.outcome, type);
  const texts = outcomes.map(({ outcome, probability, confidence }) => {
    const share = confidence === undefined ? formatRational(probability) : `about ${percent(toNumber(probability))}`;
    return `${describeOutcome(outcome, type)} (${share})`;
  });
  return shortList(texts, ' or ');
}

/** As `describeDistribution`; of clients that are told apart by hash: `1/2 of clients: 192.0.2.1; 1/2: 192.0.2.2`. */
export function describeClientAnswer({ groups }: ClientAnswer, type: string): string {
  const [first] = groups;
  if (first !== undefined && groups.length === 1) return describeDistribution(first.distribution, type);
  const texts = groups.map(({ share, distribution }) => {
    return `${formatRational(share)} of clients ${describeDistribution(distribution, type)}`;
  });
  return `by hash: ${shortList(texts, ', ')}`;
}

/** `1/2 (50.0 %)`; in a sample `12.3 % (11.7 … 12.9 %)`. */
export function describeProbability({ probability, confidence }: PredictedOutcome): string {
  const share = toNumber(probability);
  if (confidence === undefined) return `${formatRational(probability)} (${percent(share)})`;
  return `${percent(share)} (${percent(confidence.from)} … ${percent(confidence.to)})`;
}

/** What whoever reads a sample must know; undefined for what is exact. */
export function describeSample({ sampleSize, outcomes }: Distribution): string | undefined {
  if (sampleSize === undefined) return undefined;
  const level = Math.round((outcomes[0]?.confidence?.level ?? 0) * 100);
  return (
    `There are too many ways to draw to walk them all: these are shares in ${sampleSize} draws. In brackets is where the true\n` +
    `probability lies (confidence ${level} %). Answers rarer than ${percent(rarestSeen(sampleSize))} may be missing.`
  );
}

export function percent(share: number): string {
  const digits = share !== 0 && share < 0.001 ? 3 : share < 0.1 && share !== 0 ? 2 : 1;
  return `${(share * 100).toFixed(digits)} %`;
}

function shortList(texts: readonly string[], joint: string): string {
  const rest = texts.length - MOST_SHOWN;
  return rest > 1 ? `${texts.slice(0, MOST_SHOWN).join(joint)}${joint}${rest} more` : texts.join(joint);
}
