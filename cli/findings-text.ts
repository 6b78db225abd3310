/** Findings of a plan for people: what is so, then what to set. */
import { styleText } from 'node:util';
import type { Finding } from '../planner/finding.ts';
import { printProse } from './print.ts';

/** The first `most` of them. */
export function printFindings(findings: readonly Finding[], most: number): void {
  for (const { code, severity, message, advice } of findings.slice(0, most)) {
    const mark = severity === 'wrong' ? styleText('red', '✗') : severity === 'costly' ? styleText('yellow', '!') : '·';
    printProse(`${message} (${code})`, { mark, indent: 2 });
    printProse(`${advice}\n`, { indent: 2 });
  }
  if (findings.length > most) console.log(`… and ${findings.length - most} more: see --all\n`);
  if (findings.length === 0) console.log('Nothing stands out.\n');
}
