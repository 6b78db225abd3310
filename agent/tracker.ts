/** Turns the judgements about one server into drifts, with a diagnosis for each. */

import type { Prediction } from '../simulator/answer/predict.ts';
import type { Question } from '../simulator/answer/question.ts';
import { formatRational } from '../simulator/rational.ts';
import type { AgentConfig } from './config.ts';
import type { Content } from './content.ts';
import { type Diagnosis, type DiagnosisInput, diagnose } from './diagnose.ts';
import type { DriftBook, DriftChange, DriftKey, Sighting } from './drifts.ts';
import type { OnEvent } from './events.ts';
import type { DriftClass, Finding, Judgement, ObservedAnswer } from './judge.ts';
import { type CrossCheck, clientQuestion, crossCheckKey } from './model.ts';
import { describeOutcome } from './outcome-text.ts';
import { countAnswer, isTimeToLook, type ShareCount, sharesAgree } from './shares.ts';

export interface TrackerParts {
  readonly server: string;
  readonly clients: AgentConfig['clients'];
  readonly book: DriftBook;
  readonly onEvent: OnEvent;
}

/** What a diagnosis starts from. */
export interface Evidence {
  readonly content: Content;
  readonly question: Question;
  readonly olderModels: DiagnosisInput['olderModels'];
  readonly fitting: DiagnosisInput['fitting'];
  readonly runsOtherCode: () => boolean;
}

export class Tracker {
  readonly #parts: TrackerParts;
  readonly #shares = new Map<string, ShareCount>();
  readonly #diagnoses = new Map<string, readonly Diagnosis[]>();

  constructor(parts: TrackerParts) {
    this.#parts = parts;
  }

  /** Is there something wrong that is not proven yet? */
  get hasSuspects(): boolean {
    return this.#parts.book.pending().some(({ key }) => key.server === this.#parts.server);
  }

  diagnosis(driftId: string): readonly Diagnosis[] {
    return this.#diagnoses.get(driftId) ?? [];
  }

  /** One judged observation. */
  track(
    crossCheck: CrossCheck,
    observed: ObservedAnswer,
    judgement: Judgement,
    sighting: Sighting,
    evidence: Evidence,
  ): void {
    if (judgement.verdict === 'inconclusive') return;
    const isAnswerRight = judgement.findings.every(({ class: found }) => found === 'ttl' || found === 'scope');
    for (const driftClass of ['answer', 'rcode', 'ttl', 'scope'] as const) {
      const key = this.#key(crossCheck, driftClass);
      const finding = judgement.findings.find((each) => each.class === driftClass);
      if (finding !== undefined) {
        this.#report(this.#parts.book.wrong(key, finding, sighting), () =>
          this.#diagnose(driftClass, crossCheck, observed, evidence),
        );
      } else if (driftClass === 'scope' || isAnswerRight) {
        this.#report(this.#parts.book.right(key, judgement.everyBelief, sighting));
      }
    }
  }

  /** One more right answer under an exact prediction: are the shares right as well? */
  trackShares(crossCheck: CrossCheck, prediction: Prediction, sighting: Sighting): void {
    if (!prediction.exact || prediction.outcomes.length < 2) return;
    const { type } = crossCheck.watched;
    const expected = new Map(
      prediction.outcomes.map(({ outcome, probability }) => [describeOutcome(outcome, type), probability]),
    );
    const name = crossCheckKey(crossCheck);
    const label = [...expected].map(([answer, probability]) => `${answer} ${formatRational(probability)}`).join('; ');
    const count = countAnswer(this.#shares.get(name), label, sighting.answer);
    this.#shares.set(name, count);
    if (!isTimeToLook(count)) return;
    const key = this.#key(crossCheck, 'distribution');
    if (sharesAgree(count, expected)) {
      this.clear(key, sighting.wallMs);
      return;
    }
    const seen = [...count.counts].map(([answer, times]) => `${answer}: ${times} of ${count.total}`).join(', ');
    // A test at its level of significance is proof by itself.
    this.wrongForSure(
      key,
      {
        class: 'distribution',
        message: `the answers are right, their shares are not: ${seen}; expected ${label}`,
        hypotheses: [],
      },
      sighting,
    );
  }

  /** Something about a whole server or zone that is not as it should be. */
  wrong(key: DriftKey, finding: Finding, sighting: Sighting): void {
    this.#report(this.#parts.book.wrong(key, finding, sighting));
  }

  /** As `wrong`, for what has no innocent cause. */
  wrongForSure(key: DriftKey, finding: Finding, sighting: Sighting): void {
    const proof = { ...sighting, graceMicros: 0, sourceReadAt: Number.POSITIVE_INFINITY };
    this.wrong(key, finding, proof);
    this.wrong(key, finding, proof);
  }

  clear(key: DriftKey, wallMs: number): void {
    this.#report(this.#parts.book.clear(key, wallMs));
  }

  /** Forgets records and clients that are watched no longer. */
  keepOnly(content: Content, wallMs: number): void {
    const { server, book } = this.#parts;
    const watched = new Set(content.crossChecks.map(crossCheckKey));
    const isWatched = (key: DriftKey) =>
      key.server !== server || key.client === '' || watched.has(`${key.name.toLowerCase()} ${key.type} ${key.client}`);
    for (const change of book.keepOnly(isWatched, wallMs)) this.#report(change);
  }

  #report(change: DriftChange | undefined, diagnosis: () => readonly Diagnosis[] = () => []): void {
    if (change === undefined) return;
    if (change.kind === 'resolved') {
      this.#parts.onEvent({ kind: 'drift resolved', drift: change.drift });
      return;
    }
    const reasons = diagnosis();
    this.#diagnoses.set(change.drift.id, reasons);
    this.#parts.onEvent({ kind: 'drift opened', drift: change.drift, diagnosis: reasons });
  }

  #diagnose(
    driftClass: DriftClass,
    crossCheck: CrossCheck,
    observed: ObservedAnswer,
    evidence: Evidence,
  ): readonly Diagnosis[] {
    // The answer itself is right here: another belief or another client would explain nothing.
    if (driftClass === 'ttl') return [OTHER_RECORDS];
    if (driftClass === 'scope') return [{ ...CLIENT_IGNORED, explains: observed.ecsScope === undefined }];
    const { question, content, olderModels, fitting, runsOtherCode } = evidence;
    const others = this.#parts.clients.filter(({ name, subnet }) => name !== crossCheck.client && subnet !== undefined);
    return diagnose({
      question,
      model: content.model,
      olderModels,
      seen: [observed],
      fitting,
      checks: crossCheck.checks,
      otherClients: others.map(({ name, subnet }) => ({
        name,
        question: clientQuestion(question.name, question.type, question.client, subnet),
      })),
      runsOtherCode: runsOtherCode(),
    });
  }

  #key({ watched, client }: CrossCheck, driftClass: DriftClass): DriftKey {
    return { server: this.#parts.server, name: watched.owner, type: watched.type, client, class: driftClass };
  }
}

const OTHER_RECORDS: Diagnosis = {
  assumption: 'the server has other records that give the same answers',
  detail: 'an older copy of the zone, or a change that did not raise the serial',
  explains: true,
};

const CLIENT_IGNORED = {
  assumption: "the client's network is ignored",
  detail: 'edns-subnet-processing is off, or something in front of the server removes the ECS option',
};
