import { describe, expect, it } from 'vitest';
import { findingsOf } from './findings.ts';
import { FRA, IAD, SUVA, smallWorld } from './fixtures/small-world.ts';
import { headOf, mergeResults, type Results, resultLine } from './results.ts';
import { worldMap } from './world-map.ts';

const world = smallWorld({
  networks: [
    { network: '20.0.0.0/8', country: 'FR', city: 'Paris', lat: 48.8, lon: 2.3 },
    { network: '30.0.0.0/8', country: 'US', city: 'Pittsburgh', lat: 40, lon: -80 },
    { network: '40.0.0.0/9', country: 'FJ', city: 'Labasa', lat: -16.4, lon: -179.4 },
  ],
  records: [
    `www A ifportup(443, {'${FRA}','${IAD}'}, {selector='pickclosest'})`,
    `line A pickclosest({'${SUVA}','${IAD}'})`,
    `hash A pickwhashed({ {60,'${FRA}'}, {40,'192.0.2.77'} })`,
    `far A pickclosest({'192.0.2.77','${IAD}'})`,
    `alone A ifportup(443, {'${IAD}'})`,
  ],
  options: { whatIfWeights: [{ owner: 'hash.example.org.', weights: [10, 90] }] },
});

const head = headOf({
  profile: '5.1',
  sweep: world.sweep,
  databases: world.databases,
  resolvers: ['127.0.0.1'],
  grid: world.surveyor.grid,
  inputs: [],
});
const states = world.sweep.jobs.map((job) => world.surveyor.figures(job));
const results: Results = { head, states };
const lines = [resultLine(head), ...states.map(resultLine)];

describe('merging', () => {
  it('is the same in any order, and however often the head comes', () => {
    const parts = [
      [lines[0], ...lines.slice(9)],
      [lines[0], ...lines.slice(1, 9)],
    ].map((part, i) => ({ file: `${i}.jsonl`, text: `${part.join('\n')}\n` }));
    const [first, second] = parts.map(({ text }) => text);
    const merged = mergeResults(parts);
    expect([resultLine(merged.head), ...merged.states.map(resultLine)]).toEqual(lines);
    const cat = mergeResults([{ file: 'cat', text: `${first}${second}` }]);
    expect(cat).toEqual(merged);
  });

  it.each([
    ['a job is missing', lines.slice(0, -1), /1 of \d+ jobs are missing/],
    ['a job is there twice', [...lines, lines[1]], /there twice/],
    ['a line was cut', [...lines.slice(0, -1), lines.at(-1)?.slice(0, 40)], /no JSON/],
    ['there is something else', ['{}'], /no line of plan geo/],
    ['another sweep', [...lines, lines[0]?.replace('"5.1"', '"4.9"')], /another sweep than x.jsonl/],
    ['there is nothing', [], /no results/],
  ])('is refused where %s', (_what, text, message) => {
    expect(() => mergeResults([{ file: 'x.jsonl', text: text.join('\n') }])).toThrow(message);
  });
});

describe('findings', () => {
  const texts = findingsOf(results).map(({ code, message }) => `${code} ${message}`);
  const found = (code: string) => texts.filter((text) => text.startsWith(code)).join('\n');

  it('say who moves when a region dies', () => {
    expect(found('GEO_REGION_DIES')).toContain(
      `www.example.org: when ${FRA} is down, 40 % of IPv4 addresses move, all to ${IAD}.`,
    );
  });

  it('say where a dead region is still answered', () => {
    expect(found('GEO_STILL_SENT')).toContain(`when ${IAD} is down`);
    expect(found('GEO_STILL_SENT')).not.toContain('www.example.org');
    expect(found('GEO_STILL_SENT')).toContain(`alone.example.org: no target is left when ${IAD} is down: all clients`);
  });

  it('name a client that is sent around the earth, and its place', () => {
    expect(found('GEO_DEGREES')).toMatch(
      /line.example.org: 20 % .* \(20 % across the date line\); worst, Labasa, FJ \(40.0.0.0\/9\)/,
    );
  });

  it('name a target that no database has, where distance decides', () => {
    expect(found('GEO_TARGET_NOWHERE')).toContain('far.example.org: no database has a place for 192.0.2.77');
    expect(found('GEO_TARGET_NOWHERE')).not.toContain('hash.example.org');
  });

  it('say how many move when weights change, and how few would do', () => {
    expect(found('GEO_WEIGHTS')).toMatch(
      /hash.example.org: with weights 10,90, [\d.]+ % of IPv4 addresses move; as few as/,
    );
  });
});

describe('the map', () => {
  const page = worldMap(results);

  it('stands alone: it loads nothing', () => {
    expect(page).not.toMatch(/(?:src|href)=|@import|url\((?!#)/);
    expect(page.match(/https?:\/\/[^"'\s)]+/g)).toEqual(['http://www.w3.org/2000/svg']);
  });

  it('has every record and state, and no markup in its data', () => {
    const data = /<script type="application\/json" id="data">(.*?)<\/script>/s.exec(page)?.[1] ?? '';
    const { records, cells } = JSON.parse(data);
    expect(records.map(({ name }: { name: string }) => name)).toEqual([
      'www.example.org A',
      'line.example.org A',
      'hash.example.org A',
      'far.example.org A',
      'alone.example.org A',
    ]);
    expect(records[0].states[0].most).toHaveLength(cells.length);
    expect(data).not.toContain('<');
  });

  it('draws no coast across the map', () => {
    const land = /class="land" d="([^"]+)"/.exec(page)?.[1] ?? '';
    for (const ring of land.split('M').slice(1)) {
      const xs = ring
        .replace('Z', '')
        .split('L')
        .map((point) => Number(point.split(' ')[0]));
      // Antarctica, which is below the map, may.
      if (ring.includes(' 4') || ring.includes(' 5')) continue;
      for (const [i, x] of xs.slice(1).entries()) expect(Math.abs(x - (xs[i] ?? x))).toBeLessThan(200);
    }
  });
});
