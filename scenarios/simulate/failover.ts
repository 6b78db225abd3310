/** How long answers can take to change after something happened, from the courses that a scenario can take. */
import { distributionKey } from '../../simulator/answer/distribution.ts';
import type { Micros } from '../../simulator/clock.ts';
import type { History } from '../../simulator/world/history.ts';
import { fractionsAt } from '../../simulator/world/phase-region.ts';
import { timeIn } from '../../simulator/world/phases.ts';
import type { Phase } from '../../simulator/world/plan.ts';
import type { FailoverBound } from '../result.ts';
import type { Scenario, TimelineEvent } from '../scenario.ts';
import type { Course, Courses } from './courses.ts';
import { spanOf } from './faults.ts';
import { hangsOnSeveral, type ScenarioWatch } from './watches.ts';

/** A moment at which something begins or ends, until the next such moment. */
interface Edge {
  readonly fault: number;
  readonly edge: 'begins' | 'ends';
  readonly at: Micros;
  readonly until: Micros;
}

/** One entry for each edge of the timeline after which a watched answer changes in some phase. */
export function failoverBounds(
  scenario: Scenario,
  watches: readonly ScenarioWatch[],
  courses: Courses,
): FailoverBound[] {
  return edgesOf(scenario).flatMap((edge) =>
    watches.flatMap((watch, i) => {
      if (watch.sample !== undefined) return [];
      const isOfSeveral = courses.joint.some(({ plan }) => hangsOnSeveral(watch, plan));
      const all = isOfSeveral ? courses.joint : courses.single;
      const seen = all.filter((course) => course.watches.includes(i));
      const changes = seen.map((course) => changesAfter(course, course.watches.indexOf(i), edge));
      const found = changes.flat();
      const earliest = least(found, (change) => change.first.at);
      const latest = least(found, (change) => -change.last.at);
      if (earliest === undefined || latest === undefined) return [];
      return [
        {
          name: watch.name,
          client: watch.client,
          server: watch.server,
          fault: edge.fault,
          edge: edge.edge,
          earliest: earliest.first.at - edge.at,
          latest: latest.last.at - edge.at,
          earliestPhase: earliest.first.phase,
          latestPhase: latest.last.phase,
          alwaysChanges: changes.every((each) => each.length > 0),
          proven: courses.complete && !isOfSeveral,
        },
      ];
    }),
  );
}

function edgesOf({ timeline, endsAt }: Scenario): Edge[] {
  const edges = timeline.flatMap((event, fault) => {
    if (!changesAnswers(event)) return [];
    const { from, to } = spanOf(event, timeline, endsAt);
    const begins = { fault, edge: 'begins' as const, at: from };
    return to > endsAt ? [begins] : [begins, { fault, edge: 'ends' as const, at: to }];
  });
  const moments = [...edges.map(({ at }) => at), ...timeline.map(({ at }) => at), endsAt].sort((a, b) => a - b);
  return edges.map((edge) => ({ ...edge, until: moments.find((at) => at > edge.at) ?? endsAt }));
}

function changesAnswers({ fault }: TimelineEvent): boolean {
  return ['target', 'partition', 'restart', 'record-change', 'geo-change', 'setting-change'].includes(fault.kind);
}

interface Change {
  readonly at: Micros;
  readonly phase: Phase;
}

/** The first and the last change between an edge and the next one, at both ends of a course's phases. */
function changesAfter(course: Course, watch: number, { at, until }: Edge): { first: Change; last: Change }[] {
  const { cell, history } = course;
  const times = timesOf(history, watch);
  const inside = times.flatMap((time, i) => (time >= at && time < until ? [i] : []));
  const first = inside[0];
  const last = inside.at(-1);
  if (first === undefined || last === undefined) return [];
  if (cell === undefined) {
    const phase = [...course.phases.values()][0] ?? { offset: 0, fraction: 0 };
    return [{ first: { at: times[first] ?? 0, phase }, last: { at: times[last] ?? 0, phase } }];
  }
  const moved = cell.moved && timesOf(cell.moved.result, watch);
  return [cell.region.offset.least, cell.region.offset.most].map((offset) => {
    const phase = { offset, fraction: fractionsAt(cell.region, offset).least };
    const change = (i: number) => ({ at: timeIn(cell, times[i] ?? 0, moved?.[i], offset), phase });
    return { first: change(first), last: change(last) };
  });
}

/** When the answer turned into another one. */
function timesOf({ answers }: History, watch: number): Micros[] {
  const changes = answers[watch] ?? [];
  return changes.slice(1).flatMap(({ at, value }, i) => {
    const before = changes[i]?.value;
    return before !== undefined && distributionKey(before) !== distributionKey(value) ? [at] : [];
  });
}

function least<T>(items: readonly T[], of: (item: T) => number): T | undefined {
  let best: T | undefined;
  for (const item of items) if (best === undefined || of(item) < of(best)) best = item;
  return best;
}
