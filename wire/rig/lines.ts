/** Release lines of the PowerDNS authoritative server that this project has a profile for. */
export const knownLines = ['4.7', '4.8', '4.9', '5.0', '5.1'] as const;

export type ReleaseLine = (typeof knownLines)[number];

/** A Debian suite and the release line that it shipped when this list was written. */
export interface RigLine {
  readonly line: ReleaseLine;
  readonly suite: string;
}

/** The lines that the rig can install. No Debian suite carries 4.8 or 5.0: those come in through `PDNS_SERVER` only. */
export const rigLines: readonly RigLine[] = [
  { line: '4.7', suite: 'bookworm' },
  { line: '4.9', suite: 'trixie' },
  { line: '5.1', suite: 'forky' },
];

export function isReleaseLine(text: string): text is ReleaseLine {
  return knownLines.some((line) => line === text);
}

/** Finds `4.9.17` in what `pdns_server --version` prints; `undefined` where there is no such sentence. */
export function versionInOutput(output: string): string | undefined {
  return /PowerDNS Authoritative Server (\d+\.\d+\.\S+)/.exec(output)?.[1];
}

/** `4.9.17` -> `4.9`, `5.1.0-rc1` -> `5.1`; `undefined` for a line without a profile. */
export function lineOfVersion(version: string): ReleaseLine | undefined {
  const line = /^(\d+\.\d+)\./.exec(version)?.[1];
  return line !== undefined && isReleaseLine(line) ? line : undefined;
}

/** Says that a suite has moved on to a line that nobody has studied yet, so that it is not taken for its predecessor. */
export function noProfileReason(origin: string, version: string): string {
  return `${origin} ships ${version}, which this project has no profile for (known lines: ${knownLines.join(', ')})`;
}
