/** From a scenario to the world that the simulator runs. */
import { parseAddress } from '../../geoip/address.ts';
import type { GeoNetwork } from '../../geoip/writer.ts';
import type { ServerModel } from '../../simulator/answer/evaluate.ts';
import { sampler, seededUint32 } from '../../simulator/chooser.ts';
import type { LuaHost } from '../../simulator/lua/environment.ts';
import { PROFILES } from '../../simulator/profile/index.ts';
import type { Profile } from '../../simulator/profile/profile.ts';
import type {
  AskingPlan,
  LeasePlan,
  ResolverPlan,
  ServerPlan,
  WorldEvent,
  WorldPlan,
} from '../../simulator/world/plan.ts';
import { indexZone } from '../../simulator/zone/index.ts';
import type { Zone } from '../../simulator/zone/record.ts';
import { serverSettings } from '../../wire/server-settings.ts';
import type { Expectation, Scenario, ScenarioServer, TimelineEvent, Traffic } from '../scenario.ts';
import { KNOWN_SETTINGS } from '../settings.ts';
import { changedZone, nameInZone, scenarioZone } from '../zone.ts';
import { behaviourEvents, partitionEvents, spanOf } from './faults.ts';
import { changedNetworks, geoOf } from './geo.ts';
import { askedBy, nameOf, type ScenarioWatch, typeOf, watchesOf } from './watches.ts';

export interface ScenarioWorld {
  readonly plan: WorldPlan;
  readonly watches: readonly ScenarioWatch[];
  readonly zone: Zone;
}

export interface WorldOptions {
  readonly profile: Profile;
  readonly seed: number;
  readonly lua: LuaHost;
  /** Replayed instead of the scenario's own. */
  readonly timeline?: readonly TimelineEvent[];
}

/** Everything is fixed here but the phases: jitter of flapping is drawn from the seed. */
export function worldOf(scenario: Scenario, options: WorldOptions): ScenarioWorld {
  const timeline = options.timeline ?? scenario.timeline;
  const zone = scenarioZone(scenario.zone);
  const watches = watchesOf(scenario, zone);
  const content = new Content(scenario, timeline, zone);
  const servers = [...scenario.servers.values()].map((server) => serverPlan(scenario, server, content, options));
  const chooser = sampler(seededUint32(options.seed));
  const events = [
    ...behaviourEvents(scenario, timeline, chooser),
    ...partitionEvents(scenario, timeline),
    ...[...scenario.servers.values()].flatMap((server) => serverEvents(scenario, server, timeline, content, options)),
    ...sharedEvents(scenario, timeline),
  ].filter(({ at }) => at <= scenario.endsAt);
  const plan: WorldPlan = {
    servers,
    targets: [...scenario.targets.values()].map(({ name, address, vantage, resting }) => ({
      name,
      address,
      vantage,
      behaviour: resting,
    })),
    resolvers: resolverPlans(scenario),
    asking: scenario.traffic.flatMap((traffic) => askingPlans(scenario, traffic, zone)),
    events: events.toSorted((a, b) => a.at - b.at),
    lease: leasePlan(scenario),
    watches,
    marks: marksOf(scenario.expect),
    endsAt: scenario.endsAt,
  };
  return { plan, watches, zone };
}

/** The zone and the networks after each change, each made once: equal models are remembered as one. */
class Content {
  readonly zones: { readonly at: number; readonly zone: Zone }[];
  readonly networks: { readonly at: number; readonly networks: readonly GeoNetwork[] }[];

  constructor({ geo }: Scenario, timeline: readonly TimelineEvent[], zone: Zone) {
    this.zones = [{ at: 0, zone }];
    this.networks = [{ at: 0, networks: geo?.kind === 'networks' ? geo.networks : [] }];
    for (const { at, fault } of timeline) {
      if (fault.kind === 'record-change') {
        const before = this.zones.at(-1)?.zone ?? zone;
        const change = { ...fault, name: nameInZone(fault.name, zone.name) };
        this.zones.push({ at, zone: changedZone(before, change) });
      }
      if (fault.kind === 'geo-change' && fault.reload) {
        this.networks.push({ at, networks: changedNetworks(this.networks.at(-1)?.networks ?? [], fault.networks) });
      }
    }
  }
}

function serverPlan(
  scenario: Scenario,
  server: ScenarioServer,
  content: Content,
  { profile: ofRun, lua }: WorldOptions,
): ServerPlan {
  const profile = server.profile === undefined ? ofRun : PROFILES[server.profile];
  const settings = settingsOf(server.settings, server, profile);
  const atStart = content.zones[0]?.zone;
  const initial = atStart !== undefined && takesZone(server, server.settings, profile, atStart) ? atStart : undefined;
  return {
    name: server.name,
    vantage: server.vantage,
    model: {
      profile,
      settings: settings.answer,
      zones: initial === undefined ? [] : [indexZone(initial)],
      emptyZones: [content.zones[0]?.zone.name ?? ''],
      geo: loadsGeo(server, scenario) ? geoOf(content.networks[0]?.networks ?? [], scenario.name) : geoOf([], ''),
      lua: lua.withProfile(profile),
      localAddress: parseAddress('192.0.2.53') ?? { family: 4, bytes: new Uint8Array(4) },
      localPort: 53,
    },
    checkIntervalSeconds: settings.checkIntervalSeconds,
    expireDelaySeconds: settings.checkExpireDelaySeconds,
    queriesPerSecondPerSource: server.front?.queriesPerSecondPerSource,
  };
}

/** What changes at one server: its zone (a secondary gets it later), its databases, settings, process and clock. */
function serverEvents(
  scenario: Scenario,
  server: ScenarioServer,
  timeline: readonly TimelineEvent[],
  content: Content,
  { profile: ofRun }: WorldOptions,
): WorldEvent[] {
  const name = server.name;
  const events: WorldEvent[] = [];
  let profile = server.profile === undefined ? ofRun : PROFILES[server.profile];
  let settings = server.settings;
  let delay = server.transferDelay;
  const changeModel = (at: number, change: (model: ServerModel) => ServerModel) =>
    events.push({ at, kind: 'model', server: name, change: remembered(change) });
  for (const event of timeline) {
    const { at, fault } = event;
    switch (fault.kind) {
      case 'record-change': {
        const zone = content.zones.findLast((version) => version.at === at)?.zone;
        if (zone === undefined || !takesZone(server, settings, profile, zone)) break;
        changeModel(server.role === 'secondary' ? at + delay : at, (model) => ({ ...model, zones: [indexZone(zone)] }));
        break;
      }
      case 'geo-change': {
        const version = content.networks.findLast((each) => each.at === at);
        if (version === undefined || !loadsGeo(server, scenario)) break;
        const geo = geoOf(version.networks, scenario.name);
        changeModel(at, (model) => ({ ...model, geo }));
        break;
      }
      case 'setting-change': {
        if (fault.server !== name) break;
        settings = new Map([...settings, ...fault.settings]);
        events.push(...settingEvents(at, { ...server, settings }, profile));
        break;
      }
      case 'restart': {
        if (fault.server !== name) break;
        profile = fault.profile === undefined ? profile : PROFILES[fault.profile];
        const { to } = event.lasts === undefined ? { to: at } : spanOf(event, timeline, scenario.endsAt);
        const answer = settingsOf(settings, server, profile).answer;
        events.push({ at, kind: 'stop', server: name });
        changeModel(to, (model) => ({ ...model, settings: answer }));
        events.push({
          at: to,
          kind: 'start',
          server: name,
          profile: fault.profile === undefined ? undefined : profile,
        });
        break;
      }
      case 'transfer-delay':
        if (fault.server === name) delay = fault.delay;
        break;
      default:
        break;
    }
  }
  return events;
}

/** PowerDNS reads its settings when it starts. */
function settingEvents(at: number, server: ScenarioServer, profile: Profile): WorldEvent[] {
  const { answer, checkIntervalSeconds, checkExpireDelaySeconds } = settingsOf(server.settings, server, profile);
  const change = remembered((model: ServerModel) => ({ ...model, settings: answer }));
  return [
    { at, kind: 'stop', server: server.name },
    {
      at,
      kind: 'check-settings',
      server: server.name,
      checkIntervalSeconds,
      expireDelaySeconds: checkExpireDelaySeconds,
    },
    { at, kind: 'model', server: server.name, change },
    { at, kind: 'start', server: server.name, profile: undefined },
  ];
}

function sharedEvents(scenario: Scenario, timeline: readonly TimelineEvent[]): WorldEvent[] {
  return timeline.flatMap((event): WorldEvent[] => {
    const { at, fault } = event;
    if (fault.kind === 'clock') {
      return [{ at, kind: 'clock', of: fault.of, step: fault.step, driftPerSecond: fault.slewPerSecond }];
    }
    if (fault.kind !== 'lease') return [];
    if (fault.change === 'expire') return [{ at, kind: 'lease', change: 'expires' }];
    if (fault.change === 'steal') return [{ at, kind: 'lease', change: 'stolen', by: fault.by }];
    const { to } = spanOf(event, timeline, scenario.endsAt);
    return [
      { at, kind: 'lease', change: 'witness goes' },
      { at: to, kind: 'lease', change: 'witness comes back' },
    ];
  });
}

/** The settings of a server as its release line reads them: what it does not know is left out. */
function settingsOf(settings: ReadonlyMap<string, string>, server: ScenarioServer, profile: Profile) {
  const known = [...settings].filter(([name]) => isKnownTo(name, profile));
  const values = new Map([['enable-lua-records', 'yes'], ...known]);
  const { answer, ...rest } = serverSettings(values, profile);
  // LUA records of presigned zones are never run.
  return { ...rest, answer: { ...answer, luaRecords: answer.luaRecords && server.dnssec !== 'presigned' } };
}

export function isKnownTo(setting: string, profile: Profile): boolean {
  const since = Object.hasOwn(KNOWN_SETTINGS, setting) ? KNOWN_SETTINGS[setting]?.since : undefined;
  return since === undefined || Number(since) <= Number(profile.line);
}

/** A secondary that refuses LUA records by transfer takes no zone that has any: what it had before stays. */
function takesZone(
  server: ScenarioServer,
  settings: ReadonlyMap<string, string>,
  profile: Profile,
  { records }: Zone,
): boolean {
  if (server.role === 'primary' || !profile.refusesLuaUpdates) return true;
  return settings.get('enable-lua-record-updates') === 'yes' || records.every(({ kind }) => kind !== 'lua');
}

export function loadsGeo({ settings }: ScenarioServer, { geo }: Scenario): boolean {
  const launch = settings.get('launch');
  return geo !== undefined && (launch === undefined || launch.split(',').includes('geoip'));
}

function resolverPlans({ resolvers, servers }: Scenario): ResolverPlan[] {
  return [...resolvers.values()].flatMap(({ name, address, ecs, asks, leastTtl, mostTtl }) => {
    const parsed = parseAddress(address);
    if (parsed === undefined) return [];
    return {
      name,
      address: parsed,
      ecs,
      servers: asks.length > 0 ? asks : [...servers.keys()],
      leastTtlSeconds: leastTtl / 1e6,
      mostTtlSeconds: mostTtl / 1e6,
    };
  });
}

function askingPlans(scenario: Scenario, traffic: Traffic, zone: Zone): AskingPlan[] {
  const name = nameOf(traffic.name, zone) ?? traffic.name;
  const type = typeOf(traffic.type, name, zone);
  const { starts, every, ends = scenario.endsAt } = traffic;
  return askedBy(scenario, traffic.from, name, type).map((asked) => ({ asked, starts, every, ends }));
}

function leasePlan({ lease }: Scenario): LeasePlan | undefined {
  if (lease === undefined) return undefined;
  const { ttl, renew, holder, candidates } = lease;
  return { ttl, renew, holder, candidates };
}

/** The moments that expectations look at. */
function marksOf(expect: readonly Expectation[]): number[] {
  const moments = expect.flatMap(({ when }) => {
    switch (when.kind) {
      case 'at':
        return [when.at];
      case 'within':
        return [when.from, when.to];
      case 'by':
        return [when.by, when.until];
      default:
        return [];
    }
  });
  return [...new Set(moments)].sort((a, b) => a - b);
}

/** The same change of the same model is the same model, so that what is remembered of it holds in every run. */
function remembered(change: (model: ServerModel) => ServerModel): (model: ServerModel) => ServerModel {
  const known = new WeakMap<ServerModel, ServerModel>();
  return (model) => {
    const after = known.get(model) ?? change(model);
    known.set(model, after);
    return after;
  };
}
