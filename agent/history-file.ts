/** The file of the history: opening, its schema, and errors that say what is wrong with it. */
import { resolve } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { ZodError } from 'zod';
import { UserError } from '../input/errors.ts';

/** Marks a SQLite file as a history of this program (`PRAGMA application_id`). */
const APPLICATION_ID = 0x70_64_73_68;

/** One entry a version of the schema: what makes it from the version before. */
const MIGRATIONS: readonly string[] = [
  `
  CREATE TABLE runs (id INTEGER PRIMARY KEY, started_ms INTEGER NOT NULL, last_ms INTEGER NOT NULL) STRICT;
  CREATE TABLE series (
    id INTEGER PRIMARY KEY, kind TEXT NOT NULL, server TEXT NOT NULL, name TEXT NOT NULL, type TEXT NOT NULL,
    client TEXT NOT NULL, run INTEGER NOT NULL, UNIQUE (kind, server, name, type, client)
  ) STRICT;
  CREATE TABLE changes (
    id INTEGER PRIMARY KEY, series INTEGER NOT NULL, at_ms INTEGER NOT NULL, skipped INTEGER NOT NULL, state TEXT NOT NULL
  ) STRICT;
  CREATE INDEX changes_of_series ON changes (series, at_ms);
  CREATE INDEX changes_by_age ON changes (at_ms);
  CREATE TABLE drifts (
    id INTEGER PRIMARY KEY, run INTEGER NOT NULL, drift TEXT NOT NULL, server TEXT NOT NULL, name TEXT NOT NULL,
    type TEXT NOT NULL, client TEXT NOT NULL, class TEXT NOT NULL, since_ms INTEGER NOT NULL, last_seen_ms INTEGER NOT NULL,
    resolved_ms INTEGER, details TEXT NOT NULL, UNIQUE (run, drift)
  ) STRICT;
  `,
];

export const SCHEMA_VERSION = MIGRATIONS.length;

/** Blocks the whole agent, so it is short; what could not be written is tried again. */
const LOCK_WAIT_MS = 100;
const WAL_BYTES_KEPT = 16 * 1024 * 1024;

/**
 * Opens the file, makes it where there is none, and brings an older one up to date. Throws `UserError` `E_HISTORY` where
 * it cannot be had, is no history, or was written by a newer release; such a file is left as it is.
 */
export function openHistoryFile(path: string): DatabaseSync {
  const file = resolve(path);
  const db = historyStep(path, 'cannot be opened', () => new DatabaseSync(file, { timeout: LOCK_WAIT_MS }));
  try {
    historyStep(path, 'cannot be used', () => prepare(db, path));
    return db;
  } catch (error) {
    db.close();
    throw error;
  }
}

/** Runs one step on the file; whatever SQLite finds wrong becomes `E_HISTORY`. */
export function historyStep<T>(path: string, problem: string, step: () => T): T {
  try {
    return step();
  } catch (error) {
    if (error instanceof UserError) throw error;
    const { why, hint } = explain(error);
    throw new UserError('E_HISTORY', `the history ${path} ${problem}: ${why}`, { hint, exitCode: 3, cause: error });
  }
}

/** Did SQLite only wait too long for another process? */
export function isLocked(error: unknown): boolean {
  const code = sqliteCode(error instanceof UserError ? error.cause : error);
  return code === SQLITE_BUSY || code === SQLITE_LOCKED;
}

export function pragma(db: DatabaseSync, name: string): number {
  return Number(Object.values(db.prepare(`PRAGMA ${name}`).get() ?? {})[0] ?? 0);
}

function prepare(db: DatabaseSync, path: string): void {
  const version = pragma(db, 'user_version');
  const tables = db.prepare('SELECT count(*) AS count FROM sqlite_schema').get();
  const isEmpty = version === 0 && pragma(db, 'application_id') === 0 && tables?.count === 0;
  if (!isEmpty && pragma(db, 'application_id') !== APPLICATION_ID) {
    throw new UserError('E_HISTORY', `${path} is a database of another program, not a history`, {
      hint: 'Name a file of its own: history: { path: /var/lib/pdns-shadow/history.db }. A missing file is made.',
      exitCode: 3,
    });
  }
  if (version > SCHEMA_VERSION) {
    const message = `the history ${path} has schema ${version}, this release knows up to ${SCHEMA_VERSION}`;
    throw new UserError('E_HISTORY', message, {
      hint: 'Run the newer release again, or name another file.',
      exitCode: 3,
    });
  }
  // Only has an effect before the first table.
  if (isEmpty) db.exec('PRAGMA auto_vacuum = INCREMENTAL');
  if (version < SCHEMA_VERSION) {
    const steps = MIGRATIONS.slice(version).join('\n');
    db.exec(
      `BEGIN IMMEDIATE; ${steps} PRAGMA application_id = ${APPLICATION_ID}; PRAGMA user_version = ${SCHEMA_VERSION}; COMMIT`,
    );
  }
  // With a write-ahead log readers do not hold up the writer, and a crash costs at most the last second.
  db.exec(`PRAGMA journal_mode = WAL; PRAGMA synchronous = NORMAL; PRAGMA journal_size_limit = ${WAL_BYTES_KEPT}`);
}

const SQLITE_BUSY = 5;
const SQLITE_LOCKED = 6;
const DAMAGED = 'Move the file away (with its -wal and -shm); a new one is made.';
const HINTS: Readonly<Record<number, string>> = {
  [SQLITE_BUSY]: 'Another process holds it. Every agent needs a history of its own.',
  8: 'The user of the agent must be able to write the file and its folder.',
  10: 'Look at the disk and its file system.',
  11: DAMAGED,
  13: 'Make room on the disk, or keep less: history: { keep: 1d }.',
  14: 'The folder must exist, and the user of the agent must be able to write there.',
  26: DAMAGED,
};

function explain(error: unknown): { why: string; hint: string } {
  if (error instanceof ZodError || error instanceof SyntaxError) {
    return { why: 'it has a row that this program did not write', hint: DAMAGED };
  }
  const why = error instanceof Error ? error.message : String(error);
  return { why, hint: HINTS[sqliteCode(error) ?? 0] ?? DAMAGED };
}

/** SQLite's primary result code: the low byte of the extended one. */
function sqliteCode(error: unknown): number | undefined {
  const isSqlite =
    typeof error === 'object' && error !== null && 'errcode' in error && typeof error.errcode === 'number';
  return isSqlite ? Number(error.errcode) & 0xff : undefined;
}
