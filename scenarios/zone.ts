/** The zone of a scenario, and what a change of its records makes of it. */
import { UserError } from '../input/errors.ts';
import { bindBackendOrder } from '../simulator/zone/backend-order.ts';
import { absoluteName, canonicalName, isAbsolute, isSubdomain, sameName } from '../simulator/zone/name.ts';
import type { ResourceRecord, Zone } from '../simulator/zone/record.ts';
import { writtenOrigin } from '../simulator/zone/zone-origin.ts';
import { parseZoneFile } from '../simulator/zone/zonefile.ts';
import type { Scenario } from './scenario.ts';

const DEFAULT_TTL_SECONDS = 3600;

/**
 * The zone as the bind backend hands it out. Lines of its records' places are those of the file, columns those of the
 * text. Throws `UserError`: `E_ZONE_SYNTAX`, and `E_SCENARIO_ZONE` for text that does not say which zone it is.
 */
export function scenarioZone({ text, file, firstLine }: Scenario['zone']): Zone {
  const origin = writtenOrigin(text);
  if (origin === undefined) {
    throw new UserError('E_SCENARIO_ZONE', 'the zone does not say which zone it is', {
      place: { file, line: firstLine, column: 1 },
      hint: 'Let its first line be $ORIGIN acme.test. with the final dot.',
    });
  }
  const records = parseZoneFile('\n'.repeat(firstLine - 1) + text, { file, origin });
  const apex = records.find((record) => record.type === 'SOA')?.owner ?? canonicalName(origin);
  return withSoa({ name: apex, records: bindBackendOrder(records) });
}

/** PowerDNS serves no zone without an SOA record. Nobody asks for it in a scenario, so it need not be written. */
function withSoa(zone: Zone): Zone {
  const { name, records } = zone;
  const isSoa = ({ type, owner }: ResourceRecord) => type === 'SOA' && sameName(owner, name);
  if (records.some(isSoa)) return zone;
  const rdata = `ns1.${name} hostmaster.${name} 1 3600 600 604800 60`;
  return { name, records: [...records, { kind: 'static', owner: name, type: 'SOA', ttlSeconds: 3600, rdata }] };
}

/**
 * A name as a scenario writes it, absolute: `near.acme.test.`, `near.acme.test` and `near` are one name in acme.test. Throws
 * `E_NAME_SYNTAX`.
 */
export function nameInZone(text: string, zone: string): string {
  if (text !== '@' && (isAbsolute(text) || isSubdomain(text, zone))) return canonicalName(text);
  return absoluteName(text, zone);
}

export interface RecordChange {
  /** Absolute. */
  readonly name: string;
  /** A record a line: `A "code"` for LUA, `TYPE rdata` for any other; undefined: the records of the name go. */
  readonly content: string | undefined;
  /** Undefined: that of the records before, else an hour. */
  readonly ttlSeconds: number | undefined;
}

/** The zone with all records of a name replaced. Throws `E_ZONE_SYNTAX` for content that PowerDNS would not load. */
export function changedZone(zone: Zone, change: RecordChange): Zone {
  const isOld = ({ owner }: ResourceRecord) => sameName(owner, change.name);
  const ttlSeconds = change.ttlSeconds ?? zone.records.find(isOld)?.ttlSeconds ?? DEFAULT_TTL_SECONDS;
  return withSoa({
    name: zone.name,
    records: [...zone.records.filter((each) => !isOld(each)), ...newRecords(zone, change, ttlSeconds)],
  });
}

function newRecords(zone: Zone, { name, content }: RecordChange, ttlSeconds: number): readonly ResourceRecord[] {
  if (content === undefined) return [];
  const lines = content.split('\n').filter((line) => line.trim() !== '');
  const text = lines.map((line) => `${name} ${ttlSeconds} IN ${isCode(line) ? 'LUA ' : ''}${line.trim()}`).join('\n');
  const records = parseZoneFile(text, { file: name, origin: zone.name });
  return bindBackendOrder(records.map(({ place: _, ...record }) => record));
}

/** What stands in quotes behind a type is code; text records are written by code too. */
function isCode(line: string): boolean {
  return /^\s*\S+\s+"/.test(line);
}
