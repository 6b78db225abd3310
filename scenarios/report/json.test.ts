import { expect, test } from 'vitest';
import { UserError } from '../../input/errors.ts';
import { failingResult, libraryResults } from './fixtures/results.ts';
import { jsonReport, parseJsonReport } from './json.ts';
import { reportOf } from './make.ts';

const reports = libraryResults().map((result) => reportOf(result));
const failing = JSON.parse(jsonReport([reportOf(failingResult())]));

test('one scenario is an object, several are a list', () => {
  expect(failing.scenario).toBe(`fsn <answers> "503" & 'more'`);
  expect(JSON.parse(jsonReport(reports)).length).toBe(reports.length);
  expect(jsonReport([])).toBe('[]\n');
});

test('a result has its verdict, its expectations, its answers over time and its bounds', () => {
  const [, , result] = failing.results;
  expect(result).toMatchObject({ profile: '5.1', engine: 'simulate', verdict: 'fail', seed: 1 });
  expect(result.expectations[0]).toMatchObject({
    index: 0,
    verdict: 'fail',
    message: 'wanted hel, seen fsn at 61 s',
    line: 22,
    counterexample: { atSeconds: 61, client: 'eu', server: 'ns1', wanted: 'hel', seen: 'fsn' },
  });
  expect(result.timeline.filter(({ client }: { client: string }) => client === 'eu')).toEqual([
    expect.objectContaining({
      atSeconds: 0,
      server: 'ns1',
      name: 'api.acme.test.',
      rcode: 'NOERROR',
      answers: ['192.0.2.10'],
    }),
    expect.objectContaining({ atSeconds: 61.305, rcode: 'NOERROR', answers: ['192.0.2.20'], text: 'hel' }),
    expect.objectContaining({ atSeconds: 121.305, rcode: 'NOERROR', answers: ['192.0.2.10'], text: 'fsn' }),
  ]);
  expect(result.failover[0]).toMatchObject({
    name: 'api.acme.test.',
    client: 'eu',
    server: 'ns1',
    fault: 0,
    edge: 'begins',
    earliestSeconds: 22.005,
    latestSeconds: 32,
    proven: false,
  });
});

test('a result that was skipped says why', () => {
  expect(failing.results[1]).toMatchObject({
    verdict: 'skip',
    skipped: 'no PowerDNS of this release line is installed',
  });
});

test('alerts of the run that is shown are in it, with when they fired', () => {
  const [first] = failing.results;
  expect(first.shown.alerts).toEqual([]);
  const partition = reports.find(({ scenario }) => scenario.startsWith('vantage'));
  expect(partition?.results[0]?.shown?.alerts).toEqual([
    { alert: 'GslbVantageDisagreement', fromSeconds: 73.3, toSeconds: 151.305 },
  ]);
});

test('networks that one client stands for are told together', () => {
  const canary = reports.find(({ scenario }) => scenario.startsWith('canary'));
  const lanes = canary?.results[0]?.timeline.filter(({ client }) => client === 'any') ?? [];
  expect(lanes.length).toBe(2);
  expect(lanes[0]).toMatchObject({ networks: 4096, answers: ['192.0.2.10'] });
  expect(lanes[0]?.outcomes?.reduce((sum, { probability }) => sum + probability, 0)).toBeCloseTo(1, 9);
});

test('what was written is read back as it was, and written again to the same bytes', () => {
  for (const some of [reports, reports.slice(0, 1), []]) {
    const text = jsonReport(some);
    expect(parseJsonReport(text, 'r.json')).toEqual(some);
    expect(jsonReport(parseJsonReport(text, 'r.json'))).toBe(text);
  }
});

test.each([
  ['', 'no JSON'],
  ['{}', 'no report of a scenario: scenario: '],
  ['[{"scenario":"a"}]', 'no report of a scenario: 0.file: '],
  ['null', 'no report of a scenario: '],
  [jsonReport([reportOf(failingResult())]).replace('"pass"', '"passed"'), 'results.0.expectations.1.verdict: '],
  [jsonReport([reportOf(failingResult())]).replace('"seed"', '"sead"'), 'results.0.seed: '],
])('another file is refused with what is wrong: %#', (text, message) => {
  try {
    parseJsonReport(text, 'other.json');
    expect.unreachable();
  } catch (error) {
    expect(error).toBeInstanceOf(UserError);
    expect((error as UserError).code).toBe('E_REPORT');
    expect((error as UserError).describe()).toContain('other.json: ');
    expect((error as UserError).message).toContain(message);
  }
});
