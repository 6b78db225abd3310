import fc from 'fast-check';
import { expect, test } from 'vitest';
import { MICROS_PER_SECOND as S } from '../simulator/clock.ts';
import { VirtualClock } from '../simulator/virtual-clock.ts';
import { rateLimit } from './rate.ts';

test('no window of any length holds more than the rate allows, and the burst', () => {
  fc.assert(
    fc.property(
      fc.integer({ min: 1, max: 200 }),
      fc.integer({ min: 1, max: 10 }),
      fc.array(fc.nat(2 * S), { minLength: 1, maxLength: 150 }),
      (perSecond, burst, gaps) => {
        const clock = new VirtualClock();
        const limit = rateLimit(clock, perSecond, burst);
        const sent: number[] = [];
        for (const gap of gaps) {
          // Half of the questions come at once.
          clock.run(clock.now() + (gap % 2 === 0 ? 0 : gap));
          sent.push(limit.reserve());
        }
        for (const [i, from] of sent.entries()) {
          for (const [j, to] of sent.slice(i).entries()) {
            expect(j + 1).toBeLessThanOrEqual(burst + ((to - from) / S) * perSecond + 1e-6);
          }
        }
      },
    ),
    { numRuns: 60 },
  );
});

test('places are given in the order they are asked for, and none in the past', () => {
  const clock = new VirtualClock();
  const limit = rateLimit(clock, 10, 1);
  expect([limit.reserve(), limit.reserve(), limit.reserve()]).toEqual([0, S / 10, (2 * S) / 10]);
  clock.run(5 * S);
  expect(limit.reserve()).toBe(5 * S);
});

test('time that was not used is worth a burst and no more', () => {
  const clock = new VirtualClock();
  const limit = rateLimit(clock, 1, 3);
  clock.run(1000 * S);
  expect(Array.from({ length: 5 }, () => limit.reserve() / S)).toEqual([1000, 1000, 1000, 1001, 1002]);
});
