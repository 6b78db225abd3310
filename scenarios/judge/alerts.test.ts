import { expect, test } from 'vitest';
import { LuaHost } from '../../simulator/lua/environment.ts';
import { PROFILES } from '../../simulator/profile/index.ts';
import { luaModule } from '../../wire/lua-module.ts';
import { loadScenario } from '../load/load.ts';
import { runSimulation } from '../simulate/engine.ts';

const lua = new LuaHost({ module: luaModule(), profile: PROFILES['5.1'] });

test('all is down once every check has failed: not before the first result, nor after a restart', () => {
  const text = `scenario: v1
name: all down
phase: 1s
targets: { fsn: { address: 192.0.2.10 }, hel: { address: 192.0.2.20 } }
zone: |
  $ORIGIN acme.test.
  api 30 IN LUA A "ifurlup('https://api.acme.test/', {'192.0.2.10', '192.0.2.20'})"
alerts: { Down: { all-down: true } }
traffic: [{ name: api, from: any-client, every: 1s }]
timeline:
  - { at: 30s, restart: true, for: 5s }
  - { at: 60s, for: 20s, target: [fsn, hel], http: 503 }
expect:
  - { within: [60s, 70s], alert: Down }
  - { within: [0s, 59s], alert: Down }
`;
  const { expectations } = runSimulation(loadScenario(text, 'all-down.yaml'), { profile: '5.1', seed: 1, lua });
  expect(expectations.map(({ verdict }) => verdict)).toEqual(['pass', 'fail']);
});
