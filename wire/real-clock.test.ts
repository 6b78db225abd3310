import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { MICROS_PER_MILLISECOND, MICROS_PER_SECOND } from '../simulator/clock.ts';
import { fromNow, realClock } from './real-clock.ts';

beforeEach(() => {
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'performance', 'Date'] });
});

afterEach(() => {
  vi.useRealTimers();
});

const DAY_MS = 86_400_000;

test('a task runs once its time has come, never sooner', () => {
  let ran = 0;
  realClock.at(fromNow(realClock, 100), () => ran++);
  vi.advanceTimersByTime(99);
  expect(ran).toBe(0);
  vi.advanceTimersByTime(2);
  expect(ran).toBe(1);
  vi.advanceTimersByTime(1000);
  expect(ran).toBe(1);
});

test('a task of the past runs at once, but not while it is asked for', () => {
  let ran = 0;
  realClock.at(realClock.now() - MICROS_PER_SECOND, () => ran++);
  expect(ran).toBe(0);
  vi.advanceTimersByTime(0);
  expect(ran).toBe(1);
});

test('a task further away than timers reach is waited for all the same', () => {
  let ran = 0;
  realClock.at(fromNow(realClock, 60 * DAY_MS), () => ran++);
  vi.advanceTimersByTime(59 * DAY_MS);
  expect(ran).toBe(0);
  vi.advanceTimersByTime(DAY_MS + 1);
  expect(ran).toBe(1);
});

test('a cancelled task does not run, also after its timer was set anew', () => {
  let ran = 0;
  const { cancel } = realClock.at(fromNow(realClock, 60 * DAY_MS), () => ran++);
  vi.advanceTimersByTime(40 * DAY_MS);
  cancel();
  vi.advanceTimersByTime(40 * DAY_MS);
  expect(ran).toBe(0);
});

test('the wall clock is that of the machine, in microseconds', () => {
  vi.setSystemTime(1_700_000_000_123);
  expect(realClock.wall()).toBe(1_700_000_000_123 * MICROS_PER_MILLISECOND);
});

test('time is monotonic whatever the wall clock does', async () => {
  vi.useRealTimers();
  const before = realClock.now();
  await sleep(5);
  expect(realClock.now()).toBeGreaterThan(before);
});
