/** What `plan geo` found, for people and for programs. */
import { findingsOf } from '../planner/geo/findings.ts';
import { type Results, resultLine } from '../planner/geo/results.ts';
import { printGeoText } from './plan-geo-text.ts';
import { printJson, printLines } from './print.ts';

export async function showResults(results: Results, format: 'text' | 'json' | 'jsonl', all: boolean): Promise<void> {
  const { head, states } = results;
  if (format === 'jsonl') return printLines([resultLine(head), ...states.map(resultLine)]);
  const findings = findingsOf(results);
  if (format === 'json') printJson({ ...head, findings, states });
  else printGeoText(results, findings, all);
}
