/** The documentation of the format speaks of files that exist. */
import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { checkScenario, loadScenario } from './load/load.ts';
import { KNOWN_SETTINGS } from './settings.ts';

const page = readFileSync(new URL('../docs/scenarios.md', import.meta.url), 'utf8');
const [first = '', world = '', expectations = ''] = [...page.matchAll(/```yaml\n(.*?)```/gs)].map((match) => match[1]);

test('its first example is a scenario without warnings', () => {
  const { errors, warnings } = checkScenario(first, 'first.yaml');
  expect([errors, warnings]).toEqual([[], []]);
});

const canary = `\n  canary 30 IN LUA A "pickwhashed({{80,'192.0.2.10'},{20,'192.0.2.20'}})"\n`;

test('its world can be loaded', () => {
  expect(() => loadScenario(`scenario: v1\nname: world\n${world}`, 'world.yaml')).not.toThrow();
});

test('its expectations fit its world', () => {
  const text = world.replace(/\n\nresolvers:/, `${canary}\nresolvers:`);
  const named = expectations.replaceAll(/, (answer|max)/g, ', name: api, $1');
  expect(() => loadScenario(`scenario: v1\nname: world\n${text}${named}`, 'world.yaml')).not.toThrow();
});

test('every fault of its table is one', () => {
  const rows = [...page.matchAll(/^\| [^|]+ \| `((?:target|server|partition|geo|record|lease|heal)[^`]*)` \|/gm)];
  const faults = rows.map((match) => (match[1] ?? '').replace('network: …', 'network: 192.0.2.0/24, country: SE'));
  expect(faults.length).toBe(11);
  const timeline = faults.map((fault) => `  - { at: 10s, ${fault.replace(/A "…"/, 'A 192.0.2.1')} }\n`).join('');
  expect(() => loadScenario(`scenario: v1\nname: w\n${world}timeline:\n${timeline}`, 'faults.yaml')).not.toThrow();
});

test('every expectation of its table is one', () => {
  const table = page.slice(page.indexOf('| what | holds |'), page.indexOf('`modality: certain`'));
  const rows = [...table.matchAll(/^\| `([^|]*)` \|/gm)].map((match) => (match[1] ?? '').replaceAll('`', ''));
  expect(rows.length).toBe(13);
  const written = rows.map((row) => `  - { always: true, name: api, ${row} }\n`).join('');
  expect(() => loadScenario(`scenario: v1\nname: w\n${world}expect:\n${written}`, 'expect.yaml')).not.toThrow();
});

test('its settings are those that are known', () => {
  const list = page.slice(page.indexOf('* `settings`:'), page.indexOf('`launch` is'));
  expect(
    [...list.matchAll(/`([^`]+)`/g)]
      .map((match) => match[1])
      .slice(1)
      .sort(),
  ).toEqual(Object.keys(KNOWN_SETTINGS).sort());
});
