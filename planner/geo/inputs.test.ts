import { describe, expect, it } from 'vitest';
import { UserError } from '../../input/errors.ts';
import { parseShard } from '../../input/shard.ts';
import { zoneOf } from '../../simulator/answer/fixtures/zone-model.ts';
import { parseRegion, regionsOf } from './state.ts';
import { shardOf } from './sweep.ts';
import { parseTraffic } from './traffic.ts';
import { parseWeights, withWeights } from './weights.ts';

function refusal(run: () => unknown): string {
  try {
    run();
  } catch (error) {
    if (error instanceof UserError) return error.describe().split('\n')[0] ?? '';
    throw error;
  }
  return 'nothing is wrong';
}

describe('a traffic file', () => {
  it('has networks and weights, perhaps under a heading', () => {
    const lines = parseTraffic(
      'network,weight\n# mine\n198.51.100.0/24,12.5\n\n2001:db8::/48, 3\n192.0.2.1,0\n',
      't.csv',
    );
    expect(lines.map(({ weight }) => weight)).toEqual([12.5, 3]);
  });

  it.each([
    ['198.51.100.0/24', 't.csv:1: expected network,weight, found one field (E_TRAFFIC_LINE)'],
    ['a,b\n198.51.100.0/24,1\nlocalhost,1', "t.csv:3:1: 'localhost' is no network (E_TRAFFIC_NETWORK)"],
    ['198.51.100.0/24,-3', "t.csv:1:17: '-3' is no number from 0 up (E_TRAFFIC_WEIGHT)"],
    [
      '198.51.100.0/24,9007199254740993',
      "t.csv:1:17: '9007199254740993' makes the sum larger than can be counted (E_TRAFFIC_WEIGHT)",
    ],
    ['198.51.100.0/24,0', 't.csv: no client network has any traffic (E_TRAFFIC_EMPTY)'],
  ])('%j is refused where it is wrong', (text, message) => {
    expect(refusal(() => parseTraffic(text, 't.csv'))).toBe(message);
  });
});

describe('other weights', () => {
  const zone = zoneOf(
    "www A pickwhashed({ {15, '192.0.2.1'}, {50, '192.0.2.2'} })",
    'x A pickrandom({"192.0.2.1"})'.replaceAll('"', "'"),
  );

  it('take the place of those in the code, row by row', () => {
    const [changed] = withWeights([zone], parseWeights('WWW.example.org=60,40'));
    const texts = changed?.records.flatMap((record) => (record.kind === 'lua' ? [record.text] : []));
    expect(texts?.[0]).toBe(`"pickwhashed({ {60, '192.0.2.1'}, {40, '192.0.2.2'} })"`);
    expect(texts?.[1]).toBe(`"pickrandom({'192.0.2.1'})"`);
  });

  it.each([
    ['www.example.org=1,2,3', 'www.example.org. has 2 weights, not 3 (E_WEIGHTS_RECORD)'],
    ['x.example.org=1', 'x.example.org. has no list of weights (E_WEIGHTS_RECORD)'],
    ['www=a', '--what-if-weights www=a: expected NAME=WEIGHT,WEIGHT (E_WEIGHTS)'],
  ])('%s is refused', (text, message) => {
    expect(refusal(() => withWeights([zone], parseWeights(text)))).toBe(message);
  });
});

describe('regions', () => {
  it('are the named ones, and each other target for itself', () => {
    const fra = parseRegion('fra=192.0.2.1,2001:DB8::1');
    expect(fra.addresses).toEqual(['192.0.2.1', '2001:db8::1']);
    const names = regionsOf(['192.0.2.1', '2001:db8::1', '192.0.2.9'], [fra]).map(({ name }) => name);
    expect(names).toEqual(['fra', '192.0.2.9']);
  });

  it('do not share targets', () => {
    const both = [parseRegion('a=192.0.2.1'), parseRegion('b=192.0.2.1')];
    expect(refusal(() => regionsOf([], both))).toBe('192.0.2.1 is in the regions a and b (E_REGION_TWICE)');
    expect(refusal(() => parseRegion('a=here'))).toContain('E_REGION');
  });
});

describe('shards', () => {
  it.each([1, 2, 3, 7, 20])('%i of them are the whole, each job once and in its order', (count) => {
    const jobs = Array.from({ length: 10 }, (_, i) => i);
    const all = Array.from({ length: count }, (_, i) => shardOf(jobs, { index: i + 1, count }));
    expect(all.flat()).toEqual(jobs);
  });

  it.each(['0/3', '4/3', '1', '1/0'])('%s is none', (text) => {
    expect(refusal(() => parseShard(text))).toContain('E_SHARD');
  });
});
