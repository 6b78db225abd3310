/** From a scenario to the world that the simulator runs. */
import { parseAddress } from '../../geoip/address.ts';
import type { GeoNetwork } from '../../geoip/writer.ts';
import type { ServerModel } from '../../simulator/answer/server-model.ts';
import { sampler, seededUint32 } from '../../simulator/chooser.ts';
import type { Micros } from '../../simulator/clock.ts';
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
import type { Expectation, Fault, Scenario, ScenarioServer, TimelineEvent, Traffic } from '../scenario.ts';
import { KNOWN_SETTINGS } from '../settings.ts';
import { changedZone, nameInZone, scenarioZone } from '../zone.ts';
import { behaviourEvents, changesInForce, partitionEvents, spanOf } from './faults.ts';
import { changedNetworks, geoOf } from './geo.ts';
import { lineAt, settingsAt, settingsChanges, startsOf, transferDelayAt } from './server-state.ts';
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

interface Version<T> {
  readonly at: Micros;
  readonly value: T;
}

/** The zone and the file of networks from each change on, the first from the start; each made once: equal models are remembered as one. */
export class Content {
  readonly zones: readonly Version<Zone>[];
  readonly #networks: readonly [Version<readonly GeoNetwork[]>, ...Version<readonly GeoNetwork[]>[]];
  /** When all servers are told to read the file again. */
  readonly #reloads: readonly Micros[];

  constructor({ geo, endsAt }: Scenario, timeline: readonly TimelineEvent[], zone: Zone) {
    const records = changesInForce(timeline, endsAt, isRecordChange).map(({ at, inForce }) => ({
      at,
      value: inForce.reduce(
        (before, change) => changedZone(before, { ...change, name: nameInZone(change.name, zone.name) }),
        zone,
      ),
    }));
    const first = geo?.kind === 'networks' ? geo.networks : [];
    const networks = changesInForce(timeline, endsAt, isGeoChange).map(({ at, inForce }) => ({
      at,
      value: inForce.reduce((before, change) => changedNetworks(before, change.networks), first),
    }));
    this.zones = [{ at: 0, value: zone }, ...records];
    this.#networks = [{ at: 0, value: first }, ...networks];
    this.#reloads = changesInForce(timeline, endsAt, isToldGeoChange).map(({ at }) => at);
  }

  /** What a server knows of networks: the file as it stood when it was last told to read it, or started. The first from the start. */
  networksOf(startsAt: readonly Micros[]): readonly Version<readonly GeoNetwork[]>[] {
    const loaded = [this.#networks[0]];
    for (const at of [...this.#reloads, ...startsAt].sort((a, b) => a - b)) {
      const file = this.#networks.findLast((version) => version.at <= at);
      if (file !== undefined && file.value !== loaded.at(-1)?.value) loaded.push({ at, value: file.value });
    }
    return loaded;
  }
}

function isRecordChange(fault: Fault): fault is Extract<Fault, { kind: 'record-change' }> {
  return fault.kind === 'record-change';
}

function isGeoChange(fault: Fault): fault is Extract<Fault, { kind: 'geo-change' }> {
  return fault.kind === 'geo-change';
}

/** Of a database that changes without a word servers see nothing, until they read it for another reason. */
function isToldGeoChange(fault: Fault): fault is Extract<Fault, { kind: 'geo-change' }> {
  return isGeoChange(fault) && fault.reload;
}

function serverPlan(
  scenario: Scenario,
  server: ScenarioServer,
  content: Content,
  { profile: ofRun, lua }: WorldOptions,
): ServerPlan {
  const profile = server.profile === undefined ? ofRun : PROFILES[server.profile];
  const settings = settingsOf(server.settings, server, profile);
  const atStart = content.zones[0]?.value;
  const initial = atStart !== undefined && takesZone(server, server.settings, profile, atStart) ? atStart : undefined;
  return {
    name: server.name,
    vantage: server.vantage,
    model: {
      profile,
      settings: settings.answer,
      zones: initial === undefined ? [] : [indexZone(initial)],
      emptyZones: [content.zones[0]?.value.name ?? ''],
      geo: loadsGeo(server, scenario) ? geoOf(content.networksOf([])[0]?.value ?? [], scenario.name) : geoOf([], ''),
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
  const { name } = server;
  const profileAt = (at: Micros) => PROFILES[lineAt(server, timeline, ofRun.line, at)];
  const changeModel = (at: Micros, change: (model: ServerModel) => ServerModel): WorldEvent => ({
    at,
    kind: 'model',
    server: name,
    change: remembered(change),
  });
  const zones = zonesAt(scenario, server, timeline, content, profileAt).map(({ at, value: zone }) =>
    changeModel(at, (model) => ({ ...model, zones: [indexZone(zone)] })),
  );
  const starts = startsOf(scenario, server, timeline);
  const networks = loadsGeo(server, scenario) ? content.networksOf(starts).slice(1) : [];
  const geo = networks.map(({ at, value }) => {
    const view = geoOf(value, scenario.name);
    return changeModel(at, (model) => ({ ...model, geo: view }));
  });
  const settings = settingsChanges(scenario, server, timeline).flatMap((change) =>
    settingEvents(change.at, { ...server, settings: change.settings }, profileAt(change.at)),
  );
  const restarts = timeline.flatMap((event): WorldEvent[] => {
    const { at, fault } = event;
    if (fault.kind !== 'restart' || fault.server !== name) return [];
    const { to } = event.lasts === undefined ? { to: at } : spanOf(event, timeline, scenario.endsAt);
    const profile = profileAt(at);
    const { answer } = settingsOf(settingsAt(scenario, server, timeline, to), server, profile);
    return [
      { at, kind: 'stop', server: name },
      changeModel(to, (model) => ({ ...model, settings: answer })),
      { at: to, kind: 'start', server: name, profile: fault.profile === undefined ? undefined : profile },
    ];
  });
  return [...zones, ...geo, ...settings, ...restarts];
}

/** When a server has each zone that it takes; a transfer that comes after a newer one changes nothing. */
function zonesAt(
  scenario: Scenario,
  server: ScenarioServer,
  timeline: readonly TimelineEvent[],
  { zones }: Content,
  profileAt: (at: Micros) => Profile,
): readonly Version<Zone>[] {
  const taken = zones
    .slice(1)
    .filter(({ at, value }) => takesZone(server, settingsAt(scenario, server, timeline, at), profileAt(at), value))
    .map(({ at, value }) => ({
      at: server.role === 'secondary' ? at + transferDelayAt(scenario, server, timeline, at) : at,
      value,
    }));
  return taken.filter(({ at }, i) => taken.slice(i + 1).every((newer) => newer.at > at));
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
    if (fault.kind === 'clock') return clockEvents(event, timeline, scenario);
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

/** A clock that runs fast for a while runs right again after it, but for what it is ahead, unless something else was done to it. */
function clockEvents(event: TimelineEvent, timeline: readonly TimelineEvent[], { endsAt }: Scenario): WorldEvent[] {
  const { at, fault, lasts } = event;
  if (fault.kind !== 'clock') return [];
  const { of, step, slewPerSecond } = fault;
  const begins: WorldEvent = { at, kind: 'clock', of, step, driftPerSecond: slewPerSecond };
  if (lasts === undefined) return [begins];
  const { to } = spanOf(event, timeline, endsAt);
  const isOther = timeline.some(
    (other) =>
      other !== event && other.fault.kind === 'clock' && other.fault.of === of && other.at >= at && other.at <= to,
  );
  return isOther ? [begins] : [begins, { at: to, kind: 'clock', of, step: 0, driftPerSecond: 0 }];
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
