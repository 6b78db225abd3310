/**
 * One server under watch: reads what it should know, asks what it answers, and judges. Whatever goes wrong with a source,
 * a record or a question is shown and does not stop the rest.
 */
import pLimit from 'p-limit';
import type { IpAddress } from '../geoip/address.ts';
import type { UserError } from '../input/errors.ts';
import { type Prediction, predict } from '../simulator/answer/predict.ts';
import { type Change, changesOf } from '../simulator/answer/what-if.ts';
import { type Clock, MICROS_PER_SECOND, type Micros } from '../simulator/clock.ts';
import type { Check } from '../simulator/health/check.ts';
import { type CheckStatus, DOWN } from '../simulator/health/status.ts';
import type { LuaHost } from '../simulator/lua/environment.ts';
import type { Profile, ReleaseLine } from '../simulator/profile/profile.ts';
import { announceContent } from './announce.ts';
import { Asker, pause, type Reachability } from './asker.ts';
import { Beliefs } from './beliefs.ts';
import { type DetectionBounds, detectionBoundsOf } from './bounds.ts';
import type { AgentConfig, ServerConfig } from './config.ts';
import type { Content } from './content.ts';
import type { Diagnosis } from './diagnose.ts';
import type { DriftBook, DriftKey, Sighting } from './drifts.ts';
import type { OnEvent } from './events.ts';
import type { EvidenceStore } from './evidence.ts';
import { frozenChecks } from './frozen.ts';
import { judge } from './judge.ts';
import { type CrossCheck, requireAddress } from './model.ts';
import { type Observation, Observations } from './observations.ts';
import { ContentReader } from './reader.ts';
import type { ServerGeo } from './server-geo.ts';
import type { Source, UnreadZone } from './source.ts';
import { Tracker } from './tracker.ts';
import { ZoneChecks } from './zone-checks.ts';

export interface ServerParts {
  readonly config: ServerConfig;
  readonly agent: AgentConfig;
  readonly clock: Clock;
  readonly geoOf: (settings: ReadonlyMap<string, string>) => Promise<ServerGeo>;
  /** The evidence of a vantage, shared by servers of one release line and interval. */
  readonly evidenceFor: (profile: Profile, intervalSeconds: number) => EvidenceStore;
  readonly luaFor: (profile: Profile) => LuaHost;
  readonly book: DriftBook;
  readonly onEvent: OnEvent;
  readonly onQuestion: (durationSeconds: number) => void;
  readonly onVerdict: (verdict: string) => void;
  readonly onPrediction: (durationSeconds: number) => void;
}

const CONCURRENT_QUESTIONS = 16;
/** Each record's signature is verified once in so many sweeps. */
const SWEEPS_UNTIL_SIGNATURES = 12;
/** Well within the time after which the evidence store forgets a check. */
const WATCH_EVERY_MS = 20_000;
/** Ways to draw that are walked for each change of an explanation: the agent must not stand still for it. */
const MAX_EXPLAINED_BRANCHES = 1000;
/** How often to look whether the first reading is done. */
const WAIT_FOR_CONTENT_MS = 100;

export class WatchedServer {
  readonly config: ServerConfig;
  readonly #parts: ServerParts;
  readonly #reader: ContentReader;
  readonly #asker: Asker;
  readonly #tracker: Tracker;
  readonly #zoneChecks: ZoneChecks;
  readonly #observations: Observations;
  /** When an answer last showed for sure that the server believes what is seen from here, by check. */
  readonly #followedAt = new Map<string, Micros>();
  #beliefs: Beliefs | undefined;
  #ownAddress: IpAddress = requireAddress('127.0.0.1');
  #sweeps = 0;
  #lastSweepMs = 0;

  constructor(parts: ServerParts) {
    const { config, agent, clock, book, onEvent, onQuestion } = parts;
    this.#parts = parts;
    this.config = config;
    this.#tracker = new Tracker({ server: config.name, clients: agent.clients, book, onEvent });
    this.#asker = new Asker({
      address: config.address,
      clock,
      queriesPerSecond: agent.crossCheck.queriesPerSecond,
      timeoutMs: agent.crossCheck.timeout,
      onQuestion,
      onReachable: (change) => this.#noteReachable(change),
    });
    this.#observations = new Observations(config.name, onEvent);
    this.#zoneChecks = new ZoneChecks({
      server: config.name,
      clock,
      asker: this.#asker,
      tracker: this.#tracker,
      sourceDescription: () => this.source.description,
      sighting: (askedAt, answer) => this.#sighting(askedAt, [], answer),
    });
    this.#reader = new ContentReader({
      ...parts,
      ownAddress: () => this.#ownAddress,
      isSuspicious: () => this.#tracker.hasSuspects,
      onContent: (content, before) => this.#adopt(content, before),
      onProblem: (problem) =>
        onEvent({ kind: 'source failed', server: config.name, code: problem.code, message: problem.describe() }),
      onRestart: () => {
        this.#beliefs?.forget();
        onEvent({ kind: 'server restarted', server: config.name });
      },
    });
  }

  get source(): Source {
    return this.#reader.source;
  }

  get content(): Content | undefined {
    return this.#reader.content;
  }

  get sourceProblem(): UserError | undefined {
    return this.#reader.problem;
  }

  /** The release line that was configured or told; undefined while one is only assumed. */
  get knownLine(): ReleaseLine | undefined {
    return this.#reader.isProfileKnown ? this.content?.profile.line : undefined;
  }

  /** When the last good reading of the source began, by the wall clock; undefined before there was one. */
  get sourceReadAtMs(): number | undefined {
    return this.#reader.readAtMs;
  }

  /** Zones that should be watched and are not, as of the last good reading. */
  get unreadZones(): readonly UnreadZone[] {
    return this.content?.reading.unreadZones ?? [];
  }

  /** Undefined until the first question was answered or failed. */
  get isUp(): boolean | undefined {
    return this.#asker.isUp;
  }

  /** The serials that the server answers with, by zone. */
  get serials(): ReadonlyMap<string, number> {
    return this.#zoneChecks.serials;
  }

  /** Finished sweeps over all cross-checks. */
  get sweeps(): number {
    return this.#sweeps;
  }

  /** Is there something wrong that is not proven yet? */
  get hasSuspects(): boolean {
    return this.#tracker.hasSuspects;
  }

  observation(crossCheck: CrossCheck): Observation | undefined {
    return this.#observations.of(crossCheck);
  }

  diagnosis(driftId: string): readonly Diagnosis[] {
    return this.#tracker.diagnosis(driftId);
  }

  /** The statuses that the server may believe now; empty before the first reading. */
  fitting(check: Check): readonly CheckStatus[] {
    return this.#beliefs?.fitting(check, this.#parts.clock.now()) ?? [];
  }

  evidence(check: Check): ReturnType<EvidenceStore['of']> {
    return this.content === undefined ? undefined : this.#evidenceStore(this.content).of(check);
  }

  /** How long the server may still believe something else than what is seen; 0 when only one status fits. */
  undecidedSeconds(check: Check): number {
    if (this.fitting(check).length <= 1) return 0;
    const last = this.evidence(check)?.at(-1);
    const longest = (this.#beliefs?.longestBelief([check]) ?? 0) / MICROS_PER_SECOND;
    const elapsed = last === undefined ? 0 : (this.#parts.clock.now() - last.firstEndedAt) / MICROS_PER_SECOND;
    return Math.max(0, longest - elapsed);
  }

  isCold(crossCheck: CrossCheck): boolean {
    const now = this.#parts.clock.now();
    return crossCheck.checks.some((check) => this.#beliefs?.isCold(check, now) ?? true);
  }

  /** The prediction for a cross-check, taking the status seen last from here where several fit; none where nobody can know. */
  prediction(crossCheck: CrossCheck): Prediction | undefined {
    if (this.content === undefined || crossCheck.unjudged !== undefined) return undefined;
    const startedMs = performance.now();
    const prediction = predict(crossCheck.question, this.content.model, this.#seenLast);
    this.#parts.onPrediction((performance.now() - startedMs) / 1000);
    return prediction;
  }

  /** What would make `prediction`, made by `prediction()`, another one. */
  changes(crossCheck: CrossCheck, prediction: Prediction): Change[] {
    if (this.content === undefined) return [];
    return changesOf(prediction, crossCheck.question, this.content.model, this.#seenLast, MAX_EXPLAINED_BRANCHES);
  }

  readonly #seenLast = (check: Check): CheckStatus => this.fitting(check).at(-1) ?? DOWN;

  /** How long it takes, at most, until each kind of drift of a cross-check is reported, counted from its cause. */
  detectionBounds(crossCheck: CrossCheck): DetectionBounds {
    const { crossCheck: asking, sourceRefresh } = this.#parts.agent;
    const { contentCacheSeconds = 0, packetCacheSeconds = 0 } = this.content?.settings ?? {};
    const doubt = this.#beliefs?.longestDoubt(crossCheck.checks) ?? 0;
    const warming = this.#beliefs?.longestWarming(crossCheck.checks, this.#parts.clock.now()) ?? 0;
    return detectionBoundsOf({
      questionSeconds: (this.#sweepMs() + asking.timeout) / 1000,
      refreshSeconds: sourceRefresh / 1000,
      readingSeconds: this.#reader.readingMicros / MICROS_PER_SECOND,
      cacheSeconds: contentCacheSeconds + packetCacheSeconds,
      doubtSeconds: doubt / MICROS_PER_SECOND,
      warmingSeconds: warming / MICROS_PER_SECOND,
    });
  }

  /** The longest that the server can hold a wrong belief about a check of this record. */
  longestBelief(crossCheck: CrossCheck): Micros {
    return this.#beliefs?.longestBelief(crossCheck.checks) ?? 0;
  }

  /** How long after a change of a target the answers can take to follow, at most, as seen from here. */
  longestSwitchSeconds(crossCheck: CrossCheck): number {
    return this.longestBelief(crossCheck) / MICROS_PER_SECOND + this.#sweepMs() / 1000;
  }

  /** Questions wanted per second over those allowed. */
  get budgetRatio(): number {
    const { interval, queriesPerSecond } = this.#parts.agent.crossCheck;
    return this.#questionsPerSweep() / (interval / 1000) / queriesPerSecond;
  }

  /** Reads its source at once, and all of it. */
  readAnew(): void {
    this.#reader.readAnew();
  }

  async run(signal: AbortSignal): Promise<void> {
    await Promise.all([this.#reader.run(signal), this.#sweepAgainAndAgain(signal), this.#keepWatching(signal)]);
  }

  /** Checks that are not named for a while are no longer probed; a sweep may take longer than that. */
  async #keepWatching(signal: AbortSignal): Promise<void> {
    while (!signal.aborted) {
      if (this.content !== undefined) this.#evidenceStore(this.content).watch(this.content.checks);
      await pause(WATCH_EVERY_MS, signal);
    }
  }

  // ---- what it should know

  #adopt(content: Content, before: Content | undefined): void {
    const evidence = this.#evidenceStore(content);
    this.#beliefs = new Beliefs(content.profile, content.settings, evidence, content.checks, this.#beliefs);
    evidence.watch(content.checks);
    this.#observations.carryOver(content);
    this.#tracker.keepOnly(content, Date.now());
    announceContent(this.#parts.onEvent, this.config.name, this.knownLine, content, before);
  }

  #evidenceStore({ profile, settings }: Content): EvidenceStore {
    return this.#parts.evidenceFor(profile, settings.checkIntervalSeconds);
  }

  // ---- what it answers

  async #sweepAgainAndAgain(signal: AbortSignal): Promise<void> {
    while (!signal.aborted) {
      const startedMs = performance.now();
      const { content } = this;
      if (content === undefined) {
        await this.#askWhetherItLives(signal);
        continue;
      }
      await this.#sweep(content, signal);
      this.#lastSweepMs = performance.now() - startedMs;
      this.#sweeps++;
      this.#lookForFrozenChecker(content);
      await pause(this.#parts.agent.crossCheck.interval - (performance.now() - startedMs), signal);
    }
  }

  /** Nothing is known of its records yet; whether it answers at all can be seen without. */
  async #askWhetherItLives(signal: AbortSignal): Promise<void> {
    if (this.#reader.problem !== undefined) {
      await this.#asker.ask({ name: 'version.bind.', type: 'TXT', class: 'CH' }, signal);
      await pause(this.#parts.agent.crossCheck.interval, signal);
    } else await pause(WAIT_FOR_CONTENT_MS, signal);
  }

  async #sweep(content: Content, signal: AbortSignal): Promise<void> {
    const limit = pLimit(CONCURRENT_QUESTIONS);
    const askable = content.crossChecks.filter((crossCheck) => crossCheck.withheld === undefined);
    await Promise.all([
      ...content.reading.zones.map((zone) =>
        limit(() => this.#zoneChecks.checkSerial(zone.name, () => this.content, signal)),
      ),
      ...askable.map((crossCheck) => limit(() => this.#crossCheck(crossCheck, signal))),
      ...askable
        .filter((_, i) => i % SWEEPS_UNTIL_SIGNATURES === this.#sweeps % SWEEPS_UNTIL_SIGNATURES)
        .map((crossCheck) => limit(() => this.#zoneChecks.checkSignature(crossCheck, content, signal))),
    ]);
  }

  async #crossCheck(crossCheck: CrossCheck, signal: AbortSignal): Promise<void> {
    const { name, type, ecs } = crossCheck.question;
    const asked = await this.#asker.ask({ name, type, ...(ecs === undefined ? {} : { ecs }) }, signal);
    const beliefs = this.#beliefs;
    const { content } = this;
    if (asked === undefined || beliefs === undefined || content === undefined) return;
    const { reply, askedAt } = asked;
    this.#ownAddress = requireAddress(reply.localAddress);
    const question = { ...crossCheck.question, client: this.#ownAddress };
    const { rcode, answers, ecsScope } = reply.response;
    const observed = { rcode, answers, ecsScope };
    const fitting = (check: Check) => beliefs.fitting(check, askedAt);
    const judgement = judge({
      question,
      observed,
      models: [content.model, ...this.#reader.cachedModels(askedAt)],
      fitting,
      any: (check) => beliefs.any(check),
      ...(crossCheck.unjudged === undefined ? {} : { unjudged: crossCheck.unjudged }),
    });
    beliefs.noteAsked(judgement.askedForSure, askedAt);
    this.#parts.onVerdict(judgement.verdict === 'outside' ? 'drift' : judgement.verdict);
    const { transport } = reply;
    const observation = this.#observations.remember(crossCheck, { question, observed, transport, judgement });
    const sighting = this.#sighting(askedAt, crossCheck.checks, observation.text);
    const { olderModels } = this.#reader;
    const runsOtherCode = () => this.#observations.runsOtherCode(crossCheck);
    const evidence = { content, question, olderModels, fitting, runsOtherCode };
    this.#tracker.track(crossCheck, observed, judgement, sighting, evidence);
    if (judgement.verdict === 'match') {
      for (const { id } of judgement.askedForSure) this.#followedAt.set(id, askedAt);
      this.#trackShares(crossCheck, sighting);
    }
    if (this.#tracker.hasSuspects) this.#reader.readSoon();
  }

  #trackShares(crossCheck: CrossCheck, sighting: Sighting): void {
    const prediction = this.prediction(crossCheck);
    if (prediction !== undefined) this.#tracker.trackShares(crossCheck, prediction, sighting);
  }

  #lookForFrozenChecker({ checks }: Content): void {
    const beliefs = this.#beliefs;
    const now = this.#parts.clock.now();
    if (beliefs === undefined) return;
    const frozen = frozenChecks({
      checks,
      evidenceOf: (check) => this.evidence(check),
      longestBelief: (check) => beliefs.longestBelief([check]),
      followedAt: this.#followedAt,
      drifts: this.#parts.book.hypothesesOf(this.config.name),
      now,
    });
    const key = this.#serverKey('frozen');
    if (frozen.length === 0) {
      this.#tracker.clear(key, Date.now());
      return;
    }
    const targets = [...new Set(frozen.map((check) => check.target || check.url))].join(', ');
    const message = `answers stand still while targets move: ${frozen.length} checks (${targets}) are treated as they were before`;
    this.#tracker.wrongForSure(key, { class: 'frozen', message, hypotheses: [] }, this.#sighting(now, [], 'frozen'));
  }

  #noteReachable({ isUp, isNews, wasDown, reason, askedAt }: Reachability): void {
    const key = this.#serverKey('unreachable');
    if (isUp) {
      // What stood still or died in between may have lost its checks.
      if (wasDown) this.#beliefs?.forget();
      this.#tracker.clear(key, Date.now());
    } else {
      this.#parts.onVerdict('inconclusive');
      const sighting = this.#sighting(askedAt, [], reason);
      this.#tracker.wrongForSure(key, { class: 'unreachable', message: reason, hypotheses: [] }, sighting);
    }
    if (isNews) this.#parts.onEvent({ kind: isUp ? 'server up' : 'server down', server: this.config.name, reason });
  }

  /** The key of a drift of the whole server. */
  #serverKey(driftClass: DriftKey['class']): DriftKey {
    return { server: this.config.name, name: '', type: '', client: '', class: driftClass };
  }

  #sighting(askedAt: Micros, checks: readonly Check[], answer: string): Sighting {
    return {
      now: askedAt,
      wallMs: Date.now(),
      sourceReadAt: this.#reader.readAt,
      beliefMicros: this.#beliefs?.longestDoubt(checks) ?? 0,
      graceMicros: 0,
      answer,
    };
  }

  #questionsPerSweep(): number {
    return (this.content?.crossChecks.length ?? 0) + (this.content?.reading.zones.length ?? 0);
  }

  #sweepMs(): number {
    const { interval, queriesPerSecond } = this.#parts.agent.crossCheck;
    return Math.max(interval, (this.#questionsPerSweep() / queriesPerSecond) * 1000, this.#lastSweepMs);
  }
}
