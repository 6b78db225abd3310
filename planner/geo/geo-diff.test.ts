import { expect, it } from 'vitest';
import { GeoDatabase } from '../../geoip/database.ts';
import { type GeoNetwork, writeDatabase } from '../../geoip/writer.ts';
import { modelsOn, zoneOf } from '../../simulator/answer/fixtures/zone-model.ts';
import { luaModule } from '../../wire/lua-module.ts';
import { FRA, IAD, TARGET_NETWORKS } from './fixtures/small-world.ts';
import { diffLines, geoDiff } from './geo-diff.ts';

const zone = zoneOf(`www A pickclosest({'${FRA}','${IAD}'})`);
const modelFor = modelsOn(luaModule());
const input = {
  before: [
    database([
      { network: '20.0.0.0/8', country: 'DE', city: 'Berlin', lat: 52, lon: 13 },
      { network: '30.0.0.0/8', country: 'FR', lat: 48, lon: 2 },
    ]),
  ],
  after: [
    database([
      { network: '20.0.0.0/9', country: 'DE', city: 'Berlin', lat: 52, lon: 13 },
      { network: '20.128.0.0/9', country: 'US', city: 'Denver', lat: 40, lon: -105 },
      { network: '31.0.0.0/8', country: 'FR', lat: 48, lon: 2 },
    ]),
  ],
  zones: [zone],
  modelWith: (geo: Parameters<typeof modelFor>[2]) => modelFor(zone, '5.1', geo),
};

it('tells what moved, what came and what went', () => {
  const diff = geoDiff(input);
  expect(diff.relocated[1]).toBe(2 ** 23);
  expect(diff.otherCountry[1]).toBe(2 ** 23);
  expect(diff.appeared[1]).toBe(2 ** 24);
  expect(diff.gone[1]).toBe(2 ** 24);
  expect(diff.relocations).toMatchObject([{ from: 'Berlin, DE', to: 'Denver, US', network: '20.128.0.0/9' }]);
});

it('tells which clients a record sends elsewhere', () => {
  const [record] = geoDiff(input).records;
  // Half of 20/8 went to America; who is in no database is at 0°N 0°E, which is nearer to Frankfurt.
  expect(record?.moves.map(({ from, to, clients }) => [from, to, clients[1]])).toEqual([[FRA, IAD, 2 ** 23]]);
});

it('writes the prefixes that change', () => {
  expect([...diffLines(input)].slice(1)).toEqual([
    ',,20.128.0.0/9,"52.000000 13.000000 de","40.000000 -105.000000 us"\n',
    ',,30.0.0.0/8,"48.000000 2.000000 fr","unknown unknown"\n',
    ',,31.0.0.0/8,"unknown unknown","48.000000 2.000000 fr"\n',
    `www.example.org.,A,20.128.0.0/9,"${FRA}","${IAD}"\n`,
  ]);
});

function database(networks: readonly GeoNetwork[]): GeoDatabase {
  return GeoDatabase.fromBuffer(writeDatabase([...networks, ...TARGET_NETWORKS]), 'small.mmdb');
}
