import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { formatAddress, type IpAddress, parseAddress, parseNetmask } from './address.ts';
import { GeoDatabase } from './database.ts';
import { GEO_ATTRIBUTE_NUMBERS, GEO_ATTRIBUTES, geoAttribute, geoView, noGeo } from './location.ts';

interface Vector {
  readonly id: string;
  readonly code: string;
  readonly query: { readonly client: string; readonly ecs?: string };
  readonly observed: { readonly all?: { readonly rcode: string; readonly answers?: readonly string[] } };
}

const geodb: { mmdb_base64: Record<string, string> } = vectorFile('geodb.json');
const { vectors }: { vectors: readonly Vector[] } = vectorFile('geo-lookup.json');
const city = testDatabase('city.mmdb');
const asn = testDatabase('asn.mmdb');
const view = geoView([city, asn]);

describe('what real servers saw (4.7.3, 4.9.17, 5.1.5)', () => {
  const recorded: Record<string, (client: IpAddress) => string> = {
    ...Object.fromEntries(
      GEO_ATTRIBUTES.map((attribute, number) => [
        `geoiplookup(bestwho:toString(),${number})`,
        (client: IpAddress) => view.attribute(client, attribute),
      ]),
    ),
    'latlon()': (client) => {
      const { latitude, longitude } = view.location(client);
      return `${latitude.toFixed(6)} ${longitude.toFixed(6)}`;
    },
    'countryCode()': (client) => dashed(view.attribute(client, 'country')),
    'continentCode()': (client) => dashed(view.attribute(client, 'continent')),
    'regionCode()': (client) => dashed(view.attribute(client, 'region')),
    "tostring(country('nl'))": (client) => String(view.attribute(client, 'country') === 'nl'),
    "tostring(country({'US','NL'}))": (client) => String(['us', 'nl'].includes(view.attribute(client, 'country'))),
    "tostring(continent('EU'))": (client) => String(view.attribute(client, 'continent') === 'eu'),
    "tostring(region({'CA','nh'}))": (client) => String(['ca', 'nh'].includes(view.attribute(client, 'region'))),
    "tostring(country('unknown'))": (client) => String(view.attribute(client, 'country') === 'unknown'),
    "geoiplookup('203.0.113.77',3)": () => view.attribute(address('203.0.113.77'), 'country'),
    "geoiplookup('::ffff:203.0.113.77',3)": () => view.attribute(address('::ffff:203.0.113.77'), 'country'),
  };

  const cases = vectors.filter(({ code }) => code in recorded);

  test('cover every attribute for every client', () => {
    expect(cases.length).toBe(36 * 16 + 3);
  });

  test.each(cases)('$id: $code for $query.ecs', ({ code, query, observed }) => {
    const client = parseNetmask(query.ecs ?? query.client)?.address;
    expect(client && recorded[code]?.(client)).toBe(observed.all?.answers?.[0]);
  });
});

test('attributes and PowerDNS numbers are the same list', () => {
  for (const attribute of GEO_ATTRIBUTES) expect(geoAttribute(GEO_ATTRIBUTE_NUMBERS[attribute])).toBe(attribute);
  expect(geoAttribute(8)).toBeUndefined();
  expect(geoAttribute(3.5)).toBeUndefined();
});

describe('the files are asked in turn, for every attribute on its own', () => {
  test('the first usable value wins', () => {
    expect(geoView([city, asn]).attribute(address('10.19.0.1'), 'asn')).toBe('64500');
    expect(geoView([asn, city]).attribute(address('10.19.0.1'), 'asn')).toBe('64999');
    expect(geoView([asn, city]).attribute(address('10.19.0.1'), 'continent')).toBe('eu');
  });

  test('a location that the first file lacks comes from the second', () => {
    expect(geoView([city]).location(address('10.5.0.1'))).toEqual({ latitude: 0, longitude: 0, known: false });
    expect(view.location(address('10.5.0.1'))).toEqual({ latitude: 1.5, longitude: 2.5, known: true });
    expect(view.attribute(address('10.5.0.1'), 'country')).toBe('fr');
  });
});

test('a known location at 0°N 0°E is told apart from an unknown one', () => {
  expect(view.location(address('10.12.0.1'))).toEqual({ latitude: 0, longitude: 0, known: true });
  expect(view.location(address('172.16.0.1'))).toEqual({ latitude: 0, longitude: 0, known: false });
});

test('coordinates that are no doubles count as 0', () => {
  expect(view.location(address('10.7.0.1'))).toEqual({ latitude: 0, longitude: 0, known: true });
});

test('the language of city names is an option of the file', () => {
  const german = GeoDatabase.fromBuffer(bytes('city.mmdb'), 'city.mmdb', { language: 'de' });
  expect(geoView([german]).attribute(address('203.0.113.1'), 'city')).toBe('amsterdam-de');
});

test('asking twice gives the same as asking a fresh view', () => {
  for (const text of ['203.0.113.1', '203.0.113.2', '10.9.0.1', '2001:db8:1::5', '::']) {
    for (const attribute of GEO_ATTRIBUTES) {
      view.attribute(address(text), attribute);
      const fresh = geoView([city, asn]).attribute(address(text), attribute);
      expect([formatAddress(address(text)), view.attribute(address(text), attribute)]).toEqual([text, fresh]);
    }
  }
});

test('without the GeoIP backend everything is unknown', () => {
  expect(noGeo.attribute(address('203.0.113.1'), 'country')).toBe('unknown');
  expect(noGeo.location(address('203.0.113.1'))).toEqual({ latitude: 0, longitude: 0, known: false });
  expect(geoView([]).attribute(address('203.0.113.1'), 'country')).toBe('unknown');
});

function vectorFile<T>(name: string): T {
  return JSON.parse(readFileSync(new URL(`../test/vectors/${name}`, import.meta.url), 'utf8'));
}

function bytes(name: string): Buffer {
  return Buffer.from(geodb.mmdb_base64[name] ?? '', 'base64');
}

function testDatabase(name: string): GeoDatabase {
  return GeoDatabase.fromBuffer(bytes(name), name);
}

function address(text: string): IpAddress {
  const parsed = parseAddress(text);
  if (parsed === undefined) throw new Error(`test data: ${text} is no address`);
  return parsed;
}

function dashed(value: string): string {
  return value === 'unknown' ? '--' : value;
}
