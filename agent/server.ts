/**
 * One server under watch: reads what it should know, asks what it answers, and judges. Its two loops end when the agent
 * stops; whatever goes wrong with a source, a record or a question is shown and does not stop the rest.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import pLimit from 'p-limit';
import type { IpAddress } from '../geoip/address.ts';
import { UserError } from '../geoip/errors.ts';
import type { GeoView } from '../geoip/location.ts';
import type { Question, ServerModel } from '../simulator/answer/evaluate.ts';
import { answerTexts } from '../simulator/answer/outcome.ts';
import { type Prediction, predict } from '../simulator/answer/predict.ts';
import { type Clock, MICROS_PER_MILLISECOND, MICROS_PER_SECOND, type Micros } from '../simulator/clock.ts';
import type { Check } from '../simulator/health/check.ts';
import { type CheckStatus, DOWN } from '../simulator/health/status.ts';
import type { LuaHost } from '../simulator/lua/environment.ts';
import { profileOfVersion, PROFILES } from '../simulator/profile/index.ts';
import { type Profile, RELEASE_LINES } from '../simulator/profile/profile.ts';
import { lowerCaseName } from '../simulator/zone/name.ts';
import { ask, type Reply } from '../wire/transport.ts';
import { askVersion } from '../wire/version-bind.ts';
import { Beliefs } from './beliefs.ts';
import type { AgentConfig, ServerConfig } from './config.ts';
import { type Content, contentOf, isSameContent } from './content.ts';
import { type Diagnosis, diagnose } from './diagnose.ts';
import { DriftBook, type DriftChange, type DriftKey, type Sighting } from './drifts.ts';
import type { OnEvent } from './events.ts';
import type { EvidenceStore } from './evidence.ts';
import { type DriftClass, describeOutcome, type Finding, type Judgement, judge, type ObservedAnswer } from './judge.ts';
import { type CrossCheck, clientQuestion, requireAddress } from './model.ts';
import { type RateLimit, rateLimit } from './rate.ts';
import { countAnswer, isTimeToLook, type ShareCount, sharesAgree } from './shares.ts';
import { openSource, type Source } from './source.ts';

export interface ServerParts {
  readonly config: ServerConfig;
  readonly agent: AgentConfig;
  readonly clock: Clock;
  readonly geo: () => GeoView;
  /** The evidence of a vantage, shared by servers of one release line and interval. */
  readonly evidenceFor: (profile: Profile, intervalSeconds: number) => EvidenceStore;
  readonly luaFor: (profile: Profile) => LuaHost;
  readonly book: DriftBook;
  readonly onEvent: OnEvent;
  readonly onQuestion: (durationSeconds: number) => void;
  readonly onVerdict: (verdict: string) => void;
  readonly onPrediction: (durationSeconds: number) => void;
}

/** Seconds from the cause of a drift to its report, at most. */
export interface DetectionBounds {
  /** Answers that no state of the targets explains: wrong records, TTL, ECS, GeoIP. */
  readonly impossibleSeconds: number;
  /** Answers that need a wrong belief about a target. Infinite where a check without a timeout can freeze the server. */
  readonly beliefSeconds: number;
  /** Older records, and answers outside the records for a while after they changed. */
  readonly contentSeconds: number;
  readonly unreachableSeconds: number;
}

/** The last answer to one cross-check and what was made of it. */
export interface Observation {
  readonly atMs: number;
  readonly question: Question;
  readonly observed: ObservedAnswer;
  readonly text: string;
  readonly transport: 'udp' | 'tcp';
  readonly judgement: Judgement;
  /** The newest answers, oldest first. */
  readonly recent: readonly { readonly text: string; readonly answers: readonly string[] }[];
}

const RECENT_ANSWERS = 60;
const CONCURRENT_QUESTIONS = 16;
const OLDER_MODELS = 5;
const WHOLE_READING_EVERY = 12;
/** Failed questions in a row that make a server unreachable. */
const FAILURES_UNTIL_DOWN = 2;

export class WatchedServer {
  readonly config: ServerConfig;
  readonly source: Source;
  readonly #parts: ServerParts;
  readonly #limit: RateLimit;
  readonly #observations = new Map<CrossCheck, Observation>();
  readonly #shares = new Map<string, ShareCount>();
  readonly #diagnoses = new Map<string, readonly Diagnosis[]>();
  readonly #serials = new Map<string, number>();
  #content: Content | undefined;
  #beliefs: Beliefs | undefined;
  #older: { readonly model: ServerModel; readonly until: Micros }[] = [];
  #ownAddress: IpAddress = requireAddress('127.0.0.1');
  #sourceReadAt: Micros = Number.NEGATIVE_INFINITY;
  #sourceProblem: UserError | undefined;
  #uptimeSeconds: number | undefined;
  #failures = 0;
  #isUp: boolean | undefined;
  #readNow: (() => void) | undefined;
  #readings = 0;
  #sweeps = 0;

  constructor(parts: ServerParts) {
    this.#parts = parts;
    this.config = parts.config;
    this.source = openSource(parts.config.source);
    this.#limit = rateLimit(parts.clock, parts.agent.crossCheck.queriesPerSecond, 5);
  }

  get content(): Content | undefined {
    return this.#content;
  }

  get sourceProblem(): UserError | undefined {
    return this.#sourceProblem;
  }

  /** Undefined until the first question was answered or failed. */
  get isUp(): boolean | undefined {
    return this.#isUp;
  }

  get serials(): ReadonlyMap<string, number> {
    return this.#serials;
  }

  /** Finished sweeps over all cross-checks. */
  get sweeps(): number {
    return this.#sweeps;
  }

  /** Is there something wrong that is not proven yet? */
  get hasSuspects(): boolean {
    return this.#isSuspected();
  }

  observation(crossCheck: CrossCheck): Observation | undefined {
    return this.#observations.get(crossCheck);
  }

  diagnosis(driftId: string): readonly Diagnosis[] {
    return this.#diagnoses.get(driftId) ?? [];
  }

  fitting(check: Check): readonly CheckStatus[] {
    return this.#beliefs?.fitting(check, this.#parts.clock.now()) ?? [];
  }

  evidence(check: Check): ReturnType<EvidenceStore['of']> {
    const content = this.#content;
    return content === undefined ? undefined : this.#evidenceStore(content).of(check);
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

  /** The prediction for a cross-check, taking the likeliest status where several fit: the one seen last from here. */
  prediction(crossCheck: CrossCheck): Prediction | undefined {
    const content = this.#content;
    if (content === undefined) return undefined;
    const startedMs = performance.now();
    const prediction = predict(crossCheck.question, content.model, (check) => this.fitting(check).at(-1) ?? DOWN);
    this.#parts.onPrediction((performance.now() - startedMs) / 1000);
    return prediction;
  }

  /** How long it takes, at most, until each kind of drift of a cross-check is reported, counted from its cause. */
  detectionBounds(crossCheck: CrossCheck): DetectionBounds {
    const { crossCheck: { timeout }, sourceRefresh } = this.#parts.agent;
    const question = (this.#sweepMs() + timeout) / 1000;
    const belief = (this.#beliefs?.longestBelief(crossCheck.checks) ?? 0) / MICROS_PER_SECOND;
    const { contentCacheSeconds = 0, packetCacheSeconds = 0 } = this.#content?.settings ?? {};
    // Two questions with a reading of the source between them. A belief must first show in the answers, and must then
    // outlast what the server may believe; content must outlast what it may keep in its caches.
    const impossibleSeconds = 2 * question + sourceRefresh / 1000;
    return {
      impossibleSeconds,
      beliefSeconds: 2 * belief + impossibleSeconds,
      contentSeconds: contentCacheSeconds + packetCacheSeconds + impossibleSeconds,
      unreachableSeconds: FAILURES_UNTIL_DOWN * question,
    };
  }

  /** Questions wanted per second over those allowed. */
  get budgetRatio(): number {
    const { interval, queriesPerSecond } = this.#parts.agent.crossCheck;
    return this.#questionsPerSweep() / (interval / 1000) / queriesPerSecond;
  }

  async run(signal: AbortSignal): Promise<void> {
    await Promise.all([this.#readSourceAgainAndAgain(signal), this.#sweepAgainAndAgain(signal)]);
  }

  // ---- what the server should know

  async #readSourceAgainAndAgain(signal: AbortSignal): Promise<void> {
    while (!signal.aborted) {
      await this.#readSource(signal);
      const wake = new Promise<void>((resolve) => {
        this.#readNow = resolve;
      });
      await Promise.race([pause(this.#parts.agent.sourceRefresh, signal), wake]);
    }
  }

  async #readSource(signal: AbortSignal): Promise<void> {
    const startedAt = this.#parts.clock.now();
    try {
      const reading = await this.source.read(this.#readings++ % WHOLE_READING_EVERY === 0 || this.#isSuspected(), signal);
      const profile = await this.#profile(reading.version);
      if (signal.aborted) return;
      this.#noteUptime(reading.uptimeSeconds);
      const geo = this.#parts.geo();
      if (this.#content === undefined || !isSameContent(this.#content, reading, geo, profile)) {
        this.#adopt(
          contentOf({
            reading,
            geo,
            profile,
            lua: this.#parts.luaFor(profile),
            address: this.config.address,
            ownAddress: this.#ownAddress,
            clients: this.#parts.agent.clients,
          }),
        );
      } else this.#content = { ...this.#content, reading };
      this.#sourceReadAt = startedAt;
      this.#sourceProblem = undefined;
    } catch (error) {
      if (signal.aborted) return;
      const problem = asUserError(error);
      const isNews = this.#sourceProblem?.message !== problem.message;
      this.#sourceProblem = problem;
      if (isNews) {
        const { code } = problem;
        this.#parts.onEvent({ kind: 'source failed', server: this.config.name, code, message: problem.describe() });
      }
    }
  }

  async #profile(sourceVersion: string | undefined): Promise<Profile> {
    const { profile, address, name } = this.config;
    if (profile !== 'auto') return PROFILES[profile];
    const version = (await askVersion(address, this.#parts.agent.crossCheck.timeout)) ?? sourceVersion;
    if (version === undefined) return this.#content?.profile ?? PROFILES['5.1'];
    const known = profileOfVersion(version);
    if (known !== undefined) return known;
    throw new UserError('E_PROFILE_UNKNOWN', `server ${name} is PowerDNS ${version}, which is no known release line`, {
      hint: `Known are ${RELEASE_LINES.join(', ')}. If it behaves as one of them, say so: profile: "5.1".`,
    });
  }

  #noteUptime(uptimeSeconds: number | undefined): void {
    const hasRestarted =
      uptimeSeconds !== undefined && this.#uptimeSeconds !== undefined && uptimeSeconds < this.#uptimeSeconds;
    this.#uptimeSeconds = uptimeSeconds;
    if (!hasRestarted) return;
    this.#beliefs?.forget();
    this.#parts.onEvent({ kind: 'server restarted', server: this.config.name });
  }

  #adopt(content: Content): void {
    const { clock, book, onEvent } = this.#parts;
    const before = this.#content;
    if (before !== undefined) {
      const cached = Math.max(before.settings.contentCacheSeconds, content.settings.contentCacheSeconds);
      const until = clock.now() + cached * MICROS_PER_SECOND + this.#parts.agent.sourceRefresh * MICROS_PER_MILLISECOND;
      this.#older = [{ model: before.model, until }, ...this.#older].slice(0, OLDER_MODELS);
    }
    const evidence = this.#evidenceStore(content);
    this.#beliefs = new Beliefs(content.profile, content.settings, evidence, content.checks, this.#beliefs);
    this.#content = content;
    evidence.watch(content.checks);
    this.#carryObservations(content);
    const watched = new Set(content.crossChecks.map(crossCheckKey));
    for (const change of book.keepOnly(
      (key) => key.server !== this.config.name || key.client === '' || watched.has(keyOf(key)),
      Date.now(),
    )) {
      this.#report(change);
    }
    onEvent({
      kind: 'source read',
      server: this.config.name,
      zones: content.reading.zones.length,
      names: content.names.length,
      checks: content.checks.length,
      profile: content.profile.line,
    });
    this.#reportFindings(before, content);
  }

  /** Records that have not changed keep their line of observations. */
  #carryObservations(content: Content): void {
    const identity = (crossCheck: CrossCheck) =>
      JSON.stringify([crossCheckKey(crossCheck), crossCheck.watched.records.map(({ text, ttlSeconds }) => [text, ttlSeconds])]);
    const old = new Map([...this.#observations].map(([crossCheck, seen]) => [identity(crossCheck), seen]));
    this.#observations.clear();
    for (const crossCheck of content.crossChecks) {
      const seen = old.get(identity(crossCheck));
      if (seen !== undefined) this.#observations.set(crossCheck, seen);
    }
  }

  #reportFindings(before: Content | undefined, content: Content): void {
    const known = new Set((before?.crossChecks ?? []).flatMap(findingTexts));
    for (const crossCheck of content.crossChecks) {
      const { owner: name, type } = crossCheck.watched;
      for (const { code, message } of crossCheck.warnings) {
        const text = `${name} ${type} ${code} ${message}`;
        if (known.has(text)) continue;
        known.add(text);
        this.#parts.onEvent({ kind: 'finding', server: this.config.name, name, type, code, message });
      }
    }
  }

  #evidenceStore({ profile, settings }: Content): EvidenceStore {
    return this.#parts.evidenceFor(profile, settings.checkIntervalSeconds);
  }

  // ---- what the server answers

  async #sweepAgainAndAgain(signal: AbortSignal): Promise<void> {
    while (!signal.aborted) {
      const startedMs = performance.now();
      const content = this.#content;
      if (content !== undefined) {
        this.#evidenceStore(content).watch(content.checks);
        await this.#sweep(content, signal);
        this.#sweeps++;
      }
      const elapsedMs = performance.now() - startedMs;
      const waitMs = content === undefined ? 100 : Math.max(0, this.#parts.agent.crossCheck.interval - elapsedMs);
      await pause(waitMs, signal);
    }
  }

  async #sweep(content: Content, signal: AbortSignal): Promise<void> {
    const limit = pLimit(CONCURRENT_QUESTIONS);
    const jobs = [
      ...content.reading.zones.map((zone) => () => this.#checkSerial(zone.name, signal)),
      ...content.crossChecks
        .filter((crossCheck) => crossCheck.withheld === undefined)
        .map((crossCheck) => () => this.#crossCheck(crossCheck, signal)),
    ];
    await Promise.all(jobs.map((job) => limit(job)));
  }

  async #crossCheck(crossCheck: CrossCheck, signal: AbortSignal): Promise<void> {
    const { question } = crossCheck;
    const ecs = question.ecs === undefined ? {} : { ecs: question.ecs };
    const asked = await this.#ask({ name: question.name, type: question.type, ...ecs }, signal);
    const beliefs = this.#beliefs;
    if (asked === undefined || beliefs === undefined || this.#content === undefined) return;
    const { reply, askedAt } = asked;
    const { response, transport, localAddress } = reply;
    this.#ownAddress = requireAddress(localAddress);
    const actual = { ...question, client: this.#ownAddress };
    const observed = { rcode: response.rcode, answers: response.answers, ecsScope: response.ecsScope };
    const judgement = judge({
      question: actual,
      observed,
      models: [this.#content.model, ...this.#olderModels(askedAt)],
      fitting: (check) => beliefs.fitting(check, askedAt),
      any: (check) => beliefs.any(check),
    });
    beliefs.noteAsked(judgement.askedForSure, askedAt);
    this.#parts.onVerdict(judgement.verdict === 'outside' ? 'drift' : judgement.verdict);
    this.#remember(crossCheck, actual, observed, transport, judgement);
    this.#track(crossCheck, observed, judgement, askedAt);
  }

  #remember(
    crossCheck: CrossCheck,
    question: Question,
    observed: ObservedAnswer,
    transport: 'udp' | 'tcp',
    judgement: Judgement,
  ): void {
    const { owner: name, type } = crossCheck.watched;
    const before = this.#observations.get(crossCheck);
    const text = describeOutcome(observed, type);
    const recent = [...(before?.recent ?? []), { text, answers: answerTexts(observed, type) }].slice(-RECENT_ANSWERS);
    this.#observations.set(crossCheck, { atMs: Date.now(), question, observed, text, transport, judgement, recent });
    if (before?.text === text) return;
    const { client } = crossCheck;
    const { verdict } = judgement;
    const server = this.config.name;
    this.#parts.onEvent({ kind: 'answer changed', server, name, type, client, before: before?.text, after: text, verdict });
  }

  #track(crossCheck: CrossCheck, observed: ObservedAnswer, judgement: Judgement, askedAt: Micros): void {
    if (judgement.verdict === 'inconclusive') return;
    const { type } = crossCheck.watched;
    const sighting = this.#sighting(askedAt, crossCheck.checks, describeOutcome(observed, type));
    const explanations = judgement.explanations.map((path) => path.assumed);
    const isAnswerRight = judgement.findings.every(({ class: found }) => found === 'ttl' || found === 'scope');
    for (const driftClass of ['answer', 'rcode', 'ttl', 'scope'] as const) {
      const key = this.#key(crossCheck, driftClass);
      const finding = judgement.findings.find((each) => each.class === driftClass);
      if (finding !== undefined) this.#report(this.#parts.book.wrong(key, finding, sighting), crossCheck);
      else if (driftClass === 'scope' || isAnswerRight) this.#report(this.#parts.book.right(key, explanations, sighting));
    }
    if (isAnswerRight && judgement.verdict === 'match') this.#trackShares(crossCheck, sighting);
    if (this.#isSuspected()) this.#readNow?.();
  }

  #trackShares(crossCheck: CrossCheck, sighting: Sighting): void {
    const prediction = this.prediction(crossCheck);
    if (prediction === undefined || !prediction.exact || prediction.outcomes.length < 2) return;
    const { type } = crossCheck.watched;
    const expected = new Map(
      prediction.outcomes.map(({ outcome, probability }) => [describeOutcome(outcome, type), probability]),
    );
    const name = crossCheckKey(crossCheck);
    const label = JSON.stringify([...expected].map(([answer, { numerator, denominator }]) => `${answer} ${numerator}/${denominator}`));
    const count = countAnswer(this.#shares.get(name), label, sighting.answer);
    this.#shares.set(name, count);
    if (!isTimeToLook(count)) return;
    const key = this.#key(crossCheck, 'distribution');
    if (sharesAgree(count, expected)) {
      this.#report(this.#parts.book.clear(key, sighting.wallMs));
      return;
    }
    const seen = [...count.counts].map(([answer, times]) => `${answer}: ${times} of ${count.total}`).join(', ');
    const finding: Finding = { class: 'distribution', message: `answers are right, their shares are not: ${seen}`, hypotheses: [] };
    // A test at this significance is proof by itself.
    this.#parts.book.wrong(key, finding, sighting);
    this.#report(this.#parts.book.wrong(key, finding, { ...sighting, graceMicros: 0, sourceReadAt: Infinity }), crossCheck);
  }

  /** A server whose serial is not the source's serves other content, whatever its answers happen to be. */
  async #checkSerial(zone: string, signal: AbortSignal): Promise<void> {
    const asked = await this.#ask({ name: zone, type: 'SOA' }, signal);
    const content = this.#content;
    if (asked === undefined || content === undefined) return;
    const { reply, askedAt } = asked;
    const soa = reply.response.answers.find((record) => record.type === 'SOA');
    const serial = soa === undefined ? undefined : Number(soa.rdata.split(' ')[2]);
    const wanted = content.reading.serials.get(lowerCaseName(zone));
    const key: DriftKey = { server: this.config.name, name: zone, type: 'SOA', client: '', class: 'content' };
    if (serial !== undefined) this.#serials.set(zone, serial);
    const { contentCacheSeconds, packetCacheSeconds } = content.settings;
    const sighting = {
      ...this.#sighting(askedAt, [], serial === undefined ? reply.response.rcode : `serial ${serial}`),
      graceMicros: (contentCacheSeconds + packetCacheSeconds) * MICROS_PER_SECOND,
    };
    if (wanted === undefined || serial === wanted) {
      this.#report(this.#parts.book.clear(key, sighting.wallMs));
      return;
    }
    const message = `serves ${zone} with ${serial === undefined ? 'no SOA' : `serial ${serial}`}; ${this.source.description} has ${wanted}`;
    this.#report(this.#parts.book.wrong(key, { class: 'content', message, hypotheses: [] }, sighting));
  }

  async #ask(
    question: Parameters<typeof ask>[1],
    signal: AbortSignal,
  ): Promise<{ reply: Extract<Reply, { kind: 'answer' }>; askedAt: Micros } | undefined> {
    const { clock, agent, onQuestion } = this.#parts;
    const waitMs = (this.#limit.reserve() - clock.now()) / MICROS_PER_MILLISECOND;
    if (waitMs > 0) await pause(waitMs, signal);
    if (signal.aborted) return undefined;
    const askedAt = clock.now();
    const reply = await ask(this.config.address, question, { timeoutMs: agent.crossCheck.timeout });
    if (signal.aborted) return undefined;
    onQuestion((clock.now() - askedAt) / MICROS_PER_SECOND);
    this.#noteReachable(reply, askedAt);
    return reply.kind === 'answer' ? { reply, askedAt } : undefined;
  }

  #noteReachable(reply: Reply, askedAt: Micros): void {
    const { name } = this.config;
    const key: DriftKey = { server: name, name: '', type: '', client: '', class: 'unreachable' };
    if (reply.kind === 'answer') {
      this.#failures = 0;
      if (this.#isUp === true) return;
      // What stood still or died in between may have lost its checks.
      if (this.#isUp === false) this.#beliefs?.forget();
      this.#isUp = true;
      this.#report(this.#parts.book.clear(key, Date.now()));
      this.#parts.onEvent({ kind: 'server up', server: name, reason: 'it answers' });
      return;
    }
    this.#parts.onVerdict('inconclusive');
    if (++this.#failures < FAILURES_UNTIL_DOWN) return;
    const sighting = { ...this.#sighting(askedAt, [], reply.reason), sourceReadAt: Number.POSITIVE_INFINITY };
    this.#report(this.#parts.book.wrong(key, { class: 'unreachable', message: reply.reason, hypotheses: [] }, sighting));
    if (this.#isUp === false) return;
    this.#isUp = false;
    this.#parts.onEvent({ kind: 'server down', server: name, reason: reply.reason });
  }

  // ---- what is made of it

  #report(change: DriftChange | undefined, crossCheck?: CrossCheck): void {
    if (change === undefined) return;
    if (change.kind === 'resolved') {
      this.#diagnoses.delete(change.drift.id);
      this.#parts.onEvent({ kind: 'drift resolved', drift: change.drift });
      return;
    }
    const diagnosis = crossCheck === undefined ? [] : this.#diagnose(crossCheck);
    this.#diagnoses.set(change.drift.id, diagnosis);
    this.#parts.onEvent({ kind: 'drift opened', drift: change.drift, diagnosis });
  }

  #diagnose(crossCheck: CrossCheck): readonly Diagnosis[] {
    const content = this.#content;
    const observation = this.#observations.get(crossCheck);
    if (content === undefined || observation === undefined) return [];
    const { type } = crossCheck.watched;
    const { question } = observation;
    return diagnose({
      question,
      model: content.model,
      olderModels: this.#older.map(({ model }) => model),
      seen: [{ ...observation.observed, rcode: observation.observed.rcode as 'NOERROR' }],
      fitting: (check) => this.fitting(check),
      checks: crossCheck.checks,
      otherClients: this.#parts.agent.clients
        .filter((client) => client.name !== crossCheck.client && client.subnet !== undefined)
        .map(({ name, subnet }) => ({ name, question: clientQuestion(question.name, type, question.client, subnet) })),
    });
  }

  #sighting(askedAt: Micros, checks: readonly Check[], answer: string): Sighting {
    return {
      now: askedAt,
      wallMs: Date.now(),
      sourceReadAt: this.#sourceReadAt,
      beliefMicros: this.#beliefs?.longestBelief(checks) ?? 0,
      graceMicros: 0,
      answer,
    };
  }

  #olderModels(now: Micros): ServerModel[] {
    return this.#older.filter(({ until }) => now < until).map(({ model }) => model);
  }

  #isSuspected(): boolean {
    return this.#parts.book.pending().some(({ key }) => key.server === this.config.name);
  }

  #key(crossCheck: CrossCheck, driftClass: DriftClass): DriftKey {
    const { owner, type } = crossCheck.watched;
    return { server: this.config.name, name: owner, type, client: crossCheck.client, class: driftClass };
  }

  #questionsPerSweep(): number {
    return (this.#content?.crossChecks.length ?? 0) + (this.#content?.reading.zones.length ?? 0);
  }

  #sweepMs(): number {
    const { interval, queriesPerSecond } = this.#parts.agent.crossCheck;
    return Math.max(interval, (this.#questionsPerSweep() / queriesPerSecond) * 1000);
  }
}

function crossCheckKey({ watched, client }: CrossCheck): string {
  return `${watched.owner.toLowerCase()} ${watched.type} ${client}`;
}

function keyOf({ name, type, client }: DriftKey): string {
  return `${name.toLowerCase()} ${type} ${client}`;
}

function findingTexts({ watched, warnings }: CrossCheck): string[] {
  return warnings.map(({ code, message }) => `${watched.owner} ${watched.type} ${code} ${message}`);
}

function asUserError(error: unknown): UserError {
  if (error instanceof UserError) return error;
  return new UserError('E_INTERNAL', error instanceof Error ? (error.stack ?? error.message) : String(error), { cause: error });
}

async function pause(milliseconds: number, signal: AbortSignal): Promise<void> {
  try {
    await sleep(milliseconds, undefined, { signal });
  } catch (error) {
    if (!signal.aborted) throw error;
  }
}
