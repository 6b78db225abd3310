/** Scenarios with a wrong idea of PowerDNS fail, and say who was answered what, when, in place of what. */
import { readdirSync, readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { LuaHost } from '../simulator/lua/environment.ts';
import { PROFILES } from '../simulator/profile/index.ts';
import { luaModule } from '../wire/lua-module.ts';
import { loadScenario } from './load/load.ts';
import type { Counterexample } from './result.ts';
import { runSimulation } from './simulate/engine.ts';

const FOLDER = new URL('fixtures/failing/', import.meta.url);
const lua = new LuaHost({ module: luaModule(), profile: PROFILES['5.1'] });

interface Failed extends Pick<Counterexample, 'client' | 'server' | 'seen' | 'wanted'> {
  /** Seconds between which it is seen to fail. */
  readonly at: readonly [number, number];
}

const asked = { client: 'any-client', server: 'ns1' };

const FAILED: Readonly<Record<string, Failed>> = {
  'all-down-is-not-all.yaml': { ...asked, at: [66, 66], seen: 'fsn or hel', wanted: 'fsn hel' },
  'bound-too-tight.yaml': { ...asked, at: [66, 66], seen: 'fsn', wanted: 'hel' },
  'dead-by-loss.yaml': {
    ...asked,
    at: [65, 65],
    seen: 'fsn, dead for 5 s',
    wanted: 'no fsn once it has been dead for 5 s',
  },
  'dead-of-two-names.yaml': {
    ...asked,
    at: [75, 75],
    seen: 'fsn, dead for 15 s',
    wanted: 'no fsn once it has been dead for 15 s',
  },
  'double-quotes.yaml': { ...asked, at: [0, 0], seen: 'SERVFAIL', wanted: '192.0.2.10' },
  'interval-of-one-second.yaml': { ...asked, at: [63, 63], seen: 'fsn', wanted: 'hel' },
  'lease-stolen.yaml': {
    client: '',
    server: '',
    at: [65, 65],
    seen: 'fsn and hel write',
    wanted: 'one region that writes',
  },
  'never-alert.yaml': {
    client: '',
    server: '',
    at: [70, 85],
    seen: 'alert Disagreement fires',
    wanted: 'anything but this',
  },
  'never-down.yaml': { client: '', server: 'ns1', at: [60, 70.01], seen: 'hel down', wanted: 'anything but this' },
  'pickfirst.yaml': { ...asked, at: [20, 20], seen: 'fsn or hel', wanted: 'fsn' },
  'three-failures.yaml': { ...asked, at: [60, 65.01], seen: 'hel', wanted: 'fsn' },
  'weight-zero.yaml': { ...asked, at: [0, 0], seen: 'SERVFAIL', wanted: 'fsn' },
};

test('each of the files is spoken of here', () => {
  expect(readdirSync(FOLDER).sort()).toEqual(Object.keys(FAILED));
});

/** What the failure says is wrong with the record: where nothing is, the idea of its writer is. */
const BECAUSE: Readonly<Record<string, readonly string[]>> = {
  'double-quotes.yaml': [
    `api.acme.test. A: [string "return pickrandom({\\192.0.2.10\\})"]:1: unexpected symbol near '\\' (E_LUA_ERROR), written at double-quotes.yaml:10`,
  ],
  'pickfirst.yaml': [
    "selector='pickfirst' does not exist in PowerDNS 5.1: it logs a warning and picks at random. For a primary and a standby write ordered sets: {{'primary'},{'standby'}}. (E_SELECTOR_UNKNOWN), written at pickfirst.yaml:10",
  ],
  'weight-zero.yaml': [
    "api.acme.test. A: weight 0 of '192.0.2.20' is below 1 (E_LUA_ERROR), written at weight-zero.yaml:10",
  ],
};

test.each(Object.entries(FAILED))('%s', (file, { at: [earliest, latest], ...failed }) => {
  const scenario = loadScenario(readFileSync(new URL(file, FOLDER), 'utf8'), file);
  const [profile = '5.1'] = scenario.profiles;
  const { verdict, expectations, shown } = runSimulation(scenario, { profile, seed: 1, lua });
  expect(verdict).toBe('fail');
  const [first] = expectations;
  expect(first?.counterexample).toMatchObject({ ...failed, because: BECAUSE[file] ?? [] });
  const at = (first?.counterexample?.at ?? Number.NaN) / 1e6;
  expect(at).toBeGreaterThanOrEqual(earliest);
  expect(at).toBeLessThanOrEqual(latest);
  const record = first?.counterexample?.record;
  expect(record).toBe(file === 'dead-of-two-names.yaml' ? 'www.acme.test. A' : undefined);
  const who = [
    record && `of ${record} `,
    failed.client && `for ${failed.client} `,
    failed.server && `from ${failed.server} `,
  ];
  expect(first?.message).toBe(
    `at ${at.toFixed(3)} s ${who.join('')}in some phase: ${failed.seen}, expected ${failed.wanted}`,
  );
  expect(shown?.timeline.length).toBeLessThanOrEqual(scenario.timeline.length);
});
