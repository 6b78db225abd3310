/** The probes of a run, as many as a report can carry. */
import { MICROS_PER_SECOND } from '../../simulator/clock.ts';
import type { History, ProbeRecord } from '../../simulator/world/history.ts';
import type { ProbesReport } from './report.ts';

/** Of runs with more probes than this, probes of one result that start close to each other are told as one. */
export const MOST_PROBES = 4000;

/** Into so many parts of equal length is such a run divided; of each, all that went well are one, and all that did not. */
export const PARTS = 500;

/** By server and check, in the order in which they first appear. */
export function probesOf({ probes, endsAt }: Pick<History, 'probes' | 'endsAt'>): ProbesReport[] {
  const part = Math.max(1, Math.ceil(endsAt / PARTS));
  const lanes = Map.groupBy(probes, ({ server, check }) => JSON.stringify([server, check]));
  return [...lanes.values()].flatMap((lane) => {
    const [first] = lane;
    if (first === undefined) return [];
    const keyOf = (probe: ProbeRecord, i: number) =>
      probes.length > MOST_PROBES ? `${Math.floor(probe.startedAt / part)} ${probe.up}` : `${i}`;
    const groups = new Map<string, ProbeRecord[]>();
    for (const [i, probe] of lane.entries()) {
      const key = keyOf(probe, i);
      const group = groups.get(key);
      if (group === undefined) groups.set(key, [probe]);
      else group.push(probe);
    }
    const { server, check, target } = first;
    return { server, check, target, probes: [...groups.values()].flatMap(togetherOf) };
  });
}

function togetherOf(probes: readonly ProbeRecord[]): ProbesReport['probes'] {
  const [first] = probes;
  const last = probes.at(-1);
  if (first === undefined || last === undefined) return [];
  return [
    {
      atSeconds: first.startedAt / MICROS_PER_SECOND,
      endSeconds: last.endedAt / MICROS_PER_SECOND,
      up: first.up,
      reason: last.reason,
      ...(probes.length === 1 ? {} : { count: probes.length }),
    },
  ];
}
