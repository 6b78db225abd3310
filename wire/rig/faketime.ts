/**
 * libfaketime, which makes the clock of a server run fast. Each line gets that of its own Debian suite, since it is loaded
 * beside the suite's own libc.
 */
import { existsSync, globSync } from 'node:fs';
import { chmod, mkdir, mkdtemp, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { downloadPackages, findMirror, Unavailable } from './apt.ts';
import { cacheFolder } from './cache.ts';
import { runCommand } from './command.ts';
import { rigLines } from './lines.ts';
import { withLock } from './lock.ts';
import type { ServerBinary } from './server-binary.ts';

/** The library for a server, or why there is none. */
export type FakeTime =
  | { readonly kind: 'library'; readonly path: string }
  | { readonly kind: 'reason'; readonly reason: string };

const UNPACK_TIMEOUT_MS = 60_000;

/** What is on this machine now. Downloads nothing. */
export function findFakeTime(binary: ServerBinary): FakeTime {
  const own = binary.origin === 'PDNS_SERVER' ? librariesIn('/') : librariesIn(folderFor(suiteOf(binary)));
  const [path] = own;
  if (path !== undefined) return { kind: 'library', path };
  const reason =
    binary.origin === 'PDNS_SERVER'
      ? 'libfaketime is not installed: install the package faketime beside PDNS_SERVER'
      : 'libfaketime is not installed beside the test servers';
  return { kind: 'reason', reason };
}

/** The same, downloading the library of the server's suite where it is not there. Never throws for what cannot be had. */
export async function installFakeTime(binary: ServerBinary): Promise<FakeTime> {
  const found = findFakeTime(binary);
  if (found.kind === 'library' || binary.origin === 'PDNS_SERVER') return found;
  const suite = suiteOf(binary);
  try {
    await mkdir(cacheFolder(), { recursive: true });
    await withLock(`${folderFor(suite)}.lock`, () => download(suite));
    return findFakeTime(binary);
  } catch (error) {
    if (error instanceof Unavailable) return { kind: 'reason', reason: `no libfaketime: ${error.message}` };
    throw error;
  }
}

/** The environment in which a server's clock runs `times` as fast: what it reads of it, and how long it sleeps and waits. */
export function fakeTimeEnvironment(library: string, times: number): Readonly<Record<string, string>> {
  return { LD_PRELOAD: library, FAKETIME: `+0 x${times}` };
}

async function download(suite: string): Promise<void> {
  const folder = folderFor(suite);
  if (existsSync(folder)) return;
  const work = await mkdtemp(join(cacheFolder(), `unpacking-faketime-${suite}-`));
  try {
    const [file] = await downloadPackages(await findMirror(), suite, work, ['libfaketime'], (name) =>
      name.startsWith('libfaketime_'),
    );
    if (file === undefined) throw new Unavailable(`Debian ${suite} has no libfaketime`);
    const unpacked = join(work, 'unpacked');
    const result = await runCommand(['dpkg', '-x', join(work, 'packages', file), unpacked], {
      timeoutMs: UNPACK_TIMEOUT_MS,
    });
    if (result.kind === 'absent') throw new Unavailable('there is no dpkg on this machine');
    if (result.code !== 0) throw new Unavailable(`dpkg could not unpack ${file}: ${result.errors.trim()}`);
    await chmod(unpacked, 0o755);
    await rename(unpacked, folder);
  } finally {
    await rm(work, { recursive: true, force: true });
  }
}

function librariesIn(folder: string): string[] {
  return globSync('usr/lib/*-linux-*/faketime/libfaketime.so.1', { cwd: folder }).map((path) => join(folder, path));
}

function folderFor(suite: string): string {
  return join(cacheFolder(), `faketime-${suite}`);
}

function suiteOf({ line }: ServerBinary): string {
  return rigLines.find((rigLine) => rigLine.line === line)?.suite ?? 'bookworm';
}
