/** The command that runs a result again. */
import type { ResultReport, ScenarioReport } from './report.ts';

/** Same seed, same phases, same history: what failed fails again. */
export function repeatCommand(
  { file, phase }: Pick<ScenarioReport, 'file' | 'phase'>,
  { profile, engine, seed }: Pick<ResultReport, 'profile' | 'engine' | 'seed'>,
): string {
  const phases = phase === undefined ? '' : ` --phase ${phase}`;
  return `pdns-shadow scenario run ${quoted(file)} --profile ${profile} --engine ${engine} --seed ${seed}${phases}`;
}

function quoted(word: string): string {
  return /^[\w./@%+=:,-]+$/.test(word) ? word : `'${word.replaceAll("'", "'\\''")}'`;
}
