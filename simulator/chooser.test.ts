import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { type Chooser, chooseUniformly, enumerate, replayer, sampler, seededUint32 } from './chooser.ts';
import { add, formatRational, ONE, type Rational, rational, ZERO } from './rational.ts';

/** An evaluation that draws from each list in turn; which one comes next hangs on what was drawn before. */
function drawsFrom(tree: readonly (readonly number[])[]) {
  return (chooser: Chooser): number[] => {
    const path: number[] = [];
    for (const weights of tree) {
      path.push(chooser.choose(weights));
      if (path.at(-1) === weights.length - 1) break;
    }
    return path;
  };
}

const weights = fc.array(fc.nat(9), { minLength: 1, maxLength: 4 }).filter((list) => list.some((weight) => weight > 0));

describe('enumerating', () => {
  test('probabilities sum to exactly one', () => {
    fc.assert(
      fc.property(fc.array(weights, { minLength: 1, maxLength: 5 }), (tree) => {
        const { branches, complete } = enumerate(drawsFrom(tree), 5000);
        expect(complete).toBe(true);
        expect(branches.map(({ probability }) => probability).reduce<Rational>(add, ZERO)).toEqual(ONE);
      }),
    );
  });

  test('visits each sequence of possible draws once, the first indices first', () => {
    const { branches } = enumerate((chooser) => [chooser.choose([1, 0, 2]), chooser.choose([1, 1])], 100);
    expect(branches.map(({ value, probability }) => [value.join(), formatRational(probability)])).toEqual([
      ['0,0', '1/6'],
      ['0,1', '1/6'],
      ['2,0', '1/3'],
      ['2,1', '1/3'],
    ]);
  });

  test('never draws what weighs nothing', () => {
    fc.assert(
      fc.property(fc.array(weights, { minLength: 1, maxLength: 4 }), (tree) => {
        for (const { value, probability } of enumerate(drawsFrom(tree), 5000).branches) {
          expect(probability.numerator > 0n).toBe(true);
          for (const [depth, index] of value.entries()) expect(tree[depth]?.[index]).toBeGreaterThan(0);
        }
      }),
    );
  });

  test('draws of different depth on different branches', () => {
    const { branches } = enumerate(
      (chooser) => (chooser.choose([1, 1]) === 0 ? 'a' : `b${chooser.choose([1, 3])}`),
      100,
    );
    expect(branches.map(({ value, probability }) => [value, formatRational(probability)])).toEqual([
      ['a', '1/2'],
      ['b0', '1/8'],
      ['b1', '3/8'],
    ]);
  });

  test('an evaluation without draws is one certain branch', () => {
    expect(enumerate(() => 7, 1)).toEqual({ branches: [{ value: 7, probability: ONE }], complete: true });
  });

  test('stops at the allowed number of branches and says that it is not complete', () => {
    const thousand = (chooser: Chooser) => [1, 2, 3].map(() => chooseUniformly(chooser, 10));
    expect(enumerate(thousand, 999)).toMatchObject({ complete: false });
    expect(enumerate(thousand, 999).branches).toHaveLength(999);
    expect(enumerate(thousand, 1000)).toMatchObject({ complete: true });
  });

  test('weights up to the largest sum of PowerDNS are exact', () => {
    const { branches } = enumerate((chooser) => chooser.choose([2 ** 32 - 2, 1]), 10);
    expect(branches.map(({ probability }) => probability)).toEqual([
      rational(2 ** 32 - 2, 2 ** 32 - 1),
      rational(1, 2 ** 32 - 1),
    ]);
  });
});

describe('sampling', () => {
  test('draws in proportion to the weights', () => {
    const chooser = sampler(seededUint32(1));
    const counts = [0, 0, 0, 0];
    for (let i = 0; i < 60_000; i++) {
      const index = chooser.choose([1, 0, 2, 3]);
      counts[index] = (counts[index] ?? 0) + 1;
    }
    for (const [i, share] of [1 / 6, 0, 1 / 3, 1 / 2].entries())
      expect((counts[i] ?? 0) / 60_000).toBeCloseTo(share, 2);
  });

  test('never draws what weighs nothing, at either end of the source', () => {
    for (const word of [0, 0xffffffff]) expect(sampler(() => word).choose([0, 5, 0])).toBe(1);
  });

  test('the same seed draws the same, another seed otherwise', () => {
    const draws = (seed: number) => {
      const chooser = sampler(seededUint32(seed));
      return Array.from({ length: 50 }, () => chooseUniformly(chooser, 10)).join('');
    };
    expect(draws(42)).toBe(draws(42));
    expect(draws(42)).not.toBe(draws(43));
  });
});

test('replaying repeats a path and refuses to go beyond it', () => {
  const chooser = replayer([2, 0]);
  expect([chooser.choose([1, 1, 1]), chooser.choose([1, 1])]).toEqual([2, 0]);
  expect(() => chooser.choose([1])).toThrow(RangeError);
  expect(() => replayer([5]).choose([1, 1])).toThrow(RangeError);
});

test('one possibility is no draw', () => {
  const refusing: Chooser = {
    choose: () => {
      throw new Error('drawn');
    },
  };
  expect(chooseUniformly(refusing, 1)).toBe(0);
});
