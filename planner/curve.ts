/** Probe load against the time in which a target that hangs is found out, for intervals from 1 to 60 s. */
import { UserError } from '../input/errors.ts';
import { type Check, httpCheck, tcpCheck, timeoutSeconds } from '../simulator/health/check.ts';
import type { Detections } from './detection.ts';
import { probeMicros } from './duration.ts';
import type { FleetServer } from './fleet.ts';
import type { PlanInput } from './make-plan.ts';
import { steadyRounds } from './rounds.ts';

export interface Curve {
  readonly lines: readonly CurveLine[];
  readonly now: CurvePoint;
  readonly servers: number;
  readonly checks: number;
  /** Those of `checks` that never find out a target that hangs. They are probed, and decide no time. */
  readonly blind: number;
}

export interface CurveLine {
  /** Null: as the records have it, and the release line ignores it. */
  readonly minimumFailures: number | null;
  readonly points: readonly CurvePoint[];
}

export interface CurvePoint {
  readonly intervalSeconds: number;
  /** Where servers differ: the longest. */
  readonly longestIntervalSeconds: number;
  /** Of all servers together, while all is well. */
  readonly probesPerSecond: number;
  /** At the latest, of all records, servers and phases. */
  readonly detectionSeconds: number;
}

export const CURVE_INTERVALS: readonly number[] = [1, 2, 3, 4, 5, 6, 8, 10, 12, 15, 20, 25, 30, 40, 50, 60];
const FAILURES = [1, 2, 3];

/** Throws `UserError` `E_CURVE_EMPTY` where no check ever finds out a target that hangs. */
export function curveOf(input: PlanInput, detections: Detections): Curve {
  const servers = input.fleet.servers.map((server, i) => ({
    server,
    shapes: shapesOf((input.surveys[i] ?? []).flatMap(({ warm }) => warm)),
  }));
  const checksOf = (shapes: readonly Shape[]) => shapes.reduce((sum, { count }) => sum + count, 0);
  const checks = Math.max(0, ...servers.map(({ shapes }) => checksOf(shapes)));
  const blind = Math.max(0, ...servers.map(({ shapes }) => checksOf(shapes.filter(({ isBlind }) => isBlind))));
  if (servers.every(({ shapes }) => shapes.every(({ isBlind }) => isBlind))) {
    const why = checks === 0 ? 'these records ask for no check' : 'no check ever finds out a target that hangs';
    throw new UserError('E_CURVE_EMPTY', `there is no curve to draw: ${why}`, {
      hint:
        checks === 0
          ? 'ifportup, ifurlup and ifurlextup ask for checks.'
          : 'Write timeouts of whole seconds, 1 or more.',
    });
  }
  const pointAt = (failures: number | undefined, intervalSeconds: number | undefined) =>
    pointOf(servers, input.fleet.targets.latencySeconds, detections, failures, intervalSeconds);
  const isTuned = servers.some(({ server }) => server.profile.checkTuning);
  const lines = (isTuned ? FAILURES : [undefined]).map((failures) => ({
    minimumFailures: failures ?? null,
    points: CURVE_INTERVALS.map((interval) => pointAt(failures, interval)),
  }));
  return { lines, now: pointAt(undefined, undefined), servers: servers.length, checks, blind };
}

/** Checks that differ in nothing that time hangs on. */
interface Shape {
  readonly check: Check;
  readonly count: number;
  /** A timeout of 0: PowerDNS waits for ever, or not at all. */
  readonly isBlind: boolean;
}

function shapesOf(checks: readonly Check[]): Shape[] {
  const shapes = new Map<string, { check: Check; count: number; isBlind: boolean }>();
  for (const check of new Map(checks.map((each) => [each.id, each])).values()) {
    const { timeout, interval, minimumFailures } = check.options;
    const key = JSON.stringify([check.kind, timeout, interval, minimumFailures]);
    const known = shapes.get(key);
    if (known === undefined) shapes.set(key, { check, count: 1, isBlind: (timeoutSeconds(check) ?? 0) === 0 });
    else known.count++;
  }
  return [...shapes.values()];
}

function pointOf(
  servers: readonly { readonly server: FleetServer; readonly shapes: readonly Shape[] }[],
  latencySeconds: number,
  detections: Detections,
  failures: number | undefined,
  wantedInterval: number | undefined,
): CurvePoint {
  let probesPerSecond = 0;
  let detectionSeconds = 0;
  for (const { server, shapes } of servers) {
    const { profile } = server;
    const intervalSeconds = wantedInterval ?? server.settings.checkIntervalSeconds;
    // The interval that is drawn is that of the server: a record's own would not move.
    const own = shapes.map(({ check, count, isBlind }) => ({
      count,
      isBlind,
      check: tuned(check, failures, wantedInterval !== undefined),
    }));
    const timed = own.map(({ check }, i) => ({
      check: { ...check, id: `${i}` },
      micros: probeMicros(check, 'answers', latencySeconds, profile),
    }));
    const rounds = steadyRounds(timed, { profile, intervalSeconds });
    for (const [i, { check, count, isBlind }] of own.entries()) {
      probesPerSecond += count / (rounds.pace.get(`${i}`)?.meanPeriodSeconds ?? Number.POSITIVE_INFINITY);
      if (isBlind) continue;
      const options = { profile, intervalSeconds, latencySeconds, othersHangSeconds: 0 };
      const hangs = detections.bound('hangs', check, options);
      detectionSeconds = Math.max(detectionSeconds, hangs.latestSeconds ?? Number.POSITIVE_INFINITY);
    }
  }
  const intervals = servers.map(({ server }) => wantedInterval ?? server.settings.checkIntervalSeconds);
  return {
    intervalSeconds: Math.min(...intervals),
    longestIntervalSeconds: Math.max(...intervals),
    probesPerSecond,
    detectionSeconds,
  };
}

function tuned(check: Check, failures: number | undefined, dropsInterval: boolean): Check {
  const { interval, ...rest } = check.options;
  const kept = dropsInterval || interval === undefined ? rest : { ...rest, interval };
  const options = failures === undefined ? kept : { ...kept, minimumFailures: `${failures}` };
  const { kind, address, port, url } = check;
  return kind === 'tcp' ? tcpCheck(address, port, options) : httpCheck(address, port, url, options);
}
