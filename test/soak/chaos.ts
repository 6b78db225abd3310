/**
 * What befalls one target, drawn from a seed. Probes come every second (`lua-health-checks-interval=1`), so a blink or a
 * flap can begin and end between two probes: the server may see it and the agent not, or the other way round.
 */
import { between, pick, type Random } from './random.ts';
import type { Behaviour } from './target.ts';

export interface Spell {
  readonly behaviour: Behaviour;
  readonly dwellMs: number;
}

/** Dwell times in milliseconds. */
export const DWELLS = {
  /** Down for less than the probe interval. */
  blink: { down: [40, 450], up: [2500, 6000] },
  /** Up and down in turn, each for about a probe interval or less. */
  flap: { down: [100, 1300], up: [100, 1300] },
  /** Down for as long as a release line may take to learn of it. */
  outage: { down: [1500, 9000], up: [3000, 9000] },
  /** Up, but slow to answer: on 5.x a check that crosses a second's boundary misses a round. */
  slowness: { down: [2000, 6000], up: [1000, 4000] },
} as const;

const FAILURES: readonly Behaviour[] = ['unavailable', 'refuse', 'reset', 'hang'];

/** Endless. Every spell of trouble is followed by one of health. */
export function* chaos(random: Random): Generator<Spell, never> {
  for (;;) {
    const kind = pick(random, ['blink', 'blink', 'flap', 'outage', 'outage', 'slowness'] as const);
    const { down, up } = DWELLS[kind];
    const turns = kind === 'flap' ? 3 + Math.floor(random() * 6) : 1;
    const failure = kind === 'slowness' ? 'slow' : pick(random, FAILURES);
    for (let turn = 0; turn < turns; turn++) {
      yield { behaviour: failure, dwellMs: between(random, down[0], down[1]) };
      yield { behaviour: 'ok', dwellMs: between(random, up[0], up[1]) };
    }
    yield { behaviour: 'ok', dwellMs: between(random, 500, 5000) };
  }
}
