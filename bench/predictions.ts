/** Predictions per second beside what a real PowerDNS answers per second, for the same records and clients. */
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { serverModel } from '../agent/model.ts';
import { describeOutcome } from '../agent/outcome-text.ts';
import { parseAddress } from '../geoip/address.ts';
import { openDatabases } from '../geoip/database.ts';
import { geoView } from '../geoip/location.ts';
import { writeDatabase } from '../geoip/writer.ts';
import { UserError } from '../input/errors.ts';
import type { Question } from '../simulator/answer/question.ts';
import type { ServerModel } from '../simulator/answer/server-model.ts';
import { LuaHost } from '../simulator/lua/environment.ts';
import { PROFILES } from '../simulator/profile/index.ts';
import { startTargets } from '../test/soak/targets.ts';
import { luaModule } from '../wire/lua-module.ts';
import { loadBindZones, readConfigDir } from '../wire/pdns-conf.ts';
import { cpuSecondsOf, ownCpuSeconds } from '../wire/process-cpu.ts';
import type { RunningPowerDns } from '../wire/rig/rig.ts';
import { serverSettings } from '../wire/server-settings.ts';
import { ask } from '../wire/transport.ts';
import { drive, requireDnsperf, writeQueries } from './dnsperf.ts';
import { describeMachine } from './machine.ts';
import { PREDICTORS, type Predictor } from './predictor.ts';
import { type BenchRecord, CLIENT_NETWORKS, GEO_NETWORKS, RECORDS, ZONE, zoneText } from './records.ts';
import { count, median, ratio, spread } from './rounds.ts';
import { requirePowerDns, startServer } from './servers.ts';
import { printTable } from './table.ts';

const ROUNDS = 5;
const SECONDS = 1;
const WARM_UP_SECONDS = 1;
const BATCH = 256;

/** How fast one side was in one round. */
interface Speed {
  readonly perCpuSecond: number;
  readonly perSecond: number;
  /** Share of a core that was used: near one, or something else was in the way. */
  readonly busy: number;
}

/** Both servers, and the records of theirs as the simulator has them. */
interface Subjects {
  readonly yes: RunningPowerDns;
  readonly shared: RunningPowerDns;
  readonly model: ServerModel;
  readonly folder: string;
}

export async function benchPredictions(): Promise<void> {
  await requireDnsperf();
  const binary = await requirePowerDns();
  const folder = await mkdtemp(join(tmpdir(), 'pdns-shadow-bench-'));
  const targets = await startTargets(2);
  const servers: RunningPowerDns[] = [];
  try {
    const geoip = join(folder, 'geo.mmdb');
    await writeFile(geoip, writeDatabase(GEO_NETWORKS));
    const zones = { [ZONE]: zoneText([targets.address(0), targets.address(1)], targets.port) };
    const yes = await startServer(binary, 'yes', zones, geoip);
    servers.push(yes);
    const shared = await startServer(binary, 'shared', zones, geoip);
    servers.push(shared);
    console.log(`predictions: PowerDNS ${binary.version} over UDP, beside this simulator; ${describeMachine()}`);
    await measure({ yes, shared, model: await modelOf(yes), folder });
  } finally {
    await Promise.all(servers.map((server) => server.stop()));
    await targets.close();
    await rm(folder, { recursive: true, force: true });
  }
}

async function measure(subjects: Subjects): Promise<void> {
  const rows: Row[] = [];
  for (const record of RECORDS) {
    const questions = CLIENT_NETWORKS.map((network) => questionOf(record, network));
    const file = join(subjects.folder, 'queries');
    await writeQueries(file, questions);
    const predictors = Object.entries(PREDICTORS).map(
      ([name, make]) => [name, make(subjects.model), [] as Speed[]] as const,
    );
    for (const [, predictor] of predictors) {
      for (const server of [subjects.yes, subjects.shared]) await requireSameAnswers(server, predictor, questions);
      speedOfPredictor(predictor, questions, WARM_UP_SECONDS);
    }
    const yes: Speed[] = [];
    const shared: Speed[] = [];
    for (let round = 0; round < ROUNDS; round++) {
      for (const [, predictor, ours] of predictors) ours.push(speedOfPredictor(predictor, questions, SECONDS));
      yes.push(await speedOfServer(subjects.yes, file, SECONDS));
      shared.push(await speedOfServer(subjects.shared, file, SECONDS));
    }
    rows.push(...predictors.map(([name, , ours]) => ({ label: `${record.label}, ${name}`, ours, yes, shared })));
  }
  printSpeeds('per CPU second', rows, ({ perCpuSecond }) => perCpuSecond);
  printSpeeds('per second of the clock', rows, ({ perSecond }) => perSecond);
  const busy = (speeds: readonly Speed[]) =>
    spread(
      speeds.map((speed) => speed.busy * 100),
      (value) => value.toFixed(0),
    );
  console.log('\nshare of a core in use, %');
  printTable(
    ['record', 'ours', 'pdns yes', 'pdns shared'],
    rows.map((row) => [row.label, busy(row.ours), busy(row.yes), busy(row.shared)]),
  );
}

interface Row {
  readonly label: string;
  readonly ours: readonly Speed[];
  readonly yes: readonly Speed[];
  readonly shared: readonly Speed[];
}

function printSpeeds(heading: string, rows: readonly Row[], figure: (speed: Speed) => number): void {
  console.log(`\n${heading}: median of ${ROUNDS} rounds (least-most)`);
  printTable(
    ['record', 'ours', 'pdns yes', 'pdns shared', 'ours : yes', 'ours : shared'],
    rows.map(({ label, ours, yes, shared }) => [
      label,
      ...[ours, yes, shared].map((speeds) => spread(speeds.map(figure), count)),
      ...[yes, shared].map((theirs) => ratio(median(ratios(ours.map(figure), theirs.map(figure))))),
    ]),
  );
}

/** Round by round, so that a busy moment of the machine falls on both sides. */
function ratios(ours: readonly number[], theirs: readonly number[]): number[] {
  return ours.map((value, round) => value / (theirs[round] ?? Number.NaN));
}

function speedOfPredictor(predictor: Predictor, questions: readonly Question[], seconds: number): Speed {
  const startedCpu = ownCpuSeconds();
  const startedMs = performance.now();
  let predictions = 0;
  while (performance.now() - startedMs < seconds * 1000) {
    // Looking at the clock takes as long as the fastest predictions do.
    for (const end = predictions + BATCH; predictions < end; predictions++) {
      const question = questions[predictions % questions.length];
      if (question !== undefined) predictor.predict(question);
    }
  }
  return speedOf(predictions, ownCpuSeconds() - startedCpu, (performance.now() - startedMs) / 1000);
}

async function speedOfServer(server: RunningPowerDns, file: string, seconds: number): Promise<Speed> {
  const startedCpu = cpuSecondsOf(server.pid);
  const load = await drive(server.port, file, seconds);
  return speedOf(load.completed, cpuSecondsOf(server.pid) - startedCpu, load.seconds);
}

function speedOf(done: number, cpuSeconds: number, seconds: number): Speed {
  return { perCpuSecond: done / cpuSeconds, perSecond: done / seconds, busy: cpuSeconds / seconds };
}

async function modelOf(server: RunningPowerDns): Promise<ServerModel> {
  const profile = PROFILES[server.binary.line];
  const config = await readConfigDir(server.configDir);
  return serverModel({
    profile,
    settings: serverSettings(config.settings, profile),
    zones: await loadBindZones(config),
    geo: geoView(await openDatabases(config.geoipDatabaseFiles)),
    lua: new LuaHost({ module: luaModule(), profile }),
    address: server,
    usesClientSubnets: false,
  });
}

const CLIENT = parseAddress('127.0.0.1');

function questionOf({ name }: BenchRecord, ecs: (typeof CLIENT_NETWORKS)[number]): Question {
  if (CLIENT === undefined) throw new TypeError('127.0.0.1 is an address');
  return { name, type: 'A', client: CLIENT, ednsSize: 1232, ecs };
}

/** Of this many questions one is compared. */
const EVERY = 127;
const SETTLE_MS = 20_000;
const ASK_AGAIN_MS = 250;

/** A fast wrong answer is no answer: both sides must say the same of a sample. Servers first have to find targets up. */
async function requireSameAnswers(server: RunningPowerDns, predictor: Predictor, questions: readonly Question[]) {
  const deadlineMs = performance.now() + SETTLE_MS;
  for (const question of questions.filter((_, i) => i % EVERY === 0)) {
    for (;;) {
      const difference = await differenceOn(server, predictor, question);
      if (difference === undefined) break;
      if (performance.now() > deadlineMs) throw new Error(`the sides do not do the same work: ${difference}`);
      await sleep(ASK_AGAIN_MS);
    }
  }
}

async function differenceOn(server: RunningPowerDns, predictor: Predictor, question: Question) {
  const { name, type, ecs } = question;
  const reply = await ask(server, { name, type, ...(ecs === undefined ? {} : { ecs }) }, { timeoutMs: 2000 });
  if (reply.kind === 'failed')
    throw new UserError('E_NO_ANSWER', `PowerDNS does not answer for ${name}: ${reply.reason}`);
  const answered = reply.response.answers.map(({ rdata }) => rdata).join(' ') || reply.response.rcode;
  const possible = predictor.predict(question).map(({ outcome }) => describeOutcome(outcome, type));
  return possible.includes(answered) ? undefined : `${name} is ${answered}, predicted is ${possible.join(' or ')}`;
}
