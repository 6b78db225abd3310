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
/** Answers to so many watches are simulated in all, since a client may stand for thousands of networks. */
const MOST_ANSWERS = 60_000;

/**
 * Histories of what was asked, of each kind `count` at most: over all offsets of rounds and all fractions of a second, with
 * probes as short as they were at least, and with any between those and the longest; and however the races for new checks end.
 * A probe that ends in another second than its round began in changes when it comes next: of phases in which that hangs on
 * chance there are as many again.
 */
export function simulatedBeside(run: Pick<RealRun, 'plan' | 'overhead'>, count: number): History[] {
  const { least, most } = run.overhead;
  const runs = Math.max(1, Math.min(count, Math.floor(MOST_ANSWERS / Math.max(1, run.plan.watches.length))));
  const short = withProbesTaking(run.plan, least, 0);
  const varying = withProbesTaking(run.plan, least, most - least);
  const spread = (i: number, k: number) => ((i + 1) * (k + 1) * GOLDEN) % 1;
  const kinds: readonly (readonly [WorldPlan, FractionOf])[] = [
    [short, (i, k) => spread(i, k) * MICROS_PER_SECOND],
    [varying, (i, k) => spread(i, k) * MICROS_PER_SECOND],
    [varying, (i, k, offset) => MICROS_PER_SECOND - spread(i, k) * Math.min(most, MICROS_PER_SECOND) - offset],
  ];
  return RACES.flatMap((newChecks) =>
    kinds.flatMap(([plan, fractionOf]) => {
      const raced = withRace(plan, newChecks);
      return phasesAcross(plan, runs, fractionOf).map((phases, i) => runWorld(raced, { seed: i + 1, phases }));
    }),
  );
}

/** Of the second, at the start: for the ith run, the kth server and the offset of its rounds. */
type FractionOf = (i: number, k: number, offset: Micros) => Micros;

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

function phasesAcross({ servers }: WorldPlan, count: number, fractionOf: FractionOf): ReadonlyMap<string, Phase>[] {
  return Array.from({ length: count }, (_, i) => {
    const entries = servers.map(({ name, checkIntervalSeconds }, k) => {
      const step = (i * (2 * k + 1) + k) % count;
      const offset = Math.floor((step / count) * checkIntervalSeconds * MICROS_PER_SECOND);
      const fraction = Math.floor(fractionOf(i, k, offset)) % MICROS_PER_SECOND;
      return [name, { offset, fraction: (fraction + MICROS_PER_SECOND) % MICROS_PER_SECOND }] as const;
    });
    return new Map(entries);
  });
}
