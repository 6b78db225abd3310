// Runs one of the project's programs on a machine that has nothing but Node and npm: installs what is missing, then runs
// it with the pinned Node. Plain JavaScript without dependencies, so that any Node from 20 on can start it.
//
//   node bin/bootstrap.mjs PROGRAM [ARGUMENT…]
import { spawnSync } from 'node:child_process';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const stamp = join(root, 'node_modules', '.pdns-shadow-lock');
const pinnedNode = join(root, 'node_modules', 'node', 'bin', 'node');

function installed() {
  return existsSync(pinnedNode) && existsSync(stamp) && readFileSync(stamp, 'utf8') === lockfile();
}

function lockfile() {
  return readFileSync(join(root, 'package-lock.json'), 'utf8');
}

function run(command, args, environment = process.env) {
  const { status, error, signal } = spawnSync(command, args, { cwd: root, stdio: 'inherit', env: environment });
  if (error !== undefined) {
    console.error(`pdns-shadow: ${command} cannot be run: ${error.message}`);
    process.exit(3);
  }
  if (signal !== null) process.exit(130);
  return status ?? 1;
}

if (!installed()) {
  console.error('Installing packages (npm ci), once …');
  const status = run(process.platform === 'win32' ? 'npm.cmd' : 'npm', [
    'ci',
    '--no-fund',
    '--no-audit',
    '--loglevel=error',
  ]);
  if (status !== 0) {
    console.error('pdns-shadow: npm ci failed; its message is above. It needs the npm registry once.');
    process.exit(3);
  }
  writeFileSync(stamp, lockfile());
}

const [program, ...args] = process.argv.slice(2);
const path = `${join(root, 'node_modules', 'node', 'bin')}:${process.env.PATH ?? ''}`;
process.exit(run(pinnedNode, [program, ...args], { ...process.env, PATH: path }));
