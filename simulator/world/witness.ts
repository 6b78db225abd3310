/**
 * Sees every comparison of times that a world's course hangs on. Two runs that see the same take the same course; how far the
 * phases can move until one comparison turns is what `phases.ts` works with.
 */
import type { Micros } from '../clock.ts';

export interface Witness {
  /** Task `task`, at `later`, came behind something at `earlier`. `tie`: it would also have at the same time. */
  follows(earlier: Micros, later: Micros, tie: boolean, task: number): void;
  /** Somebody looked at a wall clock whose whole seconds begin `offset` after those of the world's time. */
  readsSecond(now: Micros, offset: Micros): void;
}
