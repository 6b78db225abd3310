import { execFile } from 'node:child_process';
import { access, constants, copyFile, mkdir, mkdtemp, rename, rm } from 'node:fs/promises';
import { delimiter, join, resolve } from 'node:path';
import { promisify } from 'node:util';
import { UserError } from '../../input/errors.ts';

const run = promisify(execFile);

const HERE = import.meta.dirname;
const FETCH_TIMEOUT_MS = 100_000;
const CHECK_TIMEOUT_MS = 60_000;

/** Where a fetched promtool is kept: beside the checkout's other caches, never in the system. */
export const cacheDirectory = resolve(HERE, '../../.cache/prometheus');

/** One run of promtool: the arguments, whether it was content, and all that it said. */
export interface PromtoolRun {
  readonly args: readonly string[];
  readonly ok: boolean;
  readonly output: string;
}

/**
 * The path of a promtool that runs here: the one on PATH, else the cached one, else Debian's package `prometheus`
 * unpacked into `.cache/prometheus/`. It needs no root and installs nothing; once cached it needs no network either.
 *
 * @throws UserError `E_PROMTOOL_MISSING` (exit code 3) when there is none and it cannot be fetched.
 */
export async function findPromtool(
  options: { path?: string; cache?: string; fetch?: (cache: string) => Promise<void> } = {},
): Promise<string> {
  const path = options.path ?? process.env.PATH ?? '';
  const cache = options.cache ?? cacheDirectory;
  const onPath = await firstExecutable(path, 'promtool');
  if (onPath !== undefined) return onPath;
  const cached = join(cache, 'promtool');
  if (await isExecutable(cached)) return cached;
  await (options.fetch ?? ((directory: string) => fetchFromDebian(directory, path)))(cache);
  return cached;
}

/** `promtool check rules` and `promtool test rules` over the files of this folder, in that order. */
export async function checkRules(promtool: string, directory: string = HERE): Promise<readonly PromtoolRun[]> {
  return [
    await runPromtool(promtool, ['check', 'rules', 'rules.yml'], directory),
    await runPromtool(promtool, ['test', 'rules', 'rules.test.yml'], directory),
  ];
}

async function runPromtool(promtool: string, args: readonly string[], directory: string): Promise<PromtoolRun> {
  try {
    const { stdout, stderr } = await run(promtool, args, { cwd: directory, timeout: CHECK_TIMEOUT_MS });
    return { args, ok: true, output: stdout + stderr };
  } catch (error) {
    return { args, ok: false, output: outputOf(error) };
  }
}

async function fetchFromDebian(cache: string, path: string): Promise<void> {
  for (const tool of ['apt-get', 'dpkg']) {
    if ((await firstExecutable(path, tool)) === undefined) throw missing(`${tool} is not on PATH either`);
  }
  await mkdir(cache, { recursive: true });
  // A folder of its own, and one rename at the end: two checks that start at once never see half a promtool.
  const work = await mkdtemp(join(cache, 'fetch-'));
  try {
    await download(work);
    await run('sh', ['-c', 'dpkg -x ./prometheus_*.deb unpacked'], { cwd: work, timeout: FETCH_TIMEOUT_MS });
    await copyFile(join(work, 'unpacked/usr/bin/promtool'), join(work, 'promtool'));
    await rename(join(work, 'promtool'), join(cache, 'promtool'));
  } catch (error) {
    throw missing(`the Debian package prometheus could not be fetched: ${outputOf(error).trim()}`, error);
  } finally {
    await rm(work, { recursive: true, force: true });
  }
}

async function download(work: string): Promise<void> {
  const options = { cwd: work, timeout: FETCH_TIMEOUT_MS };
  try {
    await run('apt-get', ['download', 'prometheus'], options);
  } catch {
    // The system's package lists are empty (a fresh container) or stale. Lists of our own can be written without root.
    const lists = join(work, 'lists');
    const archives = join(work, 'cache');
    await mkdir(join(lists, 'partial'), { recursive: true });
    await mkdir(join(archives, 'archives/partial'), { recursive: true });
    const own = ['-o', `Dir::State::lists=${lists}`, '-o', `Dir::Cache=${archives}`];
    await run('apt-get', [...own, 'update'], options);
    await run('apt-get', [...own, 'download', 'prometheus'], options);
  }
}

async function firstExecutable(path: string, name: string): Promise<string | undefined> {
  for (const directory of path.split(delimiter)) {
    const candidate = join(directory, name);
    if (directory !== '' && (await isExecutable(candidate))) return candidate;
  }
  return undefined;
}

async function isExecutable(file: string): Promise<boolean> {
  try {
    await access(file, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}

function missing(reason: string, cause?: unknown): UserError {
  return new UserError('E_PROMTOOL_MISSING', `promtool is needed to check the Prometheus rules, and ${reason}`, {
    hint: 'Put promtool on PATH (it comes with Prometheus; on Debian: apt-get install prometheus) and run this again.',
    exitCode: 3,
    cause,
  });
}

/** What a failed child process said, or why it could not be started. */
function outputOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  const said = [textOf(error, 'stdout'), textOf(error, 'stderr')].join('');
  return said === '' ? error.message : said;
}

function textOf(error: object, key: 'stdout' | 'stderr'): string {
  const value: unknown = Reflect.get(error, key);
  return typeof value === 'string' ? value : '';
}
