import { expect, test } from 'vitest';
import { formatPlace } from '../../input/errors.ts';
import { checkScenario } from './load.ts';

const HEAD = `scenario: v1
name: odd
zone: |
  $ORIGIN acme.test.
  api 30 IN LUA A "ifportup(443, {'192.0.2.10', '192.0.2.20'})"
  www 30 IN LUA A "pickrandom({'192.0.2.10', '192.0.2.30'})"
`;
const TARGETS = 'targets: { fsn: { address: 192.0.2.10 }, hel: { address: 192.0.2.20 } }\n';
const TRAFFIC = 'traffic: [{ name: api, from: any-client, every: 1s }]\n';
const EXPECT = 'expect: [{ always: true, name: api, rcode: NOERROR }]\n';

function warningsOf(more: string): readonly string[] {
  const { warnings, errors } = checkScenario(HEAD + more, 'odd.yaml');
  expect(errors).toEqual([]);
  return warnings.map(({ place, message, code }) => `${formatPlace(place)}: ${message} (${code})`);
}

test('a scenario whose parts all do something has no warnings', () => {
  expect(warningsOf(TARGETS + TRAFFIC + EXPECT)).toEqual([]);
});

test('a record with checks that nobody asks for, since PowerDNS then makes none', () => {
  expect(warningsOf(TARGETS + EXPECT)).toEqual([
    'odd.yaml:5:3: nobody asks for api.acme.test. A: PowerDNS checks only what is asked for (W_SCENARIO_UNASKED)',
  ]);
  const change = `timeline: [{ at: 9s, record-change: { name: new, content: "A \\"ifportup(80, {'192.0.2.10'})\\"" } }]\n`;
  expect(warningsOf(TARGETS + TRAFFIC + EXPECT + change)).toEqual([
    'odd.yaml:10:12: nobody asks for new.acme.test. A: PowerDNS checks only what is asked for (W_SCENARIO_UNASKED)',
  ]);
});

test('a name below a wildcard is traffic of the wildcard', () => {
  const wildcard = `  *.app 30 IN LUA A "ifportup(80, {'192.0.2.10'})"\n`;
  const traffic =
    'traffic: [{ name: api, from: any-client, every: 1s }, { name: x.app, from: any-client, every: 1s }]\n';
  expect(warningsOf(wildcard + TARGETS + traffic + EXPECT)).toEqual([]);
});

test('targets that nothing checks, and checked addresses that are no target', () => {
  const targets = 'targets: { fsn: { address: 192.0.2.10 }, nbg: { address: 192.0.2.30 } }\n';
  expect(warningsOf(targets + TRAFFIC + EXPECT)).toEqual([
    'odd.yaml:5:3: 192.0.2.20 is no target: nothing answers probes of it (W_SCENARIO_TARGET)',
    'odd.yaml:7:42: no record checks nbg (192.0.2.30) (W_SCENARIO_TARGET)',
  ]);
});

test('targets where nothing is checked at all, which name answers, are not odd', () => {
  const zone = 'zone: |\n  $ORIGIN acme.test.\n  www 30 IN A 192.0.2.10\n';
  const scenario = `scenario: v1\nname: plain\n${zone}${TARGETS}${EXPECT.replace('api', 'www')}`;
  expect(checkScenario(scenario, 'plain.yaml').warnings).toEqual([]);
});

test('a database that the server does not open, and networks of clients that no server looks at', () => {
  const servers = 'servers: { ns1: { settings: { launch: bind } } }\ngeo: [{ network: 192.0.2.0/24, country: SE }]\n';
  expect(warningsOf(TARGETS + TRAFFIC + EXPECT + servers)).toEqual([
    'odd.yaml:10:31: ns1 does not launch geoip, so it knows no location at all (W_SCENARIO_GEO)',
  ]);
  const clients = 'clients: { any-client: { subnet: 198.51.100.0/24, ecs: true } }\n';
  expect(warningsOf(TARGETS + TRAFFIC + EXPECT + clients)).toEqual([
    'odd.yaml:10:51: no server looks at the network of any-client (W_SCENARIO_ECS)',
  ]);
});

test('a scenario that expects nothing', () => {
  expect(warningsOf(TARGETS + TRAFFIC)).toEqual([
    'odd.yaml:2:1: nothing is expected, so nothing can fail (W_SCENARIO_EXPECT)',
  ]);
});
