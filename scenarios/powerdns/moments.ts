/** Observations and windows of time, whose ends may be off. */
import { answerKey } from '../../simulator/answer/outcome.ts';
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

/**
 * What one watch saw, in the order and at the moments that need the fewest changes: a server answers several questions at
 * once, so that of two whose times overlap either may have been answered first. `at` becomes that moment.
 */
export function inFewestChanges(observations: readonly Observation[]): Observation[] {
  const byEnd = observations
    .map((one) => ({ one, key: answerKey(one.outcome) }))
    .sort((a, b) => a.one.until - b.one.until);
  const longest = observations.reduce((most, { at, until }) => Math.max(most, until - at), 0);
  const ordered: Observation[] = [];
  const placed = new Set<Observation>();
  const place = (one: Observation) => {
    placed.add(one);
    ordered.push({ ...one, at: Math.max(one.at, ordered.at(-1)?.at ?? one.at) });
  };
  let current: string | undefined;
  for (const [i, { one, key }] of byEnd.entries()) {
    if (placed.has(one)) continue;
    // No later than now the answer changed: whatever was asked by now may still have had the one before.
    for (let k = i + 1; key !== current && k < byEnd.length; k++) {
      const other = byEnd[k];
      if (other === undefined || other.one.until - longest > one.until) break;
      if (other.key === current && other.one.at <= one.until && !placed.has(other.one)) place(other.one);
    }
    current = key;
    place(one);
  }
  return ordered;
}
