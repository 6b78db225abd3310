import { expect, test } from 'vitest';
import { LuaHost } from '../../simulator/lua/environment.ts';
import { PROFILES } from '../../simulator/profile/index.ts';
import type { ReleaseLine } from '../../simulator/profile/profile.ts';
import { luaModule } from '../../wire/lua-module.ts';
import { loadScenario } from '../load/load.ts';
import { runSimulation } from './engine.ts';
import { worldOf } from './plan.ts';

const lua = new LuaHost({ module: luaModule(), profile: PROFILES['5.1'] });

function messages(text: string, profile: ReleaseLine = '5.1'): readonly string[] {
  const { expectations } = runSimulation(loadScenario(text, 'world.yaml'), { profile, seed: 1, lua });
  return expectations.filter(({ verdict }) => verdict === 'fail').map(({ message }) => message);
}

const HEAD = 'scenario: v1\nname: world\nphase: 0s\nservers: { ns1: {}, ns2: { role: secondary } }\n';
const STATIC = 'zone: |\n  $ORIGIN acme.test.\n  www 30 IN A 192.0.2.10\n';
const DYNAMIC = `zone: |\n  $ORIGIN acme.test.\n  www 30 IN LUA A "pickrandom({'192.0.2.10'})"\n`;

/** One change at 20 s, to a LUA record or another address. */
const change = (content: string) => `timeline: [{ at: 20s, record-change: { name: www, content: ${content} } }]\n`;
const LUA = `"A \\"pickrandom({'192.0.2.20'})\\""`;

test('a secondary of 5.1 takes a zone without LUA records, and refuses it once it has one', () => {
  const expected = `expect:
  - { until: 19s, name: www, server: [ns1, ns2], answer: [192.0.2.10] }
  - { by: 20s, name: www, server: ns1, answer: [192.0.2.20] }
  - { by: 20s, name: www, server: ns2, answer: [192.0.2.10] }
`;
  expect(messages(HEAD + STATIC + change(LUA) + expected)).toEqual([]);
});

test('a secondary of 5.1 that refused a zone takes it once its LUA records are gone', () => {
  const expected = `expect:
  - { until: 19s, name: www, server: ns2, rcode: SERVFAIL }
  - { by: 20s, name: www, server: ns2, answer: [192.0.2.20] }
`;
  expect(messages(HEAD + DYNAMIC + change('A 192.0.2.20') + expected)).toEqual([]);
});

test('of several records that change at one moment all are new', () => {
  const both = `timeline:
  - { at: 20s, record-change: { name: www, content: A 192.0.2.20 } }
  - { at: 20s, record-change: { name: api, content: A 192.0.2.30 } }
expect:
  - { by: 20s, name: www, answer: [192.0.2.20] }
  - { by: 20s, name: api, answer: [192.0.2.30] }
`;
  expect(messages(HEAD + STATIC + both)).toEqual([]);
});

test('a record that is another one for a while is the old one again, and others that changed meanwhile stay', () => {
  const world = `timeline:
  - { at: 20s, for: 20s, record-change: { name: www, content: A 192.0.2.20 } }
  - { at: 30s, record-change: { name: api, content: A 192.0.2.30 } }
  - { at: 50s, for: 10s, record-change: { name: www, remove: true } }
  - { at: 70s, for: 20s, server: ns2, transfer-delay: 5s }
  - { at: 80s, for: 2s, record-change: { name: www, content: A 192.0.2.40 } }
expect:
  - { by: 20s, name: www, answer: [192.0.2.20] }
  - { by: 40s, name: www, answer: [192.0.2.10] }
  - { by: 30s, until: 90s, name: api, answer: [192.0.2.30] }
  - { by: 50s, name: www, rcode: NXDOMAIN }
  - { by: 60s, name: www, answer: [192.0.2.10] }
  - { within: [80s, 81999ms], name: www, server: ns1, answer: [192.0.2.40] }
  - { within: [85s, 86999ms], name: www, server: ns2, answer: [192.0.2.40] }
  - { by: 87s, name: www, answer: [192.0.2.10] }
`;
  expect(messages(HEAD + STATIC + world)).toEqual([]);
});

test('a transfer that comes after a newer one changes nothing', () => {
  const world = `timeline:
  - { at: 0s, for: 25s, server: ns2, transfer-delay: 30s }
  - { at: 20s, for: 10s, record-change: { name: www, content: A 192.0.2.20 } }
ends: 60s
expect:
  - { always: true, name: www, server: ns2, answer: [192.0.2.10] }
  - { by: 20s, name: www, server: ns1, answer: [192.0.2.20] }
`;
  expect(messages(HEAD + STATIC + world)).toEqual([]);
});

const NETWORKS = `geo:
  - { network: 198.51.100.0/24, country: SE }
zone: |
  $ORIGIN acme.test.
  www 30 IN LUA A "country('SE') and '192.0.2.10' or '192.0.2.20'"
`;

test('networks that change for a while are the old ones again, and what is healed before its time ends then', () => {
  const world = `timeline:
  - { at: 20s, for: 20s, geo-change: [{ network: 198.51.100.0/24, country: DE }] }
  - { at: 60s, for: 60s, geo-change: [{ network: 198.51.100.0/24, country: DE }] }
  - { at: 80s, heal: all }
  - { at: 90s, geo-change: [{ network: 198.51.100.0/24, country: FR }] }
  - { at: 100s, heal: all }
ends: 130s
expect:
  - { by: 20s, name: www, answer: [192.0.2.20] }
  - { by: 40s, name: www, answer: [192.0.2.10] }
  - { within: [60s, 79s], name: www, answer: [192.0.2.20] }
  - { within: [80s, 89s], name: www, answer: [192.0.2.10] }
  - { within: [90s, 130s], name: www, answer: [192.0.2.20] }
`;
  expect(messages(HEAD.replace(', ns2: { role: secondary }', '') + NETWORKS + world)).toEqual([]);
});

test('networks that changed without a word are read with those that come with one, and by a server that starts', () => {
  const world = `timeline:
  - { at: 20s, geo-change: [{ network: 198.51.100.0/24, country: DE }], reload: false }
  - { at: 30s, server: ns1, restart: true }
  - { at: 40s, geo-change: [{ network: 203.0.113.0/24, country: SE }] }
ends: 60s
expect:
  - { within: [0s, 29s], name: www, answer: [192.0.2.10] }
  - { within: [30s, 60s], name: www, server: ns1, answer: [192.0.2.20] }
  - { within: [30s, 39s], name: www, server: ns2, answer: [192.0.2.10] }
  - { within: [40s, 60s], name: www, server: ns2, answer: [192.0.2.20] }
`;
  expect(messages(HEAD.replace('{ role: secondary }', '{}') + NETWORKS + world)).toEqual([]);
});

test('a setting that changes for a while is the old one again: its server starts once more', () => {
  const world = `timeline:
  - { at: 20s, for: 20s, server: ns1, setting-change: { enable-lua-records: false } }
ends: 60s
expect:
  - { until: 19s, name: www, answer: [192.0.2.10] }
  - { by: 20s, name: www, rcode: NXDOMAIN }
  - { by: 40s, name: www, answer: [192.0.2.10] }
`;
  expect(messages(HEAD.replace(', ns2: { role: secondary }', '') + DYNAMIC + world)).toEqual([]);
});

test('a clock that runs fast for a while keeps what it is ahead, and runs right again', () => {
  const clocks = (timeline: string) => {
    const text = `${HEAD + STATIC}timeline: [${timeline}]\nends: 60s\n`;
    const { plan } = worldOf(loadScenario(text, 'clock.yaml'), { profile: PROFILES['5.1'], seed: 1, lua });
    return plan.events.map((event) =>
      event.kind === 'clock' ? [event.at / 1e6, event.step, event.driftPerSecond] : [],
    );
  };
  const fast = '{ at: 20s, for: 10s, server: ns1, clock: { slew: 10ms/s } }';
  expect(clocks(fast)).toEqual([
    [20, 0, 10_000],
    [30, 0, 0],
  ]);
  expect(clocks(`${fast}, { at: 25s, server: ns1, clock: { slew: 20ms/s } }`)).toEqual([
    [20, 0, 10_000],
    [25, 0, 20_000],
  ]);
});
