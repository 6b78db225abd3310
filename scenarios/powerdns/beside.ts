/** What the simulation deems possible of a run that was really made: in every phase, with probes as slow as they were. */
import { MICROS_PER_SECOND, type Micros } from '../../simulator/clock.ts';
import type { NewChecks } from '../../simulator/health/checker.ts';
import type { TargetBehaviour } from '../../simulator/world/behaviour.ts';
import type { History } from '../../simulator/world/history.ts';
import type { Phase, WorldPlan } from '../../simulator/world/plan.ts';
import { runWorld } from '../../simulator/world/world.ts';
import type { RealRun } from './observed.ts';

/** Makes fractions that lie evenly, however many there are. */
const GOLDEN = 0.618_033_988_749_895;

const RACES: readonly NewChecks[] = ['together', 'one by one', 'late'];

/**
 * Histories of what was asked, `count` of each kind: over all offsets of rounds and all fractions of a second, with the
 * shortest probes that were seen, and with any between those and the longest, and however the races for new checks end. Of
 * many draws of times each is one way of many.
 */
export function simulatedBeside(run: Pick<RealRun, 'plan' | 'overhead'>, count: number): History[] {
  const { least, most } = run.overhead;
  const kinds = [
    { base: least, jitter: 0 },
    { base: least, jitter: most - least },
  ];
  return RACES.flatMap((newChecks) =>
    kinds.flatMap(({ base, jitter }) => {
      const plan = withRace(withProbesTaking(run.plan, base, jitter), newChecks);
      return phasesAcross(plan, count).map((phases, i) => runWorld(plan, { seed: i + 1, phases }));
    }),
  );
}

function withRace(plan: WorldPlan, newChecks: NewChecks): WorldPlan {
  return { ...plan, servers: plan.servers.map((server) => ({ ...server, newChecks })) };
}

/** Everything that a target takes to answer, and this much more. */
function withProbesTaking(plan: WorldPlan, base: Micros, jitter: Micros): WorldPlan {
  const slower = (behaviour: TargetBehaviour): TargetBehaviour => {
    const { latency } = behaviour;
    return { ...behaviour, latency: { base: latency.base + base, jitter: latency.jitter + jitter } };
  };
  return {
    ...plan,
    targets: plan.targets.map((target) => ({ ...target, behaviour: slower(target.behaviour) })),
    events: plan.events.map((event) =>
      event.kind === 'behaviour' ? { ...event, behaviour: slower(event.behaviour) } : event,
    ),
  };
}

function phasesAcross({ servers }: WorldPlan, count: number): ReadonlyMap<string, Phase>[] {
  return Array.from({ length: count }, (_, i) => {
    const entries = servers.map(({ name, checkIntervalSeconds }, k) => {
      const step = (i * (2 * k + 1) + k) % count;
      const offset = Math.floor((step / count) * checkIntervalSeconds * MICROS_PER_SECOND);
      const fraction = Math.floor((((i + 1) * (k + 1) * GOLDEN) % 1) * MICROS_PER_SECOND);
      return [name, { offset, fraction }] as const;
    });
    return new Map(entries);
  });
}
