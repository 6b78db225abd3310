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

/** Jobs that follow each other, so that the states of a record stay together: they share what is asked while all is up. */
export function shardOf<T>(jobs: readonly T[], { index, count }: Shard): readonly T[] {
  return jobs.slice(Math.floor(((index - 1) * jobs.length) / count), Math.floor((index * jobs.length) / count));
}
