/** Expectations of a scenario file: when, who, what. */
import type { Micros } from '../../simulator/clock.ts';
import type { Expectation, Scenario, TimelineEvent, When } from '../scenario.ts';
import type { ExpectEntry, ScenarioFile } from '../schema/schema.ts';
import type { Path, Reading } from './reading.ts';
import type { World } from './timeline.ts';
import { loadWhats, needsName } from './what.ts';

export interface Story extends World {
  readonly alerts: Scenario['alerts'];
  readonly timeline: readonly TimelineEvent[];
  readonly endsAt: Micros;
}

export function loadExpectations(
  reading: Reading,
  entries: ScenarioFile['expect'],
  story: Story,
): readonly Expectation[] {
  return entries.flatMap((entry, index) => loadExpectation(reading, entry, index, story) ?? []);
}

function loadExpectation(reading: Reading, entry: ExpectEntry, index: number, story: Story): Expectation | undefined {
  const path = ['expect', index];
  const when = loadWhen(reading, entry, path, story);
  checkWho(reading, entry, path, story);
  const { name, type } = questionOf(reading, entry, path, story);
  const what = loadWhats(reading, entry, path, story, type);
  if (when === undefined) return undefined;
  return {
    index,
    place: reading.yaml.placeOfPath(path),
    when,
    clients: entry.client ?? [],
    servers: entry.server ?? [],
    profiles: entry.profile ?? [],
    name,
    type,
    what,
    modality: entry.modality,
    note: entry.note,
  };
}

const WHENS = ['at', 'within', 'by', 'always', 'never'] as const;

function loadWhen(reading: Reading, entry: ExpectEntry, path: Path, story: Story): When | undefined {
  const { at, within, by, until } = entry;
  const [first, second] = WHENS.filter((key) => entry[key] !== undefined);
  if (second !== undefined) {
    const hint = 'Write two expectations.';
    reading.complain(
      'E_SCENARIO_EXPECT',
      [...path, second],
      `two times in one expectation: ${first} and ${second}`,
      hint,
    );
    return undefined;
  }
  if (first === undefined && until === undefined) {
    const hint = 'Add at, within, by, until, always or never: always: true, for example, or within: [10s, 60s].';
    reading.complain('E_SCENARIO_EXPECT', path, 'this expectation does not say when', hint);
    return undefined;
  }
  if (until !== undefined && first !== undefined && first !== 'by') {
    const hint = 'until ends a by; write within: [10s, 60s] for two times.';
    reading.complain('E_SCENARIO_EXPECT', [...path, 'until'], `${first} has no until`, hint);
    return undefined;
  }
  if (entry.always) return { kind: 'always' };
  if (entry.never) return { kind: 'never' };
  if (at !== undefined) return { kind: 'at', at };
  if (within !== undefined) return span(reading, [...path, 'within'], within[0], within[1]);
  if (by === undefined) return { kind: 'within', from: 0, to: until ?? 0 };
  if (until !== undefined && until < by) {
    const hint = 'Let until be after by.';
    reading.complain('E_SCENARIO_TIME', [...path, 'until'], 'until is before by', hint);
  }
  return { kind: 'by', by, until: until ?? nextChange(by, story) };
}

function span(reading: Reading, path: Path, from: Micros, to: Micros): When {
  if (from > to) {
    reading.complain('E_SCENARIO_TIME', path, 'within ends before it begins', 'Write the earlier time first.');
  }
  return { kind: 'within', from, to };
}

/** When something next begins or ends, or the world does. */
/** The last moment before something changes: a restart or another record is felt in the very moment of it. */
function nextChange(after: Micros, { timeline, endsAt }: Story): Micros {
  const changes = timeline.flatMap(({ at, lasts }) => (lasts === undefined ? [at] : [at, at + lasts]));
  return Math.min(endsAt, ...changes.filter((time) => time > after).map((time) => time - 1));
}

function checkWho(reading: Reading, entry: ExpectEntry, path: Path, story: Story): void {
  const { clients, servers, profiles } = story;
  for (const [i, client] of (entry.client ?? []).entries()) {
    if (!reading.knows('client', client, clients.keys(), [...path, 'client', i])) continue;
    if (clients.get(client)?.sample === undefined || entry.distribution !== undefined) continue;
    const hint = 'Expect a distribution of it, or name a client without sample.';
    const message = `${client} stands for many networks, whose answers differ`;
    reading.complain('E_SCENARIO_EXPECT', [...path, 'client', i], message, hint);
  }
  for (const [i, server] of (entry.server ?? []).entries()) {
    reading.knows('server', server, servers.keys(), [...path, 'server', i]);
  }
  const run = new Set([...profiles, ...[...servers.values()].map(({ profile }) => profile)]);
  for (const [i, line] of (entry.profile ?? []).entries()) {
    if (run.has(line)) continue;
    const hint = `Add it to profiles, which has ${profiles.join(', ')}.`;
    reading.complain('E_SCENARIO_PROFILE', [...path, 'profile', i], `nothing runs as PowerDNS ${line} here`, hint);
  }
}

interface Question {
  readonly name: string | undefined;
  readonly type: string | undefined;
}

/** The name as written or the only one, absolute, and the type that its records yield. */
function questionOf(reading: Reading, entry: ExpectEntry, path: Path, { names }: Story): Question {
  const type = entry.type?.toUpperCase();
  if (entry.name === undefined) {
    const [only, ...more] = names.luaNames;
    if (!needsName(entry) || !names.known) return { name: undefined, type };
    if (only === undefined || more.length > 0) {
      const hint =
        only === undefined ? 'Add name: and a name of the zone.' : `Add name: ${names.luaNames.join(', or ')}`;
      const message = `this expectation does not say which name: the zone has ${names.luaNames.length} with LUA records`;
      reading.complain('E_SCENARIO_EXPECT', path, message, hint);
      return { name: undefined, type };
    }
    return { name: only, type: type ?? onlyType(reading, only, names.types(only), path) };
  }
  const name = names.absolute(entry.name, [...path, 'name']);
  if (name === undefined) return { name, type };
  if (entry.rcode === 'NXDOMAIN') return { name, type: type ?? 'A' };
  if (!names.exists(name, [...path, 'name'])) return { name, type };
  return { name, type: type ?? onlyType(reading, name, names.types(name), path) };
}

function onlyType(reading: Reading, name: string, types: readonly string[], path: Path): string | undefined {
  const [only, ...more] = types;
  if (more.length === 0) return only;
  const hint = `Add type: ${only}, or another.`;
  reading.complain('E_SCENARIO_EXPECT', path, `${name} has records of types ${types.join(', ')}: say which`, hint);
  return undefined;
}
