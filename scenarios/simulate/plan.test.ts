import { expect, test } from 'vitest';
import { LuaHost } from '../../simulator/lua/environment.ts';
import { PROFILES } from '../../simulator/profile/index.ts';
import type { ReleaseLine } from '../../simulator/profile/profile.ts';
import { luaModule } from '../../wire/lua-module.ts';
import { loadScenario } from '../load.ts';
import { runSimulation } from './engine.ts';

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
