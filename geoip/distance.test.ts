import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { parseComboAddress, parseNetmask } from './address.ts';
import { GeoDatabase } from './database.ts';
import { degreesSquared, greatCircleKm } from './distance.ts';
import { geoView } from './location.ts';

interface Answer {
  readonly answers?: readonly string[];
  readonly distribution?: readonly { readonly answers: readonly string[] }[];
}

interface Vector {
  readonly id: string;
  readonly code: string;
  readonly query: { readonly client: string; readonly ecs?: string };
  readonly observed: Readonly<Record<string, Answer>>;
}

const apia = { latitude: -13.8333, longitude: -171.7667 };
const suva = { latitude: -18.1416, longitude: 178.4419 };
const newYork = { latitude: 40.7128, longitude: -74.006 };
const amsterdam = { latitude: 52.3676, longitude: 4.9041 };

describe('the nearest candidates are the ones that real servers answered with (4.7.3, 4.9.17, 5.1.5)', () => {
  const geodb: { mmdb_base64: Record<string, string> } = vectorFile('geodb.json');
  const view = geoView(
    ['city.mmdb', 'asn.mmdb'].map((name) =>
      GeoDatabase.fromBuffer(Buffer.from(geodb.mmdb_base64[name] ?? '', 'base64'), name),
    ),
  );
  const { vectors }: { vectors: readonly Vector[] } = vectorFile('geo-pickclosest.json');
  const located = vectors.flatMap((vector) => {
    const candidates = /^pickclosest\(\{(.+)\}\)$/.exec(vector.code)?.[1]?.replaceAll("'", '').split(',') ?? [];
    const addresses = candidates.map((text) => parseComboAddress(text)?.address);
    const families = new Set(addresses.map((address) => address?.family));
    const isAnswered = addresses.length > 0 && !families.has(undefined) && families.size === 1;
    return isAnswered ? [{ ...vector, candidates }] : [];
  });

  test('in enough cases to mean something', () => {
    expect(located.length).toBe(127);
  });

  test.each(located)('$id: $code for $query.ecs', ({ candidates, query, observed }) => {
    const client = parseNetmask(query.ecs ?? query.client)?.address;
    const distances = candidates.map((text) => {
      const candidate = parseComboAddress(text)?.address;
      return client && candidate && degreesSquared(view.location(client), view.location(candidate));
    });
    const nearest = Math.min(...distances.map(Number));
    const winners = candidates.filter((_, index) => distances[index] === nearest).map(normalised);
    // Ties are broken by chance in twelve queries a server, so that only all servers together have shown every winner.
    const seen = Object.values(observed).flatMap(
      ({ answers, distribution }) => answers ?? distribution?.flatMap((part) => part.answers) ?? [],
    );
    expect([...new Set(seen)].sort()).toEqual(winners.sort());
  });

  function normalised(text: string): string {
    const address = parseComboAddress(text)?.address;
    return address?.family === 4 ? address.bytes.join('.') : text.toLowerCase().replace(':0::', '::');
  }
});

test('a client just east of the date line takes New York for nearer than its neighbour to the west', () => {
  expect(degreesSquared(apia, newYork)).toBeLessThan(degreesSquared(apia, suva));
  expect(greatCircleKm(apia, newYork)).toBeGreaterThan(greatCircleKm(apia, suva));
});

test('a client just west of the date line does not', () => {
  expect(degreesSquared(suva, apia)).toBeLessThan(degreesSquared(suva, newYork));
});

test('great-circle distances are those of the globe', () => {
  expect(greatCircleKm(amsterdam, newYork)).toBeCloseTo(5858, -2);
  expect(greatCircleKm(amsterdam, amsterdam)).toBe(0);
  expect(greatCircleKm({ latitude: 0, longitude: 0 }, { latitude: 0, longitude: 180 })).toBeCloseTo(20_015, 0);
  expect(greatCircleKm({ latitude: 90, longitude: 12 }, { latitude: 90, longitude: -170 })).toBeCloseTo(0, 6);
});

function vectorFile<T>(name: string): T {
  return JSON.parse(readFileSync(new URL(`../test/vectors/${name}`, import.meta.url), 'utf8'));
}
