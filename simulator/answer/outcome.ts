/** What a client gets: the response code and the answer section, as plain data that can be compared. */
import { lowerCaseName } from '../zone/name.ts';

export interface AnswerRecord {
  readonly owner: string;
  readonly type: string;
  readonly ttlSeconds: number;
  /** Canonical presentation format. */
  readonly rdata: string;
}

/**
 * Response codes of DNS, and three that no packet carries: CRASH (the server process dies), DROPPED (no answer ever
 * comes; a worker hangs), OPAQUE (cannot be predicted soundly).
 */
export type Rcode = 'NOERROR' | 'NXDOMAIN' | 'SERVFAIL' | 'REFUSED' | 'CRASH' | 'DROPPED' | 'OPAQUE';

export interface Outcome {
  readonly rcode: Rcode;
  /** CNAMEs of the chain first, in order; then the records of the question's type in the order they were made. */
  readonly answers: readonly AnswerRecord[];
  /** The SOA of the zone that says no, or the name servers of a delegation. */
  readonly authority: readonly AnswerRecord[];
  /** False for what the server knows only by delegation. */
  readonly authoritative: boolean;
  /** Scope of the ECS option in the reply; undefined where the server does not answer with one. */
  readonly ecsScope: number | undefined;
}

export function emptyOutcome(rcode: Rcode, ecsScope: number | undefined): Outcome {
  return Object.freeze({ rcode, answers: [], authority: [], authoritative: rcode !== 'REFUSED', ecsScope });
}

/** The answers as people read them: rdata, with the type in front where it is not the type asked for. Sorted. */
export function answerTexts(outcome: Pick<Outcome, 'answers'>, questionType: string): string[] {
  return outcome.answers.map(({ type, rdata }) => (type === questionType ? rdata : `${type} ${rdata}`)).sort();
}

/** Equal for outcomes that a client cannot tell apart by code and data; TTLs and the scope are compared apart. */
export function answerKey(outcome: { readonly rcode: string; readonly answers: Outcome['answers'] }): string {
  const answers = outcome.answers.map(({ owner, type, rdata }) => `${owner.toLowerCase()} ${type} ${rdata}`).sort();
  return [outcome.rcode, ...answers].join('\n');
}

/** Equal owner, type and data once; the first seen keeps its TTL. */
export function distinctRecords(records: readonly AnswerRecord[]): AnswerRecord[] {
  const seen = new Set<string>();
  return records.filter(({ owner, type, rdata }) => {
    const key = `${lowerCaseName(owner)} ${type} ${rdata}`;
    return seen.has(key) ? false : seen.add(key);
  });
}
