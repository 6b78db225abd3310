import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { UserError } from '../../input/errors.ts';
import { parseShard, type Shard } from '../../input/shard.ts';
import type { ProfileResult, ScenarioResult } from '../result.ts';
import { libraryResults } from './fixtures/results.ts';
import { jsonReport, parseJsonReport } from './json.ts';
import { reportOf } from './make.ts';
import { mergeReports, type ShardReport } from './merge.ts';
import { jobsOf } from './shard.ts';

const library = libraryResults();

/** What a shard of a run writes, read again. */
function ranShard(results: readonly ScenarioResult[], shard: Shard): ShardReport {
  const jobs = results.flatMap(({ results: each }, i) => each.map((result) => ({ i, result })));
  const mine = jobsOf(jobs, shard);
  const resultsOf = (i: number): ProfileResult[] => mine.flatMap((job) => (job.i === i ? [job.result] : []));
  const reports = results.map(({ scenario }, i) => reportOf({ scenario, results: resultsOf(i) }, { shard }));
  const file = `shard-${shard.index}.json`;
  return { file, reports: parseJsonReport(jsonReport(reports), file) };
}

const shardsOf = (results: readonly ScenarioResult[], count: number) =>
  Array.from({ length: count }, (_, i) => ranShard(results, { index: i + 1, count }));

test('the reports of all shards, in any order, are the bytes of a run that was not divided', () => {
  fc.assert(
    fc.property(
      fc.integer({ min: 1, max: 20 }),
      fc.subarray(library, { minLength: 1 }),
      fc.array(fc.nat(), { minLength: 20, maxLength: 20 }),
      (count, some, order) => {
        const shards = shardsOf(some, count).map((shard, i) => ({ shard, by: order[i] ?? 0 }));
        const shuffled = shards.toSorted((a, b) => a.by - b.by).map(({ shard }) => shard);
        const whole = some.map((result) => reportOf(result));
        expect(jsonReport(mergeReports(shuffled))).toBe(jsonReport(whole));
      },
    ),
    { numRuns: 12 },
  );
});

test('what only one shard failed by, since an engine holds to it besides, is told by all of them together', () => {
  const [first] = library;
  if (first === undefined) throw new Error('there is no result');
  const [expectation] = first.scenario.expect;
  const [result] = first.results;
  if (expectation === undefined || result === undefined) throw new Error('nothing is expected');
  const besides = { ...expectation, index: first.scenario.expect.length, place: { file: first.scenario.file } };
  const failed = {
    expectation: besides,
    verdict: 'fail' as const,
    message: '',
    proven: false,
    counterexample: undefined,
  };
  const real = { ...result, engine: 'powerdns' as const, verdict: 'fail' as const, expectations: [failed] };
  const both = [{ ...first, results: [result, real] }];
  expect(mergeReports(shardsOf(both, 2))).toEqual(both.map((each) => reportOf(each)));
});

test('whole reports stand behind each other', () => {
  const parts = library.map((result, i) => ({ file: `${i}.json`, reports: [reportOf(result)] }));
  expect(mergeReports(parts)).toEqual(library.map((result) => reportOf(result)));
});

describe('is refused:', () => {
  const [first, second, third] = shardsOf(library, 3);
  const other = shardsOf(library.slice(1), 3)[1];
  const ofTwo = shardsOf(library, 2)[0];
  const whole = { file: 'whole.json', reports: library.map((result) => reportOf(result)) };
  const short = second && {
    ...second,
    reports: second.reports.map((report, i) => (i === 0 ? { ...report, results: [] } : report)),
  };
  test.each([
    ['a shard that is missing', [first, third], 'no report of shard 2/3'],
    ['a shard that is there twice', [first, second, second, third], 'shard 2/3 is also in shard-2.json'],
    ['shards of other scenarios', [first, other, third], 'it is of other scenarios than shard-1.json'],
    ['shards of runs divided otherwise', [first, ofTwo, third], 'it is one of 2 shards, and shard-1.json one of 3'],
    ['a whole run among shards', [first, whole, third], 'it is no shard, and others are'],
    ['a shard that lacks results', [first, short, third], 'it has fewer results than its shard holds'],
  ])('%s', (_, parts, message) => {
    try {
      mergeReports(parts.filter((part) => part !== undefined));
      expect.unreachable();
    } catch (error) {
      expect((error as UserError).code).toBe('E_MERGE');
      expect((error as UserError).message).toContain(message);
      expect((error as UserError).hint).toBeDefined();
    }
  });
});

test('every job is in exactly one shard, and shards are as even as can be', () => {
  fc.assert(
    fc.property(fc.nat({ max: 60 }), fc.integer({ min: 1, max: 12 }), (length, count) => {
      const jobs = Array.from({ length }, (_, i) => i);
      const shards = Array.from({ length: count }, (_, i) => jobsOf(jobs, { index: i + 1, count }));
      expect(shards.flat().toSorted((a, b) => a - b)).toEqual(jobs);
      const sizes = shards.map((shard) => shard.length);
      expect(Math.max(...sizes) - Math.min(...sizes)).toBeLessThanOrEqual(1);
    }),
  );
});

test('2/4 is the second of four', () => {
  expect(parseShard('2/4')).toEqual({ index: 2, count: 4 });
});

test.each(['', '0/4', '5/4', '1', '1/0', '-1/4', '1/4/4', '01/4', 'a/b', ' 1/4', '1.5/4'])('%j is no shard', (text) => {
  expect(() => parseShard(text)).toThrow(expect.objectContaining({ code: 'E_SHARD' }));
  expect(() => parseShard(text)).toThrow(UserError);
});
