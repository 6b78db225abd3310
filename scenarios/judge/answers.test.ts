import { expect, test } from 'vitest';
import { LuaHost } from '../../simulator/lua/environment.ts';
import { PROFILES } from '../../simulator/profile/index.ts';
import { luaModule } from '../../wire/lua-module.ts';
import { loadScenario } from '../load/load.ts';
import { runSimulation } from '../simulate/engine.ts';

const lua = new LuaHost({ module: luaModule(), profile: PROFILES['5.1'] });

const WORLD = `scenario: v1
name: notations
phase: 0s
targets: { fsn: { address: "2001:DB8::1" }, hel: { address: "2001:db8::2" } }
zone: |
  $ORIGIN acme.test.
  one 30 IN LUA AAAA "'2001:db8::1'"
  two 30 IN LUA AAAA "pickrandom({'2001:db8::1', '2001:db8::2'})"
  alias 30 IN LUA CNAME "'LB.example'"
ends: 10s
`;

test.each([
  ['name: one, answer: fsn', 'pass'],
  ['name: one, answer: "2001:db8:0:0::1"', 'pass'],
  ['name: one, answer: "2001:DB8::1"', 'pass'],
  ['name: one, answer: "2001:db8::2"', 'fail'],
  ['name: two, subset-of: ["2001:DB8::1", hel]', 'pass'],
  ['name: two, distribution: { "2001:db8::1": 1/2, hel: 1/2 }', 'pass'],
  ['name: alias, answer: lb.example.', 'pass'],
  ['name: alias, answer: lb.example', 'pass'],
  ['name: alias, answer: lb.test', 'fail'],
])('an answer may be written as DNS may: %s', (expectation, verdict) => {
  const scenario = loadScenario(`${WORLD}expect: [{ at: 5s, ${expectation} }]\n`, 'notations.yaml');
  expect(runSimulation(scenario, { profile: '5.1', seed: 1, lua }).verdict).toBe(verdict);
});
