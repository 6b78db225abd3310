import { expect, test } from 'vitest';
import { LuaHost } from '../../simulator/lua/environment.ts';
import { PROFILES } from '../../simulator/profile/index.ts';
import { luaModule } from '../../wire/lua-module.ts';
import { loadScenario } from '../load/load.ts';
import { runSimulation } from '../simulate/engine.ts';

const lua = new LuaHost({ module: luaModule(), profile: PROFILES['5.1'] });

/** A resolver asks two servers in turn, of which one loses sight of the primary. */
const WORLD = `scenario: v1
name: a resolver of two servers
servers: { ns1: { vantage: a }, ns2: { vantage: b } }
targets: { fsn: { address: 192.0.2.10, vantage: a }, hel: { address: 192.0.2.20, vantage: b } }
zone: |
  $ORIGIN acme.test.
  api 30 IN LUA A "ifurlup('https://api.acme.test/', {{'192.0.2.10'}, {'192.0.2.20'}})"
resolvers: { isp: { address: 203.0.113.53, max-ttl: 1s } }
clients: { home: { subnet: 198.51.100.0/24, via: isp } }
traffic: [{ name: api, from: home, every: 500ms }]
timeline: [{ at: 60s, partition: { between: [b, a], direction: from } }]
ends: 120s
`;

function run(phase: string, expectation: string) {
  const text = `${WORLD}phase: ${phase}\nexpect: [${expectation}]\n`;
  return runSimulation(loadScenario(text, 'resolver.yaml'), { profile: '5.1', seed: 1, lua });
}

test('a client whose resolver asks several servers is looked at with all of them, and nothing is proven of it', () => {
  const { expectations, failover } = run('all', '{ within: [20s, 120s], max-flips: 1 }');
  expect(expectations[0]?.verdict).toBe('fail');
  expect(failover.map(({ proven }) => proven)).toEqual([false]);
  expect(run('all', '{ within: [20s, 120s], subset-of: [fsn, hel] }').expectations[0]).toMatchObject({
    verdict: 'pass',
    proven: false,
  });
});

test.each(['all', '{ sweep: 5 }'])('of a server that no client asks itself no answer is told: phase %s', (phase) => {
  expect(run(phase, '{ at: 90s, server: ns2, answer: hel }').expectations[0]).toMatchObject({
    verdict: 'fail',
    counterexample: { seen: 'no client asks any of these servers for this name' },
  });
});
