/**
 * Scenarios on real servers: whatever a server answers must be possible in the simulation of its own release line, and what
 * another line does must not be.
 */
import { readFileSync } from 'node:fs';
import { beforeAll, expect, test } from 'vitest';
import { LuaHost } from '../../simulator/lua/environment.ts';
import { PROFILES, profileOfVersion } from '../../simulator/profile/index.ts';
import type { Profile } from '../../simulator/profile/profile.ts';
import { describeForEachServer } from '../../test/powerdns/for-each-server.ts';
import { luaModule } from '../../wire/lua-module.ts';
import { installFakeTime } from '../../wire/rig/faketime.ts';
import type { ServerBinary } from '../../wire/rig/rig.ts';
import { libraryFiles } from '../library.ts';
import { loadScenario } from '../load/load.ts';
import type { Scenario } from '../scenario.ts';
import { worldOf } from '../simulate/plan.ts';
import { planAsAsked } from './asked.ts';
import { simulatedBeside } from './beside.ts';
import { seconds } from './fixtures/observing.ts';
import { type JudgedRun, runJudged } from './judged-run.ts';
import { outsideOf } from './outside.ts';

/** Runs are made again on a busy machine, slower: that of `faults` takes up to its 110 s then. */
const TIMEOUT_MS = 600_000;
const SWEEP = 150;
const lua = new LuaHost({ module: luaModule(), profile: PROFILES['5.1'] });

const standby = fromLibrary('hot-standby-blackhole.yaml');

/** Every way in which targets fail, one after the other, and everything else that happens to servers. */
const faults = loadScenario(
  `scenario: v1
name: targets fail in every way
servers:
  ns1: { settings: { lua-health-checks-interval: 1s, edns-subnet-processing: true } }
targets: { fsn: { address: 192.0.2.10 }, hel: { address: 192.0.2.20 } }
geo:
  - { network: 192.0.2.10/32,   lat: 50.5, lon: 12.3 }
  - { network: 192.0.2.20/32,   lat: 60.2, lon: 24.9 }
  - { network: 198.51.100.0/24, lat: 59.3, lon: 18.1 }
  - { network: 203.0.113.0/24,  lat: 48.1, lon: 11.6 }
zone: |
  $ORIGIN acme.test.
  api  30 IN LUA A "ifurlup('http://api.acme.test:8017/', {{'192.0.2.10'},{'192.0.2.20'}})"
  safe 30 IN LUA A "ifurlup('https://api.acme.test:8018/', {'192.0.2.10','192.0.2.20'}, {selector='all'})"
  db   20 IN LUA A "ifportup(8019, {'192.0.2.10','192.0.2.20'}, {selector='all'})"
  near 10 IN LUA A "pickclosest({'192.0.2.10','192.0.2.20'})"
clients:
  eu: { subnet: 198.51.100.0/24 }
  de: { subnet: 203.0.113.7/32, ecs: false }
traffic:
  - { name: api, from: eu, every: 500ms }
  - { name: safe, from: eu, every: 500ms }
  - { name: db, from: eu, every: 500ms }
  - { name: near, from: [eu, de], every: 1s }
timeline:
  - { at: 6s, for: 4s, target: fsn, http: 503 }
  - { at: 16s, for: 4s, target: fsn, tcp: refuse }
  - { at: 26s, for: 4s, target: fsn, tcp: reset }
  - { at: 36s, for: 10s, target: fsn, tcp: accept-only }
  - { at: 48s, for: 6s, target: fsn, slow-body: 3s }
  - { at: 60s, for: 4s, target: fsn, tls: fails }
  - { at: 66s, geo-change: [{ network: 198.51.100.0/24, lat: 48.1, lon: 11.6 }], reload: true }
  - { at: 70s, for: 2s, server: ns1, restart: true }
  - { at: 76s, for: 12s, record-change: { name: near, content: "A \\"'192.0.2.20'\\"" } }
  - { at: 96s, for: 6s, setting-change: { enable-lua-records: false } }
expect:
  - { within: [4s, 6s], name: safe, answer: [fsn, hel] }
  - { within: [18s, 20s], name: db, answer: [hel] }
  - { within: [62s, 64s], name: safe, answer: [hel] }
  - { within: [62s, 64s], name: api, answer: [fsn] }
  - { within: [1s, 66s], client: eu, name: near, answer: [hel] }
  - { within: [1s, 70s], client: de, name: near, answer: [fsn] }
  - { by: 68s, client: eu, name: near, answer: [fsn] }
  - { by: 78s, until: 85s, client: [eu, de], name: near, answer: [hel] }
  - { within: [89s, 95s], client: [eu, de], name: near, answer: [fsn] }
  - { within: [98s, 101s], client: [eu, de], name: near, rcode: NXDOMAIN }
  - { within: [104s, 110s], client: [eu, de], name: near, answer: [fsn] }
`,
  'faults.yaml',
);

/** In the time of the machine, since its kernel tries vanished connections again by its own clock. */
const vanishing = loadScenario(
  `scenario: v1
name: a port vanishes
servers: { ns1: { vantage: here, settings: { lua-health-checks-interval: 1s } }, ns2: { vantage: there, settings: { lua-health-checks-interval: 1s } } }
targets: { fsn: { address: 192.0.2.10, vantage: here }, hel: { address: 192.0.2.20 } }
zone: |
  $ORIGIN acme.test.
  db 30 IN LUA A "ifportup(8019, {'192.0.2.10','192.0.2.20'}, {selector='all'})"
clients: { eu: { subnet: 198.51.100.0/24, ecs: false } }
traffic: [{ name: db, from: eu, every: 200ms }]
timeline: [{ at: 4s, for: 4s, partition: { between: [there, here], direction: from } }]
expect:
  - { within: [7s, 8s], server: ns2, answer: [hel] }
  - { within: [2s, 12s], server: ns1, answer: [fsn, hel] }
  - { within: [11s, 12s], agree: [ns1, ns2], answer: [fsn, hel] }
ends: 12s
`,
  'vanishing.yaml',
);

const slipped = loadScenario(
  `scenario: v1
name: a function that does not exist
targets: { fsn: { address: 192.0.2.10 } }
zone: |
  $ORIGIN acme.test.
  api 30 IN LUA A "ifurlupp('http://api.acme.test:8017/', {'192.0.2.10'})"
clients: { eu: { subnet: 198.51.100.0/24 } }
traffic: [{ name: api, from: eu, every: 1s }]
expect: [{ always: true, rcode: NOERROR }]
ends: 10s
`,
  'slipped.yaml',
);

describeForEachServer('scenarios', (binary) => {
  const profile = profileOfVersion(binary.version) ?? PROFILES[binary.line];
  /** What the standby expects is about a threshold that 5.1 alone has. */
  const compared = profile.checkTuning ? standby : { ...standby, expect: [] };
  /** Why nothing can be shown here; in CI that is a failure. */
  let absent: string | undefined;
  let runs: Readonly<Record<'standby' | 'faults' | 'vanishing', JudgedRun>>;

  beforeAll(async () => {
    const time = await installFakeTime(binary);
    if (time.kind === 'reason' && process.env.CI !== 'true') {
      absent = time.reason;
      return;
    }
    const inMachineTime = judgedOn(binary, vanishing);
    // One after the other: what is late in one of them would be late in both.
    const first = await judgedOn(binary, compared);
    const second = await judgedOn(binary, faults);
    runs = { standby: first, faults: second, vanishing: await inMachineTime };
  }, TIMEOUT_MS);

  test.for([
    ['standby', compared],
    ['faults', faults],
    ['vanishing', vanishing],
  ] as const)(
    '%s: no answer is outside what is possible, and expectations hold as in the simulation',
    ([name, scenario], { skip }) => {
      if (absent !== undefined) skip(absent);
      const { run, result } = runs[name];
      if (result.verdict === 'skip') skip(result.skipped);
      expect(run.observations.length).toBeGreaterThan(50);
      const { expectations } = result;
      expect(expectations.filter(({ verdict }) => verdict === 'fail')).toEqual([]);
      expect(expectations).toHaveLength(scenario.expect.length);
      const told = expectations.filter(({ untold }) => untold === undefined);
      expect(told.length).toBeGreaterThanOrEqual(scenario.expect.length / 2);
    },
  );

  test('a server waits for a silent target as long as in the time of the scenario', ({ skip }) => {
    if (absent !== undefined) skip(absent);
    const { run } = runs.faults;
    if (run.disturbed !== undefined) skip(`shows nothing: ${run.disturbed}`);
    const silent = run.history.probes.filter(
      ({ check, startedAt, reason }) =>
        check === '192.0.2.10:8017' && reason === '' && startedAt > seconds(36.5) && startedAt < seconds(43.5),
    );
    const waited = silent.map(({ startedAt, endedAt }) => endedAt - startedAt).sort((a, b) => a - b);
    const [least = 0] = waited;
    // What is late makes it longer, and never shorter.
    expect(least).toBeGreaterThan(seconds(2) - run.slackMicros);
    expect(least).toBeLessThan(seconds(2) + run.slackMicros + run.overhead.most);
  });

  test('a failure names what is wrong with the record', { timeout: TIMEOUT_MS }, async ({ skip }) => {
    if (absent !== undefined) skip(absent);
    const { result } = await judgedOn(binary, slipped);
    if (result.verdict === 'skip') skip(result.skipped);
    expect(result.expectations.map(({ counterexample }) => counterexample)).toMatchObject([
      {
        seen: 'SERVFAIL',
        because: [expect.stringMatching(/attempt to call global 'ifurlupp'.*E_LUA_ERROR.*written at slipped.yaml:6/)],
      },
    ]);
  });

  test('a simulation of another line is found out', ({ skip }) => {
    if (absent !== undefined) skip(absent);
    const { run } = runs.standby;
    if (run.disturbed !== undefined) skip(`shows nothing: ${run.disturbed}`);
    const other = PROFILES[profile.checkTuning ? '4.9' : '5.1'];
    const wrong = { ...run, plan: planOn(other, standby) };
    const failures = outsideOf({ scenario: standby, ...run }, simulatedBeside(wrong, SWEEP), run.slackMicros);
    expect(failures).toContainEqual(expect.objectContaining({ client: 'eu', server: 'ns1' }));
  });
});

function fromLibrary(name: string): Scenario {
  const file = libraryFiles().find((each) => each.endsWith(name)) ?? name;
  return loadScenario(readFileSync(file, 'utf8'), file);
}

/** As `scenario run --engine both` does it. */
function judgedOn(binary: ServerBinary, scenario: Scenario): Promise<JudgedRun> {
  const { line } = binary;
  return runJudged(scenario, {
    line,
    seed: 1,
    lua: lua.withProfile(PROFILES[line]),
    binaryOf: () => binary,
    compares: true,
    onDisturbed: (reason) => process.stderr.write(`${scenario.name}, PowerDNS ${binary.version}: ${reason}\n`),
  });
}

function planOn(profile: Profile, scenario: Scenario) {
  const world = worldOf(scenario, { profile, seed: 1, lua });
  return planAsAsked(world, world.watches);
}
