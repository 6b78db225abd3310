/**
 * A short run of the fuzzer for every server, always the same: `fuzz.ts` runs longer. Checks go over HTTP only: servers have died
 * in their checks of TCP, and a test must not hang on that.
 */
import { beforeAll, expect, test } from 'vitest';
import { PROFILES } from '../../simulator/profile/index.ts';
import { describeForEachServer } from '../powerdns/for-each-server.ts';
import { arbitraryCase, casesOf } from './arbitrary-case.ts';
import { gTest } from './compare.ts';
import { formatMismatch, opaqueShare } from './fuzz-report.ts';
import { type FuzzReport, fuzz } from './fuzz-run.ts';

const SEED = 2024;
const COMPARISONS = 1500;
const CASES = 60;

describeForEachServer('random zones', (binary) => {
  let report: FuzzReport;

  beforeAll(async () => {
    report = await fuzz({ binary, seed: SEED, comparisons: COMPARISONS, casesPerBatch: CASES, health: 'http' });
  });

  test('are answered as predicted, and by serve alike', () => {
    expect(report.mismatches.map((mismatch) => formatMismatch(mismatch, binary.line, SEED)).join('\n')).toBe('');
    expect(report.comparisons).toBeGreaterThan(COMPARISONS);
  });

  test('are predicted nearly always, and some of them at random', () => {
    expect(opaqueShare(report)).toBeLessThan(0.1);
    expect(report.questions.random).toBeGreaterThan(5);
  });

  test('no known difference is outdated', () => {
    expect(report.outdated).toEqual([]);
  });
});

test('a seed always gives the same cases, and another seed others', () => {
  const draw = (seed: number) => casesOf(arbitraryCase(PROFILES['5.1'], 2), seed, ['a', 'b', 'c']);
  expect(draw(1)).toEqual(draw(1));
  expect(draw(1)).not.toEqual(draw(2));
});

test.each([
  ['fits', [500, 500], 0.9, 1],
  ['is off by a little, as chance has it', [530, 470], 0.01, 0.2],
  ['is off by far', [700, 300], 0, 1e-20],
  ['has an outcome that never comes', [1000, 0], 0, 1e-20],
] as const)('the G-test of counts: one that %s', (_, counts, least, most) => {
  const p = gTest(counts.map((seen) => ({ seen, expected: 500 })));
  expect(p).toBeGreaterThanOrEqual(least);
  expect(p).toBeLessThanOrEqual(most);
});
