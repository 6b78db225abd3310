/** From a fleet and what its names ask for to a plan. Pure. */
import { type Check, timeoutSeconds } from '../simulator/health/check.ts';
import { Detections } from './detection.ts';
import { probeMicros } from './duration.ts';
import { inOrder } from './finding.ts';
import { findingsOf } from './findings.ts';
import type { Fleet, FleetServer } from './fleet.ts';
import type { ProbePlan, RoundLoad, ServerLoad, ValidatorLoad } from './plan.ts';
import type { PlannedServer } from './planned-server.ts';
import { recordPlans } from './record-plan.ts';
import { type Rounds, steadyRounds } from './rounds.ts';
import { sum } from './sum.ts';
import type { SurveyedName } from './survey.ts';
import { targetLoads } from './target-load.ts';
import { type StateOf, stateOfChecks } from './target-state.ts';

/** A fleet, and what each of its servers would be asked for. */
export interface PlanInput {
  readonly fleet: Fleet;
  /** By server, in the fleet's order. */
  readonly surveys: readonly (readonly SurveyedName[])[];
}

export function makePlan(input: PlanInput, detections = new Detections()): ProbePlan {
  const { fleet, surveys } = input;
  const stateOf = stateOfChecks(fleet.targets.states, surveys.flat());
  const servers = fleet.servers.map((server, i) => planServer(server, surveys[i] ?? [], fleet, stateOf));
  const records = recordPlans(servers, fleet, detections);
  const targets = targetLoads(servers, fleet, stateOf);
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

function planServer(server: FleetServer, names: readonly SurveyedName[], fleet: Fleet, stated: StateOf): PlannedServer {
  const warm = distinct(names.flatMap((name) => name.warm));
  const checks = distinct(names.flatMap((name) => [...name.warm, ...name.standby]));
  const timeouts = checks.map(timeoutSeconds);
  const longestTimeout = timeouts.includes(undefined) ? undefined : Math.max(0, ...timeouts.map(Number));
  const slowest = checks.find((check) => timeoutSeconds(check) === longestTimeout);
  const roundsOf = (list: readonly Check[], of: StateOf) => {
    const { profile, settings } = server;
    const timed = list.map((check) => ({
      check,
      micros: probeMicros(check, of(check), fleet.targets.latencySeconds, profile),
    }));
    return steadyRounds(timed, { profile, intervalSeconds: settings.checkIntervalSeconds });
  };
  const rounds = roundsOf(checks, stated);
  const loadOf = (list: readonly Check[], of: StateOf) =>
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

function finite(value: number): number | null {
  return Number.isFinite(value) ? value : null;
}
