/** Records that ask for checks of loopback only, so that a server can be measured with them and nobody is probed. */
import type { LuaRecord, Zone } from '../simulator/zone/record.ts';

export interface LoopbackTargets {
  /** Addresses that answer HTTP on `port`. At least one. */
  readonly addresses: readonly string[];
  readonly port: number;
}

const URL = /https?:\/\/[^'"\s)]*/gi;
const PORT = /\bifportup\s*\(\s*\d+/g;
const IPV4 = /'(\d{1,3}(?:\.\d{1,3}){3})(?::\d+)?'/g;
const IPV6 = /'(?:\[[0-9a-f:.]*:[0-9a-f:.]*\](?::\d+)?|[0-9a-f]*:[0-9a-f:.]*)'/gi;

/** The zone with its LUA records alone, each address one of the targets', each URL and port theirs. */
export function onLoopback({ name, records }: Zone, targets: LoopbackTargets): Zone {
  const places = new Map<string, string>();
  const placeOf = (address: string): string => {
    const known = places.get(address) ?? targets.addresses[places.size % targets.addresses.length] ?? '127.0.0.1';
    places.set(address, known);
    return known;
  };
  const moved = records.flatMap((record): LuaRecord[] => {
    if (record.kind !== 'lua') return [];
    const text = record.text
      .replace(URL, `http://measured.test:${targets.port}/`)
      .replace(PORT, `ifportup(${targets.port}`)
      .replace(IPV4, (_, address: string) => `'${placeOf(address)}'`)
      .replace(IPV6, "'::1'");
    return [{ ...record, text }];
  });
  return { name, records: moved };
}

/** As a zone file, for a server to read. */
export function zoneText({ name, records }: Zone): string {
  const apex = `${name} 60 IN SOA ns1.invalid. hostmaster.invalid. 1 3600 600 86400 60\n${name} 60 IN NS ns1.invalid.\n`;
  return (
    apex +
    records
      .map((record) =>
        record.kind === 'lua'
          ? `${record.owner} ${record.ttlSeconds} IN LUA ${record.type} ${record.text}\n`
          : `${record.owner} ${record.ttlSeconds} IN ${record.type} ${record.rdata}\n`,
      )
      .join('')
  );
}
