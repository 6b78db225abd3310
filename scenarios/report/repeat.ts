/** The command that runs a result again. */
import type { ResultReport, ScenarioReport } from './report.ts';

/** Same seed, same phases, same history: what failed fails again. */
export function repeatCommand(
  { file }: Pick<ScenarioReport, 'file'>,
  { profile, engine, seed }: Pick<ResultReport, 'profile' | 'engine' | 'seed'>,
): string {
  return `pdns-shadow scenario run ${quoted(file)} --profile ${profile} --engine ${engine} --seed ${seed}`;
}

function quoted(word: string): string {
  return /^[\w./@%+=:,-]+$/.test(word) ? word : `'${word.replaceAll("'", "'\\''")}'`;
}
