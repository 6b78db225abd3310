/** A failure handed over minimal: the events that it takes, and no others. */
import type { TimelineEvent } from '../scenario.ts';

const MAX_TRIES = 200;

/**
 * The timeline without events that the failure does not need. `fails` says whether a shorter one still fails; the whole
 * timeline is taken to.
 */
export function shortestFailing(
  timeline: readonly TimelineEvent[],
  fails: (timeline: readonly TimelineEvent[]) => boolean,
): readonly TimelineEvent[] {
  let shortest = timeline;
  let tries = 0;
  for (let size = Math.ceil(timeline.length / 2); size >= 1; size = size === 1 ? 0 : Math.ceil(size / 2)) {
    for (let at = 0; at < shortest.length && tries < MAX_TRIES; ) {
      const shorter = shortest.toSpliced(at, size);
      tries++;
      if (fails(shorter)) shortest = shorter;
      else at += size;
    }
  }
  return shortest;
}
