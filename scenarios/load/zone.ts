/** The zone part of a scenario file: its text, its names, and errors in it at their lines of the YAML file. */
import { dirname, resolve } from 'node:path';
import { isScalar } from 'yaml';
import { type InputPlace, UserError } from '../../input/errors.ts';
import { indexZone, wildcardFor, type ZoneIndex } from '../../simulator/zone/index.ts';
import { isSubdomain, lowerCaseName, sameName } from '../../simulator/zone/name.ts';
import type { ResourceRecord, Zone } from '../../simulator/zone/record.ts';
import type { Scenario } from '../scenario.ts';
import type { ScenarioFile } from '../schema/schema.ts';
import { changedZone, nameInZone, scenarioZone } from '../zone.ts';
import { guessHint, type Path, type Reading } from './reading.ts';

export interface LoadedZone {
  readonly text: Scenario['zone'];
  /** Undefined where the text is wrong: names are then taken as they are. */
  readonly zone: Zone | undefined;
  /** Place in the YAML file of a place in the zone. */
  readonly placeOf: (place: InputPlace) => InputPlace;
}

export function loadZone(
  reading: Reading,
  written: ScenarioFile['zone'],
  readFile: (path: string) => string,
): LoadedZone {
  const { file } = reading.yaml;
  if (typeof written !== 'string') {
    const path = resolve(dirname(file), written.file);
    const read = reading.attempt(() => readZoneFile(reading, written.file, path, readFile));
    const text = { text: read ?? '', file: path, firstLine: 1 };
    return {
      text,
      zone: read === undefined ? undefined : reading.attempt(() => scenarioZone(text)),
      placeOf: (place) => place,
    };
  }
  const block = blockOf(reading, written);
  const text = { text: written, file, firstLine: block.firstLine };
  const zone = reading.attempt(() => {
    try {
      return scenarioZone(text);
    } catch (error) {
      throw error instanceof UserError ? placed(error, block.placeOf) : error;
    }
  });
  return { text, zone, placeOf: block.placeOf };
}

function readZoneFile(reading: Reading, written: string, path: string, readFile: (path: string) => string): string {
  try {
    return readFile(path);
  } catch (cause) {
    throw new UserError('E_SCENARIO_FILE', `the zone file ${written} cannot be read: ${reasonOf(cause)}`, {
      place: reading.yaml.placeOfPath(['zone', 'file']),
      hint: 'Its path counts from the folder of the scenario.',
      cause,
    });
  }
}

function reasonOf(cause: unknown): string {
  return cause instanceof Error && 'code' in cause ? String(cause.code) : String(cause);
}

/** Where the text stands in the YAML file: exactly for `zone: |`, else where the value begins. */
function blockOf(reading: Reading, written: string): { firstLine: number; placeOf: LoadedZone['placeOf'] } {
  const { yaml } = reading;
  const node = yaml.nodeAt(['zone']);
  const start = node === null ? { file: yaml.file, line: 1, column: 1 } : yaml.placeOf(node);
  const line = start.line ?? 1;
  const isBlock = isScalar(node) && node.type === 'BLOCK_LITERAL';
  if (!isBlock) return { firstLine: written.includes('\n') ? 1 : line, placeOf: () => start };
  const lines = yaml.text.split('\n').slice(line);
  const indent = /^ */.exec(lines.find((each) => each.trim() !== '') ?? '')?.[0].length ?? 0;
  return {
    firstLine: line + 1,
    placeOf: (place) => ({ ...place, ...(place.column === undefined ? {} : { column: place.column + indent }) }),
  };
}

function placed(error: UserError, placeOf: LoadedZone['placeOf']): UserError {
  const { code, message, place, hint, cause } = error;
  return new UserError(code, message, {
    ...(place === undefined ? {} : { place: placeOf(place) }),
    ...(hint === undefined ? {} : { hint }),
    cause,
  });
}

/** What names of a zone stand for, now and after changes of the timeline. */
export interface ZoneNames {
  /** False where the zone cannot be read: nothing is known of its names then. */
  readonly known: boolean;
  /** Owners of LUA records that are no wildcards. */
  readonly luaNames: readonly string[];
  /** Absolute; undefined, and a complaint, for a name outside the zone. */
  absolute(text: string, path: Path): string | undefined;
  /** Complains where no record ever has the name, by itself or by a wildcard. */
  exists(name: string, path: Path): boolean;
  /** Types that the name ever has: of LUA records where there are any. */
  types(name: string): readonly string[];
}

export function zoneNames(reading: Reading, zone: Zone | undefined, changes: ScenarioFile['timeline']): ZoneNames {
  if (zone === undefined) {
    return { known: false, luaNames: [], absolute: (text) => text, exists: () => true, types: () => [] };
  }
  const index = indexZone(zone);
  const added = addedRecords(reading, zone, changes);
  const recordsOf = (name: string): readonly ResourceRecord[] => [
    ...(ownRecords(index, name) ?? []),
    ...added.filter(({ owner }) => sameName(owner, name)),
  ];
  const lua = [...zone.records, ...added].filter(({ kind, owner }) => kind === 'lua' && !owner.startsWith('*.'));
  const luaNames = [...new Set(lua.map(({ owner }) => lowerCaseName(owner)))].sort();
  return {
    known: true,
    luaNames,
    absolute: (text, path) => absoluteIn(reading, zone, text, path),
    exists: (name, path) => {
      if (recordsOf(name).length > 0) return true;
      const owners = [...new Set(zone.records.map(({ owner }) => owner))];
      reading.complain('E_SCENARIO_NAME', path, `no record has the name '${name}'`, guessHint(name, owners, 'record'));
      return false;
    },
    types: (name) => {
      const records = recordsOf(name);
      const preferred = records.filter(({ kind }) => kind === 'lua');
      return [...new Set((preferred.length > 0 ? preferred : records).map(({ type }) => type))].sort();
    },
  };
}

function ownRecords(index: ZoneIndex, name: string): readonly ResourceRecord[] | undefined {
  return index.at(name) ?? wildcardFor(index, name);
}

function absoluteIn(reading: Reading, zone: Zone, text: string, path: Path): string | undefined {
  try {
    const name = nameInZone(text, zone.name);
    if (isSubdomain(name, zone.name)) return name;
    const hint = `Write a name of the zone, such as www.${zone.name}`;
    reading.complain('E_SCENARIO_NAME', path, `'${name}' is not in the zone '${zone.name}'`, hint);
  } catch (error) {
    if (!(error instanceof UserError)) throw error;
    reading.complain(error.code, path, error.message, error.hint ?? 'Write a name of the zone.');
  }
  return undefined;
}

/** What the timeline adds. Names that are wrong are complained about where the timeline is read. */
function addedRecords(reading: Reading, zone: Zone, timeline: ScenarioFile['timeline']): readonly ResourceRecord[] {
  return timeline.flatMap((entry, i): readonly ResourceRecord[] => {
    const change = entry['record-change'];
    if (change?.content === undefined) return [];
    try {
      const name = nameInZone(change.name, zone.name);
      if (!isSubdomain(name, zone.name)) return [];
      const { content, ttl: ttlSeconds } = change;
      return changedZone({ name: zone.name, records: [] }, { name, content, ttlSeconds }).records;
    } catch (error) {
      if (!(error instanceof UserError)) throw error;
      if (error.code === 'E_NAME_SYNTAX') return [];
      const path = ['timeline', i, 'record-change', 'content'];
      reading.complain(error.code, path, error.message, error.hint ?? 'Write A "code" or TYPE rdata.');
      return [];
    }
  });
}
