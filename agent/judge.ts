/**
 * One observation against what is possible. Pure: it neither asks nor remembers; whether a finding is a drift is decided
 * over time by `drifts.ts`.
 */
import { type AdmissibleSet, admissible, type Path } from '../simulator/answer/admissible.ts';
import { answerKey, type Outcome } from '../simulator/answer/outcome.ts';
import type { Question } from '../simulator/answer/question.ts';
import type { ServerModel } from '../simulator/answer/server-model.ts';
import type { Check } from '../simulator/health/check.ts';
import type { CheckStatus } from '../simulator/health/status.ts';
import type { Explanation } from './hypotheses.ts';
import { describeOutcome } from './outcome-text.ts';

/** What a real server answered. */
export interface ObservedAnswer {
  readonly rcode: string;
  readonly answers: Outcome['answers'];
  readonly ecsScope: number | undefined;
}

export type DriftClass =
  | 'answer'
  | 'distribution'
  | 'rcode'
  | 'ttl'
  | 'scope'
  | 'dnssec'
  | 'content'
  | 'disagreement'
  | 'unreachable'
  | 'frozen';

/** One way in which an observation is not what it should be. */
export interface Finding {
  readonly class: DriftClass;
  /** A sentence: what was seen and what could have been. */
  readonly message: string;
  /**
   * The beliefs under which the answer would be right: the server may believe something that was not seen from here.
   * Empty for what no belief explains.
   */
  readonly hypotheses: readonly Explanation[];
}

export interface Judgement {
  /** `match`: the only possible answers. `admissible`: possible while some status is not known for sure. */
  readonly verdict: 'match' | 'admissible' | 'outside' | 'inconclusive';
  readonly reason: string;
  readonly findings: readonly Finding[];
  /** What was possible given the evidence. */
  readonly admissible: readonly Outcome[];
  /**
   * The ways in which the server can have come to this answer: those that fit the evidence, and where none does, those
   * with any belief.
   */
  readonly explanations: readonly Path[];
  /** Checks that the server has asked for, for sure, to give this answer. */
  readonly askedForSure: readonly Check[];
  /** Every belief under which the answer is right, also those that the evidence excludes. Costs as much as a judgement. */
  readonly everyBelief: () => readonly Explanation[];
}

export interface JudgeInput {
  readonly question: Question;
  readonly observed: ObservedAnswer;
  /** The server as it should be, and as it may still be while its caches hold older content. Never empty. */
  readonly models: readonly ServerModel[];
  /** Statuses that fit the evidence. */
  readonly fitting: (check: Check) => readonly CheckStatus[];
  /** Statuses that a check can have at all. */
  readonly any: (check: Check) => readonly CheckStatus[];
  /** Why nobody can say what is possible. */
  readonly unjudged?: string;
}

export function judge(input: JudgeInput): Judgement {
  const { question, observed, models, fitting, any, unjudged } = input;
  if (unjudged !== undefined) return inconclusive(unjudged, []);
  const strict = models.map((model) => admissible(question, model, fitting));
  // Servers as they are and as they were mostly agree.
  const outcomes = distinctOutcomes(strict.flatMap((set) => set.outcomes));
  const unsound = outcomes.find(({ rcode }) => rcode === 'OPAQUE' || rcode === 'CRASH' || rcode === 'DROPPED');
  if (unsound !== undefined) return inconclusive(`the answer cannot be predicted (${unsound.rcode})`, outcomes);

  const key = answerKey(observed);
  const inside = pathsTo(strict, key);
  const unbound = () => models.map((model) => admissible(question, model, any));
  const sets = inside.length > 0 ? strict : unbound();
  const explanations = pathsTo(sets, key);
  const everyBelief = () => (inside.length > 0 ? unbound() : sets).flatMap((set) => explanationsIn(set, key, fitting));
  const askedForSure = sharedChecks(explanations, strict);
  const scope = scopeFinding(input, inside);
  if (inside.length > 0) {
    const findings = [ttlFinding(input, inside), scope].filter((finding) => finding !== undefined);
    const certain =
      strict.every((set) => set.checks.every((check) => fitting(check).length === 1)) && models.length === 1;
    const reason = certain
      ? 'the answer is one that must come'
      : 'the answer is possible while a status may be changing';
    return {
      verdict: findings.length > 0 ? 'outside' : certain ? 'match' : 'admissible',
      reason,
      findings,
      admissible: outcomes,
      explanations,
      askedForSure,
      everyBelief,
    };
  }
  if (strict.some((set) => !set.complete))
    return inconclusive('too many answers are possible to list them all', outcomes);
  const finding = outsideFinding(question, observed, outcomes, everyBelief());
  return {
    verdict: 'outside',
    reason: finding.message,
    findings: scope === undefined ? [finding] : [finding, scope],
    admissible: outcomes,
    explanations,
    askedForSure,
    everyBelief,
  };
}

function outsideFinding(
  question: Question,
  observed: ObservedAnswer,
  outcomes: readonly Outcome[],
  hypotheses: readonly Explanation[],
): Finding {
  const possible = [...new Set(outcomes.map((outcome) => describeOutcome(outcome, question.type)))];
  const shown = possible.length > 6 ? `one of ${possible.length} answers` : possible.join(' | ');
  const sameRcode = outcomes.some((outcome) => outcome.rcode === observed.rcode);
  return {
    class: sameRcode ? 'answer' : 'rcode',
    message: `answered ${describeOutcome(observed, question.type)}, possible is ${shown}`,
    hypotheses,
  };
}

function explanationsIn(set: AdmissibleSet, key: string, fitting: JudgeInput['fitting']): Explanation[] {
  const possible = new Map(set.checks.map((check) => [check.id, fitting(check)]));
  const isWrong = ([id, status]: [string, CheckStatus]) =>
    !possible.get(id)?.some((each) => isSameStatus(each, status));
  return pathsTo([set], key).map(({ assumed }) => ({
    assumed,
    wrong: new Set([...assumed].filter(isWrong).map(([id]) => id)),
  }));
}

/** That a check is absent is a status of its own here, since it can fail an answer. */
function isSameStatus(a: CheckStatus, b: CheckStatus): boolean {
  return a.kind === b.kind && (a.kind !== 'up' || b.kind !== 'up' || Math.max(1, a.weight) === Math.max(1, b.weight));
}

function ttlFinding({ observed }: JudgeInput, inside: readonly Path[]): Finding | undefined {
  const isRight = inside.some(({ outcome }) => {
    const expected = new Map(outcome.answers.map((record) => [recordKey(record), record.ttlSeconds]));
    return observed.answers.every((record) => expected.get(recordKey(record)) === record.ttlSeconds);
  });
  if (isRight) return undefined;
  const wanted = [...new Set(inside.flatMap(({ outcome }) => outcome.answers.map((record) => record.ttlSeconds)))];
  const seen = [...new Set(observed.answers.map((record) => record.ttlSeconds))];
  return { class: 'ttl', message: `TTL ${seen.join(', ')}, the record says ${wanted.join(', ')}`, hypotheses: [] };
}

/** Asked with a client network, the server must answer with one, and with the scope that its answer has. */
function scopeFinding({ question, observed }: JudgeInput, inside: readonly Path[]): Finding | undefined {
  if (question.ecs === undefined) return undefined;
  if (observed.ecsScope === undefined) {
    const message = "the client's network was ignored: the reply has no ECS option";
    return { class: 'scope', message, hypotheses: [] };
  }
  const expected = new Set(inside.map(({ outcome }) => outcome.ecsScope));
  if (inside.length === 0 || expected.has(observed.ecsScope)) return undefined;
  const message = `ECS scope ${observed.ecsScope}, expected ${[...expected].join(' or ')}`;
  return { class: 'scope', message, hypotheses: [] };
}

function distinctOutcomes(outcomes: readonly Outcome[]): Outcome[] {
  const distinct = new Map<string, Outcome>();
  for (const outcome of outcomes) {
    const key = answerKey(outcome);
    if (!distinct.has(key)) distinct.set(key, outcome);
  }
  return [...distinct.values()];
}

function pathsTo(sets: readonly AdmissibleSet[], key: string): Path[] {
  return sets.flatMap((set) => set.paths.filter((path) => answerKey(path.outcome) === key));
}

function sharedChecks(paths: readonly Path[], sets: readonly AdmissibleSet[]): Check[] {
  const [first, ...rest] = paths.length > 0 ? paths : sets.flatMap((set) => set.paths);
  if (first === undefined) return [];
  const known = new Map(sets.flatMap((set) => set.checks).map((check) => [check.id, check]));
  return [...first.assumed.keys()]
    .filter((id) => rest.every((path) => path.assumed.has(id)))
    .flatMap((id) => known.get(id) ?? []);
}

function inconclusive(reason: string, outcomes: readonly Outcome[]): Judgement {
  return {
    verdict: 'inconclusive',
    reason,
    findings: [],
    admissible: outcomes,
    explanations: [],
    askedForSure: [],
    everyBelief: () => [],
  };
}

function recordKey({ type, rdata }: Outcome['answers'][number]): string {
  return `${type} ${rdata}`;
}
