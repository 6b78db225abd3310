/**
 * One history, one agent: what two write into one file, both show as their own. The lock is SQLite's, on a file beside the
 * history, so that it ends with the process whatever becomes of it; the history itself stays free for readers.
 */
import { realpathSync } from 'node:fs';
import { basename, dirname, join, resolve } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { UserError } from '../input/errors.ts';
import { historyStep, isLocked } from './history-file.ts';

/** Within a process they are counted: a reload opens the history for the new agent before the old one is done with it. */
const held = new Map<string, { readonly db: DatabaseSync; count: number }>();

/** Returns what lets go of the lock. Throws `UserError` `E_HISTORY` where another process has it. */
export function lockHistory(path: string): () => void {
  const file = historyStep(path, 'cannot be locked', () => lockFile(path));
  const lock = held.get(file) ?? { db: lockedFile(path, file), count: 0 };
  lock.count++;
  held.set(file, lock);
  return () => {
    if (--lock.count > 0) return;
    held.delete(file);
    lock.db.close();
  };
}

/** The same for every way to write the path. */
function lockFile(path: string): string {
  const file = resolve(path);
  return `${join(realpathSync(dirname(file)), basename(file))}-lock`;
}

function lockedFile(path: string, file: string): DatabaseSync {
  const db = historyStep(path, 'cannot be locked', () => new DatabaseSync(file, { timeout: 0 }));
  try {
    historyStep(path, 'cannot be locked', () => db.exec('BEGIN EXCLUSIVE'));
    return db;
  } catch (error) {
    db.close();
    if (!isLocked(error)) throw error;
    throw new UserError('E_HISTORY', `another agent writes the history ${path}`, {
      hint: 'Every agent needs one of its own: history: { path: /var/lib/pdns-shadow/other.db }. It is tried again each minute.',
      exitCode: 3,
      cause: error,
    });
  }
}
