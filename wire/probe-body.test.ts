import { expect, test } from 'vitest';
import { bodyReader } from './probe-body.ts';

test('a text is found wherever the chunks are cut', () => {
  const body = Buffer.from('xxhealthhealthyxx');
  for (let first = 0; first <= body.length; first++) {
    for (let second = first; second <= body.length; second++) {
      const reader = bodyReader('healthy');
      reader.add(body.subarray(0, first));
      reader.add(body.subarray(first, second));
      reader.add(body.subarray(second));
      expect(reader.matched, `cut at ${first} and ${second}`).toBe(true);
      expect(reader.bytes).toBe(body.length);
    }
  }
});

test('case counts and there are no patterns', () => {
  for (const wanted of ['ok', 'O.', 'OKK']) {
    const reader = bodyReader(wanted);
    reader.add(Buffer.from('OK\n'));
    expect(reader.matched, wanted).toBe(false);
  }
});

test('an empty text is in every body, even an empty one', () => {
  expect(bodyReader('').matched).toBe(true);
});

test('the number at the start is read across chunks', () => {
  const reader = bodyReader('');
  for (const part of [' ', '8', '0', ' apples']) reader.add(Buffer.from(part));
  expect(reader.number).toBe(80);
});
