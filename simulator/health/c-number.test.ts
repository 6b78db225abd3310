import { expect, test } from 'vitest';
import { stoi } from './c-number.ts';

test.each([
  ['80', 80],
  ['  42', 42],
  ['\n\t7 apples', 7],
  ['3.9', 3],
  ['+5', 5],
  ['-5', -5],
  ['-0', 0],
  ['0x10', 0],
  ['2147483647', 2_147_483_647],
  ['-2147483648', -2_147_483_648],
  ['2147483648', undefined],
  ['-2147483649', undefined],
  ['99999999999', undefined],
  ['abc', undefined],
  ['OK', undefined],
  ['', undefined],
  ['- 5', undefined],
  ['\u00a05', undefined],
])('std::stoi(%j) is %s', (text, value) => {
  expect(stoi(text)).toBe(value);
});
