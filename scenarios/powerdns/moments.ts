/** Observations and windows of time, whose ends may be off. */
import type { Micros } from '../../simulator/clock.ts';
import type { Window } from '../judge/window.ts';
import type { Observation } from './observed.ts';

export function narrowed({ from, to }: Window, slack: Micros): Window {
  return { from: from === 0 ? 0 : from + slack, to: to - slack };
}

export function widened({ from, to }: Window, slack: Micros): Window {
  return { from: from - slack, to: to + slack };
}

export function observationsIn({ from, to }: Window, observations: readonly Observation[]): Observation[] {
  return observations.filter(({ at, until }) => at >= from && until <= to);
}

export function overlaps({ at, until }: Observation, { from, to }: Window): boolean {
  return at <= to && until >= from;
}

export function nearestTo(
  moment: Micros,
  watch: number,
  observations: readonly Observation[],
): Observation | undefined {
  return observations
    .filter((each) => each.watch === watch)
    .reduce<Observation | undefined>(
      (best, each) => (best === undefined || Math.abs(each.at - moment) < Math.abs(best.at - moment) ? each : best),
      undefined,
    );
}

/** Those in a window, with the last before and the first after it. */
export function neighbours(observations: readonly Observation[], { from, to }: Window): Observation[] {
  const before = observations.findLast(({ until }) => until < from);
  const after = observations.find(({ at }) => at > to);
  const inside = observations.filter((each) => overlaps(each, { from, to }));
  return [before, ...inside, after].filter((each) => each !== undefined);
}
