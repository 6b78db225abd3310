/** The scenarios that come with the program. */
import { readdirSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

const FOLDER = fileURLToPath(new URL('library/', import.meta.url));

/** Paths of their files, sorted. */
export function libraryFiles(): readonly string[] {
  const names = readdirSync(FOLDER).filter((name) => name.endsWith('.yaml'));
  return names.sort().map((name) => FOLDER + name);
}
