/** `--shard I/N`: the same jobs for the same numbers, wherever it runs. */
import { UserError } from '../../geoip/errors.ts';

export interface Shard {
  /** From 1 to `count`. */
  readonly index: number;
  readonly count: number;
}

/** Throws `UserError` (`E_SHARD`) for what is no `I/N` with I from 1 to N. */
export function parseShard(text: string): Shard {
  const [, index, count] = /^([1-9]\d{0,5})\/([1-9]\d{0,5})$/.exec(text)?.map(Number) ?? [];
  if (index === undefined || count === undefined || index > count) {
    throw new UserError('E_SHARD', `'${text}' is no shard`, {
      hint: 'Write --shard I/N with I from 1 to N: 2/4 is the second of four.',
    });
  }
  return { index, count };
}

/** Every Nth job, in their order. Jobs are scenario by scenario, in each release line by release line, in each engine by engine. */
export function jobsOf<T>(jobs: readonly T[], { index, count }: Shard): readonly T[] {
  return jobs.filter((_, i) => i % count === index - 1);
}
