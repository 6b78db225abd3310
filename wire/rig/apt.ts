import { existsSync } from 'node:fs';
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { runCommand } from './command.ts';

/** What keeps the rig from installing a line: said to the person, never thrown past `install.ts`. */
export class Unavailable extends Error {
  override readonly name = 'Unavailable';
}

/** The packages that make a server; the rest follows from their dependencies. */
const serverPackages = ['pdns-server', 'pdns-backend-bind', 'pdns-backend-geoip', 'pdns-backend-sqlite3', 'pdns-tools'];

/** Debian keyrings, newest name first. They sign every suite, so an old host verifies a new suite and the reverse. */
const keyrings = ['/usr/share/keyrings/debian-archive-keyring.pgp', '/usr/share/keyrings/debian-archive-keyring.gpg'];

const debianSuites = new Set(
  'bullseye bookworm trixie forky duke sid oldoldstable oldstable stable testing unstable'.split(' '),
);

const queryTimeoutMs = 60_000;
const downloadTimeoutMs = 300_000;

/**
 * The address of the Debian mirror that this machine's apt is configured with, such as `http://mirror.example/debian/`.
 * Works without downloaded package lists (slim container images ship none). Throws `Unavailable` where there is no apt
 * or apt knows no Debian suite.
 */
export async function findMirror(): Promise<string> {
  const format = '$(CREATED_BY)|$(COMPONENT)|$(RELEASE)|$(REPO_URI)';
  const listing = await apt(['indextargets', '--no-release-info', '--format', format], queryTimeoutMs);
  const mirror = mirrorInTargets(listing);
  if (mirror === undefined) {
    throw new Unavailable('apt on this machine is not configured with a Debian mirror (the rig takes Debian packages)');
  }
  return mirror;
}

/** Picks the mirror of a main Debian suite, not of security updates, backports or another vendor. */
export function mirrorInTargets(listing: string): string | undefined {
  for (const target of listing.split('\n')) {
    const [createdBy, component, release, mirror] = target.split('|');
    if (createdBy === 'Packages' && component === 'main' && debianSuites.has(release ?? '') && mirror) return mirror;
  }
  return undefined;
}

/**
 * Downloads a suite's PowerDNS and every library it links, down to libc, into `folder/packages`. Returns the file names.
 * Throws `Unavailable` with apt's own words.
 */
export function downloadServer(mirror: string, suite: string, folder: string): Promise<readonly string[]> {
  return downloadPackages(mirror, suite, folder, serverPackages, isNeededAtRunTime);
}

/**
 * Downloads packages of a suite and what they depend on, as far as it is needed, into `folder/packages`. Uses an apt state of
 * its own under `folder`, so neither root nor the machine's package database is touched; signatures and checksums are
 * verified by apt as ever. Returns the file names. Throws `Unavailable` with apt's own words.
 */
export async function downloadPackages(
  mirror: string,
  suite: string,
  folder: string,
  wanted: readonly string[],
  isNeeded: (file: string) => boolean,
): Promise<readonly string[]> {
  const packages = join(folder, 'packages');
  await mkdir(packages, { recursive: true });
  const config = await writeAptConfig(mirror, suite, join(folder, 'apt'));
  await apt(['-c', config, 'update'], downloadTimeoutMs);
  const plan = await apt(
    ['-c', config, 'install', '--yes', '--no-install-recommends', '--print-uris', ...wanted],
    queryTimeoutMs,
  );
  const files = filesInPlan(plan).filter(isNeeded);
  await apt(['-c', config, 'download', ...files.map(packageAndVersion)], downloadTimeoutMs, packages);
  return files;
}

/** The package file names in what `apt-get install --print-uris` prints: `'address' name_version_arch.deb size hash`. */
export function filesInPlan(plan: string): readonly string[] {
  return [...plan.matchAll(/^'\S+' (\S+\.deb) \d+ /gm)].flatMap(([, file]) => (file === undefined ? [] : [file]));
}

/** Libraries and PowerDNS itself. What only the installation scripts need (passwd, debconf, systemd) stays away. */
export function isNeededAtRunTime(file: string): boolean {
  return /^(pdns-|lib|zlib1g_)/.test(file) && !/^(libsystemd-shared|libc-gconv|libpam)/.test(file);
}

/** `libcap2_1%3a2.66-4_amd64.deb` -> `libcap2=1:2.66-4`. */
export function packageAndVersion(file: string): string {
  const [name, version] = file.split('_');
  return `${name}=${decodeURIComponent(version ?? '')}`;
}

async function writeAptConfig(mirror: string, suite: string, folder: string): Promise<string> {
  const lists = join(folder, 'lists');
  const archives = join(folder, 'archives');
  await mkdir(join(lists, 'partial'), { recursive: true });
  await mkdir(join(archives, 'partial'), { recursive: true });
  const keyring = keyrings.find((file) => existsSync(file));
  const signedBy = keyring === undefined ? '' : `[signed-by=${keyring}] `;
  await writeFile(join(folder, 'status'), '');
  await writeFile(join(folder, 'sources.list'), `deb ${signedBy}${mirror} ${suite} main\n`);
  const settings = {
    'Dir::State': folder,
    'Dir::State::lists': lists,
    'Dir::State::status': join(folder, 'status'),
    'Dir::Cache': folder,
    'Dir::Cache::archives': archives,
    'Dir::Etc::sourcelist': join(folder, 'sources.list'),
    'Dir::Etc::sourceparts': '-',
    'Dir::Etc::preferences': '-',
    'Dir::Etc::preferencesparts': '-',
    // Otherwise apt, run by root, downloads as _apt, who may not write here.
    'APT::Sandbox::User': 'root',
    'APT::Default-Release': '',
    // Otherwise a mirror that cannot be reached is a mere warning.
    'APT::Update::Error-Mode': 'any',
    // Whatever the host allows: nothing unsigned is unpacked and run.
    'Acquire::AllowInsecureRepositories': 'false',
    'APT::Get::AllowUnauthenticated': 'false',
    'Acquire::Languages': 'none',
    'Acquire::Retries': '2',
    'Acquire::http::Timeout': '20',
    'Acquire::https::Timeout': '20',
    'Acquire::IndexTargets::deb::DEP-11::DefaultEnabled': 'false',
    'Acquire::IndexTargets::deb::Contents-deb::DefaultEnabled': 'false',
  };
  const config = join(folder, 'apt.conf');
  const lines = [
    // The host's hooks look after the host's own packages.
    ...['Pre-Invoke', 'Post-Invoke', 'Post-Invoke-Success'].map((hook) => `#clear APT::Update::${hook};`),
    ...Object.entries(settings).map(([name, value]) => `${name} "${value}";`),
  ];
  await writeFile(config, `${lines.join('\n')}\n`);
  return config;
}

async function apt(args: readonly string[], timeoutMs: number, cwd?: string): Promise<string> {
  const result = await runCommand(['apt-get', ...args], { timeoutMs, ...(cwd === undefined ? {} : { cwd }) });
  if (result.kind === 'absent') {
    throw new Unavailable('there is no apt-get on this machine: set PDNS_SERVER to a pdns_server of your own');
  }
  if (result.code === null) throw new Unavailable(`apt-get did not finish within ${timeoutMs / 1000} s`);
  if (result.code !== 0) throw new Unavailable(`apt-get says: ${complaint(`${result.output}\n${result.errors}`)}`);
  return result.output;
}

/** The lines in which apt says what went wrong, on one line, without its advice. */
function complaint(output: string): string {
  const lines = output.split('\n').filter((line) => /^(E:|W:|Err:)/.test(line));
  const worst = lines.filter((line) => line.startsWith('E:'));
  return (worst.length > 0 ? worst : lines).slice(0, 3).join(' ').trim() || 'nothing, and failed';
}
