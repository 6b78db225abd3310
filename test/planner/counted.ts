/** What targets saw of a server's rounds. Seconds since the story began. */
import { MICROS_PER_SECOND } from '../../simulator/clock.ts';
import type { Arrival } from '../conformance/timing/observed.ts';

export interface CountedRound {
  readonly at: number;
  /** Until its last probe arrived. */
  readonly spread: number;
  /** Who was probed, each once. */
  readonly targets: readonly string[];
}

/** Probes that come closer together than this are of one round. */
const APART_SECONDS = 0.4;

export function roundsIn(arrivals: readonly Arrival[], from: number, until: number): CountedRound[] {
  const rounds: { at: number; spread: number; targets: string[] }[] = [];
  let last = Number.NEGATIVE_INFINITY;
  for (const { target, at } of arrivals) {
    const seconds = at / MICROS_PER_SECOND;
    if (seconds < from || seconds > until) continue;
    const current = rounds.at(-1);
    if (current === undefined || seconds - last > APART_SECONDS)
      rounds.push({ at: seconds, spread: 0, targets: [target] });
    else {
      current.targets.push(target);
      current.spread = seconds - current.at;
    }
    last = seconds;
  }
  return rounds;
}

/** Whole rounds from one in which `isMarked` holds to the last such, which itself is not counted. */
export function wholeCycles(rounds: readonly CountedRound[], isMarked: (round: CountedRound) => boolean) {
  const first = rounds.findIndex(isMarked);
  const last = rounds.findLastIndex(isMarked);
  const inside = rounds.slice(first, last);
  const seconds = (rounds[last]?.at ?? 0) - (rounds[first]?.at ?? 0);
  return { rounds: inside, seconds, probes: inside.reduce((sum, { targets }) => sum + targets.length, 0) };
}

/** Seconds between two probes of one target, one after the other. */
export function gapsOf(arrivals: readonly Arrival[], target: string, from: number, until: number): number[] {
  const times = arrivals
    .filter((arrival) => arrival.target === target)
    .map(({ at }) => at / MICROS_PER_SECOND)
    .filter((at) => at >= from && at <= until);
  return times.slice(1).map((at, i) => at - (times[i] ?? 0));
}
