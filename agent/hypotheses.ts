/**
 * What a server would have to believe wrongly to give the answers that were seen. A suspicion is a set of beliefs that
 * contradict the evidence, each with the time since which it has been needed. One wrong belief can have an innocent cause
 * — a probe that hit a moment which none from here saw — but not for long; several short ones, one after the other, are
 * no long one. Of all suspicions only the smallest are kept: what a smaller one explains accuses nobody of more.
 */
import type { Micros } from '../simulator/clock.ts';
import type { CheckStatus } from '../simulator/health/status.ts';

/** Beliefs by the id of their check. */
export type Hypothesis = ReadonlyMap<string, CheckStatus>;

/** One set of beliefs under which an answer comes. */
export interface Explanation {
  readonly assumed: Hypothesis;
  /** The checks of which it assumes what the evidence excludes. Empty: the answer is possible by the evidence. */
  readonly wrong: ReadonlySet<string>;
}

export interface WrongBelief {
  readonly status: CheckStatus;
  readonly since: Micros;
}

export type Suspicion = ReadonlyMap<string, WrongBelief>;

const MAX_SUSPICIONS = 64;
const MAX_EXPLANATIONS = 4096;

/** No wrong belief yet. */
export const UNSUSPECTED: readonly Suspicion[] = [new Map()];

/**
 * The suspicions after an answer at `now` that has these explanations; none where the beliefs suspected so far cannot give
 * it. An empty one among them (it is then the only one): the evidence explains everything.
 */
export function suspicionsAfter(
  suspicions: readonly Suspicion[],
  explanations: readonly Explanation[],
  now: Micros,
): readonly Suspicion[] {
  const all = new Map<string, Suspicion>();
  for (const suspicion of suspicions) {
    for (const explanation of explanations.slice(0, MAX_EXPLANATIONS)) {
      if (!agree(beliefsOf(suspicion), explanation.assumed)) continue;
      const next = extended(suspicion, explanation, now);
      all.set(keyOf(next), next);
    }
  }
  return smallest([...all.values()]).slice(0, MAX_SUSPICIONS);
}

/** Has every suspicion a wrong belief that has lasted for `micros`? */
export function hasLasted(suspicions: readonly Suspicion[], micros: Micros, now: Micros): boolean {
  return suspicions.every((suspicion) => [...suspicion.values()].some(({ since }) => now - since >= micros));
}

/** How many wrong beliefs the smallest takes. */
export function fewestBeliefs(suspicions: readonly Suspicion[]): number {
  return Math.min(...suspicions.map(({ size }) => size));
}

export function beliefsOf(suspicion: Suspicion): Hypothesis {
  return new Map([...suspicion].map(([check, { status }]) => [check, status]));
}

/** Can both be true? Checks that only one of them speaks about make no difference. */
export function agree(one: Hypothesis, other: Hypothesis): boolean {
  for (const [check, status] of one) {
    const otherStatus = other.get(check);
    if (otherStatus !== undefined && weightOf(status) !== weightOf(otherStatus)) return false;
  }
  return true;
}

/** An unknown status acts as down, so the two are one belief. */
function weightOf(status: CheckStatus): number {
  return status.kind === 'up' ? Math.max(1, status.weight) : 0;
}

/** Without the beliefs that fit the evidence by now, with those that contradict it anew. */
function extended(suspicion: Suspicion, { assumed, wrong }: Explanation, now: Micros): Suspicion {
  const next = new Map([...suspicion].filter(([check]) => wrong.has(check) || !assumed.has(check)));
  for (const check of wrong) {
    const status = assumed.get(check);
    if (status !== undefined && !next.has(check)) next.set(check, { status, since: now });
  }
  return next;
}

function smallest(suspicions: readonly Suspicion[]): Suspicion[] {
  const kept: Suspicion[] = [];
  for (const suspicion of suspicions.toSorted((a, b) => a.size - b.size)) {
    if (!kept.some((smaller) => accusesOfLess(smaller, suspicion))) kept.push(suspicion);
  }
  return kept;
}

function accusesOfLess(one: Suspicion, other: Suspicion): boolean {
  for (const [check, { status, since }] of one) {
    const theirs = other.get(check);
    if (theirs === undefined || weightOf(theirs.status) !== weightOf(status) || theirs.since > since) return false;
  }
  return true;
}

function keyOf(suspicion: Suspicion): string {
  return [...suspicion]
    .map(([check, { status, since }]) => `${check} ${weightOf(status)} ${since}`)
    .sort()
    .join('\n');
}
