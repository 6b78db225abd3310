/** What a run of the fuzzer found, for people. */
import type { ServerBinary } from '../../wire/rig/rig.ts';
import type { FuzzReport, Mismatch } from './fuzz-run.ts';

/** A simulator that may say of anything that it cannot know would be right about everything. */
const MAX_OPAQUE_SHARE = 0.3;
const SHOWN_REASONS = 15;

export function opaqueShare({ questions }: FuzzReport): number {
  const all = Object.values(questions).reduce((sum, count) => sum + count, 0);
  return all === 0 ? 0 : questions.opaque / all;
}

/** What is wrong; undefined where all is well. */
export function verdict(report: FuzzReport): string | undefined {
  if (report.mismatches.length > 0) return `${report.mismatches.length} mismatches`;
  if (report.outdated.length > 0) return `known differences that agree by now: ${report.outdated.join('; ')}`;
  if (opaqueShare(report) > MAX_OPAQUE_SHARE)
    return `${(100 * opaqueShare(report)).toFixed(0)} % of questions are opaque`;
  return undefined;
}

export function formatMismatch({ batch, lines, question, difference }: Mismatch, line: string, seed: number): string {
  const { name, type, ...rest } = question;
  const ways = Object.entries(rest)
    .filter(([, value]) => value !== false && value !== undefined)
    .map(([way, value]) => `${way}=${value}`)
    .join(' ');
  const command = `node test/differential/fuzz.ts --line ${line} --seed ${seed} --batch ${Math.max(0, batch)}`;
  return [
    '',
    ...lines.map((text) => `  ${text}`),
    `  ${name} ${type} ${ways}`,
    `  ${difference}`,
    `  again: ${command}`,
  ].join('\n');
}

export function formatSummary(report: FuzzReport, binary: ServerBinary, seed: number, seconds: number): string {
  const counts = Object.entries(report.questions).map(([kind, count]) => `${count} ${kind}`);
  const said = [...report.answers].sort(([, a], [, b]) => b - a).map(([answer, count]) => `${count} ${answer}`);
  const reasons = [...report.opaque].sort(([, a], [, b]) => b - a).slice(0, SHOWN_REASONS);
  return [
    `PowerDNS ${binary.version}, seed ${seed}: ${report.comparisons} comparisons in ${seconds.toFixed(0)} s`,
    `  questions: ${counts.join(', ')} (${(100 * opaqueShare(report)).toFixed(1)} % opaque)`,
    `  answers: ${said.join(', ')}`,
    `  mismatches: ${report.mismatches.length}`,
    ...[...report.known].map(([reason, count]) => `  known, ${count} times: ${reason}`),
    ...reasons.map(([reason, count]) => `  opaque, ${count} times: ${reason}`),
  ].join('\n');
}
