/** Files that a person names on the command line. */
import { readFile } from 'node:fs/promises';
import { UserError } from '../geoip/errors.ts';

/** The text of a file. Throws `UserError` with `code` where it cannot be read; `what` names it: `the configuration`. */
export async function readTextFile(file: string, code: string, what: string, hint: string): Promise<string> {
  try {
    return await readFile(file, 'utf8');
  } catch (cause) {
    throw new UserError(code, `${what} cannot be read: ${whyNot(cause)}`, { place: { file }, hint, cause });
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
