/** What expectations say of one answer: everything that can be told from what a client may get at a moment. */

import type { Distribution } from '../../simulator/answer/distribution.ts';
import type { Outcome } from '../../simulator/answer/outcome.ts';
import { toNumber } from '../../simulator/rational.ts';
import type { Scenario, What } from '../scenario.ts';
import { describeAnswers, labelOf, rdataFor, rdataOf } from './view.ts';

/** What is wrong with an answer; undefined where all is as it should be. */
export interface WrongAnswer {
  readonly wanted: string;
  readonly seen: string;
}

type AnswerWhat = Extract<
  What,
  { kind: 'answer' | 'one-of' | 'subset-of' | 'rcode' | 'ttl' | 'scope' | 'distribution' }
>;

export function isAboutAnswers(what: What): what is AnswerWhat {
  return ['answer', 'one-of', 'subset-of', 'rcode', 'ttl', 'scope', 'distribution'].includes(what.kind);
}

/** Whatever the draws are: one outcome that is not as it should be is enough. */
export function wrongAnswer(
  what: AnswerWhat,
  distribution: Distribution,
  type: string,
  scenario: Scenario,
): WrongAnswer | undefined {
  const seen = () => describeAnswers(scenario, distribution, type);
  if (what.kind === 'distribution') return wrongShares(what, distribution, type, scenario);
  const isRight = rightOutcome(what, type, scenario);
  if (distribution.outcomes.every(({ outcome }) => isRight(outcome))) return undefined;
  switch (what.kind) {
    case 'answer':
      return { wanted: what.answers.join(' ') || 'no data', seen: seen() };
    case 'one-of':
      return { wanted: `one of ${what.answers.join(', ')}`, seen: seen() };
    case 'subset-of':
      return { wanted: `nothing but ${what.answers.join(', ')}`, seen: seen() };
    case 'rcode':
      return {
        wanted: what.rcode,
        seen: [...new Set(distribution.outcomes.map(({ outcome }) => outcome.rcode))].join(' or '),
      };
    case 'ttl':
      return { wanted: `TTL ${what.seconds}`, seen: `TTL ${ttlsOf(distribution)}` };
    case 'scope':
      return { wanted: `scope ${what.length}`, seen: `scope ${scopesOf(distribution)}` };
  }
}

function rightOutcome(
  what: Exclude<AnswerWhat, { kind: 'distribution' }>,
  type: string,
  scenario: Scenario,
): (outcome: Outcome) => boolean {
  const comparable = comparableIn(type);
  const rdata = (outcome: Outcome) => rdataOf(outcome, type).map(comparable);
  const written = (answers: readonly string[]) =>
    new Set(answers.map((label) => comparable(rdataFor(scenario, label, type))));
  switch (what.kind) {
    case 'answer': {
      const wanted = setKey([...written(what.answers)]);
      return (outcome) => outcome.rcode === 'NOERROR' && setKey(rdata(outcome)) === wanted;
    }
    case 'one-of': {
      const allowed = written(what.answers);
      return (outcome) => {
        const [answer, ...more] = rdata(outcome);
        return outcome.rcode === 'NOERROR' && more.length === 0 && answer !== undefined && allowed.has(answer);
      };
    }
    case 'subset-of': {
      const allowed = written(what.answers);
      return (outcome) => outcome.rcode === 'NOERROR' && rdata(outcome).every((each) => allowed.has(each));
    }
    case 'rcode':
      return (outcome) => outcome.rcode === what.rcode;
    case 'ttl':
      return (outcome) => outcome.answers.every(({ ttlSeconds }) => ttlSeconds === what.seconds);
    case 'scope':
      return (outcome) => outcome.ecsScope === what.length;
  }
}

function wrongShares(
  { shares, tolerance }: Extract<What, { kind: 'distribution' }>,
  distribution: Distribution,
  type: string,
  scenario: Scenario,
): WrongAnswer | undefined {
  const seen = sharesOf([distribution], type, scenario);
  return compareShares(labelledShares(shares, type, scenario), seen, tolerance);
}

/** An address of a target is that target. */
export function labelledShares(
  shares: ReadonlyMap<string, number>,
  type: string,
  scenario: Scenario,
): ReadonlyMap<string, number> {
  return new Map([...shares].map(([name, share]) => [labelOf(scenario, rdataFor(scenario, name, type)), share]));
}

/** How much of all answers each target is, over clients of equal weight. */
export function sharesOf(
  distributions: readonly Distribution[],
  type: string,
  scenario: Scenario,
): ReadonlyMap<string, number> {
  const shares = new Map<string, number>();
  for (const { outcomes } of distributions) {
    for (const { outcome, probability } of outcomes) {
      const labels = rdataOf(outcome, type).map((rdata) => labelOf(scenario, rdata));
      const names = labels.length === 0 ? [outcome.rcode] : labels;
      const share = toNumber(probability) / distributions.length / names.length;
      for (const name of names) shares.set(name, (shares.get(name) ?? 0) + share);
    }
  }
  return shares;
}

const ROUNDING = 1e-9;

export function compareShares(
  wanted: ReadonlyMap<string, number>,
  seen: ReadonlyMap<string, number>,
  tolerance: number,
): WrongAnswer | undefined {
  const names = new Set([...wanted.keys(), ...seen.keys()]);
  const isRight = [...names].every(
    (name) => Math.abs((wanted.get(name) ?? 0) - (seen.get(name) ?? 0)) <= tolerance + ROUNDING,
  );
  return isRight ? undefined : { wanted: describeShares(wanted), seen: describeShares(seen) };
}

function describeShares(shares: ReadonlyMap<string, number>): string {
  return [...shares].map(([name, share]) => `${name} ${Number((share * 100).toFixed(2))} %`).join(', ');
}

const TYPES_OF_NAMES = new Set(['CNAME', 'DNAME', 'NS', 'PTR', 'MX', 'SRV']);

/** Names are one in whatever case. */
function comparableIn(type: string): (rdata: string) => string {
  return TYPES_OF_NAMES.has(type) ? (rdata) => rdata.toLowerCase() : (rdata) => rdata;
}

function setKey(values: readonly string[]): string {
  return [...new Set(values)].sort().join('\n');
}

function ttlsOf({ outcomes }: Distribution): string {
  return [...new Set(outcomes.flatMap(({ outcome }) => outcome.answers.map(({ ttlSeconds }) => ttlSeconds)))].join(
    ' or ',
  );
}

function scopesOf({ outcomes }: Distribution): string {
  return [...new Set(outcomes.map(({ outcome }) => outcome.ecsScope ?? 'none'))].join(' or ');
}
