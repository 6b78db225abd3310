/** What was seen while a story was told to a server. Times are microseconds from its beginning. */
import type { Micros } from '../../../simulator/clock.ts';
import type { StoryPhase } from './story.ts';

export interface Observed {
  /** Of the wall clock, since the epoch. */
  readonly beganAt: Micros;
  /** By target, in the order of time. */
  readonly arrivals: readonly Arrival[];
  /** What the targets did, and since when they really did. */
  readonly phases: Readonly<Record<string, readonly SeenPhase[]>>;
  /** In the order in which they were sent. */
  readonly questions: readonly SeenQuestion[];
  /** How long our own loops, the asking one or that of the targets, stood still at most. */
  readonly longestStallMicros: Micros;
  /** Programs that ran or wanted to, by processor of this machine, in the last minute. */
  readonly load: number;
  /** How far the wall clock moved against the monotonic one. */
  readonly wallMovedMicros: Micros;
}

/** A connection that a target took. */
export interface Arrival {
  readonly target: string;
  readonly at: Micros;
  /** When it was over; undefined where nobody saw that. */
  readonly closedAt: Micros | undefined;
}

export interface SeenPhase extends Omit<StoryPhase, 'at'> {
  readonly at: Micros;
}

/** The server answered it at some moment between the two. */
export interface SeenQuestion {
  readonly label: string;
  readonly sentAt: Micros;
  readonly heardAt: Micros;
  /** Addresses, sorted, or the response code; undefined where no answer came. */
  readonly answer: string | undefined;
}

/** The wall clock of this machine, finer than `Date.now()`: threads of one process agree on it. */
export function wallMicros(): Micros {
  return Math.round((performance.timeOrigin + performance.now()) * 1000);
}
