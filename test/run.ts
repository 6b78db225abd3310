/**
 * All tests, on a machine that has nothing but Node and npm: installs the real PowerDNS servers that the tests ask
 * (nothing outside the project's cache folder is touched), then runs vitest. Arguments go to vitest.
 */
import { spawnSync } from 'node:child_process';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describeResult, installServers } from '../wire/rig/install.ts';

for (const result of await installServers()) console.log(describeResult(result));

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const vitest = join(root, 'node_modules', 'vitest', 'vitest.mjs');
const { status } = spawnSync(process.execPath, [vitest, 'run', ...process.argv.slice(2)], { stdio: 'inherit' });
process.exit(status ?? 1);
