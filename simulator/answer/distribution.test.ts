import { describe, expect, test } from 'vitest';
import { type Chooser, chooseUniformly } from '../chooser.ts';
import { formatRational, toNumber } from '../rational.ts';
import { distribution, rarestSeen } from './distribution.ts';
import type { Outcome } from './outcome.ts';

function answering(...rdata: readonly (string | number)[]): Outcome {
  const answers = rdata.map((each) => ({ owner: 'a.test.', type: 'A', ttlSeconds: 30, rdata: `${each}` }));
  return { rcode: 'NOERROR', answers, authority: [], authoritative: true, ecsScope: undefined };
}

/** Three of four times `likely`, whatever the twelve draws behind it come to. */
function biased(chooser: Chooser): Outcome {
  const isLikely = chooser.choose([3, 1]) === 0;
  for (let i = 0; i < 12; i++) chooseUniformly(chooser, 2);
  return answering(isLikely ? 'likely' : 'rare');
}

describe('a distribution', () => {
  test('is exact up to the allowed number of ways to draw', () => {
    const exact = distribution(biased, 2 ** 13);
    expect(exact.exact).toBe(true);
    expect(exact.outcomes.map(({ probability }) => formatRational(probability))).toEqual(['3/4', '1/4']);
    expect(exact.outcomes.every(({ confidence }) => confidence === undefined)).toBe(true);
    expect(exact.sampleSize).toBeUndefined();
  });

  test('beyond that is sampled, and says where the true probabilities lie', () => {
    const sampled = distribution(biased, 2 ** 13 - 1);
    expect(sampled).toMatchObject({ exact: false, sampleSize: 2 * (2 ** 13 - 1) });
    expect(sampled.outcomes.map(({ outcome }) => outcome.answers[0]?.rdata)).toEqual(['likely', 'rare']);
    expect(sampled.outcomes.reduce((sum, { probability }) => sum + toNumber(probability), 0)).toBeCloseTo(1, 12);
    for (const [i, truth] of [3 / 4, 1 / 4].entries()) {
      const { level, from, to } = sampled.outcomes[i]?.confidence ?? { level: 0, from: 1, to: 0 };
      expect(level).toBe(0.99);
      expect(from).toBeLessThan(truth);
      expect(to).toBeGreaterThan(truth);
      expect(to - from).toBeLessThan(0.02);
    }
  });

  test('sampled twice is the same', () => {
    expect(distribution(biased, 100)).toEqual(distribution(biased, 100));
  });

  test('does not lose outcomes that the first branches do not reach', () => {
    const late = (chooser: Chooser) => {
      const first = chooseUniformly(chooser, 2);
      for (let i = 0; i < 12; i++) chooseUniformly(chooser, 2);
      return answering(first);
    };
    expect(distribution(late, 500).outcomes).toHaveLength(2);
  });

  test('has intervals that hold 99 of 100 true probabilities', () => {
    const sides = 400;
    const die = (chooser: Chooser) => {
      const face = chooseUniformly(chooser, sides);
      for (let i = 0; i < 6; i++) chooseUniformly(chooser, 2);
      return answering(face);
    };
    const { outcomes } = distribution(die, 10_000);
    const held = outcomes.filter(
      ({ confidence }) => confidence && confidence.from <= 1 / sides && 1 / sides <= confidence.to,
    );
    expect(held.length / sides).toBeGreaterThanOrEqual(0.97);
    expect(held.length).toBeLessThan(sides);
  });

  test('tells how rare an outcome is that no sample shows', () => {
    // Wilson at 99 %: z² / (n + z²).
    expect(rarestSeen(20_000)).toBeCloseTo(6.6349 / 20_006.6349, 7);
  });
});
