/** A zone as the text of a zone file. */
import type { ResourceRecord, Zone } from '../../simulator/zone/record.ts';

/**
 * Read again by a bind backend, the records come in the order of the zone. A zone without NS gets one, since PowerDNS complains
 * otherwise: nobody asks for it in a scenario.
 */
export function zoneText({ name, records }: Zone): string {
  const hasServers = records.some(({ kind, type }) => kind === 'static' && type === 'NS');
  const added = hasServers ? [] : [`${name} 3600 IN NS ns.pdns-shadow.invalid.`];
  // The backend hands out the last written first.
  return `${[...added, ...records.toReversed().map(lineOf)].join('\n')}\n`;
}

function lineOf(record: ResourceRecord): string {
  const { owner, ttlSeconds, type } = record;
  return record.kind === 'lua'
    ? `${owner} ${ttlSeconds} IN LUA ${type} ${record.text}`
    : `${owner} ${ttlSeconds} IN ${type} ${record.rdata}`;
}
