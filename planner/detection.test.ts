import { describe, expect, test } from 'vitest';
import { httpCheck, tcpCheck } from '../simulator/health/check.ts';
import { PROFILES } from '../simulator/profile/index.ts';
import type { ReleaseLine } from '../simulator/profile/profile.ts';
import { Detections } from './detection.ts';

const detections = new Detections();
const http = (options = {}) => httpCheck('192.0.2.1', 0, 'http://svc.test/', options);
const optionsOf = (line: ReleaseLine, intervalSeconds = 5, othersHangSeconds = 0) => ({
  profile: PROFILES[line],
  intervalSeconds,
  latencySeconds: 0.01,
  othersHangSeconds,
});

describe('what becomes of a target is known', () => {
  test('within an interval on 4.9, and its timeout where it hangs', () => {
    const { refuses, hangs, recovers } = detections.of(http(), optionsOf('4.9'));
    expect(refuses.latestSeconds).toBeCloseTo(5, 4);
    expect(hangs.latestSeconds).toBeCloseTo(6.99, 4);
    expect(hangs.earliestSeconds).toBeCloseTo(1.99, 4);
    expect(recovers.latestSeconds).toBeCloseTo(5.01, 4);
    expect([refuses, hangs, recovers].map(({ proven }) => proven)).toEqual([true, true, true]);
  });

  test('within two intervals on 5.1, where a probe may end in the next second', () => {
    const { refuses, hangs } = detections.of(http(), optionsOf('5.1'));
    expect(refuses.latestSeconds).toBeCloseTo(10, 4);
    expect(hangs.latestSeconds).toBeCloseTo(11.99, 4);
  });

  test('at the third failure, two intervals each, with minimumFailures 3 on 5.1 and not on 4.9', () => {
    const patient = http({ minimumFailures: '3' });
    expect(detections.bound('hangs', patient, optionsOf('5.1')).latestSeconds).toBeCloseTo(31.99, 4);
    expect(detections.bound('hangs', patient, optionsOf('4.9')).latestSeconds).toBeCloseTo(6.99, 4);
  });

  test('later where another target that hangs stretches the rounds', () => {
    const alone = detections.bound('refuses', http({ timeout: '1' }), optionsOf('4.9', 1));
    const together = detections.bound('refuses', http({ timeout: '1' }), optionsOf('4.9', 1, 3));
    expect(alone.latestSeconds).toBeCloseTo(1, 4);
    expect(together.latestSeconds).toBeCloseTo(3, 4);
  });

  test('never where a timeout of 0 waits for ever, or does not wait at all', () => {
    expect(detections.bound('hangs', http({ timeout: '0' }), optionsOf('5.1')).latestSeconds).toBeNull();
    expect(
      detections.bound('refuses', tcpCheck('192.0.2.1', 443, { timeout: '0' }), optionsOf('5.1')).latestSeconds,
    ).toBeNull();
  });

  test('of a new check at once where it wakes the checker, unless a round lasts', () => {
    expect(detections.bound('firstResult', http(), optionsOf('4.7')).latestSeconds).toBeCloseTo(5.01, 4);
    expect(detections.bound('firstResult', http(), optionsOf('5.1')).earliestSeconds).toBeCloseTo(0.01, 4);
  });

  test('by a safe bound where there are too many phases to look at', () => {
    const bound = detections.bound('hangs', http({ interval: '7' }), optionsOf('5.1', 1));
    expect(bound.proven).toBe(false);
    expect(bound.latestSeconds).toBeGreaterThan(8);
  });
});
