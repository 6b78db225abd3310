/** The command that runs a result again. */
import type { ResultReport, ScenarioReport } from './report.ts';

type Asked = Pick<ScenarioReport, 'file' | 'phase' | 'dilation' | 'expected'>;

/** Same seed, same phases, same history: what failed fails again. As the command line was called, so that it can be pasted. */
export function repeatCommand(report: Asked, result: ResultReport): string {
  const { profile, engine, seed } = result;
  const isReal = engine === 'powerdns';
  const words = [
    process.env.PDNS_SHADOW_CALLED ?? 'pdns-shadow',
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
  const isOne = phase?.endsWith('ms') ?? false;
  if (phase === undefined || (result.engine === 'powerdns' && !isOne && !failsByComparison(report, result))) return [];
  return ['--phase', phase];
}

function quoted(word: string): string {
  return /^[\w./@%+=:,-]+$/.test(word) ? word : `'${word.replaceAll("'", "'\\''")}'`;
}
