/** When the alerts of a scenario fire in a run. */
import { sampler, seededUint32 } from '../../simulator/chooser.ts';
import { MICROS_PER_SECOND } from '../../simulator/clock.ts';
import { firingOf } from '../judge/alerts.ts';
import type { ShownRun } from '../result.ts';
import type { Scenario } from '../scenario.ts';
import { behaviourEvents } from '../simulate/faults.ts';
import { scenarioZone } from '../zone.ts';

interface AlertRun extends Pick<ShownRun, 'timeline' | 'watches' | 'history'> {
  readonly scenario: Scenario;
  /** Of the run: what flapping draws must be drawn again. */
  readonly seed: number;
}

export interface Firing {
  readonly alert: string;
  readonly fromSeconds: number;
  readonly toSeconds: number;
}

export function alertsOf({ scenario, timeline, watches, history, seed }: AlertRun): Firing[] {
  if (scenario.alerts.size === 0) return [];
  const targets = [...scenario.targets.values()].map(({ resting, ...target }) => ({ ...target, behaviour: resting }));
  const events = behaviourEvents(scenario, timeline, sampler(seededUint32(seed)));
  const view = { scenario, zone: scenarioZone(scenario.zone), watches, history, plan: { targets, events } };
  return [...scenario.alerts.keys()].flatMap((alert) =>
    firingOf(alert, view).map(({ from, to }) => ({
      alert,
      fromSeconds: from / MICROS_PER_SECOND,
      toSeconds: to / MICROS_PER_SECOND,
    })),
  );
}
