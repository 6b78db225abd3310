import { stripVTControlCharacters } from 'node:util';
import { expect, test } from 'vitest';
import type { PhaseRequest } from '../scenario.ts';
import { failingResult, libraryResults } from './fixtures/results.ts';
import { reportOf } from './make.ts';
import type { ScenarioReport } from './report.ts';
import { textReport } from './text.ts';

const reports = libraryResults().map((result) => reportOf(result));
const failing = reportOf(failingResult());
const [, hotStandby] = reports;

const linesOf = (some: readonly ScenarioReport[], options = {}) =>
  textReport(some, { colour: false, ...options }).split('\n');

test('a run is told in the order of time, one aligned line an event', () => {
  const lines = linesOf(hotStandby === undefined ? [] : [hotStandby]);
  const first = lines.findIndex((line) => line.startsWith('      0.000 s'));
  expect(lines.slice(first, first + 9)).toEqual([
    '      0.000 s  answer  eu@ns1: fsn',
    '      1.305 s  status  ns1: fsn up',
    '      1.305 s  status  ns1: hel up',
    '     60.000 s  fault   fsn: tcp blackhole',
    '     83.300 s  status  ns1: fsn up -> down',
    '     83.300 s  answer  eu@ns1: fsn -> hel',
    '    180.000 s  fault   over: fsn: tcp blackhole',
    '    181.305 s  status  ns1: fsn down -> up',
    '    181.305 s  answer  eu@ns1: hel -> fsn',
  ]);
});

test('an answer with the same records and another TTL is not said to be in other shares', () => {
  const results = failing.results.map((result) => ({
    ...result,
    timeline: result.timeline.flatMap((answer) => [answer, { ...answer, atSeconds: answer.atSeconds + 0.5 }]),
  }));
  const text = textReport([{ ...failing, results }], { colour: false, verbose: true });
  expect(text).toContain('fsn, with another TTL or scope');
  expect(text).not.toContain('other shares');
});

test('probes are told to whoever asks for more', () => {
  const verbose = linesOf(hotStandby === undefined ? [] : [hotStandby], { verbose: true });
  expect(verbose).toContain('     83.300 s  probe   ns1 finds fsn down: no complete answer within 2000 ms');
  expect(verbose.filter((line) => line.includes('  probe   ')).length).toBeGreaterThan(50);
});

test('the legend explains every word that is used, and no other', () => {
  for (const verbose of [false, true]) {
    const lines = linesOf(reports, { verbose });
    const legend = lines.slice(1, lines.indexOf('')).map((line) => line.trim().split(/\s/)[0]);
    const used = new Set(lines.flatMap((line) => /^ +[\d.:]+(?: s)? {2}(\w+) /.exec(line)?.[1] ?? []));
    expect(new Set(legend)).toEqual(used);
  }
});

test('a failure says where, what was wanted and seen, when, in which phase, and how to see it again', () => {
  const text = textReport([failing], { colour: false });
  expect(text).toContain(`
FAIL  PowerDNS 5.1, simulate: 2 of 4 expectations fail (23 phases tried)
`);
  expect(text).toContain(`
  FAILED  scenarios/fsn-fails.yaml:22
    expects by 61 s and until just before 120 s, api.acme.test. A: answer hel
    wanted  hel
    seen    fsn at 61 s by eu@ns1
    phase   ns1 first asked at 1.3 s, clock 0.4 s into its second
    note    too early: a round takes 5s
`);
  expect(text).toContain(`
  The same again, with seed 1:
    pdns-shadow scenario run scenarios/fsn-fails.yaml --profile 5.1 --engine simulate --seed 1
`);
  expect(text).toContain('     61.000 s  FAILS   line 22: wanted hel, seen fsn by eu@ns1\n');
});

test('what was skipped says why', () => {
  expect(linesOf([failing])).toContain('SKIP  PowerDNS 5.1, powerdns: no PowerDNS of this release line is installed');
});

test('bounds are a table under the fault from which they count', () => {
  const lines = linesOf([failing]);
  const first = lines.indexOf('  Answers change after a fault    earliest      latest');
  expect(lines.slice(first + 1, first + 5)).toEqual([
    '    60 s, fsn: http 503',
    '      eu@ns1 api.acme.test.       22.005 s        32 s  tried',
    '    120 s, over: fsn: http 503',
    '      eu@ns1 api.acme.test.        0.001 s    10.005 s  tried, not always',
  ]);
});

test('bounds of more digits than their column keep apart', () => {
  const results = failing.results.map((result) => ({
    ...result,
    failover: result.failover.map((bound) => ({ ...bound, latestSeconds: 118.314016 })),
  }));
  const lines = linesOf([{ ...failing, results }]);
  expect(lines).toContain('  Answers change after a fault      earliest        latest');
  expect(lines).toContain('      eu@ns1 api.acme.test.         22.005 s  118.314016 s  tried');
});

test('what is wrong with the record stands below what was seen', () => {
  const because = ["api.acme.test. A: attempt to call global 'ifurlsup' (E_LUA_ERROR)"];
  const results = failing.results.map((result) => ({
    ...result,
    expectations: result.expectations.map((each) =>
      each.counterexample === undefined ? each : { ...each, counterexample: { ...each.counterexample, because } },
    ),
  }));
  const text = textReport([{ ...failing, results }], { colour: false });
  expect(text).toContain(`    seen    fsn at 61 s by eu@ns1\n    because ${because[0]}\n    phase   ns1`);
});

test('a name that leaves no room for its bounds stands above them', () => {
  const name = `${'a'.repeat(60)}.acme.test.`;
  const results = failing.results.map((result) => ({
    ...result,
    failover: result.failover.map((bound) => ({ ...bound, name })),
  }));
  const lines = linesOf([{ ...failing, results }]);
  const place = lines.indexOf(`      eu@ns1 ${name}`);
  expect(lines[place + 1]).toBe(`${' '.repeat(30)}    22.005 s        32 s  tried`);
});

test('a run with the same events as an earlier one says so', () => {
  expect(linesOf(reports)).toContain('      Every event as with PowerDNS 4.7, simulate.');
});

test('it ends with a summary that names what failed', () => {
  const some = hotStandby === undefined ? [] : [hotStandby, failing];
  expect(linesOf(some).slice(-6)).toEqual([
    '2 scenarios, 6 runs: 1 passed, 2 failed, 3 skipped',
    `  FAIL  fsn <answers> "503" & 'more', PowerDNS 4.9, simulate: 2 of 3 expectations fail (23 phases`,
    '        tried)',
    `  FAIL  fsn <answers> "503" & 'more', PowerDNS 5.1, simulate: 2 of 4 expectations fail (23 phases`,
    '        tried)',
    '',
  ]);
  expect(textReport([], { colour: false })).toBe('0 scenarios, 0 runs: 0 passed, 0 failed, 0 skipped\n');
});

test.each([76, 80, 100, 140])(
  'no line is wider than %i columns, but for words and commands that are to be copied',
  (columns) => {
    const wide = linesOf(reports, { columns }).filter((line) => line.length > columns);
    expect(wide.filter((line) => !/pdns-shadow scenario run|^ *\S+$|FAILED {2}\S+$|pickwhashed/.test(line))).toEqual(
      [],
    );
  },
);

test('colours change nothing but colours', () => {
  const coloured = textReport(reports, { colour: true });
  expect(coloured).not.toBe(stripVTControlCharacters(coloured));
  expect(stripVTControlCharacters(coloured)).toBe(textReport(reports, { colour: false }));
});

test('what stands in a file cannot write to the terminal', () => {
  const hostile = '\u001b]0;owned\u0007 \u202eevil\nline';
  const results = failing.results.map((result) => ({
    ...result,
    skipped: hostile,
    timeline: result.timeline.map((answer) => ({ ...answer, text: hostile })),
    expectations: result.expectations.map((each) => ({ ...each, message: hostile, counterexample: undefined })),
  }));
  const expected = failing.expected.map((each) => ({ ...each, note: hostile, what: hostile }));
  const text = textReport([{ ...failing, scenario: hostile, file: hostile, shows: hostile, expected, results }], {
    colour: false,
    verbose: true,
  });
  expect(text).toContain('owned');
  expect(text.replaceAll('\n', '')).not.toMatch(/[\p{Cc}\p{Bidi_Control}]/u);
  expect(text).not.toMatch(/^line/m);
});

test('of a long stretch between two faults, the middle is left out and counted', () => {
  const [canary] = reports;
  const short = linesOf(canary === undefined ? [] : [canary]);
  const hidden = short.map((line) => /… (\d+) more changes …/.exec(line)?.[1]).find((number) => number !== undefined);
  expect(hidden).toBe('35');
  expect(linesOf(canary === undefined ? [] : [canary], { verbose: true }).join('\n')).not.toContain('more change');
});

test('what is possible in no phase fails in all of them, not in the one that is shown', () => {
  const expected = failing.expected.map((each) => ({ ...each, modality: 'possible' as const }));
  const text = textReport([{ ...failing, expected }], { colour: false });
  expect(text).toContain('    seen    fsn at 61 s by eu@ns1\n    phase   in every phase that was tried\n');
});

test('a run whose timeline was reduced says so', () => {
  const results = failing.results.map((result) => ({
    ...result,
    ...(result.shown === undefined ? {} : { shown: { ...result.shown, faults: [] } }),
  }));
  expect(linesOf([{ ...failing, results }])).toContain(
    '      One of the runs, with 0 of 1 fault: ns1 first asked at 1.3 s, clock 0.4 s into its second.',
  );
});

test('of a run whose timeline was reduced for one failure, others are not said to happen in it', () => {
  const marked = (faults: number) => {
    const results = failing.results.map((result) => ({
      ...result,
      ...(result.shown === undefined
        ? {}
        : { shown: { ...result.shown, faults: result.shown.faults.slice(0, faults) } }),
    }));
    return linesOf([{ ...failing, results }]).filter((line) => line.includes('  FAILS   line')).length;
  };
  expect([marked(1), marked(0)]).toEqual([4, 2]);
});

test('the command that repeats a run asks for the same phases, and can be pasted', () => {
  const { scenario, results } = failingResult();
  const asked = { ...scenario, file: "it's here/fsn fails.yaml" };
  const commandsFor = (phase: PhaseRequest) =>
    linesOf([reportOf({ scenario: asked, results }, { phase })]).filter((line) => line.includes('scenario run'));
  const command =
    "    pdns-shadow scenario run 'it'\\''s here/fsn fails.yaml' --profile 4.9 --engine simulate --seed 1 --phase";
  expect(commandsFor({ kind: 'all' })[0]).toBe(`${command} all`);
  expect(commandsFor({ kind: 'sweep', count: 25 })[0]).toBe(`${command} 25`);
  expect(commandsFor({ kind: 'fixed', offset: 2_500_000 })[0]).toBe(`${command} 2500ms`);
});

test('failures of another phase are not marked in the run that is shown', () => {
  const ofPhase = (server: string, offsetSeconds: number) =>
    failing.results.map((result) => ({
      ...result,
      expectations: result.expectations.map(({ counterexample, ...each }) => ({
        ...each,
        ...(counterexample === undefined
          ? {}
          : { counterexample: { ...counterexample, phases: { [server]: { offsetSeconds, fractionSeconds: 0.4 } } } }),
      })),
    }));
  expect(linesOf([{ ...failing, results: ofPhase('ns1', 1.3) }]).join('\n')).toContain('  FAILS   line 22');
  expect(linesOf([{ ...failing, results: ofPhase('ns1', 1.4) }]).join('\n')).not.toContain('  FAILS   line 22');
  expect(linesOf([{ ...failing, results: ofPhase('ns2', 1.3) }]).join('\n')).not.toContain('  FAILS   line 22');
});
