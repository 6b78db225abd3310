/** Two servers with the same records: does one state of the targets explain what both answer? */
import type { Micros } from '../simulator/clock.ts';
import { agree } from './drifts.ts';
import { type CrossCheck, crossCheckKey } from './model.ts';
import type { Observation } from './observations.ts';
import type { WatchedServer } from './server.ts';

/** The same question to two servers, and whether a common state explains the answers. */
export interface Comparison {
  readonly servers: readonly [string, string];
  readonly crossCheck: CrossCheck;
  readonly agree: boolean;
  readonly message: string;
  /** The longest that the two may innocently differ. */
  readonly graceMicros: Micros;
  readonly askedAtMs: number;
}

/** Compares every pair of servers that was asked the same about the same records. */
export function compareServers(servers: readonly WatchedServer[]): Comparison[] {
  return servers.flatMap((first, i) => servers.slice(i + 1).flatMap((second) => comparePair(first, second)));
}

function comparePair(first: WatchedServer, second: WatchedServer): Comparison[] {
  const others = new Map((second.content?.crossChecks ?? []).map((each) => [crossCheckKey(each), each]));
  return (first.content?.crossChecks ?? []).flatMap((crossCheck) => {
    const other = others.get(crossCheckKey(crossCheck));
    if (other === undefined || codeOf(other) !== codeOf(crossCheck)) return [];
    const mine = first.observation(crossCheck);
    const theirs = second.observation(other);
    if (mine === undefined || theirs === undefined || first.isUp !== true || second.isUp !== true) return [];
    const names = [first.config.name, second.config.name] as const;
    return [
      {
        servers: names,
        crossCheck,
        agree: haveCommonState(mine, theirs),
        message: `${names[0]} answers ${mine.text}, ${names[1]} ${theirs.text}: no state of the targets explains both`,
        graceMicros: Math.max(first.longestBelief(crossCheck), second.longestBelief(other)),
        askedAtMs: Math.max(mine.atMs, theirs.atMs),
      },
    ];
  });
}

/**
 * An answer that nothing explains is a drift of its own server, not a disagreement. Nor are two answers that both fit
 * what is seen of the targets: each server follows a change in its own time, and a flapping target changes all the time.
 */
function haveCommonState(mine: Observation, theirs: Observation): boolean {
  if (mine.judgement.verdict !== 'outside' && theirs.judgement.verdict !== 'outside') return true;
  const ours = mine.judgement.explanations;
  const others = theirs.judgement.explanations;
  if (ours.length === 0 || others.length === 0) return true;
  return ours.some((path) => others.some((other) => agree(path.assumed, other.assumed)));
}

function codeOf({ watched }: CrossCheck): string {
  return JSON.stringify(watched.records.map(({ text }) => text));
}
