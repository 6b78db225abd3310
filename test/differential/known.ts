/**
 * Where the simulator is known not to answer as a server does, each with its reason and an example. The fuzzer counts what
 * falls under an entry apart, and fails when the example of an entry starts to agree: then the entry goes.
 */
import type { ReleaseLine } from '../../simulator/profile/profile.ts';

export interface KnownDifference {
  readonly lines: readonly ReleaseLine[];
  readonly reason: string;
  /** Fits the zone lines that are concerned. */
  readonly pattern: RegExp;
  /** A record, its label `known`, that differs when asked for its type. */
  readonly example: { readonly type: string; readonly code: string };
}

export const knownDifferences: readonly KnownDifference[] = [];

export function knownDifference(line: ReleaseLine, zoneLines: readonly string[]): KnownDifference | undefined {
  return knownDifferences.find(
    (known) => known.lines.includes(line) && zoneLines.some((text) => known.pattern.test(text)),
  );
}
