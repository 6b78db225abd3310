/** What a real server answered against what was predicted, and against what `serve` answered. */
import type { AnswerRecord, Outcome } from '../../simulator/answer/outcome.ts';
import type { Prediction } from '../../simulator/answer/predict.ts';
import { type Rational, toNumber } from '../../simulator/rational.ts';
import type { DnsResponse } from '../../wire/message.ts';

/** All that a client can tell apart, and that must be equal. */
export interface Answered {
  readonly rcode: string;
  readonly answers: readonly AnswerRecord[];
  readonly authorityTypes: readonly string[];
  readonly authoritative: boolean;
  readonly ecsScope: number | undefined;
}

export function answeredBy(response: DnsResponse): Answered {
  const { rcode, answers, authority, authoritative, ecsScope } = response;
  return { rcode, answers, authorityTypes: authority.map(({ type }) => type).sort(), authoritative, ecsScope };
}

export function predictedAnswer(outcome: Outcome): Answered {
  const { rcode, answers, authority, authoritative, ecsScope } = outcome;
  return { rcode, answers, authorityTypes: authority.map(({ type }) => type).sort(), authoritative, ecsScope };
}

/** Equal where a client cannot tell two answers apart: records in any order. */
export function fullKey({ rcode, answers, authorityTypes, authoritative, ecsScope }: Answered): string {
  return JSON.stringify([rcode, answers.map(recordText).sort(), authorityTypes, authoritative, ecsScope ?? 'none']);
}

/** Names that a message may compress take the case of an earlier one, as of the question. */
const COMPRESSED: ReadonlySet<string> = new Set(['CNAME', 'MX', 'NS', 'PTR', 'SOA']);

function recordText({ owner, type, ttlSeconds, rdata }: AnswerRecord): string {
  return `${owner.toLowerCase()} ${ttlSeconds} ${type} ${COMPRESSED.has(type) ? rdata.toLowerCase() : rdata}`;
}

export type Kind = 'deterministic' | 'random' | 'opaque' | 'unaskable' | 'too many branches';

export function kindOf(prediction: Prediction): Kind {
  const rcodes = new Set(prediction.outcomes.map(({ outcome }) => outcome.rcode));
  // A question is never asked that would bring the server down.
  if (rcodes.has('CRASH') || rcodes.has('DROPPED')) return 'unaskable';
  if (rcodes.has('OPAQUE')) return 'opaque';
  if (!prediction.exact) return 'too many branches';
  return prediction.outcomes.length === 1 ? 'deterministic' : 'random';
}

/** What is wrong with an answer under a prediction; undefined where nothing is. */
export function contradiction(prediction: Prediction, answered: Answered): string | undefined {
  const predicted = prediction.outcomes.map(({ outcome }) => fullKey(predictedAnswer(outcome)));
  const seen = fullKey(answered);
  if (predicted.includes(seen)) return undefined;
  const why = prediction.warnings.map(({ message }) => message).join('; ');
  const shown = predicted.slice(0, 6).join('\n             ');
  return `answered:  ${seen}\n  predicted: ${shown}${why === '' ? '' : `\n  because:   ${why}`}`;
}

/** How counts of answers contradict their probabilities. */
export function misfit(prediction: Prediction, answers: readonly Answered[]): string | undefined {
  const counts = Map.groupBy(answers, fullKey);
  const cells = prediction.outcomes.map(({ outcome, probability }) => ({
    seen: counts.get(fullKey(predictedAnswer(outcome)))?.length ?? 0,
    expected: toNumber(probability) * answers.length,
  }));
  const p = gTest(cells);
  if (p >= SIGNIFICANCE) return undefined;
  const shares = prediction.outcomes.slice(0, 8).map(({ outcome, probability }) => {
    const seen = counts.get(fullKey(predictedAnswer(outcome)))?.length ?? 0;
    return `${outcome.answers.map(({ rdata }) => rdata).join('+')}: ${seen}, expected ${formatShare(probability)}`;
  });
  return `shares of ${answers.length} answers do not fit (p = ${p.toExponential(1)}): ${shares.join('; ')}`;
}

/** Chance of a false alarm of one test. */
const SIGNIFICANCE = 1e-9;
/** Rarer outcomes are counted together: the test is not made for small numbers. */
const FEWEST_EXPECTED = 5;

/** The chance of such counts or more extreme ones, by the G-test. */
export function gTest(cells: readonly { readonly seen: number; readonly expected: number }[]): number {
  const often = cells.filter(({ expected }) => expected >= FEWEST_EXPECTED);
  const seldom = cells.filter(({ expected }) => expected < FEWEST_EXPECTED);
  const together = {
    seen: seldom.reduce((sum, cell) => sum + cell.seen, 0),
    expected: seldom.reduce((sum, cell) => sum + cell.expected, 0),
  };
  const tested = together.expected >= FEWEST_EXPECTED ? [...often, together] : often;
  if (tested.length < 2) return 1;
  const scale = tested.reduce((sum, cell) => sum + cell.seen, 0) / tested.reduce((sum, cell) => sum + cell.expected, 0);
  const statistic = tested.reduce(
    (sum, { seen, expected }) => sum + (seen === 0 ? 0 : 2 * seen * Math.log(seen / (expected * scale))),
    0,
  );
  return chiSquareTail(statistic, tested.length - 1);
}

/** P(X > x), by Wilson and Hilferty's cube root and the usual series for the tail of a normal distribution. */
function chiSquareTail(x: number, degreesOfFreedom: number): number {
  const spread = 2 / (9 * degreesOfFreedom);
  const z = (Math.cbrt(Math.max(0, x) / degreesOfFreedom) - (1 - spread)) / Math.sqrt(spread);
  if (z < 0) return 1;
  const t = 1 / (1 + 0.2316419 * z);
  const series = t * (0.31938153 + t * (-0.356563782 + t * (1.781477937 + t * (-1.821255978 + t * 1.330274429))));
  return (Math.exp((-z * z) / 2) / Math.sqrt(2 * Math.PI)) * series;
}

function formatShare(probability: Rational): string {
  return `${probability.numerator}/${probability.denominator}`;
}
