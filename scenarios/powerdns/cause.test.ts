import { expect, test } from 'vitest';
import { LuaHost } from '../../simulator/lua/environment.ts';
import { PROFILES } from '../../simulator/profile/index.ts';
import type { History } from '../../simulator/world/history.ts';
import { luaModule } from '../../wire/lua-module.ts';
import { worldOf } from '../simulate/plan.ts';
import { scenarioZone } from '../zone.ts';
import { simulatedBeside } from './beside.ts';
import { causeOf } from './cause.ts';
import { answerOf, FSN, seconds, seen, smallScenario } from './fixtures/observing.ts';

const profile = PROFILES['5.1'];
const lua = new LuaHost({ module: luaModule(), profile });
const WORLDS = 30;
/** When somebody asked is what counts of them. */
const ASKED = Array.from({ length: 120 }, (_, i) => seen(i / 2, answerOf([FSN])));

/** Of a run whose probes took up to so long, in which the expectation failed. */
function causeIn(expectation: string, slowest: number) {
  const scenario = smallScenario(
    `timeline: [{ at: 20s, target: fsn, http: 503 }]\nexpect: [${expectation}]\nends: 60s`,
  );
  const [failed] = scenario.expect;
  if (failed === undefined) throw new Error('nothing is expected');
  const { plan, watches } = worldOf(scenario, { profile, seed: 1, lua });
  const run = { plan, overhead: { least: 0, most: seconds(slowest) }, phases: new Map(), observations: ASKED };
  const zone = scenarioZone(scenario.zone);
  const viewOf = (history: History) => ({ scenario, zone, watches, plan, history });
  return causeOf(failed, run, simulatedBeside(run, WORLDS), viewOf);
}

test('what holds in no world is wrong itself', () => {
  expect(causeIn('{ within: [40s, 50s], answer: [fsn] }', 0.5)).toBe('expectation');
});

test('what probes as slow as those of the run explain, and quick ones do not, came of slow probes', () => {
  // The standby may be up some time before the primary is.
  expect(causeIn('{ always: true, max-flips: 1 }', 1.5)).toBe('slow probes');
  expect(causeIn('{ always: true, max-flips: 1 }', 0)).toBe('unknown');
});

test('what no world shows has a cause that nobody knows', () => {
  expect(causeIn('{ within: [1s, 20s], rcode: NOERROR }', 0.5)).toBe('unknown');
});

test('what also fails where probes are quick is not blamed on them', () => {
  expect(causeIn('{ by: 22s, answer: [hel] }', 0.5)).toBe('unknown');
});
