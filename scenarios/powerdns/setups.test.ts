import { expect, test } from 'vitest';
import { loadScenario } from '../load/load.ts';
import { processesOf } from './setups.ts';

test('a server is one process after the other: another setting for a while, then the old one, then another release line', () => {
  const scenario = loadScenario(
    `scenario: v1
name: processes
zone: |
  $ORIGIN acme.test.
  www 30 IN A 192.0.2.1
timeline:
  - { at: 10s, for: 20s, setting-change: { lua-health-checks-interval: 1s } }
  - { at: 40s, for: 5s, restart: { profile: "5.1" } }
`,
    'processes.yaml',
  );
  const [server] = scenario.servers.values();
  if (server === undefined) expect.unreachable();
  const told = processesOf(scenario, server, '4.9', '127.0.0.1').map(({ line, settings, awayAt, from }) => [
    line,
    settings['lua-health-checks-interval'],
    awayAt / 1e6,
    from / 1e6,
  ]);
  expect(told).toEqual([
    ['4.9', undefined, 0, 0],
    ['4.9', '1', 10, 10],
    ['4.9', undefined, 30, 30],
    ['5.1', undefined, 40, 45],
  ]);
});
