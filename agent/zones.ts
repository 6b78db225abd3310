import { lowerCaseName } from '../simulator/zone/name.ts';
import type { Zone } from '../simulator/zone/record.ts';
import type { SourceReading } from './source.ts';

/** Zones that have not changed stay the same objects, so that a change can be told from a reading. */
export function keepEqual(known: readonly Zone[], read: readonly Zone[]): readonly Zone[] {
  const kept = read.map((zone) => known.find((old) => sameZone(old, zone)) ?? zone);
  return kept.length === known.length && kept.every((zone, i) => zone === known[i]) ? known : kept;
}

export function sameZone(a: Zone, b: Zone): boolean {
  return a.name === b.name && JSON.stringify(a.records) === JSON.stringify(b.records);
}

/** By zone name in lower case. */
export function serialsOf(zones: readonly Zone[]): Map<string, number> {
  const serials = new Map<string, number>();
  for (const zone of zones) {
    const serial = serialOf(zone);
    if (serial !== undefined) serials.set(lowerCaseName(zone.name), serial);
  }
  return serials;
}

/** With the dot at its end, as zones are named everywhere but in what people write. */
export function absoluteName(name: string): string {
  return name.endsWith('.') ? name : `${name}.`;
}

/** The serial in a zone's SOA record. */
export function serialOf({ records }: Zone): number | undefined {
  const soa = records.find((record) => record.kind === 'static' && record.type === 'SOA');
  const serial = soa?.kind === 'static' ? Number(soa.rdata.split(/\s+/)[2]) : Number.NaN;
  return Number.isNaN(serial) ? undefined : serial;
}

/** Zones that the server answers SERVFAIL for, since it could not load them. */
export function rejectedZones({ unreadZones = [] }: SourceReading): readonly string[] {
  return unreadZones.flatMap(({ zone, isRejected }) => (isRejected ? [zone] : []));
}
