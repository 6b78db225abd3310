import { expect, test } from 'vitest';
import { gapsOf, roundsIn, wholeCycles } from './counted.ts';

const arrivals = [
  [0.1, 'a'],
  [0.15, 'b'],
  [1.1, 'a'],
  [2.1, 'a'],
  [2.2, 'b'],
  [3.1, 'a'],
].map(([at, target]) => ({ at: Number(at) * 1e6, target: `${target}`, closedAt: undefined }));

test('probes that come together are one round', () => {
  const rounds = roundsIn(arrivals, 0, 3);
  expect(rounds.map(({ targets }) => targets.join(''))).toEqual(['ab', 'a', 'ab']);
  expect(rounds[0]?.spread).toBeCloseTo(0.05, 9);
});

test('whole cycles begin and end with the same kind of round', () => {
  const { probes, seconds } = wholeCycles(roundsIn(arrivals, 0, 4), ({ targets }) => targets.includes('b'));
  expect(probes).toBe(3);
  expect(seconds).toBeCloseTo(2, 9);
});

test('gaps are those of one target', () => {
  expect(gapsOf(arrivals, 'b', 0, 4)).toEqual([expect.closeTo(2.05, 9)]);
});
