/** What the simulation deems possible of a run that was really made: in every phase, with probes as slow as they were. */
import { seededUint32 } from '../../simulator/chooser.ts';
import { MICROS_PER_SECOND, type Micros } from '../../simulator/clock.ts';
import type { TargetBehaviour } from '../../simulator/world/behaviour.ts';
import type { History } from '../../simulator/world/history.ts';
import type { AskingPlan, Phase, ServerPlan, WorldPlan } from '../../simulator/world/plan.ts';
import { runWorld } from '../../simulator/world/world.ts';
import type { RealRun } from './observed.ts';

/** Makes fractions that lie evenly, however many there are. */
const GOLDEN = 0.618_033_988_749_895;

/** Of new checks the round that they start may know so many; more than these would all be in it. */
const MOST_RACED = 13;
/** Threads are not woken at once. */
const LEAST_LATE: Micros = 0.01 * MICROS_PER_SECOND;
/** Answers to so many watches are simulated in all, since a client may stand for thousands of networks. */
const MOST_ANSWERS = 60_000;

/**
 * Histories of what was asked, of each kind `count` at most. Over all offsets of rounds and all fractions of a second, with
 * probes as short as they were at least, and with any between those and the longest: a probe that ends in another second than
 * its round began in changes when it comes next, and of phases in which that hangs on chance there are as many again. At
 * the offset that the run was made with, the same once more for the races between questions and checker, see `raced`.
 * They are simulated as they are looked at, the kinds in turn, since the first of them mostly tell all.
 */
export function simulatedBeside(run: ObservedRun, count: number): Iterable<History> {
  return remembered(worldsBeside(run, count));
}

function* worldsBeside(run: ObservedRun, count: number): Generator<History> {
  const { plan, overhead, phases: own } = run;
  const { least, most } = overhead;
  const runs = Math.max(1, Math.min(count, Math.floor(MOST_ANSWERS / Math.max(1, plan.watches.length))));
  const short = withProbesTaking(plan, least, 0);
  const varying = withProbesTaking(plan, least, most - least);
  const spread = (i: number, k: number) => ((i + 1) * (k + 1) * GOLDEN) % 1;
  const kinds: readonly (readonly [WorldPlan, FractionOf])[] = [
    [short, (i, k) => spread(i, k) * MICROS_PER_SECOND],
    [varying, (i, k) => spread(i, k) * MICROS_PER_SECOND],
    [varying, (i, k, offset) => MICROS_PER_SECOND - spread(i, k) * Math.min(most, MICROS_PER_SECOND) - offset],
  ];
  const across = acrossInterval(runs);
  for (let i = 0; i < runs; i++) {
    for (const [slowed, fractionOf] of kinds) {
      const seed = i + 1;
      const phasesAtOwn = phasesOf(plan, i, ({ name }) => own.get(name)?.offset ?? 0, fractionOf);
      yield runWorld(raced(slowed, run, i), { seed, phases: phasesAtOwn });
      yield runWorld(slowed, { seed, phases: phasesOf(plan, i, across, fractionOf) });
    }
  }
}

/** What was made is not made again. */
function remembered<T>(source: Iterator<T>): Iterable<T> {
  const made: T[] = [];
  return {
    *[Symbol.iterator]() {
      for (let i = 0; ; i++) {
        if (i === made.length) {
          const next = source.next();
          if (next.done === true) return;
          made.push(next.value);
        }
        yield* made.slice(i, i + 1);
      }
    },
  };
}

export type ObservedRun = Pick<RealRun, 'plan' | 'overhead' | 'phases' | 'observations'>;

/**
 * The ith way in which the races may have ended: the server took each question at some moment between its sending and its answer,
 * its first round knew so many of the new checks, and its rounds ended so late.
 */
function raced(plan: WorldPlan, { observations, overhead, phases }: ObservedRun, i: number): WorldPlan {
  const next = seededUint32(i + 1);
  const unit = () => next() / 2 ** 32;
  const asking = observations.flatMap(({ watch, at, until, outcome }): AskingPlan[] => {
    const asked = plan.watches[watch]?.asked;
    if (asked?.kind !== 'server') return [];
    const moment = outcome.rcode === 'DROPPED' ? at : Math.round(at + unit() * (until - at));
    // Counted from the server's phase.
    const starts = moment - (phases.get(asked.server)?.offset ?? 0);
    return [{ asked, starts, every: MICROS_PER_SECOND, ends: starts }];
  });
  return {
    ...plan,
    asking: [...plan.asking.filter(({ asked }) => asked.kind !== 'server'), ...asking],
    servers: plan.servers.map((server) => ({
      ...server,
      newChecksKnown: i % MOST_RACED,
      roundsEndLate: Math.round(unit() * Math.max(overhead.most, LEAST_LATE)),
    })),
  };
}

type OffsetOf = (server: ServerPlan, i: number, k: number) => Micros;
/** Of the second, at the start: for the ith run, the kth server and the offset of its rounds. */
type FractionOf = (i: number, k: number, offset: Micros) => Micros;

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

/** Each server goes through its whole interval, another way than the one before. */
function acrossInterval(count: number): OffsetOf {
  return ({ checkIntervalSeconds }, i, k) =>
    Math.floor((((i * (2 * k + 1) + k) % count) / count) * checkIntervalSeconds * MICROS_PER_SECOND);
}

function phasesOf(
  { servers }: WorldPlan,
  i: number,
  offsetOf: OffsetOf,
  fractionOf: FractionOf,
): ReadonlyMap<string, Phase> {
  const entries = servers.map((server, k) => {
    const offset = offsetOf(server, i, k);
    const fraction = Math.floor(fractionOf(i, k, offset)) % MICROS_PER_SECOND;
    return [server.name, { offset, fraction: (fraction + MICROS_PER_SECOND) % MICROS_PER_SECOND }] as const;
  });
  return new Map(entries);
}
