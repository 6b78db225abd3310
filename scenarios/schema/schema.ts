/** The shape of a scenario file. What its parts mean together is looked at by `load/load.ts`. */
import { z } from 'zod';
import { RELEASE_LINES } from '../../simulator/profile/profile.ts';
import { ENGINES } from '../scenario.ts';
import { expect } from './expect.ts';
import { timeline } from './timeline.ts';
import { duration, oneOrMore, releaseLine, text } from './values.ts';
import { alerts, clients, geo, lease, resolvers, servers, targets, traffic, zone } from './world.ts';

const MOST_PHASES = 10_000;

const profiles = z
  .union([z.literal('all'), releaseLine, z.array(releaseLine).min(1, 'expected at least one')], {
    error: `expected a list such as ["4.9", "5.1"], or all`,
  })
  .transform((value) => (value === 'all' ? RELEASE_LINES : [...new Set([value].flat())]));

const phase = z.union(
  [
    z.literal('all'),
    z.strictObject({
      sweep: z
        .number({ error: `expected a whole number from 1 to ${MOST_PHASES}` })
        .int(`expected a whole number from 1 to ${MOST_PHASES}`)
        .min(1, `expected a whole number from 1 to ${MOST_PHASES}`)
        .max(MOST_PHASES, `expected a whole number from 1 to ${MOST_PHASES}`),
    }),
    duration,
  ],
  { error: 'expected all, { sweep: 10 }, or one offset such as 2.5s' },
);

export const scenarioFile = z.strictObject({
  scenario: z.literal('v1', { error: 'expected v1, the version of the format' }),
  name: text.describe('A title'),
  shows: z.string({ error: 'expected text' }).default('').describe('Two sentences on what it shows'),
  profiles: profiles.default(['5.1']).describe('Release lines; each is run'),
  engines: oneOrMore(z.enum(ENGINES))
    .default([...ENGINES])
    .transform((names) => [...new Set(names)]),
  phase: phase.default({ sweep: 10 }).describe('How the rounds of servers lie to the timeline'),
  ends: duration.optional().describe('When the world stops; 10s after the last time that is named, by default'),
  servers: servers.optional(),
  targets: targets.default({}),
  zone,
  resolvers: resolvers.default({}),
  clients: clients.optional(),
  geo: geo.optional(),
  lease: lease.optional(),
  alerts: alerts.default({}),
  traffic: traffic.default([]),
  timeline: timeline.default([]),
  expect: expect.default([]),
});

/** A file that has the shape; durations are microseconds. */
export type ScenarioFile = z.output<typeof scenarioFile>;
export type ServerEntry = NonNullable<ScenarioFile['servers']>[string];
export type TargetEntry = ScenarioFile['targets'][string];
export type TimelineEntry = ScenarioFile['timeline'][number];
export type ExpectEntry = ScenarioFile['expect'][number];
export type SettingValues = ServerEntry['settings'];

/** JSON Schema (2020-12), for editors. It says less than `loadScenario` does: names and times are not looked up. */
export function scenarioJsonSchema(): z.core.JSONSchema.JSONSchema {
  return {
    ...z.toJSONSchema(scenarioFile, { io: 'input', target: 'draft-2020-12' }),
    title: 'Scenario of pdns-shadow',
  };
}
