import { realpathSync } from 'node:fs';
import { chmod, mkdir, mkdtemp, readdir, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { UserError } from '../../input/errors.ts';
import { downloadServer, findMirror, Unavailable } from './apt.ts';
import { cacheFolder } from './cache.ts';
import { runCommand } from './command.ts';
import { readInstallation, stampInstallation } from './installation.ts';
import { isReleaseLine, type ReleaseLine, type RigLine, rigLines } from './lines.ts';
import { withLock } from './lock.ts';
import type { ServerBinary } from './server-binary.ts';
import { installedServer, rigFolder } from './servers.ts';

/**
 * What became of one line. `line` is the line asked for; the server's own line may be another known one, where its suite
 * has moved on.
 */
export type InstallResult =
  | {
      readonly kind: 'installed';
      readonly line: ReleaseLine;
      readonly server: ServerBinary;
      readonly how: 'now' | 'before';
    }
  | { readonly kind: 'unavailable'; readonly line: ReleaseLine; readonly reason: string };

export interface InstallOptions {
  /** Default: every line that a Debian suite carries. */
  readonly lines?: readonly ReleaseLine[];
  /** Installs anew what is already there, to follow a suite that has moved on. */
  readonly refresh?: boolean;
}

/**
 * Installs real PowerDNS servers into the project's cache folder from the Debian mirror that apt is configured with.
 * Needs no root and leaves the system as it is. Lines that are there already cost a glance. A line that cannot be had
 * (no apt, no mirror, a suite that moved on to an unknown line) is a result, not an error.
 */
export async function installServers(options: InstallOptions = {}): Promise<readonly InstallResult[]> {
  const lines = options.lines ?? rigLines.map((rigLine) => rigLine.line);
  await mkdir(cacheFolder(), { recursive: true });
  return Promise.all([...new Set(lines)].map((line) => installLine(line, options.refresh ?? false)));
}

/** One line for a person: `4.9: 4.9.17 from Debian trixie, installed now`. */
export function describeResult(result: InstallResult): string {
  if (result.kind === 'unavailable') return `${result.line}: unavailable: ${result.reason}`;
  const { server } = result;
  const moved = server.line === result.line ? '' : `, used as line ${server.line}`;
  return `${result.line}: PowerDNS ${server.version}${moved}, installed ${result.how}`;
}

async function installLine(line: ReleaseLine, refresh: boolean): Promise<InstallResult> {
  const rigLine = rigLines.find((candidate) => candidate.line === line);
  if (rigLine === undefined)
    return { kind: 'unavailable', line, reason: 'no Debian suite carries it; set PDNS_SERVER' };
  try {
    const folder = rigFolder(rigLine);
    if (refresh || readInstallation(folder) === undefined) {
      const fresh = await withLock(`${folder}.lock`, () => downloadAndUnpack(rigLine, folder, refresh));
      return resultOf(rigLine, fresh ? 'now' : 'before');
    }
    return resultOf(rigLine, 'before');
  } catch (error) {
    if (error instanceof Unavailable) return { kind: 'unavailable', line, reason: error.message };
    throw error;
  }
}

function resultOf(rigLine: RigLine, how: 'now' | 'before'): InstallResult {
  const found = installedServer(rigLine);
  return found.kind === 'server'
    ? { kind: 'installed', line: rigLine.line, server: found.server, how }
    : { kind: 'unavailable', line: rigLine.line, reason: found.reason };
}

/** Returns false where another process has installed the line while this one waited for the lock. */
async function downloadAndUnpack(rigLine: RigLine, folder: string, refresh: boolean): Promise<boolean> {
  if (!refresh && readInstallation(folder) !== undefined) return false;
  const mirror = await findMirror();
  const work = await mkdtemp(join(cacheFolder(), `unpacking-${rigLine.line}-`));
  try {
    const download = join(work, 'download');
    const files = await downloadServer(mirror, rigLine.suite, download);
    await unpack(files, join(download, 'packages'), join(work, 'root'));
    await rm(download, { recursive: true });
    await stampInstallation(work, rigLine.suite).catch((error: unknown) => {
      throw new Unavailable(`the packages of Debian ${rigLine.suite} do not run here: ${messageOf(error)}`);
    });
    // A temporary folder is its maker's alone; the servers are for whoever runs the tests.
    await chmod(work, 0o755);
    await putInPlace(work, folder);
    return true;
  } finally {
    await rm(work, { recursive: true, force: true });
  }
}

async function unpack(files: readonly string[], packages: string, root: string): Promise<void> {
  const downloaded = new Set(await readdir(packages));
  for (const file of files) {
    if (!downloaded.has(file)) throw new Unavailable(`apt-get did not download ${file}`);
    const result = await runCommand(['dpkg', '-x', join(packages, file), root], { timeoutMs: 60_000 });
    if (result.kind === 'absent')
      throw new Unavailable('there is no dpkg on this machine to unpack Debian packages with');
    if (result.code !== 0) throw new Unavailable(`dpkg could not unpack ${file}: ${result.errors.trim()}`);
  }
  for (const manuals of ['doc', 'man', 'locale', 'lintian', 'bug']) {
    await rm(join(root, 'usr/share', manuals), { recursive: true, force: true });
  }
}

/** A folder is whole or not there: it arrives by one rename, after what stood in its place was moved aside by another. */
async function putInPlace(work: string, folder: string): Promise<void> {
  const old = `${work}-old`;
  await rename(folder, old).catch(ignoreAbsence);
  await rename(work, folder);
  await rm(old, { recursive: true, force: true });
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

function ignoreAbsence(error: unknown): void {
  if (!(error instanceof Error && 'code' in error && error.code === 'ENOENT')) throw error;
}

const usage = `Installs real PowerDNS servers for the tests into .cache/powerdns, without root.

  node wire/rig/install.ts [--line 4.9]... [--refresh]

  --line     only this release line (${rigLines.map(({ line }) => line).join(', ')}); may be given several times
  --refresh  install anew, to follow a Debian suite that has moved on`;

/** The command line. Returns the exit code: 0 all there, 2 usage, 3 something could not be installed. */
async function main(args: readonly string[]): Promise<number> {
  try {
    const { values } = parseArgs({
      args: [...args],
      options: {
        line: { type: 'string', multiple: true },
        refresh: { type: 'boolean' },
        help: { type: 'boolean' },
      },
    });
    if (values.help) {
      console.log(usage);
      return 0;
    }
    const results = await installServers({
      refresh: values.refresh ?? false,
      ...(values.line === undefined ? {} : { lines: values.line.map(readLine) }),
    });
    for (const result of results) console.log(describeResult(result));
    return results.every((result) => result.kind === 'installed') ? 0 : 3;
  } catch (error) {
    console.error(error instanceof UserError ? error.describe() : messageOf(error));
    return 2;
  }
}

function readLine(text: string): ReleaseLine {
  if (isReleaseLine(text)) return text;
  throw new UserError('E_RIG_LINE', `--line ${text}: there is no such release line`, {
    hint: `write one of ${rigLines.map(({ line }) => line).join(', ')}`,
  });
}

const [, script] = process.argv;
if (script !== undefined && realpathSync(script) === import.meta.filename) {
  process.exitCode = await main(process.argv.slice(2));
}
