import { expect, it } from 'vitest';
import { count, median, ratio, spread } from './rounds.ts';

it('takes the middle round, or between the two in the middle', () => {
  expect(median([5, 1, 9])).toBe(5);
  expect(median([1, 2, 10, 4])).toBe(3);
  expect(() => median([])).toThrow(RangeError);
});

it('says what the middle is and how far the rounds lie apart', () => {
  expect(spread([21_400, 20_900, 22_000], count)).toBe('21.4k (20.9k-22.0k)');
});

it.each([
  [843.4, '843'],
  [9999, '9999'],
  [21_449, '21.4k'],
  [1_320_000, '1.32M'],
])('counts %d as %s', (value, text) => {
  expect(count(value)).toBe(text);
});

it.each([
  [98.7, '99×'],
  [2.26, '2.3×'],
  [0.861, '0.86×'],
])('writes the ratio %d as %s', (value, text) => {
  expect(ratio(value)).toBe(text);
});
