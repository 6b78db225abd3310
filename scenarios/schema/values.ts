/** Values as scenario files write them: durations, shares, networks, names. */
import { z } from 'zod';
import { formatAddress, type Prefix, parseAddress, parsePrefix } from '../../geoip/address.ts';
import { parseDuration } from '../../input/duration.ts';
import { MICROS_PER_MILLISECOND, MICROS_PER_SECOND, type Micros } from '../../simulator/clock.ts';
import { RELEASE_LINES } from '../../simulator/profile/profile.ts';

const LONGEST_MS = 365 * 86_400_000;
const DURATION = /^\d+(?:\.\d+)?(?:ms|s|m|h|d)$/;
const SIGNED_DURATION = /^[+-]?\d+(?:\.\d+)?(?:ms|s|m|h|d)$/;
const EXPECTED_DURATION = 'expected a duration with its unit, such as 5s, 500ms, 1h';
const EXPECTED_STEP = 'expected a duration with its unit, such as -40s, 500ms';
const TOO_LONG = 'expected at most 365d';

/** Microseconds. */
export const duration = z
  .string({ error: ({ input }) => (typeof input === 'number' ? withUnit(input) : EXPECTED_DURATION) })
  .regex(DURATION, { error: negativeOr(EXPECTED_DURATION), abort: true })
  .refine((text) => (parseDuration(text) ?? 0) <= LONGEST_MS, TOO_LONG)
  .transform(micros);

/** Microseconds; a minus goes back. */
export const signedDuration = z
  .string({ error: EXPECTED_STEP })
  .regex(SIGNED_DURATION, { error: EXPECTED_STEP, abort: true })
  .refine((text) => Math.abs(signedMs(text)) <= LONGEST_MS, TOO_LONG)
  .transform((text): Micros => Math.round(signedMs(text) * MICROS_PER_MILLISECOND));

export const positiveDuration = duration.refine((value) => value > 0, 'expected more than 0s');

/** Microseconds a second: `10ms/s`. */
export const slew = z
  .string({ error: 'expected a rate such as 10ms/s or -500ms/s' })
  .regex(/^[+-]?\d+(?:\.\d+)?(?:ms|s)\/s$/, { error: 'expected a rate such as 10ms/s or -500ms/s', abort: true })
  .refine((text) => signedMs(text.slice(0, -2)) > -1000, 'expected more than -1s/s: a clock does not run backwards')
  .transform((text): Micros => Math.round(signedMs(text.slice(0, -2)) * MICROS_PER_MILLISECOND));

/** Whole seconds, of `30` or `30s`. */
export const wholeSeconds = z
  .union([z.number().int().min(0), z.string().regex(DURATION)], { error: 'expected whole seconds, such as 30 or 30s' })
  .transform((value) => (typeof value === 'number' ? value : micros(value) / MICROS_PER_SECOND))
  .refine((seconds) => Number.isInteger(seconds) && seconds < 2 ** 31, 'expected whole seconds, such as 30 or 30s');

/** 0 to 1, of `0.2` or `20%`. */
export const share = z
  .union([z.number(), z.string().regex(/^\d+(?:\.\d+)?%$|^\d+\/[1-9]\d*$/)], {
    error: 'expected a share such as 0.2, 20% or 1/5',
  })
  .transform(shareOf)
  .refine((value) => value >= 0 && value <= 1, 'expected a share from 0 to 1, such as 0.2, 20% or 1/5');

export const network = z
  .string({ error: 'expected a network such as 198.51.100.0/24' })
  .refine((text) => parsePrefix(text) !== undefined, 'expected a network such as 198.51.100.0/24, host bits clear')
  .transform((text): Prefix => parsePrefix(text) ?? { address: { family: 4, bytes: new Uint8Array(4) }, length: 0 });

/** Canonical text. */
export const address = z
  .string({ error: 'expected an IP address such as 192.0.2.10' })
  .refine((text) => parseAddress(text) !== undefined, 'expected an IP address such as 192.0.2.10')
  .transform((text) => {
    const parsed = parseAddress(text);
    return parsed === undefined ? text : formatAddress(parsed);
  });

/** What servers, targets, clients and the like are called. */
export const label = z
  .string({ error: 'expected a name' })
  .regex(/^[A-Za-z][A-Za-z0-9_-]*$/, 'expected a name: a letter, then letters, digits, - and _');

export const releaseLine = z.enum(RELEASE_LINES, { error: `expected one of ${RELEASE_LINES.join(', ')}, in quotes` });

export const text = z.string({ error: 'expected text' }).min(1, 'expected text, not nothing');

/** One, or a list of them. */
export function oneOrMore<T extends z.ZodType>(item: T) {
  const list = z.array(item).min(1, 'expected at least one');
  return z.union([item, list]).transform((value): readonly z.output<T>[] => (isList(value) ? value : [value]));
}

/** A switch that can only be on: leave the key out for off. */
export const on = z.literal(true, { error: 'expected true; leave the key out otherwise' });

function isList<T>(value: T | T[]): value is T[] {
  return Array.isArray(value);
}

function micros(text: string): Micros {
  return Math.round((parseDuration(text) ?? 0) * MICROS_PER_MILLISECOND);
}

function signedMs(text: string): number {
  const size = parseDuration(text.replace(/^[+-]/, '')) ?? 0;
  return text.startsWith('-') ? -size : size;
}

function shareOf(value: number | string): number {
  if (typeof value === 'number') return value;
  if (value.endsWith('%')) return Number(value.slice(0, -1)) / 100;
  const [part, whole] = value.split('/').map(Number);
  return (part ?? 0) / (whole ?? 1);
}

function withUnit(count: number): string {
  return `expected a duration with its unit: ${count}s, or ${count}ms`;
}

function negativeOr(message: string): (issue: { readonly input?: unknown }) => string {
  return ({ input }) =>
    typeof input === 'string' && input.startsWith('-')
      ? 'expected a duration that is not negative: only a clock goes back'
      : message;
}
