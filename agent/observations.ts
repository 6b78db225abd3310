/** The last answers to each cross-check and what was made of them. */

import { answerTexts } from '../simulator/answer/outcome.ts';
import type { Question } from '../simulator/answer/question.ts';
import type { Content } from './content.ts';
import type { OnEvent } from './events.ts';
import type { Judgement, ObservedAnswer } from './judge.ts';
import { type CrossCheck, crossCheckKey } from './model.ts';
import { describeOutcome } from './outcome-text.ts';

/** The last answer to one cross-check and what was made of it. */
export interface Observation {
  readonly atMs: number;
  readonly question: Question;
  readonly observed: ObservedAnswer;
  readonly text: string;
  /** The verdict when the answer became what it is. */
  readonly verdictAtChange: string;
  readonly transport: 'udp' | 'tcp';
  readonly judgement: Judgement;
  /** The texts of the answers that were possible, each once, sorted. */
  readonly admissible: readonly string[];
  /** The newest answers, oldest first. */
  readonly recent: readonly { readonly text: string; readonly answers: readonly string[] }[];
}

export type NewObservation = Pick<Observation, 'question' | 'observed' | 'transport' | 'judgement'>;

const RECENT_ANSWERS = 60;

export class Observations {
  readonly #server: string;
  readonly #onEvent: OnEvent;
  readonly #last = new Map<CrossCheck, Observation>();

  constructor(server: string, onEvent: OnEvent) {
    this.#server = server;
    this.#onEvent = onEvent;
  }

  of(crossCheck: CrossCheck): Observation | undefined {
    return this.#last.get(crossCheck);
  }

  /** Was another record of the zone last answered with the data that its code makes? */
  runsOtherCode({ watched }: CrossCheck): boolean {
    return [...this.#last].some(([other, { judgement, observed }]) => {
      const isRight = judgement.verdict === 'match' || judgement.verdict === 'admissible';
      const isOther = other.watched.zone === watched.zone && other.watched.owner !== watched.owner;
      return isOther && isRight && observed.answers.length > 0;
    });
  }

  /** Keeps an observation, and tells of it where it is another than the one before. */
  remember(crossCheck: CrossCheck, seen: NewObservation): Observation {
    const { type } = crossCheck.watched;
    const before = this.#last.get(crossCheck);
    const text = describeOutcome(seen.observed, type);
    const recent = [...(before?.recent ?? []), { text, answers: answerTexts(seen.observed, type) }];
    const observation: Observation = {
      ...seen,
      atMs: Date.now(),
      text,
      verdictAtChange: before?.text === text ? before.verdictAtChange : seen.judgement.verdict,
      admissible: admissibleTexts(seen.judgement, type),
      recent: recent.slice(-RECENT_ANSWERS),
    };
    this.#last.set(crossCheck, observation);
    if (before === undefined || !isJudgedAlike(before, observation)) this.#tellJudged(crossCheck, observation);
    if (before?.text !== text) this.#tellChanged(crossCheck, before, observation);
    return observation;
  }

  /** Records that have not changed keep their line of observations; those of the others end. */
  carryOver({ crossChecks }: Content): void {
    const old = new Map([...this.#last].map(([crossCheck, seen]) => [identity(crossCheck), seen]));
    this.#last.clear();
    for (const crossCheck of crossChecks) {
      const seen = old.get(identity(crossCheck));
      if (seen !== undefined) this.#last.set(crossCheck, seen);
    }
  }

  #tellJudged({ watched, client, checks }: CrossCheck, { text, judgement, admissible }: Observation): void {
    this.#onEvent({
      kind: 'answer judged',
      server: this.#server,
      name: watched.owner,
      type: watched.type,
      client,
      text,
      verdict: judgement.verdict,
      reason: judgement.reason,
      admissible,
      checks: checks.map(({ id }) => id),
    });
  }

  #tellChanged({ watched, client }: CrossCheck, before: Observation | undefined, after: Observation): void {
    this.#onEvent({
      kind: 'answer changed',
      server: this.#server,
      name: watched.owner,
      type: watched.type,
      client,
      before: before?.text,
      after: after.text,
      verdict: after.judgement.verdict,
      verdictBefore: before?.verdictAtChange,
    });
  }
}

function identity(crossCheck: CrossCheck): string {
  const records = crossCheck.watched.records.map(({ text, ttlSeconds }) => [text, ttlSeconds]);
  return JSON.stringify([crossCheckKey(crossCheck), records]);
}

function admissibleTexts(judgement: Judgement, type: string): string[] {
  return [...new Set(judgement.admissible.map((outcome) => describeOutcome(outcome, type)))].sort();
}

function isJudgedAlike(one: Observation, other: Observation): boolean {
  const { verdict, reason } = one.judgement;
  if (one.text !== other.text || verdict !== other.judgement.verdict || reason !== other.judgement.reason) return false;
  return (
    one.admissible.length === other.admissible.length && one.admissible.every((text, i) => text === other.admissible[i])
  );
}
