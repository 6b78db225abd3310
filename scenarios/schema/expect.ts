/** Keys of an expectation: when, who, what, and how surely. */
import { z } from 'zod';
import { duration, label, on, oneOrMore, releaseLine, share, text, wholeSeconds } from './values.ts';

const EXPECTED_ANSWERS = { error: 'expected targets or rdata, such as [fsn, hel]' };
const answers = z
  .union([text, z.array(text)], EXPECTED_ANSWERS)
  .transform((value): readonly string[] => (typeof value === 'string' ? [value] : value));
const someAnswers = oneOrMore(text);

const probes = z.strictObject({
  target: label.optional(),
  rate: z.number().positive('expected more than 0').optional().describe('Probes a second, at most'),
  burst: z.number().int('expected a whole number').min(1, 'expected at least 1').optional().describe('In one round'),
});

const invariant = z.union([z.literal('single-writer'), z.strictObject({ 'no-dead-answer-after': duration })], {
  error: 'expected single-writer, or { no-dead-answer-after: 30s }',
});

export const expect = z.array(
  z.strictObject({
    at: duration.optional(),
    within: z.tuple([duration, duration], { error: 'expected two times, such as [10s, 60s]' }).optional(),
    by: duration.optional().describe('From then on until the next event, or until'),
    until: duration.optional(),
    always: on.optional(),
    never: on.optional(),

    client: oneOrMore(label).optional(),
    server: oneOrMore(label).optional(),
    profile: oneOrMore(releaseLine).optional(),
    name: text.optional(),
    type: text.optional(),

    answer: answers.optional(),
    'one-of': someAnswers.optional(),
    'subset-of': someAnswers.optional(),
    rcode: text.optional(),
    ttl: wholeSeconds.optional(),
    scope: z
      .number()
      .int('expected a whole number')
      .min(0, 'expected 0 to 128')
      .max(128, 'expected 0 to 128')
      .optional(),
    distribution: z.record(z.string(), share).optional(),
    tolerance: share.optional(),
    status: z.record(z.string(), z.enum(['up', 'down', 'unknown'])).optional(),
    agree: z.array(label).min(2, 'expected at least two servers').optional(),
    'max-flips': z.number().int('expected a whole number').min(0, 'expected 0 or more').optional(),
    probes: probes.optional(),
    alert: label.optional(),
    invariant: invariant.optional(),

    modality: z.enum(['certain', 'possible']).default('certain'),
    note: z.string({ error: 'expected text' }).default(''),
  }),
);
