// Makes the publishable package: JavaScript and declarations in dist/, from the same sources that run in a checkout.
import { execFileSync } from 'node:child_process';
import { chmodSync, cpSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const dist = join(root, 'dist');

rmSync(dist, { recursive: true, force: true });
execFileSync(process.execPath, [join(root, 'node_modules', 'typescript', 'bin', 'tsc'), '-p', 'tsconfig.build.json'], {
  cwd: root,
  stdio: 'inherit',
});
cpSync(join(root, 'agent', 'page.html'), join(dist, 'agent', 'page.html'));
cpSync(join(root, 'scenarios', 'library'), join(dist, 'scenarios', 'library'), { recursive: true });
const main = join(dist, 'cli', 'main.js');
const text = readFileSync(main, 'utf8');
if (!text.startsWith('#!')) writeFileSync(main, `#!/usr/bin/env node\n${text}`);
chmodSync(main, 0o755);
writeFileSync(join(dist, 'build.json'), `${JSON.stringify({ commit: commit() })}\n`);

function commit() {
  if (process.env.PDNS_SHADOW_COMMIT) return process.env.PDNS_SHADOW_COMMIT;
  try {
    return execFileSync('git', ['rev-parse', '--short=12', 'HEAD'], {
      cwd: root,
      encoding: 'utf8',
      stdio: ['ignore', 'pipe', 'ignore'],
    }).trim();
  } catch {
    // Not a checkout: an unpacked archive has no commit to name.
    return 'unknown';
  }
}
