import fc from 'fast-check';
import { Reader } from 'maxmind';
import { describe, expect, test } from 'vitest';
import { UserError } from '../input/errors.ts';
import {
  formatAddress,
  formatPrefix,
  type IpAddress,
  parseAddress,
  parsePrefix,
  prefixContains,
  prefixOf,
} from './address.ts';
import { GeoDatabase } from './database.ts';
import { geoView } from './location.ts';
import { type GeoNetwork, type WriterOptions, writeDatabase } from './writer.ts';

const stockholm: GeoNetwork = {
  network: '198.51.100.0/24',
  continent: 'EU',
  country: 'SE',
  region: 'AB',
  city: 'Stockholm',
  lat: 59.3,
  lon: 18.1,
  asn: 4_200_000_000,
  organization: 'Example Org',
};

describe('every attribute that PowerDNS reads comes back', () => {
  test.each([24, 28, 32] as const)('from records of %i bits', (recordSize) => {
    const view = geoView([database([stockholm], { recordSize })]);
    const client = address('198.51.100.7');
    expect(view.attribute(client, 'asn')).toBe('4200000000');
    expect(view.attribute(client, 'city')).toBe('stockholm');
    expect(view.attribute(client, 'continent')).toBe('eu');
    expect(view.attribute(client, 'country')).toBe('se');
    expect(view.attribute(client, 'name')).toBe('example org');
    expect(view.attribute(client, 'region')).toBe('ab');
    expect(view.location(client)).toEqual({ latitude: 59.3, longitude: 18.1, known: true });
    expect(view.attribute(address('198.51.101.0'), 'country')).toBe('unknown');
  });

  test('to other readers too', () => {
    const expected = {
      continent: { code: 'EU' },
      country: { iso_code: 'SE' },
      subdivisions: [{ iso_code: 'AB' }],
      city: { names: { en: 'Stockholm' } },
      location: { latitude: 59.3, longitude: 18.1, accuracy_radius: 10 },
      autonomous_system_number: 4_200_000_000,
      autonomous_system_organization: 'Example Org',
    };
    expect(new Reader(writeDatabase([stockholm])).getWithPrefixLength('198.51.100.7')).toEqual([expected, 24]);
    const own = database([stockholm]);
    expect(own.record(own.recordPointer(address('198.51.100.7')))).toEqual(expected);
  });
});

const network = fc
  .tuple(
    fc.oneof(fc.uint8Array({ minLength: 4, maxLength: 4 }), fc.uint8Array({ minLength: 15, maxLength: 15 })),
    fc.nat({ max: 128 }),
  )
  .map(([bytes, length]) => {
    // A first octet of 0x20 keeps IPv6 out of ::/96, and few different octets make networks hold each other.
    const coarse = bytes.map((byte) => byte & 0xc1);
    const address: IpAddress =
      bytes.length === 4
        ? { family: 4, bytes: coarse }
        : { family: 6, bytes: Uint8Array.from([0x20, ...coarse.map((byte) => byte & 0x81)]) };
    return formatPrefix(prefixOf(address, Math.min(length, address.bytes.length * 8)));
  });

const networkList = fc.uniqueArray(fc.tuple(network, fc.nat({ max: 4 }), fc.boolean()), {
  maxLength: 40,
  selector: ([text]) => text,
});

test('the longest network that holds an address decides, in every record size and for every reader', () => {
  fc.assert(
    fc.property(networkList, fc.array(network, { maxLength: 20 }), fc.constantFrom(24, 28, 32), (list, extra, size) => {
      const entries = list.map(
        ([text, kind, unknown]): GeoNetwork => ({ network: text, country: `C${kind}`, unknown }),
      );
      const buffer = writeDatabase(entries, { recordSize: size as 24 | 28 | 32 });
      const view = geoView([GeoDatabase.fromBuffer(buffer, 'test')]);
      const reader = new Reader(buffer);
      const probes = [...entries.map((entry) => entry.network), ...extra].flatMap(edges);
      for (const probe of probes) {
        const expected = longestMatch(entries, probe);
        expect([formatAddress(probe), view.attribute(probe, 'country')]).toEqual([
          formatAddress(probe),
          expected?.toLowerCase() ?? 'unknown',
        ]);
        const seen = reader.get(formatAddress(probe));
        expect(seen).toEqual(expected === undefined ? null : { country: { iso_code: expected } });
      }
    }),
    { numRuns: 150 },
  );
});

test('an IPv4 tree holds IPv4 only', () => {
  const only4 = database([stockholm], { ipVersion: 4 });
  expect(only4.metadata.ipVersion).toBe(4);
  expect(only4.recordPointer(address('198.51.100.1'))).toBeGreaterThanOrEqual(0);
  expect(only4.recordPointer(address('::ffff:198.51.100.1'))).toBe(-1);
  expect(code(() => database([{ network: '2001:db8::/32' }], { ipVersion: 4 }))).toBe('E_GEOIP_NETWORK');
});

test('the whole of IPv6 says nothing about IPv4', () => {
  const all6 = geoView([database([{ network: '::/0', country: 'XX' }])]);
  expect(all6.attribute(address('2001:db8::1'), 'country')).toBe('xx');
  expect(all6.attribute(address('192.0.2.1'), 'country')).toBe('unknown');
  const both = geoView([
    database([
      { network: '0.0.0.0/0', country: 'ZZ' },
      { network: '::/0', country: 'XX' },
    ]),
  ]);
  expect(both.attribute(address('192.0.2.1'), 'country')).toBe('zz');
});

test('a database without networks is a database', () => {
  expect(geoView([database([])]).attribute(address('192.0.2.1'), 'country')).toBe('unknown');
});

test('of two entries for one network the later counts', () => {
  const twice = [
    { network: '192.0.2.0/24', country: 'AA' },
    { network: '192.0.2.0/24', country: 'BB' },
  ];
  expect(geoView([database(twice)]).attribute(address('192.0.2.1'), 'country')).toBe('bb');
});

test('equal records are stored once, equal networks give equal bytes', () => {
  const builtAt = new Date('2026-01-01T00:00:00Z');
  const many = Array.from({ length: 250 }, (_, index) => ({ ...stockholm, network: `10.${index}.0.0/24` }));
  const one = database(many.slice(0, 1), { builtAt });
  const all = database(many, { builtAt });
  const pointers = new Set(
    many.map(({ network: text }) => all.recordPointer(parsePrefix(text)?.address ?? fail(text))),
  );
  expect(pointers.size).toBe(1);
  expect(one.metadata.builtAt).toEqual(builtAt);
  expect(writeDatabase(many, { builtAt })).toEqual(writeDatabase(many, { builtAt }));
});

test('pointers reach over every distance', () => {
  // 600,000 bytes of names push the later ones past two sizes of pointer.
  const names = Array.from({ length: 3000 }, (_, index) => `${index}-`.padEnd(200, 'x'));
  const entries = names.flatMap((organization, index) => [
    { network: `10.${index >> 8}.${index & 255}.0/25`, organization },
    { network: `10.${index >> 8}.${index & 255}.128/25`, organization, country: 'SE' },
  ]);
  const view = geoView([database(entries)]);
  for (const index of [0, 9, 10, 11, 2600, 2700, 2999]) {
    const client = address(`10.${index >> 8}.${index & 255}.200`);
    expect(view.attribute(client, 'name')).toBe(names[index]);
    expect(view.attribute(client, 'country')).toBe('se');
  }
});

test.each([1, 28, 29, 284, 285, 65_820, 65_821, 70_000])('text of %i bytes comes back whole', (length) => {
  const organization = 'o'.repeat(length);
  expect(geoView([database([{ ...stockholm, organization }])]).attribute(address('198.51.100.1'), 'name')).toBe(
    organization,
  );
});

test.each(['198.51.100.1/24', '198.51.100.0/33', 'stockholm', ''])('%j is refused as a network', (text) => {
  expect(code(() => writeDatabase([{ network: text }]))).toBe('E_GEOIP_NETWORK');
});

function database(networks: readonly GeoNetwork[], options?: WriterOptions): GeoDatabase {
  return GeoDatabase.fromBuffer(writeDatabase(networks, options), 'test');
}

function longestMatch(entries: readonly GeoNetwork[], probe: IpAddress): string | undefined {
  const holding = entries
    .map((entry) => ({ entry, prefix: parsePrefix(entry.network) ?? fail(entry.network) }))
    .filter(({ prefix }) => prefixContains(prefix, probe))
    .sort((a, b) => b.prefix.length - a.prefix.length);
  const winner = holding[0]?.entry;
  return winner?.unknown ? undefined : winner?.country;
}

/** The first and the last address of a network. */
function edges(text: string): IpAddress[] {
  const { address: first, length } = parsePrefix(text) ?? fail(text);
  const last = first.bytes.map((byte, index) => {
    const hostBits = Math.min(8, Math.max(0, (index + 1) * 8 - length));
    return byte | (2 ** hostBits - 1);
  });
  const edgeAddresses: IpAddress[] = [first, { family: first.family, bytes: last }];
  return edgeAddresses.filter(({ family, bytes }) => family === 4 || bytes.subarray(0, 12).some((byte) => byte !== 0));
}

function address(text: string): IpAddress {
  return parseAddress(text) ?? fail(text);
}

function fail(text: string): never {
  throw new Error(`test data: ${text} is no address or network`);
}

function code(action: () => unknown): string | undefined {
  try {
    action();
  } catch (error) {
    if (error instanceof UserError) return error.code;
    throw error;
  }
  return undefined;
}
