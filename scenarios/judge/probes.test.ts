import { expect, test } from 'vitest';
import { LuaHost } from '../../simulator/lua/environment.ts';
import { PROFILES } from '../../simulator/profile/index.ts';
import { luaModule } from '../../wire/lua-module.ts';
import { loadScenario } from '../load/load.ts';
import { runSimulation } from '../simulate/engine.ts';

const lua = new LuaHost({ module: luaModule(), profile: PROFILES['5.1'] });

test.each(['all', '{ sweep: 5 }'])('probes of all servers count together, of one alone: phase %s', (phase) => {
  const text = `scenario: v1
name: two servers
phase: ${phase}
servers: { ns1: {}, ns2: {} }
targets: { fsn: { address: 192.0.2.10 } }
zone: |
  $ORIGIN acme.test.
  api 30 IN LUA A "ifurlup('https://api.acme.test/', {'192.0.2.10'})"
traffic: [{ name: api, from: any-client, every: 1s }]
ends: 60s
expect:
  - { always: true, probes: { target: fsn, rate: 0.3 } }
  - { always: true, server: ns1, probes: { target: fsn, rate: 0.3 } }
  - { always: true, server: [ns1, ns2], probes: { target: fsn, burst: 1 } }
`;
  const { expectations } = runSimulation(loadScenario(text, 'two.yaml'), { profile: '5.1', seed: 1, lua });
  expect(expectations.map(({ verdict }) => verdict)).toEqual(['fail', 'pass', 'fail']);
});
