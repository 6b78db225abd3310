import { readdirSync, readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { parse } from 'yaml';
import { z } from 'zod';
import { checkScenario } from '../load/load.ts';
import { starterScenario } from '../starter.ts';
import { scenarioJsonSchema } from './schema.ts';

const LIBRARY = new URL('../library/', import.meta.url);
const schema = z.fromJSONSchema(scenarioJsonSchema());

test.each(['any', 'fsn: it fails', '"', '- {', 'true'])(
  'the scenario to start with is right, and not odd: %j',
  (name) => {
    const { scenario, errors, warnings } = checkScenario(starterScenario(name), 'starter.yaml');
    expect([errors, warnings]).toEqual([[], []]);
    expect(scenario?.name).toBe(name);
  },
);

describe('the JSON Schema', () => {
  test.each(readdirSync(LIBRARY))('takes %s', (file) => {
    expect(schema.safeParse(parse(readFileSync(new URL(file, LIBRARY), 'utf8'))).error).toBeUndefined();
  });

  test('takes the scenario to start with', () => {
    expect(schema.safeParse(parse(starterScenario('any'))).error).toBeUndefined();
  });

  test.each([
    ['an unknown key', 'expects: []'],
    ['an unknown key of a network', 'geo: [{ network: 192.0.2.0/24, long: 10 }]'],
    ['a duration without a unit', 'ends: 5'],
    ['an unknown fault', 'timeline: [{ at: 5s, tpc: refuse }]'],
    ['an unknown word', 'timeline: [{ at: 5s, target: a, tcp: refused }]'],
  ])('refuses %s', (_what, line) => {
    const text = `scenario: v1\nname: any\nzone: $ORIGIN acme.test.\n`;
    expect(schema.safeParse(parse(text)).success).toBe(true);
    expect(schema.safeParse(parse(text + line)).success).toBe(false);
  });
});
