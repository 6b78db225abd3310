/** What the failure of a real run may come of. */
import type { History } from '../../simulator/world/history.ts';
import { failureOf } from '../judge/expectation.ts';
import type { RunView } from '../judge/view.ts';
import type { Expectation } from '../scenario.ts';
import { type ObservedRun, simulatedBeside } from './beside.ts';

/**
 * `expectation`: it holds nowhere in what the simulation deems possible, so that any server would fail. `slow probes`: with probes
 * that take as long as they took in this run it need not hold in the simulation either, with quick ones it always does.
 */
export type Cause = 'expectation' | 'slow probes' | 'unknown';

/** Worlds of each kind in which probes take no longer than their targets. */
const QUICK = 10;
const NOTHING = { least: 0, most: 0 };

/** `possible`: what the simulation deems possible of the run. `viewOf`: of a history on the scenario. */
export function causeOf(
  expectation: Expectation,
  run: ObservedRun,
  possible: Iterable<History>,
  viewOf: (history: History) => RunView,
): Cause {
  const fails = (history: History) => failureOf(expectation, viewOf(history)) !== undefined;
  if (Iterator.from(possible).every(fails)) return 'expectation';
  const quick = simulatedBeside({ ...run, overhead: NOTHING }, QUICK);
  if (Iterator.from(quick).some(fails)) return 'unknown';
  return Iterator.from(possible).some(fails) ? 'slow probes' : 'unknown';
}
