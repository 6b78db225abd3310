/** The timeline of a scenario file: one fault an entry, at things that exist. */

import type { Fault, Scenario, TimelineEvent } from '../scenario.ts';
import type { ScenarioFile, TimelineEntry } from '../schema/schema.ts';
import type { Path, Reading } from './reading.ts';
import { readSettings } from './settings.ts';
import { behaviourOf, geoNetworksAt } from './world.ts';
import type { ZoneNames } from './zone.ts';

/** What entries of the timeline and expectations can name. */
export interface World {
  readonly servers: Scenario['servers'];
  readonly targets: Scenario['targets'];
  readonly clients: Scenario['clients'];
  readonly vantages: readonly string[];
  readonly geo: Scenario['geo'];
  readonly lease: Scenario['lease'];
  readonly profiles: Scenario['profiles'];
  readonly names: ZoneNames;
}

/** In the order of their times; of two at one time the one written first comes first. */
export function loadTimeline(
  reading: Reading,
  entries: ScenarioFile['timeline'],
  world: World,
): readonly TimelineEvent[] {
  const events = entries.flatMap((entry, i): TimelineEvent[] => {
    const path = ['timeline', i];
    const fault = loadFault(reading, entry, path, world);
    if (fault === undefined) return [];
    return [{ at: entry.at, lasts: entry.for, fault, place: reading.yaml.placeOfPath(path) }];
  });
  return events.toSorted((a, b) => a.at - b.at);
}

const BEHAVIOUR_KEYS = ['http', 'body', 'tcp', 'tls', 'latency', 'slow-body', 'loss', 'flap'] as const;

type Kind = Fault['kind'];

const KINDS = [
  'partition',
  'geo-change',
  'record-change',
  'setting-change',
  'restart',
  'clock',
  'lease',
  'transfer-delay',
  'heal',
] as const satisfies readonly Kind[];

/** Faults that `target`, `server`, `vantage` and `reload` belong to. */
const OF_WHAT: Readonly<Record<'target' | 'server' | 'vantage' | 'reload', readonly Kind[]>> = {
  target: ['target'],
  server: ['setting-change', 'restart', 'clock', 'transfer-delay'],
  vantage: ['clock'],
  reload: ['geo-change'],
};

function loadFault(reading: Reading, entry: TimelineEntry, path: Path, world: World): Fault | undefined {
  const kind = kindOf(reading, entry, path);
  if (kind === undefined) return undefined;
  for (const key of ['target', 'server', 'vantage', 'reload'] as const) {
    if (entry[key] === undefined || OF_WHAT[key].includes(kind)) continue;
    const hint = `It belongs to ${OF_WHAT[key].map(nameOfKind).join(', ')}: leave it out.`;
    reading.complain('E_SCENARIO_FAULT', [...path, key], `${nameOfKind(kind)} takes no '${key}'`, hint);
  }
  if (entry.for !== undefined && !canLast(entry, kind)) {
    const hint = 'It happens at one instant: leave for out.';
    reading.complain('E_SCENARIO_FAULT', [...path, 'for'], `${nameOfKind(kind)} does not last`, hint);
  }
  return FAULTS[kind](reading, entry, path, world);
}

function kindOf(reading: Reading, entry: TimelineEntry, path: Path): Kind | undefined {
  const struck = BEHAVIOUR_KEYS.filter((key) => entry[key] !== undefined);
  const others = KINDS.filter((key) => entry[key] !== undefined);
  const [first, second] = [...(struck.length > 0 ? [struck[0]] : []), ...others];
  if (second !== undefined) {
    const hint = 'Write two entries with the same at.';
    reading.complain('E_SCENARIO_FAULT', [...path, second], `two faults in one entry: ${first} and ${second}`, hint);
    return undefined;
  }
  const [kind] = others;
  if (kind !== undefined) return kind;
  if (struck.length > 0) return 'target';
  const hint =
    entry.target === undefined
      ? `Say what: ${[...BEHAVIOUR_KEYS, ...KINDS].join(', ')}.`
      : `Say how it fails: ${BEHAVIOUR_KEYS.join(', ')}.`;
  reading.complain('E_SCENARIO_FAULT', path, 'nothing happens in this entry', hint);
  return undefined;
}

function canLast(entry: TimelineEntry, kind: Kind): boolean {
  if (kind === 'heal') return false;
  if (kind === 'clock') return entry.clock?.slew !== undefined;
  if (kind === 'lease') return entry.lease?.['witness-down'] !== undefined;
  return true;
}

function nameOfKind(kind: Kind): string {
  return kind === 'target' ? 'a fault of a target' : kind;
}

const FAULTS: Readonly<
  Record<Kind, (reading: Reading, entry: TimelineEntry, path: Path, world: World) => Fault | undefined>
> = {
  target: (reading, entry, path, { targets }) => {
    const { target, flap } = entry;
    if (target === undefined) {
      const hint = `Add target: ${[...targets.keys()][0] ?? 'NAME'}.`;
      reading.complain('E_SCENARIO_FAULT', path, 'this fault strikes no target', hint);
      return undefined;
    }
    for (const [i, each] of target.entries()) reading.knows('target', each, targets.keys(), [...path, 'target', i]);
    const behaviour = behaviourOf(entry);
    if (Object.keys(behaviour).length === 0) {
      const hint = 'Add how it fails while it is down: http: 503, tcp: refuse, …';
      reading.complain('E_SCENARIO_FAULT', [...path, 'flap'], 'flap says when, and nothing says how', hint);
    }
    return { kind: 'target', targets: target, behaviour, flap };
  },
  partition: (reading, { partition }, path, { vantages }) => {
    if (partition === undefined) return undefined;
    const at = [...path, 'partition', 'between'];
    const [a, b] = partition.between;
    for (const [i, each] of partition.between.entries()) reading.knows('vantage', each, vantages, [...at, i]);
    if (a === b) reading.complain('E_SCENARIO_FAULT', at, `${a} is not parted from itself`, 'Name two places.');
    return { kind: 'partition', ...partition };
  },
  'geo-change': (reading, entry, path, { geo }) => {
    if (geo?.kind !== 'networks') {
      const hint = 'Give the networks before the change as a list under geo.';
      reading.complain('E_SCENARIO_FAULT', [...path, 'geo-change'], 'there are no networks to change', hint);
    }
    const networks = geoNetworksAt(reading, [...path, 'geo-change']);
    return { kind: 'geo-change', networks, reload: entry.reload ?? true };
  },
  'record-change': (reading, entry, path, { names }) => {
    const change = entry['record-change'];
    if (change === undefined) return undefined;
    const at = [...path, 'record-change'];
    if ((change.content === undefined) === (change.remove === undefined)) {
      const hint = 'Write content: A "code", content: TYPE rdata, or remove: true.';
      reading.complain('E_SCENARIO_FAULT', at, 'a record becomes something else, or goes', hint);
    }
    const name = names.absolute(change.name, [...at, 'name']);
    if (name === undefined) return undefined;
    if (change.remove) names.exists(name, [...at, 'name']);
    return { kind: 'record-change', name, content: change.content, ttlSeconds: change.ttl };
  },
  'setting-change': (reading, entry, path, world) => {
    const server = oneServer(reading, entry, path, world);
    const lines = lineOf(server, world);
    const settings = readSettings(reading, entry['setting-change'] ?? {}, lines, [...path, 'setting-change']);
    return server === undefined ? undefined : { kind: 'setting-change', server, settings };
  },
  restart: (reading, entry, path, world) => {
    const server = oneServer(reading, entry, path, world);
    const profile = typeof entry.restart === 'object' ? entry.restart.profile : undefined;
    return server === undefined ? undefined : { kind: 'restart', server, profile };
  },
  clock: (reading, entry, path, world) => {
    const { clock, vantage } = entry;
    if (clock === undefined) return undefined;
    if ((clock.step === undefined) === (clock.slew === undefined)) {
      const hint = 'Write clock: { step: -40s } or clock: { slew: 10ms/s }.';
      reading.complain('E_SCENARIO_FAULT', [...path, 'clock'], 'a clock steps or slews', hint);
    }
    if (vantage !== undefined && entry.server !== undefined) {
      reading.complain('E_SCENARIO_FAULT', [...path, 'vantage'], 'two clocks in one entry', 'Write two entries.');
    }
    if (vantage !== undefined) reading.knows('vantage', vantage, world.vantages, [...path, 'vantage']);
    const of = vantage ?? oneServer(reading, entry, path, world);
    if (of !== undefined && world.vantages.includes(of) && world.servers.has(of)) {
      const hint = 'Give the server or the place another name.';
      reading.complain('E_SCENARIO_NAME', [...path, 'clock'], `'${of}' is a server and a place`, hint);
    }
    return of === undefined ? undefined : { kind: 'clock', of, step: clock.step ?? 0, slewPerSecond: clock.slew ?? 0 };
  },
  lease: (reading, { lease: change }, path, { lease, vantages }) => {
    const at = [...path, 'lease'];
    const [first, second] = Object.entries(change ?? {}).filter(([, value]) => value !== undefined);
    if (change === undefined || first === undefined || second !== undefined) {
      const hint = 'Write one of { expire: true }, { steal: PLACE } and { witness-down: NAME }.';
      reading.complain('E_SCENARIO_FAULT', at, 'one thing happens to the lease', hint);
      return undefined;
    }
    if (lease === undefined) {
      const hint = 'Add lease: { ttl: 30s, renew: 10s, holder: PLACE } to the file.';
      reading.complain('E_SCENARIO_FAULT', at, 'there is no lease', hint);
      return undefined;
    }
    const down = change['witness-down'];
    if (down !== undefined) {
      reading.knows('witness', down, [lease.witness], [...at, 'witness-down']);
      return { kind: 'lease', change: 'witness-down' };
    }
    if (change.steal === undefined) return { kind: 'lease', change: 'expire' };
    reading.knows('vantage', change.steal, vantages, [...at, 'steal']);
    return { kind: 'lease', change: 'steal', by: change.steal };
  },
  'transfer-delay': (reading, entry, path, world) => {
    const server = oneServer(reading, entry, path, world);
    if (server !== undefined && world.servers.get(server)?.role === 'primary') {
      const hint = 'Name a server with role: secondary.';
      const at = [...path, 'transfer-delay'];
      reading.complain('E_SCENARIO_FAULT', at, `${server} is no secondary: nothing is transferred to it`, hint);
    }
    return server === undefined ? undefined : { kind: 'transfer-delay', server, delay: entry['transfer-delay'] ?? 0 };
  },
  heal: () => ({ kind: 'heal' }),
};

/** The server that is named, or the only one. */
function oneServer(reading: Reading, { server }: TimelineEntry, path: Path, { servers }: World): string | undefined {
  const [only, ...more] = servers.keys();
  if (server !== undefined) {
    return reading.knows('server', server, servers.keys(), [...path, 'server']) ? server : undefined;
  }
  if (more.length === 0) return only;
  const hint = `Add server: ${only}, or another of ${[...servers.keys()].join(', ')}.`;
  reading.complain('E_SCENARIO_FAULT', path, 'this strikes one server, and does not say which', hint);
  return undefined;
}

function lineOf(server: string | undefined, { servers, profiles }: World): Scenario['profiles'] {
  const own = server === undefined ? undefined : servers.get(server)?.profile;
  return own === undefined ? profiles : [own];
}
