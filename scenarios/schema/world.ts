/** Keys of a scenario file that say what there is: servers, targets, the zone, who asks. */
import { z } from 'zod';
import { GEO_NETWORK_KEYS } from '../../geoip/geo-yaml.ts';
import { MICROS_PER_SECOND } from '../../simulator/clock.ts';
import { KNOWN_SETTINGS } from '../settings.ts';
import {
  address,
  duration,
  label,
  network,
  on,
  oneOrMore,
  positiveDuration,
  releaseLine,
  share,
  text,
} from './values.ts';

const settingValue = z.union([z.string(), z.number(), z.boolean(), z.array(z.string())], {
  error: 'expected text, a number, a duration, true, false or a list of words',
});

/** Any key: which of them are known is said with their place by `readSettings`. */
export const settings = z.record(z.string(), settingValue).meta({
  properties: Object.fromEntries(Object.keys(KNOWN_SETTINGS).map((name) => [name, {}])),
  description: 'Settings of pdns.conf',
});

/** Read by `geoip/geo-yaml.ts`; here only for editors. */
export const geoNetwork = z.unknown().meta({
  type: 'object',
  description: 'A network and where it is',
  required: ['network'],
  additionalProperties: false,
  properties: Object.fromEntries(GEO_NETWORK_KEYS.map((key) => [key, {}])),
});

const status = z
  .number({ error: 'expected a status such as 200 or 503' })
  .int('expected a status such as 200 or 503')
  .min(100, 'expected a status from 100 to 599')
  .max(599, 'expected a status from 100 to 599');

const latency = z.union([duration, z.strictObject({ base: duration, jitter: duration.default(0) })], {
  error: 'expected a duration such as 5ms, or { base: 5ms, jitter: 2ms }',
});

/** How a target answers: at rest, and in a fault. */
export const behaviour = {
  http: status.optional().describe('Status of its HTTP answers'),
  body: z.string({ error: 'expected text' }).optional().describe('Body of its HTTP answers'),
  tcp: z
    .enum(['accept', 'refuse', 'reset', 'blackhole', 'accept-only'])
    .optional()
    .describe('What happens to a connection'),
  tls: z.enum(['ok', 'fails']).optional().describe('Whether TLS comes about'),
  latency: latency.optional().describe('From the request to the answer'),
  'slow-body': duration.optional().describe('From the first byte of the body to its end'),
  loss: share.optional().describe('Share of packets lost'),
};

const front = z.strictObject({
  kind: z.literal('dnsdist').default('dnsdist'),
  source: z.enum(['ecs', 'proxy', 'hidden']).default('hidden').describe('How it shows the client to the server'),
  address: address.default('127.0.0.1').describe('What the server sees where the source is hidden'),
  'qps-per-source': z.number().positive('expected more than 0').optional(),
});

export const servers = z
  .record(
    label,
    z.strictObject({
      vantage: label.default('local').describe('The place it probes from'),
      settings: settings.default({}),
      front: front.optional(),
      role: z.enum(['primary', 'secondary']).default('primary'),
      dnssec: z.enum(['off', 'live', 'presigned']).default('off'),
      'transfer-delay': duration.optional().describe('How long after the primary a secondary has a change'),
      profile: releaseLine.optional(),
    }),
  )
  .describe('Servers by name');

export const targets = z
  .record(label, z.strictObject({ address, vantage: label.optional(), ...behaviour }))
  .describe('What is probed, by name');

export const zone = z.union([z.string(), z.strictObject({ file: text })], {
  error: 'expected the text of a zone file (zone: |), or { file: acme.test.zone }',
});

export const resolvers = z.record(
  label,
  z.strictObject({
    address,
    ecs: z.boolean().default(false),
    asks: oneOrMore(label).default([]),
    'min-ttl': duration.default(0),
    'max-ttl': duration.default(86_400 * MICROS_PER_SECOND),
  }),
);

const MOST_SAMPLED = 65_536;

export const clients = z.record(
  label,
  z.strictObject({
    subnet: network,
    ecs: z.boolean().optional().describe('Its network reaches the server as ECS'),
    via: label.optional().describe('A resolver'),
    asks: oneOrMore(label).optional().describe('Servers'),
    sample: z
      .number({ error: `expected a whole number from 2 to ${MOST_SAMPLED}` })
      .int(`expected a whole number from 2 to ${MOST_SAMPLED}`)
      .min(2, `expected a whole number from 2 to ${MOST_SAMPLED}`)
      .max(MOST_SAMPLED, `expected a whole number from 2 to ${MOST_SAMPLED}`)
      .optional()
      .describe('Stands for so many networks spread over the subnet'),
  }),
);

export const geo = z.union([z.array(geoNetwork), z.strictObject({ files: oneOrMore(text) })], {
  error: 'expected a list of networks, or { files: GeoLite2-City.mmdb }',
});

export const lease = z.strictObject({
  ttl: positiveDuration,
  renew: positiveDuration,
  holder: label.describe('The place that has it at the start'),
  witness: label.default('witness'),
  candidates: oneOrMore(label).default([]).describe('Places that take it when it ran out'),
});

export const alerts = z.record(
  label,
  z.strictObject({
    'servers-disagree': on.optional(),
    'answers-dead-target': on.optional(),
    'all-down': on.optional(),
    rcode: text.optional(),
    name: text.optional(),
    for: duration.default(0),
  }),
);

export const traffic = z.array(
  z.strictObject({
    name: text,
    type: text.optional(),
    from: oneOrMore(label),
    every: positiveDuration,
    starts: duration.default(0),
    ends: duration.optional(),
  }),
);
