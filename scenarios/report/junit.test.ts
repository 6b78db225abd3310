import fc from 'fast-check';
import { expect, test } from 'vitest';
import { failingResult, libraryResults } from './fixtures/results.ts';
import { elementsOf, parseXml, textOf, type XmlElement } from './fixtures/xml.ts';
import { junitReport } from './junit.ts';
import { reportOf } from './make.ts';

const reports = libraryResults().map((result) => reportOf(result));
const parsed = parseXml(junitReport(reports));
const suites = elementsOf(parsed, 'testsuite');

const anyText = fc.string({ unit: fc.integer({ min: 0, max: 0xffff }).map((code) => String.fromCharCode(code)) });

const number = (element: XmlElement, name: string) => Number(element.attributes.get(name));

test('there is a suite a scenario, release line and engine, and a case an expectation', () => {
  expect(parsed.name).toBe('testsuites');
  expect(suites.length).toBe(reports.reduce((sum, { results }) => sum + results.length, 0));
  for (const report of reports) {
    for (const { profile, engine } of report.results) {
      const suite = suites.find(
        ({ attributes }) => attributes.get('name') === `${report.scenario} (PowerDNS ${profile}, ${engine})`,
      );
      expect(elementsOf(suite ?? parsed, 'testcase').length).toBe(report.expected.length);
    }
  }
});

test('totals are those of the cases', () => {
  for (const element of [parsed, ...suites]) {
    expect(number(element, 'tests')).toBe(elementsOf(element, 'testcase').length);
    expect(number(element, 'failures')).toBe(elementsOf(element, 'failure').length);
    expect(number(element, 'skipped')).toBe(elementsOf(element, 'skipped').length);
  }
  expect(number(parsed, 'failures')).toBeGreaterThan(0);
});

test('a failed case says where it is written, what was wanted and seen, and how to see it again', () => {
  const [, , suite] = elementsOf(parseXml(junitReport([reportOf(failingResult())])), 'testsuite');
  const [first] = elementsOf(suite ?? parsed, 'testcase');
  expect(first?.attributes.get('file')).toBe('scenarios/fsn-fails.yaml');
  expect(first?.attributes.get('line')).toBe('22');
  const [failure] = elementsOf(first ?? parsed, 'failure');
  expect(failure?.attributes.get('message')).toBe('wanted hel, seen fsn at 61 s');
  expect(textOf(failure ?? parsed).split('\n')).toEqual([
    'scenarios/fsn-fails.yaml:22',
    'wanted hel',
    'seen   fsn at 61 s by eu@ns1',
    'phase  ns1 first asked at 1.3 s, clock 0.4 s into its second',
    'note   too early: a round takes 5s',
    'seed   1',
    'again  pdns-shadow scenario run scenarios/fsn-fails.yaml --profile 5.1 --engine simulate --seed 1',
  ]);
});

test('a skipped case says why: not run at all, or expected of another release line', () => {
  const [of49, of49OnServer] = elementsOf(parseXml(junitReport([reportOf(failingResult())])), 'testsuite');
  const reasons = (suite: XmlElement | undefined) =>
    elementsOf(suite ?? parsed, 'skipped').map(({ attributes }) => attributes.get('message'));
  expect(reasons(of49)).toEqual(['expected of PowerDNS 5.1 only']);
  expect(new Set(reasons(of49OnServer))).toEqual(new Set(['no PowerDNS of this release line is installed']));
});

test('what a run shows nothing of is skipped, and says why', () => {
  const whole = reportOf(failingResult());
  const untold = 'no server shows what it believes';
  const results = whole.results.slice(0, 1).map((result) => ({
    ...result,
    expectations: result.expectations.map((each) => ({ ...each, verdict: 'pass' as const, untold })),
  }));
  const parsedSuite = parseXml(junitReport([{ ...whole, results }]));
  const reasons = elementsOf(parsedSuite, 'skipped').map(({ attributes }) => attributes.get('message'));
  expect(reasons.filter((reason) => reason === untold)).toHaveLength(results[0]?.expectations.length ?? 0);
});

test('a scenario that expects nothing still has a case', () => {
  const [report] = reports;
  const results = (report?.results ?? []).map((result) => ({ ...result, expectations: [] }));
  const empty = report === undefined ? [] : [{ ...report, expected: [], results }];
  expect(elementsOf(parseXml(junitReport(empty)), 'testcase').length).toBe(results.length);
});

test('any text of a scenario survives', () => {
  const whole = reportOf(failingResult());
  const report = { ...whole, results: whole.results.slice(0, 1) };
  fc.assert(
    fc.property(anyText, anyText, (scenario, note) => {
      const expected = report.expected.map((each) => ({ ...each, note, file: note }));
      const [suite] = elementsOf(parseXml(junitReport([{ ...report, scenario, expected }])), 'testsuite');
      expect(suite?.attributes.get('tests')).toBe('4');
    }),
    { numRuns: 40 },
  );
});
