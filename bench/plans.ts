/** Plans of large zones, beside reading the same zone and nothing else. */
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { requireAddress, serverModel } from '../agent/model.ts';
import { readOnce } from '../agent/read-once.ts';
import { noGeo } from '../geoip/location.ts';
import { fleetOfOne } from '../planner/load-fleet.ts';
import { makePlan } from '../planner/make-plan.ts';
import { surveyOf } from '../planner/survey.ts';
import { LuaHost } from '../simulator/lua/environment.ts';
import { PROFILES } from '../simulator/profile/index.ts';
import type { ReleaseLine } from '../simulator/profile/profile.ts';
import { luaModule } from '../wire/lua-module.ts';
import { ownCpuSeconds } from '../wire/process-cpu.ts';
import { describeMachine } from './machine.ts';
import { median } from './rounds.ts';
import { printTable } from './table.ts';

const RECORDS = 5000;
const ROUNDS = 5;
const LINES: readonly ReleaseLine[] = ['4.9', '5.1'];
const OPTIONS = ['{}', '{timeout=1}', '{minimumFailures=3}', "{selector='all',timeout=3}"];

export async function benchPlans(): Promise<void> {
  console.log(`plans: ${RECORDS} records of ${OPTIONS.length} kinds, 15,000 checks; ${describeMachine()}`);
  const folder = await mkdtemp(join(tmpdir(), 'pdns-shadow-bench-'));
  try {
    const file = join(folder, 'big.test.zone');
    await writeFile(file, zoneText());
    const rows: string[][] = [];
    for (const line of LINES) {
      const times: Timed[] = [];
      for (let round = 0; round < ROUNDS; round++) times.push(await timed(file, line));
      const of = (key: keyof Timed) => median(times.map((time) => time[key])).toFixed(2);
      rows.push([line, of('read'), of('survey'), of('plan'), of('wall')]);
    }
    printTable(['line', 'read, CPU s', 'survey, CPU s', 'plan, CPU s', 'all, wall s'], rows);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

interface Timed {
  readonly read: number;
  readonly survey: number;
  readonly plan: number;
  readonly wall: number;
}

async function timed(file: string, line: ReleaseLine): Promise<Timed> {
  const profile = PROFILES[line];
  const startedMs = performance.now();
  const started = ownCpuSeconds();
  const { zones, settings } = await readOnce({ zoneFiles: [file] });
  const read = ownCpuSeconds();
  const fleet = fleetOfOne({ profile, settings });
  const [server] = fleet.servers;
  if (server === undefined) throw new Error('a fleet has a server');
  const model = serverModel({
    profile,
    settings: server.settings,
    zones,
    geo: noGeo,
    lua: new LuaHost({ module: luaModule(), profile }),
    address: { address: '127.0.0.1', port: 53 },
    usesClientSubnets: false,
  });
  const names = surveyOf(zones, model, { client: requireAddress('127.0.0.1'), subnets: [undefined] });
  const surveyed = ownCpuSeconds();
  const { records } = makePlan({ fleet, surveys: [names] });
  if (records.length !== RECORDS) throw new Error(`${records.length} records were planned`);
  const planned = ownCpuSeconds();
  const wall = (performance.now() - startedMs) / 1000;
  return { read: read - started, survey: surveyed - read, plan: planned - surveyed, wall };
}

function zoneText(): string {
  const apex = '$ORIGIN big.test.\n$TTL 60\n@ IN SOA ns1 hostmaster 1 3600 600 86400 60\n@ IN NS ns1\n';
  const records = Array.from({ length: RECORDS }, (_, i) => {
    const sets = `{{'192.0.2.${i % 200}','198.51.100.${i % 250}'},{'203.0.113.${i % 200}'}}`;
    return `app${i} 30 IN LUA A "ifurlup('https://app${i}.big.test/healthz',${sets},${OPTIONS[i % OPTIONS.length]})"\n`;
  });
  return apex + records.join('');
}
