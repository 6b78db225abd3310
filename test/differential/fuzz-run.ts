/** Random zones and clients: a real server, the prediction and `serve`, question by question. */
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import pLimit from 'p-limit';
import { serverModel } from '../../agent/model.ts';
import { type RunningShadow, scopeInReply, serveShadow } from '../../agent/serve.ts';
import { openDatabases } from '../../geoip/database.ts';
import { geoView } from '../../geoip/location.ts';
import { UserError } from '../../input/errors.ts';
import { answerKey } from '../../simulator/answer/outcome.ts';
import { type Prediction, predict } from '../../simulator/answer/predict.ts';
import type { ServerModel } from '../../simulator/answer/server-model.ts';
import { ABSENT, type CheckStatus } from '../../simulator/health/status.ts';
import { LuaHost } from '../../simulator/lua/environment.ts';
import { PROFILES } from '../../simulator/profile/index.ts';
import type { Profile } from '../../simulator/profile/profile.ts';
import { luaModule } from '../../wire/lua-module.ts';
import type { DnsResponse } from '../../wire/message.ts';
import { loadBindZones, readConfigDir } from '../../wire/pdns-conf.ts';
import { type RunningPowerDns, type ServerBinary, startPowerDns } from '../../wire/rig/rig.ts';
import { serverSettings } from '../../wire/server-settings.ts';
import { arbitraryCase, casesOf, type FuzzCase } from './arbitrary-case.ts';
import type { HealthKind } from './arbitrary-health.ts';
import { type FuzzQuestion, OTHER_ZONE, SOURCES, ZONE } from './arbitrary-question.ts';
import {
  type Answered,
  answeredBy,
  contradiction,
  fullKey,
  type Kind,
  kindOf,
  misfit,
  predictedAnswer,
} from './compare.ts';
import { DnsClient, readQuery } from './dns-client.ts';
import { HEALTH_ZONE, healthCases, OTHER_LINES, plainQuestion, settingsOf, zoneText } from './fuzz-zones.ts';
import { recordedGeoFiles } from './geo-files.ts';
import { knownDifference, knownDifferences } from './known.ts';
import { shrinkLines } from './shrink.ts';
import { settledStatuses } from './statuses.ts';
import { loopbackDatabase, startTargets } from './targets.ts';

export interface FuzzOptions {
  readonly binary: ServerBinary;
  readonly seed: number;
  /** Ends after the batch in which so many are reached. */
  readonly comparisons: number;
  /** Cases in a zone. */
  readonly casesPerBatch?: number;
  /** Only this batch, to repeat a mismatch. */
  readonly batch?: number;
  /** Ends after the batch in which so much time has passed. */
  readonly seconds?: number;
  /** Records that ask for the health of targets too. Default `http`: with `any`, one run in four has ended its server. */
  readonly health?: HealthKind | 'none';
  readonly onProgress?: (report: FuzzReport) => void;
}

export interface Mismatch {
  readonly batch: number;
  readonly lines: readonly string[];
  readonly question: FuzzQuestion;
  readonly difference: string;
}

export interface FuzzReport {
  readonly comparisons: number;
  readonly questions: Readonly<Record<Kind, number>>;
  /** What the real server said, with how often. */
  readonly answers: ReadonlyMap<string, number>;
  /** Why predictions were opaque, with how often. */
  readonly opaque: ReadonlyMap<string, number>;
  /** One for each case that differs. */
  readonly mismatches: readonly Mismatch[];
  /** Questions that differ for a reason that is known. */
  readonly known: ReadonlyMap<string, number>;
  /** Entries of the table whose example agrees by now. */
  readonly outdated: readonly string[];
}

const QUESTIONS_PER_CASE = 10;
const CASES_PER_BATCH = 300;
/** Two probes of a release that may miss every other round, and a reserve. */
const SETTLE_MS = 6000;
/** So many times what has not settled is waited for once more. */
const SETTLES = 4;
const AT_ONCE = 24;
/** More than a server has workers: a question that takes one with it takes all, and nothing is asked then. */
const TRIES = 5;
const MAX_BRANCHES = 1500;
/** Of so many random answers one is asked for often enough to test its shares. */
const SHARES_EVERY = 12;
const REPETITIONS = 150;
/** As good as any other, but not the one of a UDP client. */
const OTHER_PORT = 1;
const LOG_LINES = 8;
/** After so many mismatches the rest is only counted. */
const MAX_SHRUNK = 12;

/**
 * Throws `E_RIG_ZONE` where the server rejects a zone and `E_FUZZ_GONE` where it ends while none of our questions waits.
 * Everything started here is ended.
 */
export async function fuzz(options: FuzzOptions): Promise<FuzzReport> {
  const folder = await mkdtemp(join(tmpdir(), 'pdns-fuzz-'));
  const targets = await startTargets();
  const client = await DnsClient.open(SOURCES);
  let real: RunningPowerDns | undefined;
  let run: Run | undefined;
  try {
    const geoipFiles = recordedGeoFiles().map(({ name, content }) => ({ file: join(folder, name), content }));
    geoipFiles.push({ file: join(folder, 'loopback.mmdb'), content: loopbackDatabase() });
    for (const { file, content } of geoipFiles) await writeFile(file, content);
    const profile = PROFILES[options.binary.line];
    const kind = options.health ?? 'http';
    const health = kind === 'none' ? [] : healthCases(profile, options.seed, targets, kind);
    real = await startPowerDns({
      binary: options.binary,
      zones: {
        [ZONE]: zoneText([]),
        [OTHER_ZONE]: OTHER_LINES.join('\n'),
        [HEALTH_ZONE]: zoneText(health.flatMap(({ lines }) => lines)),
      },
      geoipFiles: geoipFiles.map(({ file }) => file),
      api: false,
      settings: {
        'any-to-tcp': 'no',
        'cache-ttl': '0',
        'query-cache-ttl': '0',
        'negquery-cache-ttl': '0',
        'lua-health-checks-interval': '1',
        'queue-limit': '60000',
        loglevel: '4',
        ...settingsOf(options.seed, profile),
      },
    });
    run = new Run(options, profile, real, client);
    return await run.everything(health);
  } catch (error) {
    if (real === undefined || run === undefined || real.alive()) throw error;
    throw await gone(options, real, run.place, error);
  } finally {
    client.close();
    await real?.stop();
    await targets.close();
    await rm(folder, { recursive: true, force: true });
  }
}

async function gone(
  { binary, health }: FuzzOptions,
  real: RunningPowerDns,
  place: string,
  cause: unknown,
): Promise<UserError> {
  const { code, signal } = await real.exit;
  const lines = real.log().trimEnd().split('\n');
  const signalAt = lines.findLastIndex((line) => line.includes('Got a signal'));
  const log = lines
    .slice(signalAt === -1 ? -LOG_LINES : signalAt)
    .slice(0, LOG_LINES)
    .join('\n  ');
  const message = `PowerDNS ${binary.version} ended by itself (${signal ?? `exit code ${code}`}) ${place}. The end of its log:\n  ${log}`;
  const hint =
    health === 'any'
      ? 'Run it again without --health any: servers have died in their checks.'
      : 'Run it again; where it ends in the same batch, look for the record that ends it with --batch and --cases.';
  return new UserError('E_FUZZ_GONE', message, { hint, exitCode: 3, cause });
}

type Statuses = ReadonlyMap<string, CheckStatus>;
/** What the answers of the real server are compared with. */
type Against = readonly [model: ServerModel, shadow: RunningShadow, statuses: Statuses];

class Run {
  readonly #options: FuzzOptions;
  readonly #profile: Profile;
  readonly #real: RunningPowerDns;
  readonly #client: DnsClient;
  readonly #lua: LuaHost;
  readonly #questions: Record<Kind, number> = {
    deterministic: 0,
    random: 0,
    opaque: 0,
    unaskable: 0,
    'too many branches': 0,
  };
  readonly #answers = new Map<string, number>();
  readonly #opaque = new Map<string, number>();
  readonly #mismatches: Mismatch[] = [];
  readonly #known = new Map<string, number>();
  readonly #outdated: string[] = [];
  /** What the run is at, for people. */
  place = 'before the first batch';
  #comparisons = 0;
  #randomSeen = 0;
  /** A question was left without an answer: the server may have lost a worker, so nothing more is asked of it. */
  #isStuck = false;

  constructor(options: FuzzOptions, profile: Profile, real: RunningPowerDns, client: DnsClient) {
    this.#options = options;
    this.#profile = profile;
    this.#real = real;
    this.#client = client;
    this.#lua = new LuaHost({ module: luaModule(), profile });
  }

  async everything(health: readonly FuzzCase[]): Promise<FuzzReport> {
    const { batch: onlyBatch, comparisons, seconds = Number.POSITIVE_INFINITY } = this.#options;
    const endMs = performance.now() + seconds * 1000;
    const goesOn = () => this.#comparisons < comparisons && performance.now() < endMs && !this.#isStuck;
    const healthQuestions = health.flatMap(({ questions }) => questions);
    const healthModel = await this.#model();
    const statuses = await settledStatuses(
      healthQuestions.map((question) => this.#client.modelled(question)),
      healthModel,
    );
    // The first questions make the checks known; by the time that all else has been asked they have settled.
    const shadow = await this.#shadow();
    try {
      const firstAsked = performance.now();
      await this.#askAll(healthQuestions, shadow);
      await this.#tryKnown();
      if (onlyBatch !== undefined) await this.#batch(onlyBatch);
      else for (let batch = 0; goesOn(); batch++) await this.#batch(batch);
      this.place = 'while the answers that hang on health were compared';
      if (health.length > 0) await sleep(Math.max(0, firstAsked + SETTLE_MS - performance.now()));
      if (!this.#isStuck) await this.#compareSettled(health, healthModel, shadow, statuses);
    } finally {
      await shadow.close();
    }
    return this.#report();
  }

  async #batch(batch: number): Promise<void> {
    const { seed, casesPerBatch = CASES_PER_BATCH } = this.#options;
    this.place = `in batch ${batch} of seed ${seed}`;
    const labels = Array.from({ length: casesPerBatch }, (_, i) => `n${i}`);
    const cases = casesOf(arbitraryCase(this.#profile, QUESTIONS_PER_CASE), seed * 1_000_003 + batch, labels);
    await this.#real.writeZone(ZONE, zoneText(cases.flatMap(({ lines }) => lines)));
    const shadow = await this.#shadow();
    try {
      await this.#compareAll(batch, cases, await this.#model(), shadow, new Map());
    } finally {
      await shadow.close();
    }
    this.#options.onProgress?.(this.#report());
  }

  async #compareAll(batch: number, cases: readonly FuzzCase[], ...against: Against): Promise<void> {
    await this.#noteAll(await this.#differences(batch, cases, against));
  }

  /** Where nothing but the health of targets decides: what differs is asked again, for checks take their time to settle. */
  async #compareSettled(health: readonly FuzzCase[], ...against: Against): Promise<void> {
    let found = await this.#differences(-1, health, against);
    for (let i = 0; i < SETTLES && found.length > 0 && !this.#isStuck; i++) {
      await sleep(SETTLE_MS);
      const again = found.map(({ lines, question }) => ({ lines, questions: [question] }));
      found = await this.#differences(-1, again, against);
    }
    await this.#noteAll(found);
  }

  async #differences(batch: number, cases: readonly FuzzCase[], against: Against): Promise<Mismatch[]> {
    const limit = pLimit(AT_ONCE);
    const found: Mismatch[] = [];
    await Promise.all(
      cases.flatMap(({ lines, questions }) =>
        questions.map((question) =>
          limit(async () => {
            if (this.#isStuck) return;
            const difference = await this.#compare(question, ...against);
            if (difference !== undefined) found.push({ batch, lines, question, difference });
          }),
        ),
      ),
    );
    return found;
  }

  async #noteAll(found: readonly Mismatch[]): Promise<void> {
    const worth = this.#real.alive() ? found : await this.#whatKilled(found);
    for (const alike of Map.groupBy(worth, ({ lines }) => lines).values()) {
      const [mismatch] = alike;
      if (mismatch !== undefined) await this.#note(mismatch, alike.length);
    }
  }

  /** Asks a new server, one by one, what was left without an answer when the last one went. */
  async #whatKilled(suspects: readonly Mismatch[]): Promise<Mismatch[]> {
    for (const suspect of suspects) {
      if (!this.#real.alive()) await this.#real.restart();
      await this.#client.ask(this.#real, suspect.question);
      if (!this.#real.alive()) return [{ ...suspect, difference: 'brings the real server down' }];
    }
    return [...suspects];
  }

  async #compare(
    question: FuzzQuestion,
    model: ServerModel,
    shadow: RunningShadow,
    statuses: Statuses,
  ): Promise<string | undefined> {
    const prediction = predictWith(this.#client, question, model, statuses);
    const kind = this.#hangsOnPort(question, prediction, model, statuses) ? 'unaskable' : kindOf(prediction);
    this.#questions[kind]++;
    if (kind === 'opaque') this.#countOpaque(prediction);
    if (kind !== 'deterministic' && kind !== 'random') return undefined;
    const isForShares = kind === 'random' && this.#randomSeen++ % SHARES_EVERY === 0 && !question.tcp;
    const answers: Answered[] = [];
    for (let i = 0; i < (isForShares ? REPETITIONS : 1); i++) {
      this.#comparisons++;
      const theirs = await this.#askReal(question);
      if (theirs === undefined) {
        this.#isStuck = true;
        return `the real server ${this.#real.alive() ? 'does not answer' : 'is gone'}`;
      }
      if (theirs.truncated) return kind === 'random' ? undefined : this.#truncated(question, shadow);
      const answered = answeredBy(theirs);
      this.#count(answered);
      const difference = contradiction(prediction, answered);
      if (difference !== undefined) return difference;
      answers.push(answered);
    }
    const ours = await this.#askServe(shadow, question);
    if (ours === undefined) return 'serve does not answer';
    // It has drawn something longer than the real server did.
    if (ours.truncated && kind === 'random') return undefined;
    const served = answeredBy(ours);
    const [theirs] = answers;
    if (kind === 'deterministic' && theirs !== undefined && fullKey(served) !== fullKey(theirs)) {
      return `answered:  ${fullKey(theirs)}\n  serve:     ${fullKey(served)}`;
    }
    const difference = contradiction(prediction, served);
    if (difference !== undefined) return `serve, not the real server: ${difference}`;
    return isForShares ? misfit(prediction, answers) : undefined;
  }

  /** The port of a TCP client is not known beforehand. */
  #hangsOnPort(question: FuzzQuestion, prediction: Prediction, model: ServerModel, statuses: Statuses): boolean {
    if (!question.tcp) return false;
    const elsewhere = predictWith(this.#client, question, model, statuses, OTHER_PORT);
    const keys = [prediction, elsewhere].map(({ outcomes }) =>
      outcomes.map(({ outcome }) => answerKey(outcome)).join(),
    );
    return keys[0] !== keys[1];
  }

  /** Again where nothing came: packets are lost, and servers drop what has waited, when the machine is busy. */
  async #askReal(question: FuzzQuestion): Promise<DnsResponse | undefined> {
    for (let i = 0; i < TRIES && this.#real.alive(); i++) {
      const answer = await this.#client.ask(this.#real, question);
      if (answer !== undefined) return answer;
    }
    return undefined;
  }

  async #askServe(shadow: RunningShadow, question: FuzzQuestion): Promise<DnsResponse | undefined> {
    for (let i = 0; i < TRIES; i++) {
      const answer = await this.#client.ask(shadow.endpoint, question);
      if (answer !== undefined) return answer;
    }
    return undefined;
  }

  async #truncated(question: FuzzQuestion, shadow: RunningShadow): Promise<string | undefined> {
    const ours = await this.#askServe(shadow, question);
    return ours?.truncated === true ? undefined : 'the real server truncates its answer, serve does not';
  }

  #count({ rcode, answers }: Answered): void {
    const said = rcode === 'NOERROR' && answers.length > 0 ? 'records' : rcode === 'NOERROR' ? 'no data' : rcode;
    this.#answers.set(said, (this.#answers.get(said) ?? 0) + 1);
  }

  #countOpaque(prediction: Prediction): void {
    const message = prediction.warnings.at(-1)?.message ?? 'without a reason';
    const reason = message.replace(/^\S+ \S+: /, '').slice(0, 70);
    this.#opaque.set(reason, (this.#opaque.get(reason) ?? 0) + 1);
  }

  async #note(mismatch: Mismatch, times: number): Promise<void> {
    const known = knownDifference(this.#profile.line, mismatch.lines);
    if (known !== undefined) {
      this.#known.set(known.reason, (this.#known.get(known.reason) ?? 0) + times);
      return;
    }
    const { batch, question, lines } = mismatch;
    if (batch < 0 || this.#isStuck || this.#mismatches.length >= MAX_SHRUNK) {
      this.#mismatches.push(mismatch);
      return;
    }
    let difference = mismatch.difference;
    const shrunk = await shrinkLines(lines, async (candidate) => {
      const now = await this.#differenceOf(candidate, question);
      if (now !== undefined) difference = now;
      return now !== undefined;
    });
    this.#mismatches.push({ ...mismatch, lines: shrunk, difference });
  }

  /** The real server against the prediction alone, with these lines in the zone. */
  async #differenceOf(lines: readonly string[], question: FuzzQuestion): Promise<string | undefined> {
    try {
      await this.#real.writeZone(ZONE, zoneText(lines));
      const prediction = predictWith(this.#client, question, await this.#model(), new Map());
      const kind = kindOf(prediction);
      if (kind !== 'deterministic' && kind !== 'random') return undefined;
      const theirs = await this.#client.ask(this.#real, question);
      if (theirs === undefined || theirs.truncated) return undefined;
      return contradiction(prediction, answeredBy(theirs));
    } catch {
      // A zone that one of the two rejects is no simpler form of the mismatch.
      return undefined;
    }
  }

  async #tryKnown(): Promise<void> {
    for (const { lines, reason, example } of knownDifferences) {
      if (!lines.includes(this.#profile.line)) continue;
      const question = plainQuestion(`known.${ZONE}.`, example.type);
      const line = `known 60 IN LUA ${example.type} "${example.code}"`;
      if ((await this.#differenceOf([line], question)) === undefined) this.#outdated.push(reason);
    }
  }

  async #askAll(questions: readonly FuzzQuestion[], shadow: RunningShadow): Promise<void> {
    const limit = pLimit(AT_ONCE);
    const askBoth = async (question: FuzzQuestion) => {
      await this.#client.ask(this.#real, question);
      await this.#client.ask(shadow.endpoint, question);
    };
    await Promise.all(questions.map((question) => limit(() => askBoth(question))));
  }

  #shadow(): Promise<RunningShadow> {
    return serveShadow({
      configDir: this.#real.configDir,
      profile: this.#profile,
      listen: { address: '127.0.0.1', port: 0 },
      version: 'fuzz',
      onWarning: () => {},
    });
  }

  async #model(): Promise<ServerModel> {
    const config = await readConfigDir(this.#real.configDir);
    return serverModel({
      profile: this.#profile,
      settings: serverSettings(config.settings, this.#profile),
      zones: await loadBindZones(config),
      geo: geoView(await openDatabases(config.geoipDatabaseFiles)),
      lua: this.#lua,
      address: this.#real,
      usesClientSubnets: false,
    });
  }

  #report(): FuzzReport {
    return {
      comparisons: this.#comparisons,
      questions: { ...this.#questions },
      answers: new Map(this.#answers),
      opaque: new Map(this.#opaque),
      mismatches: [...this.#mismatches],
      known: new Map(this.#known),
      outdated: [...this.#outdated],
    };
  }
}

function predictWith(
  client: DnsClient,
  question: FuzzQuestion,
  model: ServerModel,
  statuses: Statuses,
  clientPort?: number,
): Prediction {
  const asked = { ...client.modelled(question), ...(clientPort === undefined ? {} : { clientPort }) };
  const prediction = predict(
    asked,
    model,
    (check) => statuses.get(check.id) ?? ABSENT,
    MAX_BRANCHES,
    (outcome) => fullKey(predictedAnswer(outcome)),
  );
  const query = readQuery(question);
  const outcomes = prediction.outcomes.map(({ outcome, probability }) => ({
    outcome: { ...outcome, ecsScope: scopeInReply(query, outcome, model.profile) },
    probability,
  }));
  return { ...prediction, outcomes };
}
