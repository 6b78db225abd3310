import { describe, expect, test } from 'vitest';
import { LuaHost } from '../../simulator/lua/environment.ts';
import { PROFILES } from '../../simulator/profile/index.ts';
import { luaModule } from '../../wire/lua-module.ts';
import { loadScenario } from '../load/load.ts';
import { runSimulation } from './engine.ts';

const lua = new LuaHost({ module: luaModule(), profile: PROFILES['5.1'] });

/** Times in seconds of what is left of the timeline of a failure. */
function shownTimes(timeline: string, expectation: string, addresses = "{{'192.0.2.10'},{'192.0.2.20'}}") {
  const text = `scenario: v1
name: shorter
phase: { sweep: 3 }
targets:
  fsn: { address: 192.0.2.10 }
  hel: { address: 192.0.2.20 }
zone: |
  $ORIGIN acme.test.
  api 30 IN LUA A "ifportup(443, ${addresses})"
traffic:
  - { name: api, from: any-client, every: 1s }
timeline:
${timeline}
ends: 240s
expect:
  - { ${expectation} }
`;
  const { verdict, shown } = runSimulation(loadScenario(text, 'shorter.yaml'), { profile: '5.1', seed: 1, lua });
  expect(verdict).toBe('fail');
  return shown?.timeline.map(({ at }) => at / 1e6);
}

const THREE = `  - { at: 60s, for: 20s, target: hel, tcp: refuse }
  - { at: 100s, for: 20s, target: fsn, tcp: refuse }
  - { at: 160s, for: 20s, target: hel, tcp: refuse }`;

describe('where something unwanted happens, only what it takes is shown', () => {
  test.each([
    ['never: true, answer: [hel]', [100]],
    ['always: true, answer: [fsn]', [100]],
    ['always: true, max-flips: 0', [100]],
    ['always: true, max-flips: 1', [100]],
  ])('%s', (expectation, left) => {
    expect(shownTimes(THREE, expectation)).toEqual(left);
  });

  test('and what ends it, or else it would go on for longer than it did', () => {
    const healed = '  - { at: 60s, target: fsn, tcp: refuse }\n  - { at: 80s, heal: all }';
    expect(shownTimes(healed, 'by: 80001ms, answer: [fsn]')).toEqual([60, 80]);
  });
});

describe('where something wanted does not happen, nothing is left out', () => {
  test.each([
    ['by: 100001ms, until: 119s, answer: [hel]'],
    ['by: 110s, until: 119s, answer: [192.0.2.99], modality: possible'],
    ['by: 190s, answer: [hel], modality: possible'],
    ['by: 140s, status: { fsn: down }'],
  ])('%s', (expectation) => {
    expect(shownTimes(THREE, expectation)).toEqual([60, 100, 160]);
  });

  test('of what must be possible neither, though it would be without one of the faults', () => {
    expect(shownTimes(THREE, 'at: 119s, answer: [fsn], modality: possible')).toEqual([60, 100, 160]);
  });
});
