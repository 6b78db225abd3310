import { expect, test } from 'vitest';
import { LuaHost } from '../../simulator/lua/environment.ts';
import { PROFILES } from '../../simulator/profile/index.ts';
import { luaModule } from '../../wire/lua-module.ts';
import type { Scenario } from '../scenario.ts';
import { worldOf } from '../simulate/plan.ts';
import { planAsAsked, questionsOf } from './asked.ts';
import { seconds, smallScenario } from './fixtures/observing.ts';

const lua = new LuaHost({ module: luaModule(), profile: PROFILES['5.1'] });

function asked(scenario: Scenario) {
  const world = worldOf(scenario, { profile: PROFILES['5.1'], seed: 1, lua });
  const plan = planAsAsked(world, world.watches);
  const phases = new Map([['ns1', { offset: seconds(0.25), fraction: 0 }]]);
  return { world, plan, questions: questionsOf(scenario, world, plan, phases) };
}

test('traffic is asked as it is written, counted from the phase', () => {
  const { plan, questions } = asked(smallScenario('expect: [{ at: 1s, answer: [fsn] }]\nends: 2s'));
  expect(plan.asking).toHaveLength(1);
  expect(questions.map(({ at }) => at / 1e6)).toEqual([0.25, 0.75, 1.25, 1.75]);
});

test('what is only looked at is asked for every second, here and in the simulation', () => {
  const { plan, questions } = asked(smallScenario('expect: [{ at: 1s, type: TXT, rcode: NOERROR }]\nends: 2s'));
  expect(plan.asking).toHaveLength(2);
  expect(questions.filter(({ asked: { question } }) => question.type === 'TXT')).toHaveLength(2);
});

test('nothing is asked for shares before the traffic has asked for a while, since that is what makes checks', () => {
  const { questions } = asked(smallScenario('expect: [{ at: 0s, distribution: { fsn: 1 } }]\nends: 2s'));
  expect(questions.map(({ at }) => at / 1e6)).toEqual([0.25, 0.75, 1.25, 1.75]);
});

test('shares of one client are taken from many questions at one moment', () => {
  const { questions } = asked(smallScenario('expect: [{ at: 15s, distribution: { fsn: 1 } }]\nends: 16s'));
  expect(questions.filter(({ at }) => at === seconds(15))).toHaveLength(200);
});
