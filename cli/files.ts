/** Files that a person names on the command line. */
import { readFile, writeFile } from 'node:fs/promises';
import { UserError } from '../input/errors.ts';

/** The text of a file. Throws `UserError` with `code` where it cannot be read; `what` names it: `the configuration`. */
export async function readTextFile(file: string, code: string, what: string, hint: string): Promise<string> {
  try {
    return await readFile(file, 'utf8');
  } catch (cause) {
    throw new UserError(code, `${what} cannot be read: ${whyNot(cause)}`, { place: { file }, hint, cause });
  }
}

/** Writes a file that is not there yet. Throws `UserError` (`E_OUTPUT`) where one is, or it cannot be written; `what` names it. */
export async function writeNewFile(file: string, text: string, what: string): Promise<void> {
  try {
    await writeFile(file, text, { flag: 'wx' });
  } catch (cause) {
    const exists = cause instanceof Error && 'code' in cause && cause.code === 'EEXIST';
    throw new UserError('E_OUTPUT', `${what} cannot be written: ${exists ? 'the file is there' : whyNot(cause)}`, {
      place: { file },
      hint: exists
        ? 'Give another name; a file that is there is never replaced.'
        : 'Name a file in a folder that is there and yours.',
      exitCode: exists ? 2 : 3,
      cause,
    });
  }
}

/** Why the operating system refused a file, in words. */
export function whyNot(cause: unknown): string {
  const code = cause instanceof Error && 'code' in cause ? String(cause.code) : '';
  return REASONS[code] ?? (cause instanceof Error ? cause.message : String(cause));
}

const REASONS: Readonly<Record<string, string>> = {
  ENOENT: 'there is no such file',
  EACCES: 'this user may not',
  EISDIR: 'it is a directory',
  ENOTDIR: 'a part of the path is no directory',
  ENOSPC: 'the disk is full',
};
