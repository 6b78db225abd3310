/** What an answer hangs on: every assumption of a prediction changed alone, and what the answer would be then. */
import { noGeo } from '../../geoip/location.ts';
import type { Check } from '../health/check.ts';
import { type CheckStatus, DOWN, UP } from '../health/status.ts';
import { toNumber } from '../rational.ts';
import { type Distribution, distributionKey, rarestSeen } from './distribution.ts';
import { answerKey } from './outcome.ts';
import { type Prediction, predict } from './predict.ts';
import type { Question } from './question.ts';
import type { ServerModel } from './server-model.ts';

/** One thing that is otherwise than it was taken to be. */
export type Variation =
  | { readonly kind: 'status'; readonly check: Check; readonly status: CheckStatus }
  /** The server does not look at ECS, or somebody removes it on the way. */
  | { readonly kind: 'clientNetwork'; readonly question: Question }
  /** The server runs without its GeoIP databases. */
  | { readonly kind: 'geoip'; readonly server: ServerModel };

/** A variation that alters the answer, or how likely it is. */
export interface Change {
  readonly variation: Variation;
  /** As a sentence: `192.0.2.1 is down`. */
  readonly text: string;
  readonly distribution: Distribution;
}

type StatusOf = (check: Check) => CheckStatus;

/** The variations that make `prediction` another one. Costs one prediction for each check asked, and two more. */
export function changesOf(
  prediction: Prediction,
  question: Question,
  server: ServerModel,
  statusOf: StatusOf,
  maxBranches?: number,
): Change[] {
  const checks = prediction.checks.map(({ check }) => check);
  return variationsOf(prediction.checks, question, server).flatMap((variation) => {
    const distribution = predict(
      variation.kind === 'clientNetwork' ? variation.question : question,
      variation.kind === 'geoip' ? variation.server : server,
      variation.kind === 'status' ? believing(statusOf, variation.check, variation.status) : statusOf,
      maxBranches,
    );
    return differ(prediction, distribution)
      ? [{ variation, text: describeVariation(variation, checks), distribution }]
      : [];
  });
}

/** Everything that is tried, changing or not. */
export function variationsOf(checks: Prediction['checks'], question: Question, server: ServerModel): Variation[] {
  return [
    ...checks.flatMap(({ check, status }) => otherStatuses(check, status)),
    ...withoutClientNetwork(question),
    ...withoutGeo(server),
  ];
}

/** What a check may be instead. One that nobody has probed can come out either way. */
function otherStatuses(check: Check, status: CheckStatus): Variation[] {
  const others = status.kind === 'up' ? [DOWN] : status.kind === 'down' ? [UP] : [UP, DOWN];
  return others.map((other) => ({ kind: 'status', check, status: other }));
}

/** None where no network was sent. */
export function withoutClientNetwork(question: Question): Extract<Variation, { kind: 'clientNetwork' }>[] {
  const { ecs, ...without } = question;
  return ecs === undefined ? [] : [{ kind: 'clientNetwork', question: without }];
}

/** None where there is no database anyway. */
export function withoutGeo(server: ServerModel): Extract<Variation, { kind: 'geoip' }>[] {
  return server.geo === noGeo ? [] : [{ kind: 'geoip', server: { ...server, geo: noGeo } }];
}

/** `beliefOf`, but for one check. */
export function believing<T>(beliefOf: (check: Check) => T, check: Check, belief: T): (check: Check) => T {
  return (other) => (other.id === check.id ? belief : beliefOf(other));
}

/** A sentence. `checks`: all that may be meant; a target that has several of them is told apart by what is probed. */
export function describeVariation(variation: Variation, checks: readonly Check[]): string {
  switch (variation.kind) {
    case 'status': {
      const { check, status } = variation;
      const isOnly = !checks.some(({ id, target }) => id !== check.id && target === check.target);
      const name = check.target === '' ? check.url : isOnly ? check.target : `${check.target} (${check.url || 'TCP'})`;
      return `${name} is ${status.kind}`;
    }
    case 'clientNetwork':
      return "the client's network is ignored";
    case 'geoip':
      return 'GeoIP is not loaded';
  }
}

/** Samples differ by chance too: there only what both intervals exclude counts. */
function differ(a: Distribution, b: Distribution): boolean {
  if (distributionKey(a) === distributionKey(b)) return false;
  if (a.exact && b.exact) return true;
  const [ranges, others] = [rangesOf(a), rangesOf(b)];
  const [unseen, otherUnseen] = [unseenRange(a), unseenRange(b)];
  return [...new Set([...ranges.keys(), ...others.keys()])].some((key) => {
    const [from, to] = ranges.get(key) ?? unseen;
    const [otherFrom, otherTo] = others.get(key) ?? otherUnseen;
    return from > otherTo || otherFrom > to;
  });
}

type Range = readonly [from: number, to: number];

function rangesOf({ outcomes }: Distribution): Map<string, Range> {
  return new Map(
    outcomes.map(({ outcome, probability, confidence }) => {
      const share = toNumber(probability);
      return [answerKey(outcome), [confidence?.from ?? share, confidence?.to ?? share]];
    }),
  );
}

function unseenRange({ sampleSize }: Distribution): Range {
  return [0, sampleSize === undefined ? 0 : rarestSeen(sampleSize)];
}
