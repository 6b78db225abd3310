import { readdirSync, readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { loadScenario } from './load.ts';

const LIBRARY = new URL('../library/', import.meta.url);

test.each(readdirSync(LIBRARY))('a scenario of the library is right: %s', (file) => {
  const scenario = loadScenario(readFileSync(new URL(file, LIBRARY), 'utf8'), file);
  expect(scenario.shows).not.toBe('');
  expect(scenario.expect.length).toBeGreaterThan(0);
});

const ZONE = `zone: |
  $ORIGIN acme.test.
  api 30 IN LUA A "ifportup(443, {'192.0.2.10', '192.0.2.20'})"
`;

/** The smallest file, and more of it. */
function load(more = '') {
  return loadScenario(`scenario: v1\nname: small\n${ZONE}${more}`, 'small.yaml');
}

const SECOND = 1_000_000;

describe('what a file does not say', () => {
  test('is one server, one client, one release line and both engines', () => {
    const scenario = load();
    expect(scenario.profiles).toEqual(['5.1']);
    expect(scenario.engines).toEqual(['simulate', 'powerdns']);
    expect(scenario.phase).toEqual({ kind: 'sweep', count: 10 });
    expect([...scenario.servers.values()]).toEqual([
      {
        name: 'ns1',
        vantage: 'local',
        settings: new Map([
          ['launch', 'bind'],
          ['enable-lua-records', 'yes'],
        ]),
        front: undefined,
        role: 'primary',
        dnssec: 'off',
        transferDelay: 0,
        profile: undefined,
      },
    ]);
    expect([...scenario.clients.keys()]).toEqual(['any-client']);
    expect(scenario.clients.get('any-client')).toMatchObject({ ecs: false, asks: [], via: undefined });
  });

  test('clients are known by their network where a server that they ask looks at it', () => {
    const { clients } = load(`servers:
  ns1: { settings: { edns-subnet-processing: true } }
  ns2: {}
clients:
  both: { subnet: 198.51.100.0/24 }
  second: { subnet: 198.51.100.0/24, asks: ns2 }
  said: { subnet: 198.51.100.0/24, asks: ns2, ecs: true }
`);
    expect([...clients.values()].map(({ ecs }) => ecs)).toEqual([true, false, true]);
  });

  test('the world ends ten seconds after the last time that is named', () => {
    expect(load().endsAt).toBe(10 * SECOND);
    expect(load('expect: [{ at: 30.5s, rcode: NOERROR }]').endsAt).toBe(41 * SECOND);
    const fault = 'targets: { a: { address: 192.0.2.10 } }\ntimeline: [{ at: 60s, for: 30s, target: a, http: 503 }]';
    expect(load(fault).endsAt).toBe(100 * SECOND);
    expect(load('ends: 45s').endsAt).toBe(45 * SECOND);
  });

  test('an answer that is expected by some time is expected until something changes', () => {
    const { expect: expectations } = load(`targets: { a: { address: 192.0.2.10 } }
timeline:
  - { at: 200s, heal: all }
  - { at: 60s, for: 30s, target: a, http: 503 }
expect:
  - { by: 5s, answer: [a] }
  - { by: 60s, answer: [a] }
  - { by: 100s, answer: [a] }
  - { by: 201s, answer: [a] }
  - { by: 70s, until: 75s, answer: [a] }
  - { until: 50s, answer: [a] }
`);
    const spans = expectations.map(({ when }) =>
      when.kind === 'by' ? [when.by / SECOND, when.until / SECOND] : when.kind === 'within' ? [when.from, when.to] : [],
    );
    expect(spans).toEqual([
      [5, 59.999999],
      [60, 89.999999],
      [100, 199.999999],
      [201, 211],
      [70, 75],
      [0, 50 * SECOND],
    ]);
  });

  test('the name is that of the only LUA record, and the type what it yields', () => {
    expect(load('expect: [{ always: true, rcode: NOERROR }]').expect[0]).toMatchObject({
      name: 'api.acme.test.',
      type: 'A',
    });
  });
});

describe('names', () => {
  test.each(['api', 'api.acme.test', 'api.acme.test.'])('%s is api.acme.test.', (name) => {
    expect(load(`expect: [{ at: 0s, name: ${name}, rcode: NOERROR }]`).expect[0]?.name).toBe('api.acme.test.');
  });

  test('a name that a change of the timeline adds can be expected', () => {
    const { expect: expectations } = load(`timeline:
  - { at: 10s, record-change: { name: new, content: A 192.0.2.10, ttl: 30 } }
  - { at: 20s, record-change: { name: code, content: 'TXT "''hello''"' } }
expect:
  - { at: 15s, name: new, answer: [192.0.2.10] }
  - { at: 25s, name: code, answer: ['"hello"'] }
`);
    expect(expectations.map(({ type }) => type)).toEqual(['A', 'TXT']);
  });

  test('traffic without a type asks for all that the records of a name yield', () => {
    const zone = ZONE.replace(/\n$/, '\n  api 30 IN LUA AAAA "ifportup(443, {\'2001:db8::1\'})"\n');
    const text = `scenario: v1\nname: two\n${zone}traffic: [{ name: api, from: [any-client], every: 1s }]`;
    expect(loadScenario(text, 'two.yaml').traffic.map(({ type }) => type)).toEqual(['A', 'AAAA']);
  });
});

describe('faults', () => {
  const WORLD = `servers: { ns1: { vantage: fsn }, ns2: { vantage: hel, role: secondary } }
targets: { a: { address: 192.0.2.10, latency: 5ms, http: 204 }, b: { address: 192.0.2.20, vantage: hel } }
lease: { ttl: 30s, renew: 10s, holder: fsn, candidates: [hel] }
geo: [{ network: 192.0.2.0/24, lat: 50, lon: 10 }]
`;
  test.each([
    ['target: a, http: 503', { kind: 'target', targets: ['a'], behaviour: { httpStatus: 503 } }],
    [
      'target: [a, b], tcp: accept-only, loss: 20%',
      { targets: ['a', 'b'], behaviour: { tcp: 'accept-only', loss: 0.2 } },
    ],
    ['target: a, loss: 0.2, tls: fails', { behaviour: { loss: 0.2, tls: 'fails' } }],
    ['target: a, latency: 300ms', { behaviour: { latency: { base: 300_000, jitter: 0 } } }],
    ['target: a, latency: { base: 1s, jitter: 5ms }', { behaviour: { latency: { base: 1_000_000, jitter: 5000 } } }],
    ['target: a, slow-body: 3s, body: text', { behaviour: { bodyDelay: 3_000_000, httpBody: 'text' } }],
    ['target: a, flap: { up: 7s, down: 3s }, http: 503', { flap: { up: 7_000_000, down: 3_000_000, jitter: 0 } }],
    ['partition: { between: [fsn, hel] }', { kind: 'partition', between: ['fsn', 'hel'], direction: 'both' }],
    ['geo-change: [{ network: 192.0.2.0/25, unknown: true }]', { kind: 'geo-change', reload: true }],
    [
      'record-change: { name: api, remove: true }',
      { kind: 'record-change', name: 'api.acme.test.', content: undefined },
    ],
    [
      'server: ns1, setting-change: { lua-health-checks-interval: 10s }',
      { kind: 'setting-change', server: 'ns1', settings: new Map([['lua-health-checks-interval', '10']]) },
    ],
    ['server: ns2, restart: true', { kind: 'restart', server: 'ns2', profile: undefined }],
    ['server: ns2, restart: { profile: "5.0" }', { kind: 'restart', profile: '5.0' }],
    ['server: ns2, clock: { step: -40s }', { kind: 'clock', of: 'ns2', step: -40_000_000, slewPerSecond: 0 }],
    ['vantage: hel, clock: { slew: 10ms/s }', { kind: 'clock', of: 'hel', step: 0, slewPerSecond: 10_000 }],
    ['lease: { expire: true }', { kind: 'lease', change: 'expire' }],
    ['lease: { steal: hel }', { kind: 'lease', change: 'steal', by: 'hel' }],
    ['lease: { witness-down: witness }', { kind: 'lease', change: 'witness-down' }],
    ['server: ns2, transfer-delay: 10s', { kind: 'transfer-delay', server: 'ns2', delay: 10_000_000 }],
    ['heal: all', { kind: 'heal' }],
  ])('%s', (written, fault) => {
    expect(load(`${WORLD}timeline: [{ at: 10s, ${written} }]`).timeline[0]?.fault).toMatchObject(fault);
  });
});

describe('expectations', () => {
  const WORLD = `targets: { a: { address: 192.0.2.10 }, b: { address: 192.0.2.20 } }
servers: { ns1: {}, ns2: {} }
alerts: { Down: { all-down: true }, Failing: { rcode: SERVFAIL, for: 5s } }
lease: { ttl: 30s, renew: 10s, holder: local }
`;
  test.each([
    ['answer: [a, b]', { kind: 'answer', answers: ['a', 'b'] }],
    ['answer: []', { kind: 'answer', answers: [] }],
    ['answer: a', { kind: 'answer', answers: ['a'] }],
    ['subset-of: a', { kind: 'subset-of', answers: ['a'] }],
    ['one-of: [192.0.2.99]', { kind: 'one-of', answers: ['192.0.2.99'] }],
    ['subset-of: [a]', { kind: 'subset-of', answers: ['a'] }],
    ['rcode: DROPPED', { kind: 'rcode', rcode: 'DROPPED' }],
    ['ttl: 30', { kind: 'ttl', seconds: 30 }],
    ['ttl: 1m', { kind: 'ttl', seconds: 60 }],
    ['scope: 24', { kind: 'scope', length: 24 }],
    [
      'distribution: { a: 4/5, b: 20% }',
      {
        kind: 'distribution',
        shares: new Map([
          ['a', 0.8],
          ['b', 0.2],
        ]),
      },
    ],
    [
      'status: { a: up, b: unknown }',
      {
        kind: 'status',
        statuses: new Map([
          ['a', 'up'],
          ['b', 'unknown'],
        ]),
      },
    ],
    ['agree: [ns1, ns2]', { kind: 'agree', servers: ['ns1', 'ns2'] }],
    ['max-flips: 2', { kind: 'max-flips', flips: 2 }],
    ['probes: { rate: 0.5, burst: 2 }', { kind: 'probes', rate: 0.5, burst: 2, target: undefined }],
    ['alert: Down', { kind: 'alert', alert: 'Down' }],
    ['invariant: single-writer', { kind: 'invariant', invariant: 'single-writer' }],
    [
      'invariant: { no-dead-answer-after: 30s }',
      { kind: 'invariant', invariant: 'no-dead-answer-after', after: 30_000_000 },
    ],
  ])('%s', (written, what) => {
    expect(load(`${WORLD}expect: [{ always: true, ${written} }]`).expect[0]?.what[0]).toMatchObject(what);
  });
});

test('one release line and one engine may stand without brackets', () => {
  const { profiles, engines } = load('profiles: "4.9"\nengines: simulate\n');
  expect([profiles, engines]).toEqual([['4.9'], ['simulate']]);
});

test('a zone and a database can be files beside the scenario', () => {
  const read: string[] = [];
  const scenario = loadScenario(
    'scenario: v1\nname: files\nzone: { file: zones/acme.test.zone }\ngeo: { files: city.mmdb }',
    '/scenarios/files.yaml',
    {
      readFile: (path) => {
        read.push(path);
        return '$ORIGIN acme.test.\nwww 30 IN A 192.0.2.1\n';
      },
    },
  );
  expect(read).toEqual(['/scenarios/zones/acme.test.zone']);
  expect(scenario.zone).toMatchObject({ file: '/scenarios/zones/acme.test.zone', firstLine: 1 });
  expect(scenario.geo).toEqual({ kind: 'files', files: '/scenarios/city.mmdb' });
  expect(scenario.servers.get('ns1')?.settings.get('launch')).toBe('bind,geoip');
});
