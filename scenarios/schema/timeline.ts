/** Keys of the timeline: when, what it strikes, and the fault. */
import { z } from 'zod';
import {
  duration,
  label,
  on,
  oneOrMore,
  positiveDuration,
  releaseLine,
  signedDuration,
  slew,
  text,
  wholeSeconds,
} from './values.ts';
import { behaviour, geoNetwork, settings } from './world.ts';

const flap = z.strictObject({ up: positiveDuration, down: positiveDuration, jitter: duration.default(0) });

const partition = z.strictObject({
  between: z.tuple([label, label], { error: 'expected two places, such as [fsn, hel]' }),
  direction: z.enum(['both', 'from', 'to']).default('both').describe('from: the first does not reach the second'),
});

const recordChange = z.strictObject({
  name: text,
  content: text.optional().describe(`A "code" for a LUA record, TYPE rdata for any other`),
  remove: on.optional(),
  ttl: wholeSeconds.optional(),
});

const clock = z.strictObject({ step: signedDuration.optional(), slew: slew.optional() });

const lease = z.strictObject({
  expire: on.optional(),
  steal: label.optional(),
  'witness-down': label.optional(),
});

export const timeline = z.array(
  z.strictObject({
    at: duration,
    for: positiveDuration.optional(),
    target: oneOrMore(label).optional(),
    server: label.optional(),
    vantage: label.optional(),
    ...behaviour,
    flap: flap.optional(),
    partition: partition.optional(),
    'geo-change': z.array(geoNetwork, { error: 'expected a list of networks' }).optional(),
    reload: z.boolean().optional().describe('Whether servers are told of the new database'),
    'record-change': recordChange.optional(),
    'setting-change': settings.optional(),
    restart: z
      .union([on, z.strictObject({ profile: releaseLine })], { error: 'expected true, or { profile: "5.1" }' })
      .optional(),
    clock: clock.optional(),
    lease: lease.optional(),
    'transfer-delay': duration.optional(),
    heal: z.literal('all').optional(),
    note: z.string().optional(),
  }),
);
