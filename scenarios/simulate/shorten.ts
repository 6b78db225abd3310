/** A failure handed over minimal: the events that it takes, and no others. */
import type { TimelineEvent } from '../scenario.ts';

const MAX_TRIES = 200;

/**
 * The timeline without events that the failure does not need. `fails` says whether with a shorter one the same still goes wrong;
 * with the whole timeline it is taken to. What also fails when nothing happens is something wanted that does not come about:
 * there, leaving out what should bring it about would say nothing, and all of the timeline stays. For the same reason nothing that
 * heals is left out.
 */
export function shortestFailing(
  timeline: readonly TimelineEvent[],
  fails: (timeline: readonly TimelineEvent[]) => boolean,
): readonly TimelineEvent[] {
  if (fails([])) return timeline;
  let shortest = timeline;
  let tries = 0;
  for (let size = Math.ceil(timeline.length / 2); size >= 1; size = size === 1 ? 0 : Math.ceil(size / 2)) {
    for (let at = 0; at < shortest.length && tries < MAX_TRIES; ) {
      const shorter = shortest.filter(({ fault }, i) => i < at || i >= at + size || fault.kind === 'heal');
      if (shorter.length < shortest.length) tries++;
      if (shorter.length < shortest.length && fails(shorter)) shortest = shorter;
      else at += size;
    }
  }
  return shortest;
}
