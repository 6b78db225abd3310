import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { cacheFolder } from './cache.ts';
import { askVersion, commandOf, type Installation, readInstallation } from './installation.ts';
import { lineOfVersion, noProfileReason, type RigLine, rigLines } from './lines.ts';
import type { ServerBinary } from './server-binary.ts';

/** A server that was looked for in vain: `line` is a release line, or `PDNS_SERVER`. */
export interface MissingServer {
  readonly line: string;
  readonly reason: string;
}

export interface FoundServers {
  readonly servers: readonly ServerBinary[];
  readonly missing: readonly MissingServer[];
}

/** A server that can be run, or why there is none. */
export type ServerOrReason =
  | { readonly kind: 'server'; readonly server: ServerBinary }
  | { readonly kind: 'reason'; readonly reason: string };

/**
 * The servers that are on this machine now: what the rig has installed, then `PDNS_SERVER` (with `PDNS_MODULE_DIR` as
 * its `--module-dir`). Downloads nothing and never throws: what is not there is in `missing`, with a reason.
 */
export async function findServers(environment: NodeJS.ProcessEnv = process.env): Promise<FoundServers> {
  const found: readonly (readonly [string, ServerOrReason])[] = [
    ...rigLines.map((line) => [line.line, installedServer(line)] as const),
    ...(environment.PDNS_SERVER ? [['PDNS_SERVER', await serverOfTheUser(environment)] as const] : []),
  ];
  return {
    servers: found.flatMap(([, result]) => (result.kind === 'server' ? [result.server] : [])),
    missing: found.flatMap(([line, result]) => (result.kind === 'reason' ? [{ line, reason: result.reason }] : [])),
  };
}

/** The folder of one rig line. It is named after the line that its suite is expected to ship. */
export function rigFolder(line: RigLine): string {
  return join(cacheFolder(), line.line);
}

/** The server that the rig has installed from a line's suite, under its real line. */
export function installedServer(line: RigLine): ServerOrReason {
  const folder = rigFolder(line);
  const installation = readInstallation(folder);
  if (installation === undefined || !existsSync(join(folder, installation.program))) {
    return { kind: 'reason', reason: `not installed: run node wire/rig/install.ts --line ${line.line}` };
  }
  return rigServer(installation, folder);
}

/** Gives an installation its release line, or says that nobody has studied that line. */
export function rigServer(installation: Installation, folder: string): ServerOrReason {
  const { suite, version } = installation;
  const line = lineOfVersion(version);
  if (line === undefined) return { kind: 'reason', reason: noProfileReason(`Debian ${suite} now`, version) };
  const command = commandOf(installation, folder);
  return { kind: 'server', server: { line, version, command, origin: 'rig', root: join(folder, 'root') } };
}

async function serverOfTheUser(environment: NodeJS.ProcessEnv): Promise<ServerOrReason> {
  const program = environment.PDNS_SERVER ?? '';
  const modules = environment.PDNS_MODULE_DIR;
  const command = [program, ...(modules ? [`--module-dir=${modules}`] : [])];
  try {
    const version = await askVersion(command);
    const line = lineOfVersion(version);
    if (line === undefined) return { kind: 'reason', reason: noProfileReason(`PDNS_SERVER=${program}`, version) };
    return { kind: 'server', server: { line, version, command, origin: 'PDNS_SERVER', root: '/' } };
  } catch (error) {
    return {
      kind: 'reason',
      reason: `PDNS_SERVER=${program}: ${error instanceof Error ? error.message : String(error)}`,
    };
  }
}
