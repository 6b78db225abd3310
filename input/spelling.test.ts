import { expect, test } from 'vitest';
import { closestWord } from './spelling.ts';

test.each([
  ['crosCheck', ['clients', 'crossCheck'], 'crossCheck'],
  ['naem', ['name', 'address'], 'name'],
  ['EU', ['eu'], 'eu'],
  ['ap', ['api'], 'api'],
  ['configdirectory', ['configDir'], undefined],
  // Every other word is as near to a word of two or three letters.
  ['zz', ['eu', 'us'], undefined],
  ['foo', ['lon', 'fra'], undefined],
  ['a', ['b'], undefined],
])('%j, where there are %j, means %j', (word, words, meant) => {
  expect(closestWord(word, words)).toBe(meant);
});
