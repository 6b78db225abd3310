import { describe, expect, test } from 'vitest';
import { UserError } from '../input/errors.ts';
import { PROFILES } from '../simulator/profile/index.ts';
import { pdns49BeforeWakeUp } from '../simulator/profile/pdns-4.9.ts';
import { loadFleet } from './load-fleet.ts';

const defaults = { profile: PROFILES['5.1'], settings: new Map([['lua-health-checks-interval', '7']]) };
const load = (text: string) => loadFleet(text, 'fleet.yaml', defaults);

function complaint(text: string): string {
  try {
    load(text);
  } catch (error) {
    if (error instanceof UserError) return error.describe();
    throw error;
  }
  return 'nothing';
}

describe('a fleet file', () => {
  test('names servers, their places and settings; the rest comes from the zones', () => {
    const { servers, targets, crossCheck } = load(`
servers:
  - { name: ns1, vantage: fsn, pdns: "4.9.17", settings: { lua-health-checks-interval: 2, enable-lua-records: shared } }
  - { name: ns2, front: { queriesPerSecond: 200 } }
targets:
  latency: 20ms
  states: { "192.0.2.1": hangs, "2001:DB8::1": refuses, "[2001:db8::1]:443": hangs, "http://hc.test/": refuses, hc.test: answers }
crossCheck: { interval: 10s, clients: 3 }
`);
    expect(servers.map(({ vantage, profile, luaStates }) => [vantage, profile, luaStates])).toEqual([
      ['fsn', pdns49BeforeWakeUp, 'shared'],
      ['ns2', PROFILES['5.1'], 'own'],
    ]);
    expect(servers.map(({ settings }) => settings.checkIntervalSeconds)).toEqual([2, 7]);
    expect(servers[1]?.frontQueriesPerSecond).toBe(200);
    expect(targets.latencySeconds).toBe(0.02);
    expect(Object.fromEntries(targets.states)).toEqual({
      '192.0.2.1': 'hangs',
      '2001:db8::1': 'refuses',
      '[2001:db8::1]:443': 'hangs',
      'http://hc.test/': 'refuses',
      'hc.test': 'answers',
    });
    expect(crossCheck).toEqual({ intervalSeconds: 10, queriesPerSecond: 50, clients: 3 });
  });

  test('with several things wrong tells all of them', () => {
    expect(complaint('servers: [{ name: ns1, pdns: "6.0" }, { nam: ns2 }]\ntargets: { latency: 20 }')).toMatch(
      /unknown key 'nam'.*Did you mean 'name'.*expected a release of 4\.7.*expected a duration/s,
    );
    const settings = '{ lua-health-checks-interval: 2s, enable-lua-records: maybe }';
    expect(complaint(`servers: [{ name: ns1 }, { name: ns1, settings: ${settings} }]`)).toMatch(
      /two servers are named 'ns1'.*lua-health-checks-interval is '2s'.*Write yes, no or shared/s,
    );
  });

  test.each([
    ['servers: [', 'E_FLEET_SYNTAX'],
    ['server: []', "fleet.yaml:1:1: unknown key 'server' (E_FLEET_KEY)\n  Did you mean 'servers'?"],
    ['servers: []', 'expected at least one server (E_FLEET_VALUE)'],
    ['servers: [{ name: ns1, pdns: "6.0" }]', 'expected a release of 4.7'],
    ['servers: [{ name: ns1 }, { name: ns1 }]', "two servers are named 'ns1' (E_FLEET_NAME)"],
    [
      'servers: [{ name: ns1, settings: { lua-health-check-interval: 3 } }]',
      "Did you mean 'lua-health-checks-interval'?",
    ],
    [
      'servers: [{ name: ns1, settings: { lua-health-checks-interval: 2s } }]',
      "fleet.yaml:1:36: lua-health-checks-interval is '2s' (E_FLEET_SETTING)\n  Write whole seconds, 1 or more, without a unit.",
    ],
    ['servers: [{ name: ns1, settings: { enable-lua-records: maybe } }]', 'Write yes, no or shared.'],
    [
      'servers: [{ name: ns1 }]\ntargets: { latency: 20 }',
      'fleet.yaml:2:12: targets.latency: expected a duration with its unit',
    ],
    ['servers: [{ name: ns1 }]\ntargets: { states: { web: hangs } }', 'E_FLEET_VALUE'],
  ])('that is wrong is told where: %s', (text, expected) => {
    expect(complaint(text)).toContain(expected);
  });
});
