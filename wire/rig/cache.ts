import { existsSync } from 'node:fs';
import { dirname, join } from 'node:path';

/** Where the rig keeps its servers: `.cache/powerdns` beside the project's `package.json`. */
export function cacheFolder(): string {
  return join(projectRoot(import.meta.dirname), '.cache', 'powerdns');
}

function projectRoot(folder: string): string {
  if (existsSync(join(folder, 'package.json'))) return folder;
  const parent = dirname(folder);
  return parent === folder ? process.cwd() : projectRoot(parent);
}
