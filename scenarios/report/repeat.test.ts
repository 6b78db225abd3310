import { expect, test } from 'vitest';
import type { EngineName } from '../scenario.ts';
import { failingResult } from './fixtures/results.ts';
import { type AskedRun, reportOf } from './make.ts';
import { repeatCommand } from './repeat.ts';

const MILLISECOND = 1000;

/** What is printed of a result that fails by an expectation of the file, or by the comparison with the simulation. */
function flagsOf(engine: EngineName, asked: AskedRun, isCompared = false): string {
  const { scenario, results } = failingResult();
  const [result] = results;
  const [failed] = result?.expectations.filter(({ verdict }) => verdict === 'fail') ?? [];
  if (result === undefined || failed === undefined) throw new Error('nothing fails');
  const besides = { ...failed.expectation, index: scenario.expect.length, place: { file: scenario.file } };
  const expectations = [isCompared ? { ...failed, expectation: besides } : failed];
  const report = reportOf({ scenario, results: [{ ...result, engine, expectations }] }, asked);
  const [told] = report.results;
  return told === undefined ? '' : repeatCommand(report, told, 'pdns-shadow').replace(/^.* --engine /, '');
}

test('a simulated run is asked for the same phases, and for no dilation', () => {
  expect(flagsOf('simulate', { phase: { kind: 'all' }, dilation: 5 })).toBe('simulate --seed 1 --phase all');
});

test('a run on real servers is asked for the same offset and dilation', () => {
  const asked = { phase: { kind: 'fixed', offset: 2500 * MILLISECOND }, dilation: 5 } as const;
  expect(flagsOf('powerdns', asked)).toBe('powerdns --seed 1 --phase 2500ms --dilation 5');
});

test('a run on real servers is not asked for more phases than it can have', () => {
  expect(flagsOf('powerdns', { phase: { kind: 'all' } })).toBe('powerdns --seed 1');
});

test('what failed against the simulation is compared with it again', () => {
  expect(flagsOf('powerdns', {}, true)).toBe('both --seed 1');
  expect(flagsOf('powerdns', { phase: { kind: 'sweep', count: 25 } }, true)).toBe('both --seed 1 --phase 25');
});
