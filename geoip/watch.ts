import { type FSWatcher, watch } from 'node:fs';
import { stat } from 'node:fs/promises';
import { dirname } from 'node:path';
import { UserError } from '../input/errors.ts';
import { type GeoDatabase, openDatabase } from './database.ts';
import { type DatabaseFile, DEFAULT_LANGUAGE } from './database-files.ts';

export interface WatchEvents {
  /** All databases, in the order of the files, after at least one of them was replaced by a new build. */
  onChange(databases: readonly GeoDatabase[]): void;
  /** A new file cannot be used; the databases in use stay as they are. Told once for each change of the file. */
  onError(error: UserError): void;
}

export interface WatchOptions {
  /** How long a folder must be quiet before its files are read. */
  readonly settleMs?: number;
  /** How often files are looked at even though their folder reported nothing: links and network file systems. */
  readonly pollMs?: number;
}

export interface DatabaseWatch {
  /** The databases as they are now. */
  readonly databases: readonly GeoDatabase[];
  /** What is wrong with files that are newer than the databases made of them; empty when every file is in use. */
  readonly problems: readonly UserError[];
  close(): void;
}

/**
 * Opens databases and follows their files: a new build, copied or renamed into place, is opened completely before it takes
 * the place of the old one. Folders are watched, not files, since a watched file goes deaf when it is renamed over. Keeps
 * no process alive.
 *
 * Rejects with `openDatabase`'s errors if a file cannot be opened at the start. Later trouble goes to `onError`:
 * `E_GEOIP_MISSING`, `E_GEOIP_CORRUPT`, and `E_GEOIP_WATCH` if a folder cannot be watched, which leaves the polling.
 */
export async function watchDatabases(
  files: readonly (string | DatabaseFile)[],
  events: WatchEvents,
  options: WatchOptions = {},
): Promise<DatabaseWatch> {
  const sources = await Promise.all(files.map(openSource));
  const follower = new Follower(sources, events, options.settleMs ?? 500);
  follower.start(options.pollMs ?? 60_000);
  return follower;
}

interface Source {
  readonly file: DatabaseFile;
  /** Changes when the file does. */
  readonly signature: string;
  readonly database: GeoDatabase;
  /** Why the file as it is now is not what is in use. */
  readonly problem?: UserError;
}

class Follower implements DatabaseWatch {
  readonly #events: WatchEvents;
  readonly #settleMs: number;
  readonly #watchers: FSWatcher[] = [];
  #sources: readonly Source[];
  #settling: NodeJS.Timeout | undefined;
  #polling: NodeJS.Timeout | undefined;
  #isChecking = false;
  #isClosed = false;

  constructor(sources: readonly Source[], events: WatchEvents, settleMs: number) {
    this.#sources = sources;
    this.#events = events;
    this.#settleMs = settleMs;
  }

  get databases(): readonly GeoDatabase[] {
    return this.#sources.map(({ database }) => database);
  }

  get problems(): readonly UserError[] {
    return this.#sources.flatMap(({ problem }) => problem ?? []);
  }

  start(pollMs: number): void {
    for (const folder of new Set(this.#sources.map(({ file }) => dirname(file.path)))) this.#watchFolder(folder);
    this.#polling = setInterval(() => this.#checkSoon(), pollMs).unref();
  }

  close(): void {
    this.#isClosed = true;
    clearTimeout(this.#settling);
    clearInterval(this.#polling);
    for (const watcher of this.#watchers) watcher.close();
  }

  #watchFolder(folder: string): void {
    const fail = (cause: unknown) => this.#events.onError(watchError(folder, cause));
    try {
      const watcher = watch(folder, { persistent: false }, () => this.#checkSoon());
      this.#watchers.push(watcher.on('error', fail));
    } catch (cause) {
      fail(cause);
    }
  }

  #checkSoon(): void {
    if (this.#isClosed) return;
    clearTimeout(this.#settling);
    this.#settling = setTimeout(() => void this.#check(), this.#settleMs).unref();
  }

  async #check(): Promise<void> {
    if (this.#isChecking) return this.#checkSoon();
    this.#isChecking = true;
    const sources = await Promise.all(this.#sources.map((source) => this.#refresh(source)));
    this.#isChecking = false;
    if (this.#isClosed) return;
    const hasNewBuild = sources.some(({ database }, index) => database !== this.#sources[index]?.database);
    this.#sources = sources;
    if (hasNewBuild) this.#events.onChange(this.databases);
  }

  async #refresh(source: Source): Promise<Source> {
    const { file } = source;
    const signature = await signatureOf(file);
    if (signature === source.signature) return source;
    try {
      const database = await openDatabase(file);
      if ((await signatureOf(file)) === signature) return { file, signature, database };
      // Still being written: the next look decides.
      this.#checkSoon();
      return source;
    } catch (error) {
      if (!(error instanceof UserError)) throw error;
      if (!this.#isClosed) this.#events.onError(error);
      return { ...source, signature, problem: error };
    }
  }
}

async function openSource(name: string | DatabaseFile): Promise<Source> {
  const file = typeof name === 'string' ? { path: name, language: DEFAULT_LANGUAGE } : name;
  // Taken before the file is read, so that a change in between is noticed.
  const signature = await signatureOf(file);
  return { file, signature, database: await openDatabase(file) };
}

async function signatureOf({ path }: DatabaseFile): Promise<string> {
  try {
    const { dev, ino, size, mtimeMs, ctimeMs } = await stat(path);
    return [dev, ino, size, mtimeMs, ctimeMs].join(' ');
  } catch {
    return 'missing';
  }
}

function watchError(folder: string, cause: unknown): UserError {
  const reason = cause instanceof Error ? cause.message : String(cause);
  return new UserError('E_GEOIP_WATCH', `cannot watch for new GeoIP databases: ${reason}`, {
    place: { file: folder },
    hint: 'new builds are still noticed, but late; raise fs.inotify.max_user_watches if it is exhausted',
    exitCode: 3,
    cause,
  });
}
