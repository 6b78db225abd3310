/** The command that runs a result again. */
import { parsePhase } from '../asked-phase.ts';
import type { ResultReport, ScenarioReport } from './report.ts';

type Asked = Pick<ScenarioReport, 'file' | 'phase' | 'dilation' | 'expected'>;

/** How the command is called that repeats a failure, where nobody says otherwise. */
export const CALLED = 'pdns-shadow';

/** Same seed, same phases, same history: what failed fails again. `called`: how the command line is. */
export function repeatCommand(report: Asked, result: ResultReport, called: string): string {
  const { profile, engine, seed } = result;
  const isReal = engine === 'powerdns';
  const words = [
    called,
    'scenario',
    'run',
    report.file,
    ...['--profile', profile],
    ...['--engine', isReal && failsByComparison(report, result) ? 'both' : engine],
    ...['--seed', `${seed}`],
    ...phaseFlags(report, result),
    ...(isReal && report.dilation !== undefined ? ['--dilation', `${report.dilation}`] : []),
  ];
  return words.map(quoted).join(' ');
}

/** What is expected of the comparison stands in no file. */
function failsByComparison({ expected }: Asked, { expectations }: ResultReport): boolean {
  const written = new Set(expected.flatMap(({ index, line }) => (line === undefined ? [] : [index])));
  return expectations.some(({ index, verdict }) => verdict === 'fail' && !written.has(index));
}

/** Real servers have one phase, and are asked for no other; what they are compared with may have several. */
function phaseFlags(report: Asked, result: ResultReport): readonly string[] {
  const { phase } = report;
  if (phase === undefined) return [];
  const isOne = parsePhase(phase, 'phase').kind === 'fixed';
  if (result.engine === 'powerdns' && !isOne && !failsByComparison(report, result)) return [];
  return ['--phase', phase];
}

function quoted(word: string): string {
  return /^[\w./@%+=:,-]+$/.test(word) ? word : `'${word.replaceAll("'", "'\\''")}'`;
}
