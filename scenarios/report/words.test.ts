import { expect, test } from 'vitest';
import { loadScenario } from '../load/load.ts';
import { faultText, secondsText, targetText, verdictText, whatText, whenText, whoText } from './words.ts';

const WORLD = `scenario: v1
name: words
ends: 100s
profiles: ["4.9", "5.1"]
servers:
  ns1: { vantage: here }
  ns2: { vantage: there, role: secondary, transfer-delay: 3s }
targets:
  fsn: { address: 192.0.2.10, vantage: here }
  hel: { address: 192.0.2.20, vantage: there }
geo:
  - { network: 198.51.100.0/24, lat: 1, lon: 2 }
lease: { ttl: 30s, renew: 10s, holder: here, witness: w1 }
zone: |
  $ORIGIN acme.test.
  api 30 IN LUA A "ifportup(443, {'192.0.2.10','192.0.2.20'})"
clients:
  eu: { subnet: 198.51.100.0/24 }
  all: { subnet: 0.0.0.0/0, sample: 16 }
alerts:
  Apart: { servers-disagree: true, for: 10s }
traffic:
  - { name: api, from: eu, every: 1s }
`;

test.each([
  ['target: fsn, http: 503', 'fsn: http 503'],
  ['target: [fsn, hel], tcp: blackhole, for: 5s', 'fsn, hel: tcp blackhole'],
  ['target: fsn, latency: { base: 300ms, jitter: 50ms }, loss: 10%', 'fsn: latency 300 ms, jitter 50 ms, loss 10 %'],
  ['target: fsn, tls: fails, slow-body: 2s, body: "so so"', 'fsn: body "so so", slow body 2 s, tls fails'],
  ['target: fsn, flap: { up: 7s, down: 500ms }, http: 503', 'fsn: http 503, flaps 500 ms so, 7 s at rest'],
  ['partition: { between: [here, there] }', 'here and there do not reach each other'],
  ['partition: { between: [here, there], direction: from }', 'here does not reach there'],
  ['partition: { between: [here, there], direction: to }', 'there does not reach here'],
  ['geo-change: [{ network: 198.51.100.0/24, lat: 3, lon: 4 }]', 'GeoIP changes for 198.51.100.0/24'],
  [
    'geo-change: [{ network: 198.51.100.0/24, lat: 3, lon: 4 }], reload: false',
    'GeoIP changes for 198.51.100.0/24, and nobody is told',
  ],
  ['record-change: { name: api, content: A 192.0.2.1, ttl: 5 }', 'api.acme.test. becomes A 192.0.2.1 with TTL 5'],
  ['record-change: { name: api, remove: true }', 'api.acme.test. goes'],
  ['server: ns1, setting-change: { lua-health-checks-interval: 10s }', 'ns1: lua-health-checks-interval=10'],
  ['server: ns1, restart: true, for: 5s', 'ns1 restarts'],
  ['server: ns1, restart: { profile: "4.9" }', 'ns1 restarts as PowerDNS 4.9'],
  ['server: ns2, clock: { step: -40s }', 'the clock of ns2 steps by -40 s'],
  ['vantage: here, clock: { slew: 10ms/s }', 'the clock of here runs 10 ms a second fast'],
  ['lease: { witness-down: w1 }', 'witness w1 is down'],
  ['lease: { expire: true }', 'the lease expires'],
  ['lease: { steal: there }', 'there steals the lease'],
  ['server: ns2, transfer-delay: 30s', 'transfers to ns2 take 30 s'],
  ['heal: all', 'everything heals'],
])('the fault %s reads: %s', (written, text) => {
  const scenario = loadScenario(`${WORLD}timeline:\n  - { at: 10s, ${written} }\n`, 'words.yaml');
  expect(scenario.timeline.map(({ fault }) => faultText(fault, scenario))).toEqual([text]);
});

test.each([
  ['at: 30s, answer: [hel]', 'at 30 s', 'api.acme.test. A', 'answer hel'],
  ['within: [10s, 60500ms], answer: []', 'from 10 s to 60.5 s', 'api.acme.test. A', 'no data'],
  [
    'by: 75s, until: 90s, server: ns1, one-of: [fsn, hel]',
    'by 75 s and until 90 s',
    '@ns1, api.acme.test. A',
    'one of fsn, hel',
  ],
  [
    'always: true, client: eu, server: [ns1, ns2], subset-of: [fsn]',
    'always',
    'eu@ns1 and ns2, api.acme.test. A',
    'nothing but fsn',
  ],
  ['never: true, client: eu, rcode: SERVFAIL', 'never', 'eu, api.acme.test. A', 'SERVFAIL'],
  ['at: 1s, ttl: 30, scope: 24', 'at 1 s', 'api.acme.test. A', 'TTL 30, scope 24'],
  [
    'at: 1s, client: all, distribution: { fsn: 1/3, hel: 2/3 }, tolerance: 2%',
    'at 1 s',
    'all, api.acme.test. A',
    'shares fsn 33.33 %, hel 66.67 % ± 2 %',
  ],
  ['at: 1s, agree: [ns1, ns2]', 'at 1 s', 'api.acme.test. A', 'ns1 and ns2 agree'],
  ['always: true, max-flips: 1', 'always', 'api.acme.test. A', 'at most 1 change of the answer'],
])('the expectation %s reads: %s, %s: %s', (written, when, who, what) => {
  const [expectation] = loadScenario(`${WORLD}expect:\n  - { ${written} }\n`, 'words.yaml').expect;
  if (expectation === undefined) expect.unreachable();
  else
    expect([whenText(expectation.when), whoText(expectation), whatText(expectation.what)]).toEqual([when, who, what]);
});

test.each([
  ['always: true, status: { fsn: up, hel: down }', 'fsn is up, hel is down'],
  ['always: true, probes: { target: fsn, rate: 2, burst: 4 }', 'probes of fsn at most 2 a second and 4 in one round'],
  ['at: 50s, alert: Apart', 'alert Apart fires'],
  ['always: true, invariant: single-writer', 'only one region writes'],
  ['always: true, invariant: { no-dead-answer-after: 30s }', 'nobody is sent to what has been dead for more than 30 s'],
])('what %s expects reads: %s', (written, what) => {
  const [expectation] = loadScenario(`${WORLD}expect:\n  - { ${written} }\n`, 'words.yaml').expect;
  expect(whatText(expectation?.what ?? [])).toBe(what);
});

test('seconds have the digits that they need, to the microsecond', () => {
  expect([22, 22.005, 0.1 + 0.2, 1e-6, 1e-9].map(secondsText)).toEqual([
    '22 s',
    '22.005 s',
    '0.3 s',
    '0.000001 s',
    '0 s',
  ]);
});

test('targets are called by their names, with the port that is checked', () => {
  const targets = [
    { name: 'fsn', address: '192.0.2.1' },
    { name: 'six', address: '2001:db8::1' },
  ];
  const texts = ['192.0.2.1', '192.0.2.1:443', '192.0.2.10', '[2001:db8::1]:443', 'https://a.test/'];
  expect(texts.map((text) => targetText(text, targets))).toEqual([
    'fsn',
    'fsn:443',
    '192.0.2.10',
    'six:443',
    'https://a.test/',
  ]);
});

test('what a run on real servers cannot tell is not said to hold', () => {
  const told = (...reasons: (string | undefined)[]) => {
    const expectations = reasons.map((untold, index) => ({
      index,
      verdict: 'pass' as const,
      ...(untold === undefined ? {} : { untold }),
      message: untold ?? 'holds in this run',
      proven: false,
    }));
    const phases = { courses: 1, complete: false };
    const rest = { seed: 1, timeline: [], failover: [] };
    return verdictText({ ...rest, profile: '5.1', engine: 'powerdns', verdict: 'pass', phases, expectations });
  };
  const untold = 'no server shows what it believes';
  expect(told(undefined)).toBe('1 expectation holds (1 phase tried)');
  expect(told(undefined, untold)).toBe('2 expectations hold, 1 of which this run cannot tell (1 phase tried)');
  expect(told(untold)).toBe('this run can tell nothing of 1 expectation (1 phase tried)');
});
