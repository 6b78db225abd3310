import { describe, expect, it } from 'vitest';
import { type ReleaseLine, rigLines } from '../../wire/rig/lines.ts';
import type { ServerBinary } from '../../wire/rig/server-binary.ts';
import { type FoundServers, findServers } from '../../wire/rig/servers.ts';

const found = await findServers();

/**
 * Runs a suite once for each PowerDNS server on this machine: one of each installed release line, and `PDNS_SERVER`.
 * `lines` narrows it to some lines. A line that the rig could install but has not is skipped with its reason printed, and
 * is a failing test under `CI=true`. A line that only `PDNS_SERVER` can bring (4.8, 5.0) is skipped with its reason always.
 */
export function describeForEachServer(
  name: string,
  suite: (binary: ServerBinary) => void,
  options: { readonly lines?: readonly ReleaseLine[] } = {},
): void {
  const lines = options.lines;
  for (const binary of found.servers.filter(({ line }) => lines?.includes(line) ?? true)) {
    const origin = binary.origin === 'PDNS_SERVER' ? ' (PDNS_SERVER)' : '';
    describe(`${name}, PowerDNS ${binary.version}${origin}`, () => suite(binary));
  }
  for (const { line, reason, mustRun } of absentLines(found, lines)) {
    if (mustRun && process.env.CI === 'true') {
      it(`${name}, PowerDNS ${line}`, () => expect.fail(`no PowerDNS ${line} to test with: ${reason}`));
    } else {
      console.warn(`skipped: ${name}, PowerDNS ${line}: ${reason}`);
      it(`${name}, PowerDNS ${line}`, (test) => test.skip(reason));
    }
  }
}

/** A line that a suite should run on and cannot. `mustRun`: the rig could install it, so a CI run has no excuse. */
export interface AbsentLine {
  readonly line: string;
  readonly reason: string;
  readonly mustRun: boolean;
}

/** The absent lines among `wanted` (default: those the rig can install), and a `PDNS_SERVER` that does not run. */
export function absentLines(servers: FoundServers, wanted?: readonly ReleaseLine[]): readonly AbsentLine[] {
  const lines: readonly string[] = wanted ?? rigLines.map(({ line }) => line);
  const absent = lines
    .filter((line) => !servers.servers.some((server) => server.line === line))
    .map((line) => ({
      line,
      reason: servers.missing.find((missing) => missing.line === line)?.reason ?? reasonWithoutSuite(line),
      mustRun: rigLines.some((rigLine) => rigLine.line === line),
    }));
  const ofTheUser = servers.missing.filter(({ line }) => line === 'PDNS_SERVER');
  return [...absent, ...ofTheUser.map((missing) => ({ ...missing, mustRun: true }))];
}

function reasonWithoutSuite(line: string): string {
  const rigLine = rigLines.find((candidate) => candidate.line === line);
  return rigLine === undefined
    ? 'no Debian suite carries it; set PDNS_SERVER=/path/to/pdns_server'
    : `Debian ${rigLine.suite} no longer ships it; set PDNS_SERVER=/path/to/pdns_server`;
}
