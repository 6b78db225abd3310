/** Zones prepared for look-up: by name, in any case. */
import { isSubdomain, lowerCaseName, parentName, splitLabels } from './name.ts';
import type { ResourceRecord, StaticRecord, Zone } from './record.ts';

export interface ZoneIndex {
  readonly zone: Zone;
  readonly name: string;
  /** The records of a name in backend order: none where only names below it have any; undefined where it does not exist. */
  at(name: string): readonly ResourceRecord[] | undefined;
  /** Some name below the apex has static NS records. */
  readonly hasDelegations: boolean;
  /** It has a static SOA record: PowerDNS serves no zone without. */
  readonly hasSoa: boolean;
  /** Some record has a text with a backslash or without its quotes in it, or is no record at all. */
  readonly mayBeUnreadable: boolean;
}

export function indexZone(zone: Zone): ZoneIndex {
  const nodes = new Map<string, ResourceRecord[]>();
  for (const record of zone.records) {
    const key = lowerCaseName(record.owner);
    const node = nodes.get(key);
    if (node === undefined) nodes.set(key, [record]);
    else node.push(record);
  }
  const apex = lowerCaseName(zone.name);
  for (const owner of [...nodes.keys()]) addEmptyNonTerminals(nodes, owner, apex);
  return {
    zone,
    name: apex,
    at: (name) => nodes.get(lowerCaseName(name)),
    hasDelegations: zone.records.some(
      (record) => record.kind === 'static' && record.type === 'NS' && lowerCaseName(record.owner) !== apex,
    ),
    hasSoa: (nodes.get(apex) ?? []).some(({ kind, type }) => kind === 'static' && type === 'SOA'),
    mayBeUnreadable: zone.records.some(
      (record) =>
        record.unreadable !== undefined ||
        record.unquoted !== undefined ||
        (record.kind === 'lua' ? record.text : record.rdata).includes('\\'),
    ),
  };
}

/** The bind backend holds an entry for each of these names, so that they answer and no wildcard does. */
function addEmptyNonTerminals(nodes: Map<string, ResourceRecord[]>, owner: string, apex: string): void {
  if (owner === apex || !isSubdomain(owner, apex)) return;
  for (let at = parentName(owner); at !== undefined && at !== apex && !nodes.has(at); at = parentName(at)) {
    nodes.set(at, []);
  }
}

/** The zone with the most labels that holds `name`, of those with an SOA record. */
export function zoneOf(zones: readonly ZoneIndex[], name: string): ZoneIndex | undefined {
  let best: ZoneIndex | undefined;
  for (const candidate of zones) {
    if (!candidate.hasSoa || !isSubdomain(name, candidate.name)) continue;
    if (best === undefined || splitLabels(candidate.name).length > splitLabels(best.name).length) best = candidate;
  }
  return best;
}

/** The name servers of the delegation at `name` or between it and the apex. NS records made by code delegate nothing. */
export function delegationOf(index: ZoneIndex, name: string): readonly StaticRecord[] {
  if (!index.hasDelegations) return [];
  for (let at: string | undefined = name; at !== undefined && lowerCaseName(at) !== index.name; at = parentName(at)) {
    const servers = (index.at(at) ?? [])
      .filter((record) => record.kind === 'static')
      .filter(({ type }) => type === 'NS');
    if (servers.length > 0) return servers;
  }
  return [];
}

/**
 * The wildcard that covers a name without data of its own: from the parent upwards the first `*.P` with data, ending at
 * the first ancestor that has data itself and at the apex.
 */
export function wildcardFor(index: ZoneIndex, name: string): readonly ResourceRecord[] | undefined {
  for (let at = parentName(name); at !== undefined; at = parentName(at)) {
    const wildcard = index.at(at === '.' ? '*.' : `*.${at}`);
    if (wildcard !== undefined) return wildcard;
    if (lowerCaseName(at) === index.name || index.at(at) !== undefined) return undefined;
  }
  return undefined;
}
