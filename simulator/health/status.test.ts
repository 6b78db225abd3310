import { describe, expect, test } from 'vitest';
import { PROFILES } from '../profile/index.ts';
import { type Check, type CheckOptions, httpCheck, tcpCheck } from './check.ts';
import type { ProbeResult } from './probe.ts';
import { ABSENT, AWAITED, availability, type CheckStatus, DOWN, statusAfter, UP } from './status.ts';

const http = (options: CheckOptions = {}): Check => httpCheck('192.0.2.1', 0, 'http://svc.test/', options);
const tcp = (options: CheckOptions = {}): Check => tcpCheck('192.0.2.1', 80, options);
const OK: ProbeResult = { up: true, reason: '' };
const FAILED: ProbeResult = { up: false, reason: '' };
const body = (bodyNumber: number): ProbeResult => ({ ...OK, bodyNumber });

/** `U`/`D` after each of the probes `+` and `-`, as a query would see it. */
function story(probes: string, check: Check, line: keyof typeof PROFILES): string {
  let status: CheckStatus = AWAITED;
  return [...probes]
    .map((probe) => {
      status = statusAfter(status, probe === '+' ? OK : FAILED, check, PROFILES[line]);
      return availability(status, false) > 0 ? 'U' : 'D';
    })
    .join('');
}

describe.each(['4.7', '4.8', '4.9'] as const)('in %s', (line) => {
  test.each([
    ['+', 'U'],
    ['-', 'D'],
    ['+-+--+', 'UDUDDU'],
  ])('one result decides: %s is %s', (probes, seen) => {
    expect(story(probes, http(), line)).toBe(seen);
  });

  test('minimumFailures is an unknown option', () => {
    expect(story('+--', http({ minimumFailures: '3' }), line)).toBe('UDD');
    expect(story('---', http({ minimumFailures: '3' }), line)).toBe('DDD');
  });

  test('a number in the body is no weight', () => {
    expect(statusAfter(AWAITED, body(80), http(), PROFILES[line])).toEqual(UP);
  });
});

describe.each(['5.0', '5.1'] as const)('in %s', (line) => {
  const profile = PROFILES[line];

  test.each([
    ['absent', {}, '+-+--', 'UDUDD'],
    ['1', { minimumFailures: '1' }, '+-', 'UD'],
    ['0', { minimumFailures: '0' }, '+-', 'UD'],
    ['no number', { minimumFailures: 'few' }, '+-', 'UD'],
    ['2', { minimumFailures: '2' }, '+-+--+', 'UUUUDU'],
    ['3', { minimumFailures: '3' }, '+---', 'UUUD'],
    ['3 with a tail', { minimumFailures: '3 times' }, '+---', 'UUUD'],
  ])('minimumFailures %s', (_text, options, probes, seen) => {
    expect(story(probes, http(options), line)).toBe(seen);
    expect(story(probes, tcp(options), line)).toBe(seen);
  });

  test('a target that never worked is up until its failures reach minimumFailures', () => {
    expect(availability(AWAITED, false)).toBe(0);
    expect(story('---', http({ minimumFailures: '3' }), line)).toBe('UUD');
  });

  test('a negative minimumFailures is a huge one: the target never goes down', () => {
    expect(story('-----', http({ minimumFailures: '-1' }), line)).toBe('UUUUU');
  });

  test('one success forgets all failures', () => {
    expect(story('--+--+---', http({ minimumFailures: '3' }), line)).toBe('UUUUUUUUD');
  });

  test.each([
    [80, 80],
    [1, 1],
    [0, 1],
    [-7, 1],
  ])('a body of %i makes an available target of weight %i', (number, weight) => {
    expect(availability(statusAfter(AWAITED, body(number), http(), profile), false)).toBe(weight);
  });

  test('a body without a number makes weight 1', () => {
    expect(availability(statusAfter(AWAITED, OK, http(), profile), false)).toBe(1);
  });

  test('the weight is 1 while failures are below minimumFailures', () => {
    const check = http({ minimumFailures: '2' });
    const weighted = statusAfter(AWAITED, body(80), check, profile);
    const failedOnce = statusAfter(weighted, FAILED, check, profile);
    expect(failedOnce).toEqual({ kind: 'up', failures: 1, weight: 0 });
    expect(availability(failedOnce, false)).toBe(1);
  });

  test('a TCP check has no weight', () => {
    expect(statusAfter(AWAITED, body(80), tcp(), profile)).toEqual(UP);
  });
});

test('only the very first look at a check finds it incomplete', () => {
  expect(availability(ABSENT, true)).toBe(-1);
  expect(availability(AWAITED, true)).toBe(0);
  expect(availability(ABSENT, false)).toBe(0);
  expect(availability(DOWN, true)).toBe(0);
});
