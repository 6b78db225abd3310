import { expect, test } from 'vitest';
import { type Chooser, sampler, seededUint32 } from '../simulator/chooser.ts';
import { rational } from '../simulator/rational.ts';
import { countAnswer, isTimeToLook, type ShareCount, sharesAgree } from './shares.ts';

/** Answers `0`, `1`, … drawn by `drawn`, judged against `expected`, at each time to look until `total`. */
function looks(chooser: Chooser, drawn: readonly number[], expected: readonly number[], total: number): boolean[] {
  const sum = expected.reduce((a, b) => a + b, 0);
  const shares = new Map(expected.map((weight, i) => [`${i}`, rational(weight, sum)]));
  const seen: boolean[] = [];
  let count: ShareCount | undefined;
  for (let i = 0; i < total; i++) {
    count = countAnswer(count, 'p', `${chooser.choose(drawn)}`);
    if (isTimeToLook(count)) seen.push(sharesAgree(count, shares));
  }
  return seen;
}

test.each([
  [[1, 1]],
  [[1, 1, 1]],
  [[99, 1]],
  [[9999, 1]],
  [[80, 15, 5]],
  [Array<number>(40).fill(1)],
  [[1000, ...Array<number>(20).fill(1)]],
])('a right server with weights %j is not accused in 150 times a thousand answers', (weights) => {
  const chooser = sampler(seededUint32(weights.length));
  for (let i = 0; i < 150; i++) expect(looks(chooser, weights, weights, 1024)).not.toContain(false);
});

test.each([
  ['even in place of 80 to 20', [1, 1], [80, 20], 256],
  ['one of three is left out', [1, 1, 0], [1, 1, 1], 128],
  ['one of two is left out', [1, 0], [1, 1], 64],
  ['60 to 40 in place of even', [60, 40], [1, 1], 2048],
])('wrong shares are found: %s', (_name, drawn, expected, total) => {
  const chooser = sampler(seededUint32(7));
  for (let i = 0; i < 40; i++) expect(looks(chooser, drawn, expected, total)).toContain(false);
});

test('an answer that is not expected at all never agrees', () => {
  const count = countAnswer(undefined, 'p', 'x');
  expect(sharesAgree(count, new Map([['y', rational(1, 1)]]))).toBe(false);
});

test('a certain answer agrees with itself', () => {
  let count: ShareCount | undefined;
  for (let i = 0; i < 64; i++) count = countAnswer(count, 'p', 'x');
  expect(count === undefined ? undefined : sharesAgree(count, new Map([['x', rational(1, 1)]]))).toBe(true);
});

test('another prediction starts another count', () => {
  const count = countAnswer(countAnswer(undefined, 'p', 'x'), 'q', 'y');
  expect(count).toEqual({ prediction: 'q', counts: new Map([['y', 1]]), total: 1 });
});

test('is looked at each time the number has doubled', () => {
  let count: ShareCount | undefined;
  const looked: number[] = [];
  for (let i = 0; i < 600; i++) {
    count = countAnswer(count, 'p', 'x');
    if (isTimeToLook(count)) looked.push(count.total);
  }
  expect(looked).toEqual([32, 64, 128, 256, 512]);
});
