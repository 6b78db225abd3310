/** The part of a run that a shard is. */
import type { Shard } from '../../input/shard.ts';

/** Every Nth job, in their order. Jobs are scenario by scenario, in each release line by release line, in each engine by engine. */
export function jobsOf<T>(jobs: readonly T[], { index, count }: Shard): readonly T[] {
  return jobs.filter((_, i) => i % count === index - 1);
}
