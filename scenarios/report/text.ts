/** The report for a terminal: what failed and how it came to it, in lines that can be read aloud. */
import { hanging, type Page, pageOf, plain, type TextOptions, type Tone, wrapped } from './layout.ts';
import { repeatCommand } from './repeat.ts';
import type { ExpectationReport, ExpectedReport, FailoverReport, ResultReport, ScenarioReport } from './report.ts';
import { legendLines, timelineLines } from './text-timeline.ts';
import {
  boundText,
  count,
  edgeText,
  expectedText,
  failedPhasesText,
  failedText,
  runText,
  secondsText,
  verdictText,
} from './words.ts';

const WORDS = { pass: 'PASS', fail: 'FAIL', skip: 'SKIP' } as const;
const TONES = { pass: 'good', fail: 'bad', skip: 'warn' } as const satisfies Record<string, Tone>;

/** Ends with a line break. */
export function textReport(reports: readonly ScenarioReport[], options: TextOptions): string {
  const page = pageOf(options);
  const hasRuns = reports.some(({ results }) => results.some(({ shown }) => shown !== undefined));
  const blocks = [
    ...(hasRuns ? [legendLines(reports, page)] : []),
    ...reports.map((report) => scenarioLines(report, page)),
    summaryLines(reports, page),
  ];
  return `${blocks.map((lines) => lines.join('\n')).join('\n\n')}\n`;
}

/** One scenario alone, without the summary. Ends with a line break. */
export function scenarioText(report: ScenarioReport, options: TextOptions): string {
  const page = pageOf(options);
  const hasRuns = report.results.some(({ shown }) => shown !== undefined);
  const blocks = [...(hasRuns ? [legendLines([report], page)] : []), scenarioLines(report, page)];
  return `${blocks.map((lines) => lines.join('\n')).join('\n\n')}\n`;
}

function scenarioLines(report: ScenarioReport, page: Page): string[] {
  const { paint, columns } = page;
  const { scenario, file, shows, results } = report;
  const about = [file, ...(shows === '' ? [] : wrapped(shows, columns - 2))].map((line) =>
    paint('dim', `  ${plain(line)}`),
  );
  return [
    ...wrapped(scenario, columns).map((line) => paint('bold', line)),
    ...about,
    ...results.flatMap((result) => ['', ...resultLines(report, result, page)]),
  ];
}

function resultLines(report: ScenarioReport, result: ResultReport, page: Page): string[] {
  const { paint, columns } = page;
  const [first = '', ...rest] = hanging(
    `${WORDS[result.verdict]}  `,
    `${runText(result)}: ${verdictText(result)}`,
    columns,
  );
  return [
    paint(TONES[result.verdict], first.slice(0, 4)) + first.slice(4),
    ...rest,
    ...timelineLines(report, result, page),
    ...expectationLines(report, result, page),
    ...againLines(report, result, page),
    ...failoverLines(report, result, page),
  ];
}

function expectationLines(report: ScenarioReport, result: ResultReport, page: Page): string[] {
  return result.expectations.flatMap((each) => {
    const expected = report.expected.find(({ index }) => index === each.index);
    if (each.verdict === 'fail') return ['', ...failureLines(report, each, expected, page)];
    if (!page.verbose) return [];
    const text = `${expectedText(expected)}: ${each.message}`;
    return painted(hanging(`  holds   ${placeText(report, each)}  `, text, page.columns), 2, 'holds', 'good', page);
  });
}

function failureLines(
  report: ScenarioReport,
  failed: ExpectationReport,
  expected: ExpectedReport | undefined,
  page: Page,
): string[] {
  const { columns } = page;
  const { message, counterexample } = failed;
  const head = [`  FAILED  ${placeText(report, failed)}`];
  const detail = (name: string, text: string) => (text === '' ? [] : hanging(`    ${name.padEnd(8)}`, text, columns));
  return [
    ...painted(head, 2, 'FAILED', 'bad', page),
    ...detail('expects', expectedText(expected)),
    ...(counterexample === undefined
      ? detail('because', message)
      : [
          ...detail('wanted', counterexample.wanted),
          ...detail('seen', failedText(counterexample)),
          ...(counterexample.because ?? []).flatMap((text) => detail('because', text)),
          ...detail('phase', failedPhasesText(failed, expected)),
        ]),
    ...detail('note', expected?.note ?? ''),
  ];
}

/** The command is not wrapped: it is there to be copied. */
function againLines(report: ScenarioReport, result: ResultReport, { paint, called }: Page): string[] {
  if (result.verdict !== 'fail') return [];
  return [
    '',
    paint('dim', `  The same again, with seed ${result.seed}:`),
    `    ${plain(repeatCommand(report, result, called))}`,
  ];
}

const LEAST_BOUND_COLUMNS = 12;
const GAP = 2;

/** A table under each fault from which they count; names that leave no room for it stand above their row. */
function failoverLines(report: ScenarioReport, { failover }: ResultReport, { paint, columns }: Page): string[] {
  if (failover.length === 0) return [];
  const names = failover.map(({ client, server, name }) => plain(`${client}@${server} ${name}`));
  const texts = failover.flatMap((bound) => [secondsText(bound.earliestSeconds), secondsText(bound.latestSeconds)]);
  const boundColumns = Math.max(LEAST_BOUND_COLUMNS, ...texts.map(({ length }) => length + GAP));
  const room = columns - 6 - 2 * boundColumns - 26;
  const width = Math.max(24, ...names.map(({ length }) => length).filter((length) => length <= room));
  const numbers = (earliest: string, latest: string) =>
    `${earliest.padStart(boundColumns)}${latest.padStart(boundColumns)}`;
  const row = (bound: FailoverReport, name: string) => {
    const bounds = numbers(secondsText(bound.earliestSeconds), secondsText(bound.latestSeconds));
    const told = `${bounds}  ${boundText(bound)}`;
    return name.length <= width
      ? [`      ${name.padEnd(width)}${told}`]
      : [`      ${name}`, ' '.repeat(6 + width) + told];
  };
  const groups = Map.groupBy(failover.entries(), ([, { fault, edge }]) => `${fault} ${edge}`);
  const lines = [...groups.values()].flatMap((bounds) => [
    ...bounds.slice(0, 1).flatMap(([, bound]) => hanging('    ', edgeText(report, bound), columns)),
    ...bounds.flatMap(([i, bound]) => row(bound, names[i] ?? '')),
  ]);
  const title = '  Answers change after a fault'.padEnd(6 + width);
  return ['', title + paint('dim', numbers('earliest', 'latest')), ...lines];
}

function summaryLines(reports: readonly ScenarioReport[], page: Page): string[] {
  const { paint, columns } = page;
  const all = reports.flatMap((report) => report.results.map((result) => ({ report, result })));
  const number = (verdict: ResultReport['verdict']) => all.filter(({ result }) => result.verdict === verdict).length;
  const told = [
    paint(number('pass') > 0 ? 'good' : 'plain', `${number('pass')} passed`),
    paint(number('fail') > 0 ? 'bad' : 'plain', `${number('fail')} failed`),
    paint(number('skip') > 0 ? 'warn' : 'plain', `${number('skip')} skipped`),
  ];
  const failed = all.filter(({ result }) => result.verdict === 'fail');
  return [
    `${count(reports.length, 'scenario')}, ${count(all.length, 'run')}: ${told.join(', ')}`,
    ...failed.flatMap(({ report, result }) =>
      painted(
        hanging('  FAIL  ', `${report.scenario}, ${runText(result)}: ${verdictText(result)}`, columns),
        2,
        'FAIL',
        'bad',
        page,
      ),
    ),
  ];
}

/** The word that stands at a column of the first line, in its tone. */
function painted([first = '', ...rest]: string[], at: number, word: string, tone: Tone, { paint }: Page): string[] {
  return [first.slice(0, at) + paint(tone, first.slice(at, at + word.length)) + first.slice(at + word.length), ...rest];
}

function placeText({ file }: ScenarioReport, { index, line }: ExpectationReport): string {
  return plain(line === undefined ? `${file}, expectation ${index}` : `${file}:${line}`);
}
