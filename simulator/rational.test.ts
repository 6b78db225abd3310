import fc from 'fast-check';
import { expect, test } from 'vitest';
import { add, formatRational, multiply, ONE, rational, toNumber, ZERO } from './rational.ts';

test('fractions are in lowest terms', () => {
  expect(rational(6, 4)).toEqual({ numerator: 3n, denominator: 2n });
  expect(rational(0, 7)).toEqual(ZERO);
  expect(rational(7, 7)).toEqual(ONE);
});

test('sums and products are exact', () => {
  const fraction = fc.tuple(fc.nat(1000), fc.integer({ min: 1, max: 1000 })).map(([a, b]) => rational(a, b));
  fc.assert(
    fc.property(fraction, fraction, fraction, (a, b, c) => {
      expect(add(a, b)).toEqual(add(b, a));
      expect(multiply(a, add(b, c))).toEqual(add(multiply(a, b), multiply(a, c)));
    }),
  );
});

test('many small parts of one make one', () => {
  const parts = Array.from({ length: 97 }, () => rational(1, 97));
  expect(parts.reduce(add, ZERO)).toEqual(ONE);
});

test('is written as people write it', () => {
  expect([ONE, ZERO, rational(2, 6)].map(formatRational)).toEqual(['1', '0', '1/3']);
});

test('has a nearest number, also far beyond what numbers hold exactly', () => {
  expect(toNumber(rational(1, 3))).toBeCloseTo(1 / 3, 15);
  expect(toNumber(rational(10n ** 40n, 3n * 10n ** 40n + 1n))).toBeCloseTo(1 / 3, 15);
});
