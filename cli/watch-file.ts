/** A file that others replace while a program runs. */
import { type FSWatcher, watch } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { basename, dirname, resolve } from 'node:path';

/** How long its folder must be quiet before it is read. */
const SETTLE_MS = 100;

/** Undefined where it cannot be read. */
export function textIn(file: string): Promise<string | undefined> {
  return readFile(file, 'utf8').catch(() => undefined);
}

/**
 * Tells each time that another text is in the file than the one known: also at once, where it was replaced since. Editors and
 * ConfigMaps replace files, which a watch on the file itself would not survive: its folder is watched. A file that cannot be
 * read for a while has not changed.
 */
export function watchFile(file: string, known: string | undefined, changed: () => void): FSWatcher {
  const path = resolve(file);
  let last = known;
  let timer: NodeJS.Timeout | undefined;
  const look = async () => {
    const text = await textIn(path);
    if (text === undefined || text === last) return;
    last = text;
    changed();
  };
  const watcher = watch(dirname(path), (_event, name) => {
    if (name !== null && name !== basename(path) && !name.startsWith('..')) return;
    clearTimeout(timer);
    timer = setTimeout(() => void look(), SETTLE_MS);
  });
  void look();
  // A folder that goes away takes the watch with it; SIGHUP still works.
  return watcher.on('error', () => watcher.close());
}
