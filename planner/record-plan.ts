/** What every name costs, and how fast its answer follows its targets. */
import type { Bound, Detection, Detections } from './detection.ts';
import type { Fleet } from './fleet.ts';
import type { RecordDetection, RecordPlan } from './plan.ts';
import type { PlannedServer } from './planned-server.ts';
import { sum } from './sum.ts';
import type { SurveyedName } from './survey.ts';
import { targetOf } from './target.ts';

export function recordPlans(servers: readonly PlannedServer[], fleet: Fleet, detections: Detections): RecordPlan[] {
  const byName = new Map<string, { planned: PlannedServer; name: SurveyedName }[]>();
  for (const planned of servers) {
    for (const name of planned.names) {
      const key = `${name.owner.toLowerCase()} ${name.type}`;
      const known = byName.get(key);
      if (known === undefined) byName.set(key, [{ planned, name }]);
      else known.push({ planned, name });
    }
  }
  return [...byName.values()].flatMap((seen) => {
    const first = seen[0]?.name;
    if (first === undefined) return [];
    const all = [...first.warm, ...first.standby];
    const forgotten = seen.map(({ planned, name }) => name.standby.filter(({ id }) => !planned.isWarm.has(id)));
    const opaque = seen.find(({ name }) => name.opaque !== undefined)?.name.opaque?.message;
    const detection = detectionOfRecord(seen, fleet, detections);
    return [
      {
        zone: first.zone,
        name: first.owner,
        type: first.type,
        ttlSeconds: first.ttlSeconds,
        checks: all.length,
        targets: new Set(all.map(targetOf)).size,
        standbyChecks: Math.max(0, ...forgotten.map((checks) => checks.length)),
        probesPerSecond: sum(seen, ({ planned, name }) =>
          sum(name.warm, ({ id }) => 1 / (planned.rounds.pace.get(id)?.meanPeriodSeconds ?? Number.POSITIVE_INFINITY)),
        ),
        ...(detection === undefined ? {} : { detection }),
        ...(opaque === undefined ? {} : { opaque }),
      },
    ];
  });
}

function detectionOfRecord(
  seen: readonly { readonly planned: PlannedServer; readonly name: SurveyedName }[],
  fleet: Fleet,
  detections: Detections,
): RecordDetection | undefined {
  const alone: Detection[] = [];
  const together: Bound[] = [];
  const standby: Bound[] = [];
  for (const { planned, name } of seen) {
    const { server, longestTimeout } = planned;
    const options = {
      profile: server.profile,
      intervalSeconds: server.settings.checkIntervalSeconds,
      latencySeconds: fleet.targets.latencySeconds,
      othersHangSeconds: 0,
    };
    const othersHangSeconds = longestTimeout ?? Number.POSITIVE_INFINITY;
    for (const check of [...name.warm, ...name.standby]) {
      alone.push(detections.of(check, options));
      const isFrozen = longestTimeout === undefined;
      together.push(isFrozen ? NEVER : detections.bound('hangs', check, { ...options, othersHangSeconds }));
    }
    for (const check of name.standby) {
      if (!planned.isWarm.has(check.id)) standby.push(detections.bound('firstResult', check, options));
    }
  }
  if (alone.length === 0) return undefined;
  const hangs = widest(alone.map((each) => each.hangs));
  const mixedSeconds = standby.length === 0 ? 0 : widest(standby).latestSeconds;
  const ttl = Math.max(...seen.map(({ name }) => name.ttlSeconds));
  return {
    refuses: widest(alone.map((each) => each.refuses)),
    hangs,
    recovers: widest(alone.map((each) => each.recovers)),
    hangsWhileAnotherDoes: widest(together),
    mixedSeconds,
    clientsMovedSeconds: added(hangs.latestSeconds, mixedSeconds, ttl),
    coldStartSeconds: widest(alone.map((each) => each.firstResult)).latestSeconds,
  };
}

const NEVER: Bound = { earliestSeconds: 0, latestSeconds: null, proven: true };

function widest(bounds: readonly Bound[]): Bound {
  const latest = bounds.map(({ latestSeconds }) => latestSeconds);
  return {
    earliestSeconds: Math.min(...bounds.map(({ earliestSeconds }) => earliestSeconds)),
    latestSeconds: latest.includes(null) ? null : Math.max(...latest.map(Number)),
    proven: bounds.every(({ proven }) => proven),
  };
}

function added(...parts: readonly (number | null)[]): number | null {
  return parts.includes(null) ? null : sum(parts, Number);
}
