/** What lasts in a timeline, as moments at which something changes: overlaid faults, flapping, partitions, healing. */
import { type Chooser, chooseUniformly } from '../../simulator/chooser.ts';
import type { Micros } from '../../simulator/clock.ts';
import type { TargetBehaviour } from '../../simulator/world/behaviour.ts';
import type { WorldEvent } from '../../simulator/world/plan.ts';
import type { Fault, Scenario, TimelineEvent } from '../scenario.ts';

/** A time in which something is otherwise; the end is not part of it. */
interface Span {
  readonly from: Micros;
  readonly to: Micros;
}

const JITTER_STEPS = 1000;

/** Whether it lasts until all is healed where nothing else is written; other changes are there to stay. */
export function isHealed(fault: Fault): boolean {
  return (
    fault.kind === 'target' || fault.kind === 'partition' || (fault.kind === 'lease' && fault.change === 'witness-down')
  );
}

/** How long an event of the timeline lasts: as written, until all is healed, or to the end. */
export function spanOf({ at, lasts, fault }: TimelineEvent, timeline: readonly TimelineEvent[], endsAt: Micros): Span {
  const heal = timeline.find((event) => event.fault.kind === 'heal' && event.at > at);
  const healed =
    lasts === undefined && !isHealed(fault) ? Number.POSITIVE_INFINITY : (heal?.at ?? Number.POSITIVE_INFINITY);
  const ends = lasts === undefined ? Number.POSITIVE_INFINITY : at + lasts;
  return { from: at, to: Math.min(ends, healed, endsAt + 1) };
}

/**
 * What is in force from each moment at which changes of one kind begin or end, in the order of the timeline: a later one counts
 * more, and what it changed comes back when it ends.
 */
export function changesInForce<F extends Fault>(
  timeline: readonly TimelineEvent[],
  endsAt: Micros,
  isMeant: (fault: Fault) => fault is F,
): { readonly at: Micros; readonly inForce: readonly F[] }[] {
  const meant = timeline.flatMap((event) =>
    isMeant(event.fault) ? [{ fault: event.fault, span: spanOf(event, timeline, endsAt) }] : [],
  );
  const moments = new Set(meant.flatMap(({ span }) => [span.from, span.to]));
  return [...moments]
    .filter((at) => at <= endsAt)
    .sort((a, b) => a - b)
    .map((at) => ({
      at,
      inForce: meant.filter(({ span }) => span.from <= at && at < span.to).map(({ fault }) => fault),
    }));
}

/** Every change of how targets behave. `chooser` draws the jitter of flapping. */
export function behaviourEvents(
  scenario: Scenario,
  timeline: readonly TimelineEvent[],
  chooser: Chooser,
): WorldEvent[] {
  return [...scenario.targets.values()].flatMap((target) => {
    const faults = timeline.flatMap((event) =>
      event.fault.kind === 'target' && event.fault.targets.includes(target.name)
        ? flapped(event.fault, spanOf(event, timeline, scenario.endsAt), chooser).map((span) => ({
            span,
            behaviour: (event.fault as TargetFault).behaviour,
          }))
        : [],
    );
    const moments = new Set(faults.flatMap(({ span }) => [span.from, span.to]));
    return [...moments]
      .filter((at) => at <= scenario.endsAt)
      .sort((a, b) => a - b)
      .map((at): WorldEvent => {
        const active = faults.filter(({ span }) => span.from <= at && at < span.to);
        const behaviour: TargetBehaviour = Object.assign({}, target.resting, ...active.map((fault) => fault.behaviour));
        return { at, kind: 'behaviour', address: target.address, behaviour };
      });
  });
}

/** Every change of who reaches whom. */
export function partitionEvents(scenario: Scenario, timeline: readonly TimelineEvent[]): WorldEvent[] {
  const cuts = timeline.flatMap((event) => {
    if (event.fault.kind !== 'partition') return [];
    const span = spanOf(event, timeline, scenario.endsAt);
    return directions(event.fault).map(([from, to]) => ({ from, to, span }));
  });
  const moments = [...new Set(cuts.flatMap(({ span }) => [span.from, span.to]))].sort((a, b) => a - b);
  const pairs = new Map(cuts.map(({ from, to }) => [`${from} ${to}`, { from, to }]));
  return moments
    .filter((at) => at <= scenario.endsAt)
    .flatMap((at) =>
      [...pairs.values()].map(({ from, to }): WorldEvent => {
        const isCut = cuts.some((cut) => cut.from === from && cut.to === to && cut.span.from <= at && at < cut.span.to);
        return { at, kind: 'reach', from, to, passes: !isCut };
      }),
    );
}

type TargetFault = Extract<Fault, { kind: 'target' }>;

function flapped({ flap }: TargetFault, span: Span, chooser: Chooser): Span[] {
  if (flap === undefined) return [span];
  const spans: Span[] = [];
  const jittered = (length: Micros) => {
    const drawn = flap.jitter === 0 ? 0 : chooseUniformly(chooser, JITTER_STEPS) / JITTER_STEPS;
    return Math.max(1, length + Math.round((drawn - (flap.jitter === 0 ? 0 : 0.5)) * flap.jitter));
  };
  for (let at = span.from; at < span.to; ) {
    const to = Math.min(span.to, at + jittered(flap.down));
    spans.push({ from: at, to });
    at = to + jittered(flap.up);
  }
  return spans;
}

function directions({ between: [a, b], direction }: Extract<Fault, { kind: 'partition' }>): [string, string][] {
  if (direction === 'from') return [[a, b]];
  if (direction === 'to') return [[b, a]];
  return [
    [a, b],
    [b, a],
  ];
}
