/** The agent: its servers, what they share, and its life from start to stop. */

import { UserError } from '../input/errors.ts';
import { MICROS_PER_SECOND } from '../simulator/clock.ts';
import type { EndedProbe } from '../simulator/health/checker.ts';
import { LuaHost } from '../simulator/lua/environment.ts';
import type { Profile } from '../simulator/profile/profile.ts';
import { luaModule } from '../wire/lua-module.ts';
import { type RealProber, realProber } from '../wire/prober.ts';
import { realClock } from '../wire/real-clock.ts';
import type { AgentConfig } from './config.ts';
import { compareServers } from './disagreement.ts';
import { DriftBook, type DriftKey } from './drifts.ts';
import type { OnEvent } from './events.ts';
import { EvidenceStore } from './evidence.ts';
import { History } from './history.ts';
import { Metrics } from './metrics.ts';
import { WatchedServer } from './server.ts';
import { ServerGeos } from './server-geo.ts';

export interface AgentOptions {
  readonly config: AgentConfig;
  readonly version: string;
  readonly onEvent: OnEvent;
}

/** The agent that a new one takes the place of may still be ending. */
const RETRY_HISTORY_MS = 60_000;

export class Agent {
  readonly config: AgentConfig;
  readonly version: string;
  readonly book = new DriftBook();
  readonly metrics: Metrics;
  readonly servers: readonly WatchedServer[];
  readonly #onEvent: OnEvent;
  readonly #prober: RealProber;
  readonly #evidence = new Map<string, EvidenceStore>();
  readonly #lua = new Map<string, LuaHost>();
  readonly #stopping = new AbortController();
  #history: History | undefined;
  #historyProblem: UserError | undefined;
  #historyRetry: NodeJS.Timeout | undefined;
  readonly #geos: ServerGeos;
  #running: Promise<unknown> = Promise.resolve();
  #comparing: NodeJS.Timeout | undefined;

  constructor({ config, version, onEvent }: AgentOptions) {
    this.config = config;
    this.version = version;
    this.#onEvent = (event) => {
      this.#history?.record(event, Date.now());
      onEvent(event);
    };
    this.metrics = new Metrics(version);
    this.#prober = realProber({
      version,
      maxConcurrency: config.probes.concurrency,
      onProbe: (kind, result, durationSeconds) => {
        this.metrics.count('probes_total', { kind, result: result.up ? 'up' : 'down' });
        this.metrics.observe('probe_duration_seconds', { kind }, durationSeconds);
      },
    });
    this.#geos = new ServerGeos(config.geoip, (error) =>
      this.#onEvent({ kind: 'geoip failed', code: error.code, message: error.describe() }),
    );
    this.servers = config.servers.map((server) => this.#watch(server));
  }

  /** Opens the GeoIP databases that are configured (throws `UserError` where one cannot be read) and watches every server. */
  async start(): Promise<void> {
    this.#openHistory();
    await this.#geos.start();
    this.#running = Promise.all(this.servers.map((server) => server.run(this.#stopping.signal)));
    if (this.servers.length > 1) {
      this.#comparing = setInterval(() => this.#compareServers(), this.config.crossCheck.interval);
    }
  }

  /** What a start does with what it finds outside, without forgetting what was learned since. */
  readAnew(): void {
    if (this.#history === undefined) this.#openHistory();
    for (const server of this.servers) server.readAnew();
  }

  /** Ends all loops, probes and questions; resolves within a second. */
  async stop(): Promise<void> {
    this.#stopping.abort();
    clearInterval(this.#comparing);
    clearTimeout(this.#historyRetry);
    this.#geos.close();
    for (const store of this.#evidence.values()) store.close();
    await this.#prober.close();
    await Promise.race([this.#running, new Promise((resolve) => setTimeout(resolve, 900).unref())]);
    this.#history?.close();
  }

  /** What was seen until now; undefined where none is configured or its file cannot be had. */
  get history(): History | undefined {
    return this.#history;
  }

  /** What is wrong with the history: it is not there, or what happens now is not written. */
  get historyProblem(): UserError | undefined {
    return this.#historyProblem;
  }

  /** Why a new GeoIP database is not used; undefined where those in use are what their files hold. */
  get geoipProblem(): UserError | undefined {
    return this.#geos.problem;
  }

  /** Every server has been read and each of its questions asked at least once. */
  get isReady(): boolean {
    return this.servers.every((server) => server.sweeps > 0 || server.sourceProblem !== undefined);
  }

  /** The past is worth less than the present: without its history the agent goes on, and tries again. */
  #openHistory(): void {
    clearTimeout(this.#historyRetry);
    if (this.config.history === undefined) return;
    const { path, keep } = this.config.history;
    const failed = (error: UserError) => {
      const isNews = this.#historyProblem?.message !== error.message;
      this.#historyProblem = error;
      if (isNews) this.#onEvent({ kind: 'history failed', code: error.code, message: error.describe() });
    };
    const recovered = () => {
      this.#historyProblem = undefined;
    };
    try {
      this.#history = History.open({ path, keepMs: keep, onError: failed, onRecovery: recovered });
      recovered();
    } catch (error) {
      if (!(error instanceof UserError)) throw error;
      failed(error);
      this.#historyRetry = setTimeout(() => this.#openHistory(), RETRY_HISTORY_MS).unref();
    }
  }

  #watch(config: AgentConfig['servers'][number]): WatchedServer {
    return new WatchedServer({
      config,
      agent: this.config,
      clock: realClock,
      geoOf: (settings) => this.#geos.of(settings),
      evidenceFor: (profile, intervalSeconds) => this.#evidenceFor(profile, intervalSeconds),
      luaFor: (profile) => this.#luaFor(profile),
      book: this.book,
      onEvent: this.#onEvent,
      onQuestion: (seconds) => this.metrics.observe('crosscheck_duration_seconds', {}, seconds),
      onVerdict: (verdict) => this.metrics.count('crosschecks_total', { server: config.name, verdict }),
      onPrediction: (seconds) => this.metrics.observe('prediction_duration_seconds', {}, seconds),
    });
  }

  /**
   * Drifts between two servers; they outlast what either may innocently believe, and one of the two is proven wrong: each
   * follows a flapping target in its own time, so two innocent ones can differ for as long as it flaps.
   */
  #compareServers(): void {
    for (const { servers, crossCheck, agree, message, graceMicros, askedAtMs } of compareServers(this.servers)) {
      const { owner: name, type } = crossCheck.watched;
      const { client } = crossCheck;
      const isProven = this.book
        .open()
        .some((drift) => servers.includes(drift.server) && isAnswerTo(drift, { name, type, client }));
      const key: DriftKey = { server: servers.join(' '), name, type, client, class: 'disagreement' };
      const sighting = {
        now: realClock.now(),
        wallMs: askedAtMs,
        sourceReadAt: Number.POSITIVE_INFINITY,
        beliefMicros: 0,
        graceMicros,
        answer: message,
      };
      const change =
        agree || !isProven
          ? this.book.clear(key, askedAtMs)
          : this.book.wrong(key, { class: 'disagreement', message, hypotheses: [] }, sighting);
      if (change?.kind === 'opened') this.#onEvent({ kind: 'drift opened', drift: change.drift, diagnosis: [] });
      if (change?.kind === 'resolved') this.#onEvent({ kind: 'drift resolved', drift: change.drift });
    }
  }

  #evidenceFor(profile: Profile, intervalSeconds: number): EvidenceStore {
    const key = `${profile.line} ${intervalSeconds}`;
    let store = this.#evidence.get(key);
    if (store === undefined) {
      const onProbe = (probe: EndedProbe) => this.#onProbe(probe);
      store = new EvidenceStore({ clock: realClock, prober: this.#prober, profile, intervalSeconds, onProbe });
      this.#evidence.set(key, store);
    }
    return store;
  }

  #luaFor(profile: Profile): LuaHost {
    let host = this.#lua.get(profile.line);
    if (host === undefined) {
      host = new LuaHost({ module: luaModule(), profile });
      this.#lua.set(profile.line, host);
    }
    return host;
  }

  #onProbe(probe: EndedProbe): void {
    const lagSeconds = (realClock.now() - probe.endedAt) / MICROS_PER_SECOND;
    this.metrics.set('probe_lag_seconds', {}, Math.max(0, lagSeconds));
    if (probe.before.kind !== probe.after.kind) this.#onEvent({ kind: 'target changed', probe });
  }
}

function isAnswerTo(drift: DriftKey, { name, type, client }: Pick<DriftKey, 'name' | 'type' | 'client'>): boolean {
  const isAnswer = drift.class === 'answer' || drift.class === 'rcode';
  return isAnswer && drift.name === name && drift.type === type && drift.client === client;
}
