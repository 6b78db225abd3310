import { describe, expect, test } from 'vitest';
import { formatAddress, formatPrefix, type IpAddress, ipv4Address, type Prefix, parsePrefix } from './address.ts';
import { GeoDatabase } from './database.ts';
import { networkMap } from './network-map.ts';
import { PrefixTable } from './prefix-table.ts';
import { type GeoNetwork, writeDatabase } from './writer.ts';

const CITY = database([
  { network: '10.0.0.0/8', country: 'NL' },
  { network: '11.0.0.0/8', country: 'NL' },
  { network: '12.0.0.0/8', country: 'SE' },
  { network: '2001:db8::/32', country: 'NL' },
]);
const ASN = database([{ network: '10.128.0.0/9', asn: 64496 }]);

/** `prefix value` of IPv4 with a value above 0. */
function shown(
  databases: readonly GeoDatabase[],
  numberFor: (address: IpAddress) => number,
  masks: readonly string[] = [],
) {
  const { ipv4 } = networkMap({ databases, masks: masks.map(prefixAt), numberFor });
  return Array.from({ length: ipv4.size }, (_, i) => [formatPrefix(ipv4.prefixAt(i)), ipv4.valueAt(i)] as const)
    .filter(([, value]) => value > 0)
    .map((entry) => entry.join(' '));
}

describe('a map of networks', () => {
  test('asks once for each record and merges what comes to the same', () => {
    const asked: string[] = [];
    const map = shown([CITY], (address) => {
      asked.push(formatAddress(address));
      return CITY.recordPointer(address) + 1;
    });
    expect(map.map((line) => line.split(' ')[0])).toEqual(['10.0.0.0/7', '12.0.0.0/8']);
    expect(asked.slice(0, 3)).toEqual(['0.0.0.0', '10.0.0.0', '12.0.0.0']);
  });

  test('cuts the networks of one database at those of another', () => {
    const value = (address: IpAddress) =>
      (CITY.recordPointer(address) >= 0 ? 1 : 0) + (ASN.recordPointer(address) >= 0 ? 2 : 0);
    for (const databases of [
      [CITY, ASN],
      [ASN, CITY],
    ]) {
      expect(shown(databases, value)).toEqual(['10.0.0.0/9 1', '10.128.0.0/9 3', '11.0.0.0/8 1', '12.0.0.0/8 1']);
    }
  });

  test('cuts at masks, also nested ones and without any database', () => {
    const value = ({ bytes }: IpAddress) => (bytes[0] === 10 ? ((bytes[1] ?? 0) >> 6 === 1 ? 2 : 1) : 0);
    expect(shown([], value, ['10.0.0.0/8', '10.64.0.0/10'])).toEqual([
      '10.0.0.0/10 1',
      '10.64.0.0/10 2',
      '10.128.0.0/9 1',
    ]);
  });

  test('counts the networks of the databases', () => {
    expect(networkMap({ databases: [CITY], masks: [], numberFor: () => 0 }).networks).toEqual([4]);
    expect(networkMap({ databases: [], masks: [], numberFor: () => 0 }).networks).toEqual([]);
  });

  test('of a tree with a loop is an error, not a hang', () => {
    const buffer = writeDatabase([{ network: '10.0.0.0/8', country: 'NL' }, { network: '2001:db8::/32' }], {
      recordSize: 32,
    });
    const { tree } = GeoDatabase.fromBuffer(buffer, 'sound');
    for (let node = 1; node < tree.nodeCount; node++) {
      buffer.writeUInt32BE(1, node * 8);
      buffer.writeUInt32BE(1, node * 8 + 4);
    }
    const looped = GeoDatabase.fromBuffer(buffer, 'looped.mmdb');
    expect(() => networkMap({ databases: [looped], masks: [], numberFor: () => 0 })).toThrow(
      expect.objectContaining({ code: 'E_GEOIP_CORRUPT' }),
    );
  });
});

describe('a table of prefixes', () => {
  test('grows, and finds the prefix that holds an address', () => {
    const table = new PrefixTable(4);
    for (let i = 0; i < 5000; i++) table.push(ipv4Address(i * 65_536).bytes, 17, i);
    expect(formatPrefix(table.prefixAt(4999))).toBe('19.135.0.0/17');
    expect(table.indexOf(ipv4Address(4999 * 65_536 + 32_767))).toBe(4999);
    expect(table.indexOf(ipv4Address(4999 * 65_536 + 32_768))).toBe(-1);
    expect(table.indexOf(ipv4Address(0xffffffff))).toBe(-1);
    expect(table.valueAt(table.indexOf(ipv4Address(65_536)))).toBe(1);
  });
});

function prefixAt(text: string): Prefix {
  const prefix = parsePrefix(text);
  if (prefix === undefined) throw new TypeError(`'${text}' is no network`);
  return prefix;
}

function database(networks: readonly GeoNetwork[]): GeoDatabase {
  return GeoDatabase.fromBuffer(writeDatabase(networks), 'test');
}
