/** `--shard I/N`: the same part of some work for the same numbers, wherever it runs. What a part is, each kind of work says. */
import { UserError } from './errors.ts';

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
