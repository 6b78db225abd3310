import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { libraryFiles } from '../library.ts';
import { loadScenario } from '../load/load.ts';
import { scenarioZone } from '../zone.ts';
import { cannotRun } from './cannot-run.ts';
import { mostDilation } from './dilation.ts';
import { FSN, HEL, smallScenario } from './fixtures/observing.ts';

const PORTS = `ifportup(8017, {'${FSN}','${HEL}'})`;
const BLACKHOLE = 'timeline: [{ at: 5s, for: 5s, target: fsn, tcp: blackhole }]';

function reasonOf(rest: string, code?: string): string | undefined {
  return cannotRun(smallScenario(rest, code), '5.1');
}

describe('real servers cannot show', () => {
  test.each([
    ['a lease', 'lease: { ttl: 30s, renew: 10s, holder: local, witness: w1 }', undefined, /lease/],
    ['a secondary', 'servers: { ns1: {}, ns2: { role: secondary } }', undefined, /zone transfers/],
    [
      'a clock that is set',
      'timeline: [{ at: 5s, clock: { step: 5s }, server: ns1 }]\nservers: { ns1: {} }',
      undefined,
      /clock/,
    ],
    ['a resolver', 'resolvers: { isp: { address: 203.0.113.53 } }', undefined, /resolvers/],
    ['what is no target', '', `ifportup(8017, {'${FSN}','192.0.2.99'})`, /192.0.2.99 is no target/],
    ['hosts that exist nowhere', '', "ifurlextup({{['192.0.2.10']='http://a.test/'}})", /resolves/],
    ['an address to probe from', '', `ifportup(8017, {'${FSN}'}, {source='192.0.2.1'})`, /source/],
    ['a slow kernel', 'timeline: [{ at: 5s, target: fsn, latency: 1s }]', PORTS, /kernel/],
    ['packets lost now and then', 'timeline: [{ at: 5s, target: fsn, loss: 20% }]', PORTS, /kernel/],
  ])('%s', (_, rest, code, reason) => {
    expect(reasonOf(rest, code)).toMatch(reason);
  });
});

test('targets that fail, by URL or by connection, can be shown', () => {
  expect(reasonOf(BLACKHOLE)).toBeUndefined();
  expect(reasonOf(BLACKHOLE, PORTS)).toBeUndefined();
  expect(reasonOf('timeline: [{ at: 5s, target: fsn, latency: 1s }]')).toBeUndefined();
});

test('time runs as the kernel has it where connections are tried again while packets vanish', () => {
  const dilationOf = (rest: string, code?: string) => {
    const scenario = smallScenario(rest, code);
    return mostDilation(scenario, scenarioZone(scenario.zone)).times;
  };
  expect(dilationOf(BLACKHOLE, PORTS)).toBe(1);
  expect(dilationOf(BLACKHOLE)).toBe(30);
  expect(dilationOf('timeline: [{ at: 5s, target: fsn, tcp: refuse }]', PORTS)).toBe(30);
});

test('of the scenarios that come with the program one is about a lease', () => {
  const reasons = libraryFiles().map((file) => {
    const reason = cannotRun(loadScenario(readFileSync(file, 'utf8'), file), '5.1');
    return [file.replace(/^.*\//, ''), reason];
  });
  expect(Object.fromEntries(reasons)).toMatchObject({
    'hot-standby-blackhole.yaml': undefined,
    'canary-geo-versions.yaml': undefined,
    'partition-lease-clock.yaml': 'a lease is kept by its holders, not by servers',
  });
});
