import { execFileSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { RELEASE_LINES } from '../simulator/profile/profile.ts';

/** The nearest folder above this file that has a package.json: the checkout, or the installed package. */
const packageFolder = (() => {
  let folder = dirname(fileURLToPath(import.meta.url));
  while (!existsSync(join(folder, 'package.json'))) folder = dirname(folder);
  return folder;
})();

export const version: string = (() => {
  const parsed: unknown = JSON.parse(readFileSync(join(packageFolder, 'package.json'), 'utf8'));
  const isPackage = typeof parsed === 'object' && parsed !== null && 'version' in parsed;
  return isPackage ? String(parsed.version) : 'unknown';
})();

/** `0.1.0 (commit 3f2a…, node v24.21.0, PowerDNS 4.7, 4.8, …)` */
export function describeVersion(): string {
  return `${version} (commit ${commit()}, node ${process.version}, profiles ${RELEASE_LINES.join(', ')})`;
}

function commit(): string {
  const built = join(packageFolder, 'dist', 'build.json');
  if (!import.meta.url.endsWith('.ts') && existsSync(built)) {
    const parsed: unknown = JSON.parse(readFileSync(built, 'utf8'));
    return typeof parsed === 'object' && parsed !== null && 'commit' in parsed ? String(parsed.commit) : 'unknown';
  }
  try {
    return execFileSync('git', ['rev-parse', '--short=12', 'HEAD'], {
      cwd: packageFolder,
      encoding: 'utf8',
      stdio: ['ignore', 'pipe', 'ignore'],
    }).trim();
  } catch {
    // Sources without a checkout around them have no commit to name.
    return 'unknown';
  }
}
