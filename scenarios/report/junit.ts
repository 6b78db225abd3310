/** JUnit XML, as CI systems read it: a suite a scenario, release line and engine; a case an expectation. */

import { CALLED, repeatCommand } from './repeat.ts';
import type { ExpectationReport, ExpectedReport, ResultReport, ScenarioReport } from './report.ts';
import { expectedText, failedPhasesText, failedText, runText } from './words.ts';
import { attributes, escapeXml } from './xml.ts';

/** `called`: how the command line is. */
export function junitReport(reports: readonly ScenarioReport[], called = CALLED): string {
  const suites = reports.flatMap((report) => report.results.map((result) => suiteOf(report, result, called)));
  const total = totalOf(suites.flatMap(({ cases }) => cases));
  return [
    '<?xml version="1.0" encoding="UTF-8"?>',
    `<testsuites${attributes({ name: 'pdns-shadow scenarios', ...total })}>`,
    ...suites.flatMap(({ name, file, properties, cases }) => [
      `  <testsuite${attributes({ name, file, ...totalOf(cases) })}>`,
      '    <properties>',
      ...properties.map((property) => `      <property${attributes(property)}/>`),
      '    </properties>',
      ...cases.flatMap(caseLines),
      '  </testsuite>',
    ]),
    '</testsuites>',
    '',
  ].join('\n');
}

interface Case {
  readonly name: string;
  readonly classname: string;
  readonly file: string;
  readonly line: number | undefined;
  readonly failure: { readonly message: string; readonly details: string } | undefined;
  readonly skipped: string | undefined;
}

function suiteOf(report: ScenarioReport, result: ResultReport, called: string) {
  const { scenario, file, expected } = report;
  const { profile, engine, seed, phases } = result;
  const classname = `${scenario} (${runText(result)})`;
  const cases = expected.map((each) => caseOf(report, result, each, { classname, called }));
  // A suite without a case would not be seen at all.
  const ran = { name: 'runs', classname, file, line: undefined, failure: undefined, skipped: result.skipped };
  return {
    name: classname,
    file,
    properties: [
      { name: 'profile', value: profile },
      { name: 'engine', value: engine },
      { name: 'seed', value: `${seed}` },
      { name: 'phases', value: phases.complete ? `every phase, ${phases.courses} courses` : `${phases.courses} tried` },
    ],
    cases: cases.length > 0 ? cases : [ran],
  };
}

function caseOf(
  report: ScenarioReport,
  result: ResultReport,
  expected: ExpectedReport,
  { classname, called }: { readonly classname: string; readonly called: string },
): Case {
  const judged = result.expectations.find(({ index }) => index === expected.index);
  return {
    name: `${expected.index + 1}. ${expectedText(expected)}`,
    classname,
    file: expected.file,
    line: expected.line,
    failure:
      judged?.verdict === 'fail'
        ? failureOf(expected, judged, result.seed, repeatCommand(report, result, called))
        : undefined,
    skipped: judged === undefined ? whySkipped(result, expected) : judged.untold,
  };
}

function whySkipped({ verdict, skipped }: ResultReport, { profiles }: ExpectedReport): string {
  if (verdict === 'skip') return skipped ?? 'no reason is known';
  return profiles.length > 0 ? `expected of PowerDNS ${profiles.join(', ')} only` : 'it was not looked at';
}

function failureOf(expected: ExpectedReport, failed: ExpectationReport, seed: number, again: string) {
  const { message, counterexample, line } = failed;
  const details = [
    line === undefined ? expected.file : `${expected.file}:${line}`,
    ...(counterexample === undefined
      ? []
      : [
          `wanted ${counterexample.wanted}`,
          `seen   ${failedText(counterexample)}`,
          ...(counterexample.because ?? []).map((text) => `why    ${text}`),
          `phase  ${failedPhasesText(failed, expected)}`,
        ]),
    ...(expected.note === '' ? [] : [`note   ${expected.note}`]),
    `seed   ${seed}`,
    `again  ${again}`,
  ];
  return { message, details: details.join('\n') };
}

function caseLines({ name, classname, file, line, failure, skipped }: Case): string[] {
  const open = `    <testcase${attributes({ name, classname, file, line, time: 0 })}`;
  if (failure !== undefined) {
    const head = `<failure${attributes({ message: failure.message, type: 'expectation' })}>`;
    return [`${open}>`, `      ${head}${escapeXml(failure.details)}</failure>`, '    </testcase>'];
  }
  if (skipped === undefined) return [`${open}/>`];
  return [`${open}>`, `      <skipped${attributes({ message: skipped })}/>`, '    </testcase>'];
}

function totalOf(cases: readonly Case[]) {
  return {
    tests: cases.length,
    failures: cases.filter(({ failure }) => failure !== undefined).length,
    errors: 0,
    skipped: cases.filter(({ skipped }) => skipped !== undefined).length,
    time: 0,
  };
}
