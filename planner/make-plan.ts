/** From a fleet and what its names ask for to a plan. Pure. */
import type { Check } from '../simulator/health/check.ts';
import { timeoutSeconds } from '../simulator/health/check.ts';
import { type Bound, type Detection, Detections } from './detection.ts';
import { probeMicros, stateOf } from './duration.ts';
import { inOrder } from './finding.ts';
import { findingsOf } from './findings.ts';
import type { Fleet, FleetServer, TargetState } from './fleet.ts';
import { overlapOf, type Volley } from './overlap.ts';
import type {
  ProbePlan,
  RecordDetection,
  RecordPlan,
  RoundLoad,
  ServerLoad,
  TargetLoad,
  ValidatorLoad,
} from './plan.ts';
import { type Rounds, steadyRounds } from './rounds.ts';
import type { SurveyedName } from './survey.ts';
import { targetOf } from './target.ts';
import { probeBytes } from './traffic.ts';

/** A fleet, and what each of its servers would be asked for. */
export interface PlanInput {
  readonly fleet: Fleet;
  /** By server, in the fleet's order. */
  readonly surveys: readonly (readonly SurveyedName[])[];
}

/** One server with all that is known of its checks. */
export interface PlannedServer {
  readonly server: FleetServer;
  readonly names: readonly SurveyedName[];
  readonly checks: readonly Check[];
  readonly warm: readonly Check[];
  readonly isWarm: ReadonlySet<string>;
  readonly rounds: Rounds;
  readonly load: ServerLoad;
  readonly longestTimeout: number | undefined;
}

const SECONDS_PER_DAY = 86_400;

export function makePlan(input: PlanInput, detections = new Detections()): ProbePlan {
  const { fleet, surveys } = input;
  const servers = fleet.servers.map((server, i) => planServer(server, surveys[i] ?? [], fleet));
  const records = recordPlans(servers, fleet, detections);
  const targets = targetLoads(servers, fleet);
  const validator = validatorLoad(servers, fleet);
  const plan = {
    assumptions: {
      latencySeconds: fleet.targets.latencySeconds,
      responseBytes: fleet.targets.responseBytes,
      tlsBytes: fleet.targets.tlsBytes,
      askedEverySeconds: Math.min(...fleet.servers.map(({ settings }) => settings.checkExpireDelaySeconds)),
    },
    servers: servers.map(({ load }) => load),
    targets,
    records,
    validator,
    total: {
      probesPerSecond: sum(targets, ({ probesPerSecond }) => probesPerSecond),
      bytesPerDay: sum(targets, ({ bytesPerDay }) => bytesPerDay),
    },
  };
  return { findings: inOrder(findingsOf(plan, servers, fleet)), ...plan };
}

function planServer(server: FleetServer, names: readonly SurveyedName[], fleet: Fleet): PlannedServer {
  const warm = distinct(names.flatMap((name) => name.warm));
  const checks = distinct(names.flatMap((name) => [...name.warm, ...name.standby]));
  const timeouts = checks.map(timeoutSeconds);
  const longestTimeout = timeouts.includes(undefined) ? undefined : Math.max(0, ...timeouts.map(Number));
  const stated = (check: Check) => stateOf(check, fleet.targets);
  const slowest = checks.find((check) => timeoutSeconds(check) === longestTimeout);
  const roundsOf = (list: readonly Check[], of: (check: Check) => TargetState) => {
    const { profile, settings } = server;
    const timed = list.map((check) => ({
      check,
      micros: probeMicros(check, of(check), fleet.targets.latencySeconds, profile),
    }));
    return steadyRounds(timed, { profile, intervalSeconds: settings.checkIntervalSeconds });
  };
  const rounds = roundsOf(checks, stated);
  const loadOf = (list: readonly Check[], of: (check: Check) => TargetState) =>
    roundLoad(
      list.filter((check) => of(check) === 'answers'),
      list,
      roundsOf(list, of),
    );
  const load: ServerLoad = {
    name: server.name,
    vantage: server.vantage,
    profile: server.profile.line,
    intervalSeconds: server.settings.checkIntervalSeconds,
    expireDelaySeconds: server.settings.checkExpireDelaySeconds,
    distinctChecks: checks.length,
    warmChecks: warm.length,
    now: loadOf(warm, stated),
    oneHangs: loadOf(checks, (check) => (check === slowest ? 'hangs' : stated(check))),
    allHang: loadOf(checks, () => 'hangs'),
    allKnown: loadOf(checks, stated),
  };
  return { server, names, checks, warm, isWarm: new Set(warm.map(({ id }) => id)), rounds, load, longestTimeout };
}

function roundLoad(well: readonly Check[], all: readonly Check[], rounds: Rounds): RoundLoad {
  const shown = (well.length > 0 ? well : all).flatMap(({ id }) => rounds.pace.get(id) ?? []);
  const longest = Math.max(0, ...shown.map(({ longestPeriodSeconds }) => longestPeriodSeconds));
  const mean = shown.length === 0 ? 0 : sum(shown, ({ meanPeriodSeconds }) => meanPeriodSeconds) / shown.length;
  return {
    probesPerSecond: sum(all, ({ id }) => 1 / (rounds.pace.get(id)?.meanPeriodSeconds ?? Number.POSITIVE_INFINITY)),
    threads: rounds.mostThreads,
    longestRoundSeconds: finite(rounds.longestRoundSeconds),
    meanPeriodSeconds: finite(mean),
    longestPeriodSeconds: finite(longest),
  };
}

function targetLoads(servers: readonly PlannedServer[], { targets }: Fleet): TargetLoad[] {
  interface Sums {
    checks: number;
    probesPerSecond: number;
    bytesPerDay: number;
    readonly names: Set<string>;
    readonly servers: Set<string>;
    readonly volleys: Volley[];
  }
  const found = new Map<string, Sums>();
  for (const { server, warm, rounds, names } of servers) {
    const volleys = new Map<string, { probes: number; periodSeconds: number; lastsSeconds: number }>();
    for (const check of warm) {
      const key = targetOf(check);
      const of = found.get(key) ?? {
        checks: 0,
        probesPerSecond: 0,
        bytesPerDay: 0,
        names: new Set(),
        servers: new Set(),
        volleys: [],
      };
      found.set(key, of);
      const state = stateOf(check, targets);
      const periodSeconds = rounds.pace.get(check.id)?.meanPeriodSeconds ?? Number.POSITIVE_INFINITY;
      of.probesPerSecond += 1 / periodSeconds;
      of.bytesPerDay += (SECONDS_PER_DAY / periodSeconds) * probeBytes(check, state, targets, server.profile);
      of.servers.add(server.name);
      const lastsSeconds = probeMicros(check, state, targets.latencySeconds, server.profile) / 1e6;
      const volley = volleys.get(key) ?? { probes: 0, periodSeconds, lastsSeconds };
      volleys.set(key, {
        ...volley,
        probes: volley.probes + 1,
        lastsSeconds: Math.max(volley.lastsSeconds, lastsSeconds),
      });
    }
    for (const [key, volley] of volleys) {
      const of = found.get(key);
      of?.volleys.push(volley);
      if (of !== undefined) of.checks = Math.max(of.checks, volley.probes);
    }
    for (const name of names)
      for (const check of name.warm) found.get(targetOf(check))?.names.add(`${name.owner} ${name.type}`);
  }
  const overlaps = new Map<string, TargetLoad['connectionsAtOnce']>();
  const overlap = (volleys: readonly Volley[]) => {
    const key = JSON.stringify(volleys);
    const known = overlaps.get(key) ?? overlapOf(volleys);
    overlaps.set(key, known);
    return known;
  };
  return [...found]
    .map(([target, of]) => ({
      target,
      checks: of.checks,
      servers: of.servers.size,
      names: of.names.size,
      probesPerSecond: of.probesPerSecond,
      bytesPerDay: Math.round(of.bytesPerDay),
      connectionsAtOnce: overlap(of.volleys),
    }))
    .sort((a, b) => b.probesPerSecond - a.probesPerSecond || (a.target < b.target ? -1 : 1));
}

function recordPlans(servers: readonly PlannedServer[], fleet: Fleet, detections: Detections): RecordPlan[] {
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

function validatorLoad(servers: readonly PlannedServer[], { crossCheck }: Fleet): ValidatorLoad {
  const names = Math.max(
    0,
    ...servers.map((planned) => planned.names.filter(({ opaque }) => opaque === undefined).length),
  );
  const questions = names * crossCheck.clients;
  return {
    // It probes all that a server can ask for, in every interval.
    probesPerSecond: sum(servers, ({ server, checks }) => checks.length / server.settings.checkIntervalSeconds),
    names,
    clients: crossCheck.clients,
    intervalSeconds: crossCheck.intervalSeconds,
    neededQueriesPerSecond: questions / crossCheck.intervalSeconds,
    allowedQueriesPerSecond: crossCheck.queriesPerSecond,
    sweepSeconds: Math.max(crossCheck.intervalSeconds, questions / crossCheck.queriesPerSecond),
  };
}

function distinct(checks: readonly Check[]): Check[] {
  return [...new Map(checks.map((check) => [check.id, check])).values()];
}

function added(...parts: readonly (number | null)[]): number | null {
  return parts.includes(null) ? null : sum(parts, Number);
}

function sum<T>(items: readonly T[], of: (item: T) => number): number {
  return items.reduce((total, item) => total + of(item), 0);
}

function finite(value: number): number | null {
  return Number.isFinite(value) ? value : null;
}
