/** The plan of a crowd: what `plan` says of the very zone that the server was given. */
import { requireAddress } from '../../agent/model.ts';
import { noGeo } from '../../geoip/location.ts';
import type { Detections } from '../../planner/detection.ts';
import { probeMicros } from '../../planner/duration.ts';
import { fleetServer, type TargetState } from '../../planner/fleet.ts';
import { makePlan } from '../../planner/make-plan.ts';
import type { ProbePlan } from '../../planner/plan.ts';
import { type Rounds, steadyRounds } from '../../planner/rounds.ts';
import { type SurveyedName, surveyOf } from '../../planner/survey.ts';
import { LuaHost } from '../../simulator/lua/environment.ts';
import type { Profile } from '../../simulator/profile/profile.ts';
import { indexZone } from '../../simulator/zone/index.ts';
import { parseZoneFile } from '../../simulator/zone/zonefile.ts';
import { luaModule } from '../../wire/lua-module.ts';
import { LUA_RECORDS_ON } from '../../wire/server-settings.ts';
import { type Place, type Story, ZONE, zoneText } from '../conformance/timing/story.ts';

/** Targets here answer at once; what passes is the server's own time. */
const LATENCY_SECONDS = 0.005;

export interface Foretold {
  readonly plan: ProbePlan;
  /** Of the phase in which the server's rounds were seen to be. */
  readonly rounds: Rounds;
  /** Identity of the check of a target. */
  idOf(target: string): string;
}

export function foretell(
  story: Story,
  place: Place,
  profile: Profile,
  stateOf: (target: string) => TargetState,
  fraction: number,
  detections: Detections,
): Foretold {
  const settings = new Map([...LUA_RECORDS_ON, ['lua-health-checks-interval', `${story.intervalSeconds}`]]);
  const server = fleetServer({ name: 'ns1', profile, settings });
  const names = surveyed(story, place, profile, server.settings.answer);
  const labels = Object.keys(story.targets);
  const states = new Map(labels.map((label) => [place.address(label), stateOf(label)]));
  const targets = { latencySeconds: LATENCY_SECONDS, responseBytes: 100, tlsBytes: 0, states };
  const crossCheck = { intervalSeconds: 5, queriesPerSecond: 50, clients: 1 };
  const plan = makePlan({ fleet: { servers: [server], targets, crossCheck }, surveys: [names] }, detections);
  const checks = names.flatMap(({ warm }) => warm);
  const timed = checks.map((check) => ({
    check,
    micros: probeMicros(check, states.get(check.address) ?? 'answers', LATENCY_SECONDS, profile),
  }));
  const rounds = steadyRounds(timed, { profile, intervalSeconds: story.intervalSeconds, fraction });
  return {
    plan,
    rounds,
    idOf: (target) => checks.find(({ address }) => address === place.address(target))?.id ?? '',
  };
}

function surveyed(
  story: Story,
  place: Place,
  profile: Profile,
  settings: ReturnType<typeof fleetServer>['settings']['answer'],
): readonly SurveyedName[] {
  const origin = `${ZONE}.`;
  const zone = { name: origin, records: parseZoneFile(zoneText(story, place), { file: ZONE, origin }) };
  const model = {
    profile,
    settings,
    zones: [indexZone(zone)],
    geo: noGeo,
    lua: new LuaHost({ module: luaModule(), profile }),
    localAddress: requireAddress('127.0.0.1'),
    localPort: 53,
  };
  return surveyOf([zone], model, { client: requireAddress('127.0.0.1'), subnets: [undefined] });
}
