/** How soon the agent reports what is wrong. */
import { FAILURES_UNTIL_DOWN } from './asker.ts';

/** Seconds from the cause of a drift to its report, at most. */
export interface DetectionBounds {
  /** Answers that no state of the targets explains: wrong records, TTL, ECS, GeoIP. */
  readonly impossibleSeconds: number;
  /** Answers that need a wrong belief about a target. Infinite where a check without a timeout can freeze the server. */
  readonly beliefSeconds: number;
  /** Older records, and answers outside the records for a while after they changed. */
  readonly contentSeconds: number;
  readonly unreachableSeconds: number;
}

/** What the bounds of a cross-check hang on. */
export interface Paces {
  /** From one question to the end of the next. */
  readonly questionSeconds: number;
  /** Between two readings of the source. */
  readonly refreshSeconds: number;
  /** That one reading takes. */
  readonly readingSeconds: number;
  /** For which the server may answer from its caches. */
  readonly cacheSeconds: number;
  /** For which the server may believe otherwise than what is seen. */
  readonly doubtSeconds: number;
  /** Until checks that nobody asked for get their first results; 0 where there are none. */
  readonly warmingSeconds: number;
}

/**
 * Two questions with a reading of the source between them; the reading under way when something is first seen may be too old to
 * count. A belief must first show: a change of the target is seen and the server has its time to follow, then the checks of a
 * standby that nobody asked for get their first results, after two questions for them. Then it must last as long as there is
 * doubt. Content must outlast the caches.
 */
export function detectionBoundsOf(paces: Paces): DetectionBounds {
  const { questionSeconds, refreshSeconds, readingSeconds, cacheSeconds, doubtSeconds, warmingSeconds } = paces;
  const impossibleSeconds = 2 * questionSeconds + refreshSeconds + 2 * readingSeconds;
  const standby = warmingSeconds === 0 ? 0 : warmingSeconds + 2 * questionSeconds;
  return {
    impossibleSeconds,
    beliefSeconds: 2 * doubtSeconds + standby + impossibleSeconds,
    contentSeconds: cacheSeconds + impossibleSeconds,
    unreachableSeconds: FAILURES_UNTIL_DOWN * questionSeconds,
  };
}
