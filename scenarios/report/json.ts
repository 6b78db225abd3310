/** `--report json=F`: one scenario is an object, several are a list of them. */
import { z } from 'zod';
import { UserError } from '../../input/errors.ts';
import { type ScenarioReport, scenarioReport } from './report.ts';

export function jsonReport(reports: readonly ScenarioReport[]): string {
  const [only, ...more] = reports;
  return `${JSON.stringify(only !== undefined && more.length === 0 ? only : reports, undefined, 1)}\n`;
}

/** Reads what `jsonReport` wrote. Throws `UserError` (`E_REPORT`) that says where it is something else. */
export function parseJsonReport(text: string, file: string): ScenarioReport[] {
  const refuse = (message: string, cause: unknown) =>
    new UserError('E_REPORT', message, {
      place: { file },
      hint: 'Give files that scenario run --report json=FILE of this version wrote.',
      cause,
    });
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (cause) {
    throw refuse(`no JSON: ${cause instanceof Error ? cause.message : String(cause)}`, cause);
  }
  const checked = z.array(scenarioReport).safeParse(Array.isArray(value) ? value : [value]);
  if (checked.success) return checked.data;
  const [issue] = checked.error.issues;
  const where = issue === undefined ? '' : issue.path.slice(Array.isArray(value) ? 0 : 1).join('.');
  throw refuse(`no report of a scenario: ${where === '' ? '' : `${where}: `}${issue?.message ?? ''}`, checked.error);
}
