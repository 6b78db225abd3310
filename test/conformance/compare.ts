/** A prediction against what was observed: nothing to say, or how they differ. */
import { formatAddress, parseAddress } from '../../geoip/address.ts';
import type { AnswerRecord, Outcome } from '../../simulator/answer/outcome.ts';
import type { Prediction } from '../../simulator/answer/predict.ts';
import { rdataBytes } from '../../simulator/answer/rdata.ts';
import { add, type Rational, toNumber, ZERO } from '../../simulator/rational.ts';
import type { RecordedAnswer, RecordedOutcome } from './recorded.ts';

/** From this many questions on, shares of answers have to fit their probabilities. */
const ENOUGH = 1000;
/** A share further from its probability than this many standard deviations does not fit. */
const DEVIATIONS = 4.5;

/** How `prediction` differs from what was observed; undefined where it does not. */
export function difference(
  prediction: Prediction,
  observed: RecordedOutcome,
  questionType: string,
): string | undefined {
  const predicted = prediction.outcomes.map(({ outcome, probability }) => ({
    text: outcomeText(asRecorded(outcome, questionType), questionType),
    outcome,
    probability,
  }));
  const opaque = predicted.find(({ outcome }) => outcome.rcode === 'OPAQUE');
  if (opaque !== undefined) return `opaque: ${prediction.warnings.map(({ message }) => message).join('; ')}`;
  const seen = 'distribution' in observed ? observed.distribution : [{ ...observed, count: 1 }];
  for (const answer of seen) {
    const match = predicted.find(({ text }) => text === outcomeText(answer, questionType));
    if (match === undefined) {
      const why = prediction.warnings.map(({ message }) => message).join('; ');
      return `${outcomeText(answer, questionType)} was answered, predicted is ${predicted.map(({ text }) => text).join(' or ')} ${why}`;
    }
    if (answer.ecs_scope !== undefined && match.outcome.ecsScope !== answer.ecs_scope) {
      return `scope ${answer.ecs_scope} was answered, predicted is ${match.outcome.ecsScope}`;
    }
    const ttls = [...new Set(match.outcome.answers.map(({ ttlSeconds }) => ttlSeconds))].sort((a, b) => a - b).join();
    if (answer.ttl !== undefined && answer.ttl.join() !== ttls) return `TTLs ${answer.ttl.join()}, predicted ${ttls}`;
  }
  const counts = new Map(seen.map((answer) => [outcomeText(answer, questionType), answer.count]));
  return misfit(counts, new Map(predicted.map(({ text, probability }) => [text, probability])));
}

/** How counts of outcomes contradict their probabilities: an impossible outcome, or shares that do not fit. */
export function misfit(
  counts: ReadonlyMap<string, number>,
  probabilities: ReadonlyMap<string, Rational>,
): string | undefined {
  const total = [...counts.values()].reduce((sum, count) => sum + count, 0);
  for (const text of counts.keys()) {
    if (!probabilities.has(text)) return `${text} was answered, predicted is ${[...probabilities.keys()].join(' or ')}`;
  }
  if (total < ENOUGH) return undefined;
  for (const [text, probability] of probabilities) {
    const share = toNumber(probability);
    const allowed = DEVIATIONS * Math.sqrt(total * share * (1 - share)) + 1e-9;
    const count = counts.get(text) ?? 0;
    if (Math.abs(count - total * share) > allowed)
      return `${text} ${count} of ${total} times, predicted is a share of ${share}`;
  }
  return undefined;
}

/** Probabilities by the sorted data of the answers, joined with `+`; by the response code where there are none. */
export function probabilitiesByData(prediction: Prediction, questionType: string): Map<string, Rational> {
  const probabilities = new Map<string, Rational>();
  for (const { outcome, probability } of prediction.outcomes) {
    const { answers } = asRecorded(outcome, questionType);
    const key = answers.length === 0 ? outcome.rcode : answers.join('+');
    probabilities.set(key, add(probabilities.get(key) ?? ZERO, probability));
  }
  return probabilities;
}

function asRecorded(outcome: Outcome, questionType: string): RecordedAnswer {
  return { rcode: outcome.rcode, answers: outcome.answers.map((record) => recordText(record, questionType)).sort() };
}

function recordText({ type, rdata }: AnswerRecord, questionType: string): string {
  return type === questionType ? recordedData(type, rdata) : `${type} ${recordedData(type, rdata)}`;
}

/** Data as recordings show it: without quotes and data of rare types in hex. */
export function recordedData(type: string, rdata: string): string {
  switch (type) {
    case 'TXT':
    case 'SPF': {
      const strings = rdata.matchAll(/"((?:[^"\\]|\\.)*)"/g);
      return [...strings].map(([, text = '']) => text.replace(/\\(\d{3}|.)/g, unescaped)).join('|');
    }
    case 'A':
    case 'AAAA':
    case 'CNAME':
    case 'NS':
    case 'PTR':
    case 'DNAME':
    case 'MX':
    case 'SRV':
    case 'SOA':
      return rdata;
    default:
      return Buffer.from(rdataBytes(type, rdata)).toString('hex');
  }
}

function unescaped(_: string, escaped: string): string {
  return escaped.length === 3 ? String.fromCharCode(Number(escaped)) : escaped;
}

function outcomeText({ rcode, answers }: Pick<RecordedAnswer, 'rcode' | 'answers'>, questionType: string): string {
  const texts = questionType === 'AAAA' ? answers.map(canonicalAddress) : answers;
  return `${rcode} ${JSON.stringify([...texts].sort())}`;
}

/** One recorder wrote v4-mapped addresses in hex. */
function canonicalAddress(text: string): string {
  const parsed = parseAddress(text);
  return parsed === undefined ? text : formatAddress(parsed);
}
