import { describe, expect, test } from 'vitest';
import { formatPrefix } from './address.ts';
import { GeoDatabase } from './database.ts';
import { networks, networksByRecord } from './networks.ts';
import { type GeoNetwork, type WriterOptions, writeDatabase } from './writer.ts';

const sites: readonly GeoNetwork[] = [
  { network: '10.0.0.0/8', country: 'NL' },
  { network: '10.1.0.0/16', country: 'SE' },
  { network: '192.0.2.1', country: 'NL' },
  { network: '2001:db8::/32', country: 'NL' },
  { network: '2001:db8:1::/48', unknown: true },
];

describe('the networks of a database', () => {
  test('come in the order of their addresses, IPv4 as IPv4, cut where a longer network decides', () => {
    const seen = [...networks(database(sites))].map(({ prefix }) => formatPrefix(prefix));
    expect(seen.slice(0, 3)).toEqual(['10.0.0.0/16', '10.1.0.0/16', '10.2.0.0/15']);
    expect(seen).toContain('10.128.0.0/9');
    expect(seen).toContain('192.0.2.1/32');
    expect(seen).toContain('2001:db8::/48');
    expect(seen).not.toContain('2001:db8:1::/48');
    expect(seen.at(-1)).toBe('2001:db8:8000::/33');
    expect(seen.length).toBe(9 + 1 + 16);
  });

  test('lead to the record that a look-up of their first address finds', () => {
    const all = database(sites);
    for (const { prefix, recordPointer } of networks(all)) {
      expect(all.recordPointer(prefix.address)).toBe(recordPointer);
      expect(formatPrefix(all.networkOf(prefix.address))).toBe(formatPrefix(prefix));
    }
  });

  test('are the same in an IPv4 tree', () => {
    const onlyIpv4 = sites.slice(0, 3);
    const listed = (options: WriterOptions) =>
      [...networks(database(onlyIpv4, options))].map((n) => formatPrefix(n.prefix));
    expect(listed({ ipVersion: 4 })).toEqual(listed({ ipVersion: 6 }));
  });

  test('are none in an empty database', () => {
    expect([...networks(database([]))]).toEqual([]);
  });

  test('group by what they say', () => {
    const groups = networksByRecord(database(sites));
    expect(groups.size).toBe(2);
    expect([...groups.values()].map((group) => group.length)).toEqual([9 + 16, 1]);
  });
});

test('places that lead to the IPv4 networks again are left out', () => {
  const buffer = writeDatabase([...sites, { network: '::ffff:0:0/96', country: 'XX' }], { recordSize: 32 });
  const before = GeoDatabase.fromBuffer(buffer, 'before');
  // Point the branch of ::ffff:0:0/96 to the node of ::/96, as MaxMind's databases do.
  const node = branchNode(before, '00000000000000000000ffff');
  buffer.writeUInt32BE(before.tree.ipv4.value, node * 8 + 4);
  const aliased = GeoDatabase.fromBuffer(buffer, 'aliased');
  const mapped = { family: 6, bytes: Uint8Array.from([...new Array(10).fill(0), 255, 255, 10, 1, 0, 1]) } as const;
  expect(aliased.record(aliased.recordPointer(mapped))).toEqual({ country: { iso_code: 'SE' } });
  expect([...networks(aliased)].map((n) => formatPrefix(n.prefix))).toEqual(
    [...networks(database(sites))].map((n) => formatPrefix(n.prefix)),
  );
});

test('a tree with a loop is an error, not a hang', () => {
  const buffer = writeDatabase(sites, { recordSize: 32 });
  const { tree } = GeoDatabase.fromBuffer(buffer, 'sound');
  for (let node = 1; node < tree.nodeCount; node++) {
    buffer.writeUInt32BE(1, node * 8);
    buffer.writeUInt32BE(1, node * 8 + 4);
  }
  const looped = GeoDatabase.fromBuffer(buffer, 'looped.mmdb');
  expect(() => [...networks(looped)]).toThrow(expect.objectContaining({ code: 'E_GEOIP_CORRUPT' }));
});

/** The node whose right branch the last bit of a path of hex digits takes. */
function branchNode({ tree }: GeoDatabase, hex: string): number {
  const bits = [...hex].flatMap((digit) => [...Number.parseInt(digit, 16).toString(2).padStart(4, '0')].map(Number));
  return bits.slice(0, -1).reduce((node, bit) => tree.child(node, bit), 0);
}

function database(entries: readonly GeoNetwork[], options?: WriterOptions): GeoDatabase {
  return GeoDatabase.fromBuffer(writeDatabase(entries, options), 'test');
}
