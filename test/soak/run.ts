import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { Agent } from '../../agent/agent.ts';
import type { DetectionBounds } from '../../agent/bounds.ts';
import { type AgentConfig, parseConfig } from '../../agent/config.ts';
import type { DriftKey } from '../../agent/drifts.ts';
import type { AgentEvent } from '../../agent/events.ts';
import type { ServerBinary } from '../../wire/rig/rig.ts';
import { chaos } from './chaos.ts';
import {
  ecsOff,
  frozen,
  geoIpOff,
  hiddenFailure,
  hiddenSuccess,
  type Injection,
  type Stage,
  staleZone,
  stopped,
  wrongTtl,
} from './injections.ts';
import { type Episode, keyText, Ledger } from './ledger.ts';
import { between, pick, type Random, randomStream, shuffled } from './random.ts';
import { reportOf, type SoakReport } from './report.ts';
import { SERVER_NAMES, type ServerName, Servers } from './servers.ts';
import { startStallMeter } from './stall.ts';
import { startTargets } from './targets.ts';
import { CHAOTIC, CLIENTS, geoDatabase, TARGETS } from './zone.ts';

export interface SoakOptions {
  readonly binary: ServerBinary;
  readonly seed: number;
  /** No new cycle of injections begins after so long. One cycle is always run to its end. */
  readonly seconds: number;
  /** Timeout of the checks. */
  readonly timeoutSeconds: number;
  /** Told of each line of the timeline as it happens. */
  readonly onLine: (line: string) => void;
}

const SWEEP_MS = 500;
const QUESTION_TIMEOUT_MS = 2000;
const SOURCE_REFRESH_MS = 1000;
const WARM_WITHIN_MS = 60_000;

/** Right answers in a row that end a drift (see `agent/drifts.ts`), and one more that may come too early. */
const ANSWERS_UNTIL_RESOLVED = 9;

/** Runs the agent beside real servers while targets and servers go wrong. Leaves nothing running. */
export async function soak(options: SoakOptions): Promise<SoakReport> {
  const folder = await mkdtemp(join(tmpdir(), 'pdns-soak-'));
  const targets = await startTargets(TARGETS);
  const geoipFile = join(folder, 'geo.mmdb');
  await writeFile(geoipFile, geoDatabase(targets.address));
  const { line } = options.binary;
  const zone = { line, address: targets.address, port: targets.port, timeoutSeconds: options.timeoutSeconds };
  let servers: Servers | undefined;
  try {
    servers = await Servers.start(options.binary, zone, geoipFile);
    const config = await agentConfig(servers, folder, geoipFile);
    return await new Soak(options, config, { line, servers, targets }).run();
  } finally {
    await servers?.stop();
    await targets.close();
    await rm(folder, { recursive: true, force: true });
  }
}

class Soak {
  readonly #options: SoakOptions;
  readonly #stage: Stage;
  readonly #agent: Agent;
  readonly #ledger = new Ledger();
  readonly #calm = new AbortController();
  readonly #startedMs = performance.now();
  readonly #meter = startStallMeter();
  #troubles = 0;
  /** Where each chaotic target stands, for the timeline. */
  readonly #behaviours = new Map<number, string>();

  constructor(options: SoakOptions, config: AgentConfig, stage: Stage) {
    this.#options = options;
    this.#stage = stage;
    this.#agent = new Agent({ config, version: 'soak', onEvent: (event) => this.#hear(event) });
  }

  async run(): Promise<SoakReport> {
    await this.#agent.start();
    try {
      await this.#untilWarm();
      const trouble = CHAOTIC.map((index) => this.#trouble(index));
      for (let cycle = 0; cycle === 0 || this.#nowMs() < this.#options.seconds * 1000; cycle++)
        await this.#cycle(cycle);
      this.#calm.abort();
      await Promise.all(trouble);
      // Whatever was true of the targets must be forgotten by now, and be said to be.
      await this.#until(() => this.#ledger.open().length === 0, this.#forgetSeconds('beliefSeconds') * 1000);
      const { line, version } = this.#options.binary;
      const verdicts = await verdictCounts(this.#agent);
      return reportOf(this.#ledger, {
        line,
        version,
        seed: this.#options.seed,
        seconds: this.#nowMs() / 1000,
        troubles: this.#troubles,
        crashes: this.#stage.servers.crashes,
        verdicts,
        longestStallMs: this.#meter.stop().longestMs,
      });
    } finally {
      this.#calm.abort();
      this.#meter.stop();
      await this.#agent.stop();
    }
  }

  /** Every server has been asked twice and nothing is cold that need not be: the checks of the steady records. */
  async #untilWarm(): Promise<void> {
    const isWarm = () =>
      this.#agent.servers.every(
        (server) =>
          server.sweeps >= 2 &&
          (server.content?.crossChecks ?? []).every(
            (each) =>
              !/^(steady|secret|random)\./.test(each.watched.owner) ||
              server.observation(each)?.judgement.verdict === 'match',
          ),
      );
    if (!(await this.#until(isWarm, WARM_WITHIN_MS))) throw new Error('the agent does not come to know the servers');
    this.#say('warm');
  }

  async #trouble(index: (typeof CHAOTIC)[number]): Promise<void> {
    const { signal } = this.#calm;
    for (const { behaviour, dwellMs } of chaos(randomStream(this.#options.seed, `target ${index}`))) {
      await this.#stage.targets.become(index, behaviour);
      this.#behaviours.set(index, behaviour);
      if (behaviour !== 'ok') this.#troubles++;
      await sleep(dwellMs, undefined, { signal }).catch(() => {});
      if (signal.aborted) break;
    }
    await this.#stage.targets.become(index, 'ok');
  }

  /** Each kind once. What happens to ns2 and ns3 is nothing to ns1, so the tracks run side by side. */
  async #cycle(cycle: number): Promise<void> {
    const stage = this.#stage;
    const track = async (name: string, injections: readonly Injection[]) => {
      const random = randomStream(this.#options.seed, `${name} ${cycle}`);
      for (const injection of shuffled(random, injections)) await this.#inject(injection, random);
    };
    await Promise.all([
      track('hidden failure', [hiddenFailure(stage)]),
      track('hidden success', [hiddenSuccess(stage)]),
      track('ns2', [staleZone(stage, 'ns2'), wrongTtl(stage, 'ns2'), stopped(stage, 'ns2')]),
      track('ns3', [ecsOff(stage, 'ns3'), geoIpOff(stage, 'ns3'), frozen(stage, 'ns3')]),
    ]);
    // The source of all three: while it is away nothing new is known of what they should answer.
    await track('ns1', [pick(randomStream(this.#options.seed, `ns1 kind ${cycle}`), [stopped, frozen])(stage, 'ns1')]);
  }

  async #inject(injection: Injection, random: Random): Promise<void> {
    await sleep(between(random, 0, 1500));
    await this.#untilUnsuspected(injection);
    const { kind, server, must } = injection;
    const startedMs = this.#nowMs();
    this.#say(`inject    ${kind} (${server})`);
    const undo = await injection.cause();
    const episode: Episode = {
      injection,
      startedMs,
      causedMs: this.#nowMs(),
      undoneMs: Number.POSITIVE_INFINITY,
      overMs: Number.POSITIVE_INFINITY,
      boundSeconds: new Map(must.map((key) => [keyText(key), this.#bounds(key)[injection.bound]])),
      stallMs: 0,
    };
    this.#ledger.episodes.push(episode);
    const meter = startStallMeter();
    const longestMs = Math.max(...episode.boundSeconds.values()) * 1000;
    // Later than the bound is too late; waited for all the same, to say how late.
    await this.#until(() => must.every((key) => this.#ledger.reportOf(key, episode) !== undefined), 2 * longestMs);
    episode.stallMs = meter.stop().togetherMs;
    // Bounds grow with the time that questions and readings take; the greater one is the agent's word for this while.
    for (const key of must) raise(episode.boundSeconds, keyText(key), this.#bounds(key)[injection.bound]);
    await this.#untilUnsuspected(injection);
    await undo();
    episode.undoneMs = this.#nowMs();
    this.#say(`undo      ${kind} (${server})`);
    const forgetMs = this.#forgetSeconds(injection.bound) * 1000;
    await this.#until(() => this.#ledger.openOf(episode).length === 0, forgetMs);
    episode.overMs = this.#nowMs();
  }

  /** One unseen restart is an innocent cause that the agent allows for; the next waits until that is forgotten. */
  async #untilUnsuspected({ isUnseenRestart, server, explains }: Injection): Promise<void> {
    if (isUnseenRestart === undefined) return;
    const isSuspected = () => this.#agent.book.pending().some(({ key }) => key.server === server && !explains(key));
    await this.#until(() => !isSuspected(), this.#forgetSeconds('unreachableSeconds') * 1000);
  }

  /** The longest, by the agent's word, that a server or the agent holds on to what is over. */
  #forgetSeconds(bound: keyof DetectionBounds): number {
    const { impossibleSeconds, beliefSeconds } = this.#longestBounds();
    const belief = beliefSeconds - impossibleSeconds;
    const questions = (ANSWERS_UNTIL_RESOLVED * (SWEEP_MS + QUESTION_TIMEOUT_MS)) / 1000;
    return bound === 'unreachableSeconds' ? questions : belief + questions;
  }

  #longestBounds(): DetectionBounds {
    const [server] = this.#agent.servers;
    const all = (server?.content?.crossChecks ?? []).flatMap((each) => server?.detectionBounds(each) ?? []);
    return all.reduce((longest, each) => (each.beliefSeconds > longest.beliefSeconds ? each : longest));
  }

  /** The agent's bounds for what `key` is about; for a whole server or zone those of any record: they are the same. */
  #bounds(key: DriftKey): DetectionBounds {
    const server = this.#agent.servers.find(({ config }) => config.name === key.server);
    const crossCheck = server?.content?.crossChecks.find(
      ({ watched, client }) => key.client === '' || (watched.owner === key.name && client === key.client),
    );
    if (server === undefined || crossCheck === undefined)
      throw new RangeError(`the agent does not watch ${keyText(key)}`);
    return server.detectionBounds(crossCheck);
  }

  #hear(event: AgentEvent): void {
    if (event.kind === 'drift opened') {
      this.#ledger.opened(event.drift, this.#nowMs());
      const because = event.diagnosis.find(({ explains }) => explains)?.assumption;
      this.#say(
        `drift     ${keyText(event.drift)}: ${event.drift.message}${because === undefined ? '' : ` (${because})`}`,
      );
    } else if (event.kind === 'drift resolved') {
      this.#ledger.resolved(event.drift, this.#nowMs());
      this.#say(`resolved  ${keyText(event.drift)}`);
    } else if (event.kind === 'server down' || event.kind === 'server up' || event.kind === 'server restarted') {
      this.#say(`${event.kind} ${event.server}`);
    } else if (event.kind === 'source failed') this.#say(`source failed ${event.server} ${event.code}`);
  }

  #say(text: string): void {
    this.#options.onLine(`${(this.#nowMs() / 1000).toFixed(2).padStart(7)}  ${text}`);
  }

  #nowMs(): number {
    return performance.now() - this.#startedMs;
  }

  async #until(isTrue: () => boolean, limitMs: number): Promise<boolean> {
    const deadlineMs = this.#nowMs() + limitMs;
    while (!isTrue()) {
      if (this.#nowMs() > deadlineMs) return false;
      await sleep(20);
    }
    return true;
  }
}

function raise(bounds: Map<string, number>, key: string, seconds: number): void {
  bounds.set(key, Math.max(bounds.get(key) ?? 0, seconds));
}

async function agentConfig(servers: Servers, folder: string, geoipFile: string): Promise<AgentConfig> {
  const source = servers.of('ns1');
  const keyFile = join(folder, 'api-key');
  await writeFile(keyFile, source.apiKey);
  const address = (name: ServerName) => `${servers.of(name).address}:${servers.of(name).port}`;
  const api = { api: source.apiUrl, keyFile };
  const yaml = {
    servers: SERVER_NAMES.map((name) => ({ name, address: address(name), source: api })),
    clients: CLIENTS,
    geoip: geoipFile,
    crossCheck: { interval: `${SWEEP_MS}ms`, timeout: `${QUESTION_TIMEOUT_MS}ms`, queriesPerSecond: 1000 },
    sourceRefresh: `${SOURCE_REFRESH_MS}ms`,
  };
  // JSON is YAML.
  return parseConfig(JSON.stringify(yaml), 'soak.yaml');
}

/** `pdns_shadow_crosschecks_total` by verdict. */
async function verdictCounts(agent: Agent): Promise<Record<string, number>> {
  const counts: Record<string, number> = {};
  for (const [, verdict = '', value] of (await agent.metrics.text()).matchAll(
    /^pdns_shadow_crosschecks_total\{.*verdict="([^"]+)".*\} (\d+)/gm,
  )) {
    counts[verdict] = (counts[verdict] ?? 0) + Number(value);
  }
  return counts;
}
