/** Simulated time per second of the clock: a fleet for a day, single scenarios, all phases of a record, the whole library. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { noGeo } from '../geoip/location.ts';
import { libraryFiles } from '../scenarios/library.ts';
import { loadScenario } from '../scenarios/load/load.ts';
import { runSimulation } from '../scenarios/simulate/engine.ts';
import type { Question } from '../simulator/answer/question.ts';
import type { ServerModel } from '../simulator/answer/server-model.ts';
import { LuaHost } from '../simulator/lua/environment.ts';
import { PROFILES } from '../simulator/profile/index.ts';
import type { ReleaseLine } from '../simulator/profile/profile.ts';
import { HEALTHY } from '../simulator/world/behaviour.ts';
import type { WorldEvent, WorldPlan } from '../simulator/world/plan.ts';
import { runWorld } from '../simulator/world/world.ts';
import { indexZone } from '../simulator/zone/index.ts';
import type { LuaRecord } from '../simulator/zone/record.ts';
import { luaModule } from '../wire/lua-module.ts';
import { describeMachine } from './machine.ts';
import { median } from './rounds.ts';
import { printTable } from './table.ts';

const SECOND = 1_000_000;
const TARGETS = 200;
const SERVERS = ['ns1', 'ns2', 'ns3'];
const ROUNDS = 5;
const LIBRARY_LINES = ['4.7', '4.9', '5.1'] as const;

export async function benchWorlds(): Promise<void> {
  console.log(`worlds: ${describeMachine()}\n`);
  const host = new LuaHost({ module: luaModule(), profile: PROFILES['5.1'] });
  fleets(host);
  console.log();
  scenarios(host);
  console.log();
  weeks(host);
}

/** 200 targets, three servers, a fault of two minutes every ten, a day. */
function fleets(host: LuaHost): void {
  const rows = (['4.9', '5.1'] as const).flatMap((line) => {
    const plan = fleet(host, line, 24 * 3600);
    return ['first run', 'second run'].map((label) => {
      const { seconds, result } = timed(() => runWorld(plan, { seed: 1, phases: new Map() }));
      const speed = plan.endsAt / SECOND / seconds;
      return [`${line}, ${label}`, thousands(result.probeCount), `${seconds.toFixed(2)} s`, `${thousands(speed)}×`];
    });
  });
  printTable(['a day of 200 targets × 3 servers', 'probes', 'takes', 'of real time'], rows);
}

function scenarios(host: LuaHost): void {
  const tenMinutes = fleet(host, '5.1', 600, 2);
  const standby = loadFile('hot-standby-blackhole.yaml');
  const library = libraryFiles().map((file) => loadScenario(readFileSync(file, 'utf8'), file));
  const rows = [
    ['ten minutes of 2 targets × 3 servers', () => runWorld(tenMinutes, { seed: 1, phases: new Map() })],
    ['all phases of hot-standby-blackhole.yaml', () => run(host, standby, '5.1')],
  ] as const;
  const measured = rows.map(([label, task]) => {
    const secondsOf = () => timed<unknown>(task).seconds;
    const first = secondsOf();
    const others = Array.from({ length: ROUNDS }, secondsOf);
    return [label, milliseconds(first), milliseconds(median(others))];
  });
  const whole = timed(() => {
    for (const scenario of library) {
      for (const line of LIBRARY_LINES) if (scenario.profiles.includes(line)) run(host, scenario, line);
    }
  });
  measured.push([
    `the library (${library.length} files) on ${LIBRARY_LINES.join(', ')}`,
    milliseconds(whole.seconds),
    '',
  ]);
  printTable(['scenario', 'first run', `median of ${ROUNDS}`], measured);
}

/** Memory must not grow with time. */
function weeks(host: LuaHost): void {
  const rows = [1, 4].map((count) => {
    runWorld(fleet(host, '5.1', count * 7 * 86_400, 2), { seed: 1, phases: new Map() });
    const { heapUsed, rss } = process.memoryUsage();
    return [`${count} week${count === 1 ? '' : 's'} of 2 targets`, megabytes(heapUsed), megabytes(rss)];
  });
  printTable(['afterwards', 'heap', 'resident'], rows);
}

function fleet(host: LuaHost, line: ReleaseLine, seconds: number, targetCount = TARGETS): WorldPlan {
  const profile = PROFILES[line];
  const resting = { ...HEALTHY, latency: { base: 5000, jitter: 0 } };
  const targets = Array.from({ length: targetCount }, (_, i) => ({
    name: `t${i}`,
    address: `192.0.${2 + (i >> 7)}.${(i & 127) + 1}`,
    vantage: undefined,
    behaviour: resting,
  }));
  const records = Array.from({ length: targetCount / 2 }, (_, i): LuaRecord => {
    const pair = targets.slice(2 * i, 2 * i + 2).map(({ address }) => `'${address}'`);
    const text = `"ifurlup('https://n${i}.acme.test/healthz', {${pair}}, {selector='all'})"`;
    return { kind: 'lua', owner: `n${i}.acme.test.`, type: 'A', ttlSeconds: 30, text };
  });
  const model: ServerModel = {
    profile,
    settings: {
      luaRecords: true,
      ednsSubnetProcessing: false,
      luaRecordsInsertWhitespace: profile.insertWhitespace,
      luaRecordsExecLimit: 1000,
    },
    zones: [indexZone({ name: 'acme.test.', records })],
    geo: noGeo,
    lua: host.withProfile(profile),
    localAddress: { family: 4, bytes: Uint8Array.of(192, 0, 2, 53) },
    localPort: 53,
  };
  const client = { family: 4, bytes: Uint8Array.of(198, 51, 100, 1) } as const;
  const asked = SERVERS.flatMap((server) =>
    records.map(({ owner: name }) => {
      const question: Question = { name, type: 'A', client };
      return { kind: 'server', server, question } as const;
    }),
  );
  const endsAt = seconds * SECOND;
  return {
    servers: SERVERS.map((name) => ({
      name,
      vantage: name,
      model,
      checkIntervalSeconds: 5,
      expireDelaySeconds: 3600,
      queriesPerSecondPerSource: undefined,
    })),
    targets,
    resolvers: [],
    asking: asked.map((each) => ({ asked: each, starts: 0, every: 60 * SECOND, ends: endsAt })),
    events: faults(targets, endsAt),
    lease: undefined,
    watches: asked.map((each) => ({ asked: each })),
    marks: [],
    endsAt,
  };
}

function faults(targets: WorldPlan['targets'], endsAt: number): WorldEvent[] {
  const events: WorldEvent[] = [];
  for (let at = 600 * SECOND; at < endsAt; at += 600 * SECOND) {
    const target = targets[(7 * (at / (600 * SECOND))) % targets.length];
    if (target === undefined) continue;
    const { address, behaviour } = target;
    events.push({ at, kind: 'behaviour', address, behaviour: { ...behaviour, tcp: 'blackhole' } });
    events.push({ at: at + 120 * SECOND, kind: 'behaviour', address, behaviour });
  }
  return events;
}

function loadFile(name: string) {
  const file = join(import.meta.dirname, '..', 'scenarios', 'library', name);
  return loadScenario(readFileSync(file, 'utf8'), file);
}

function run(host: LuaHost, scenario: ReturnType<typeof loadFile>, profile: ReleaseLine) {
  return runSimulation(scenario, { profile, seed: 1, lua: host.withProfile(PROFILES[profile]) });
}

function timed<T>(task: () => T): { seconds: number; result: T } {
  const startedMs = performance.now();
  const result = task();
  return { seconds: (performance.now() - startedMs) / 1000, result };
}

function thousands(count: number): string {
  return count >= 10_000 ? `${Math.round(count / 1000)}k` : `${Math.round(count)}`;
}

function milliseconds(seconds: number): string {
  return `${(seconds * 1000).toFixed(0)} ms`;
}

function megabytes(bytes: number): string {
  return `${(bytes / 1e6).toFixed(0)} MB`;
}
