/** Files that `plan geo` writes beside what it prints. */
import { createWriteStream } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { UserError } from '../input/errors.ts';
import { type PrefixInput, prefixLines } from '../planner/geo/prefixes.ts';
import type { Results } from '../planner/geo/results.ts';
import { worldMap } from '../planner/geo/world-map.ts';
import { whyNot } from './files.ts';

/** Every prefix with its targets, in every state but that without ECS, which is of resolvers. */
export async function writePrefixes(file: string, input: PrefixInput): Promise<void> {
  try {
    await pipeline(Readable.from(prefixLines(input)), createWriteStream(file));
  } catch (cause) {
    throw outputError(file, 'the prefixes', cause);
  }
}

export async function writeMap(file: string, results: Results): Promise<void> {
  try {
    await writeFile(file, worldMap(results));
  } catch (cause) {
    throw outputError(file, 'the map', cause);
  }
}

function outputError(file: string, what: string, cause: unknown): UserError {
  if (cause instanceof UserError) return cause;
  return new UserError('E_OUTPUT', `${what} cannot be written: ${whyNot(cause)}`, {
    place: { file },
    hint: 'Name a file in a folder that you can write to.',
    exitCode: 3,
    cause,
  });
}
