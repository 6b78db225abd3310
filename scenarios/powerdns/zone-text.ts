/** A zone as the text of a zone file. */
import type { ResourceRecord, Zone } from '../../simulator/zone/record.ts';

/**
 * Read again by a bind backend, the records come in the order of the zone. A zone without SOA or NS, which PowerDNS would
 * not load, gets them: nobody asks for them in a scenario.
 */
export function zoneText({ name, records }: Zone): string {
  const missing = (type: string) => !records.some((record) => record.kind === 'static' && record.type === type);
  const added = [
    ...(missing('SOA') ? [`${name} 3600 IN SOA ns1.${name} hostmaster.${name} 1 3600 600 604800 60`] : []),
    ...(missing('NS') ? [`${name} 3600 IN NS ns.pdns-shadow.invalid.`] : []),
  ];
  // The backend hands out the last written first.
  return `${[...added, ...records.toReversed().map(lineOf)].join('\n')}\n`;
}

function lineOf(record: ResourceRecord): string {
  const { owner, ttlSeconds, type } = record;
  return record.kind === 'lua'
    ? `${owner} ${ttlSeconds} IN LUA ${type} ${record.text}`
    : `${owner} ${ttlSeconds} IN ${type} ${record.rdata}`;
}
