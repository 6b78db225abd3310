import { globSync, readFileSync } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { runCommand } from './command.ts';
import { versionInOutput } from './lines.ts';

/** What the stamp file says of an unpacked server. Paths are relative to the folder that holds the stamp. */
export interface Installation {
  readonly suite: string;
  readonly version: string;
  readonly loader: string;
  readonly libraries: readonly string[];
  readonly modules: string;
  readonly program: string;
}

const stampFile = 'installed.json';
const versionTimeoutMs = 20_000;

/** Reads the stamp of a folder; `undefined` where nothing (or nothing whole) is installed. */
export function readInstallation(folder: string): Installation | undefined {
  try {
    const stamp: unknown = JSON.parse(readFileSync(join(folder, stampFile), 'utf8'));
    return isInstallation(stamp) ? stamp : undefined;
  } catch {
    return undefined;
  }
}

/** Finds the parts of an unpacked server by their names, which tell the machine's architecture, and stamps the folder. */
export async function stampInstallation(folder: string, suite: string): Promise<Installation> {
  const found = (pattern: string) => globSync(pattern, { cwd: folder }).sort();
  const parts = {
    suite,
    loader: only(found('root/{lib,usr/lib}/*-linux-*/ld-linux*.so.*'), 'the dynamic loader'),
    libraries: found('root/{lib,usr/lib}/*-linux-*'),
    modules: only(found('root/usr/lib/*-linux-*/pdns'), "PowerDNS's modules"),
    program: only(found('root/usr/sbin/pdns_server'), 'pdns_server'),
  };
  const version = await askVersion(commandOf({ ...parts, version: '' }, folder));
  const installation = { ...parts, version };
  await writeFile(join(folder, stampFile), `${JSON.stringify(installation, undefined, 2)}\n`);
  return installation;
}

/** The argument list that starts the server with the loader and libraries of its own suite instead of the host's. */
export function commandOf(installation: Installation, folder: string): readonly string[] {
  return [
    join(folder, installation.loader),
    '--library-path',
    installation.libraries.map((library) => join(folder, library)).join(':'),
    join(folder, installation.program),
    `--module-dir=${join(folder, installation.modules)}`,
  ];
}

/** Runs `--version`. Throws with what the program said instead where it is no PowerDNS server or does not run. */
export async function askVersion(command: readonly string[]): Promise<string> {
  const result = await runCommand([...command, '--version'], { timeoutMs: versionTimeoutMs });
  if (result.kind === 'absent') throw new Error(`there is no program ${command[0]}`);
  const said = `${result.output}${result.errors}`;
  const version = versionInOutput(said);
  if (version === undefined)
    throw new Error(`it does not tell its version (exit ${result.code}): ${said.slice(0, 300).trim()}`);
  return version;
}

function only(paths: readonly string[], what: string): string {
  const [path] = paths;
  if (path === undefined) throw new Error(`the packages hold no file that looks like ${what}`);
  return path;
}

function isInstallation(stamp: unknown): stamp is Installation {
  if (typeof stamp !== 'object' || stamp === null || !('libraries' in stamp)) return false;
  const texts = new Map(Object.entries(stamp));
  const names = ['suite', 'version', 'loader', 'modules', 'program'];
  return Array.isArray(stamp.libraries) && names.every((name) => typeof texts.get(name) === 'string');
}
