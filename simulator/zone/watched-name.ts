/** What can be asked of zones so that LUA records answer. */
import type { LuaRecord, Zone } from './record.ts';

/** One name and type that LUA records answer. */
export interface WatchedName {
  readonly zone: string;
  /** As written in the zone, perhaps a wildcard. */
  readonly owner: string;
  readonly type: string;
  /** What is asked: the owner, or a name below a wildcard. */
  readonly questionName: string;
  readonly records: readonly LuaRecord[];
}

/** The names that LUA records of these zones answer, each once. */
export function watchedNames(zones: readonly Zone[]): WatchedName[] {
  const names = new Map<string, { zone: string; owner: string; type: string; records: LuaRecord[] }>();
  for (const zone of zones) {
    for (const record of zone.records) {
      // Records of type LUA only carry code for `include`; ANY is never asked for.
      if (record.kind !== 'lua' || record.type === 'LUA' || record.type === 'ANY') continue;
      const key = `${record.owner.toLowerCase()} ${record.type}`;
      const known = names.get(key);
      if (known !== undefined) known.records.push(record);
      else names.set(key, { zone: zone.name, owner: record.owner, type: record.type, records: [record] });
    }
  }
  return [...names.values()].map((name) => ({ ...name, questionName: questionName(name.owner) }));
}

/**
 * Zone by zone, as they were written. Backends hand records out in orders of their own, and people look for them where they
 * wrote them; what comes from an API has no lines, and is in the order of its names.
 */
export function inWrittenOrder(names: readonly WatchedName[]): WatchedName[] {
  const lineOf = ({ records }: WatchedName) => records[0]?.place?.line ?? 0;
  return names.toSorted(
    (a, b) => order(a.zone, b.zone) || lineOf(a) - lineOf(b) || order(a.owner, b.owner) || order(a.type, b.type),
  );
}

function order(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}

/** A label that nobody else uses, for questions below a wildcard. */
function questionName(owner: string): string {
  return owner.startsWith('*.') ? `pdns-shadow${owner.slice(1)}` : owner;
}
