/** GeoIP databases of a scenario: files, or networks that become a database of their own. */
import { formatPrefix, parsePrefix } from '../../geoip/address.ts';
import { GeoDatabase } from '../../geoip/database.ts';
import { type GeoView, geoView, noGeo } from '../../geoip/location.ts';
import { type GeoNetwork, writeDatabase } from '../../geoip/writer.ts';

export function geoOf(networks: readonly GeoNetwork[], name: string): GeoView {
  if (networks.length === 0) return noGeo;
  return geoView([GeoDatabase.fromBuffer(writeDatabase(networks), name)]);
}

/** The networks after a change: those that are named again have what is said of them now. */
export function changedNetworks(before: readonly GeoNetwork[], changes: readonly GeoNetwork[]): GeoNetwork[] {
  const changed = new Set(changes.map(({ network }) => canonical(network)));
  return [...before.filter(({ network }) => !changed.has(canonical(network))), ...changes];
}

function canonical(network: string): string {
  const prefix = parsePrefix(network);
  return prefix === undefined ? network : formatPrefix(prefix);
}
