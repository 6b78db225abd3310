import { expect, test } from 'vitest';
import { hasEndlessLoop, isEndlessMatch } from './endless.ts';
import { syntaxTree } from './luajit-syntax.ts';

const isEndless = (code: string) => {
  const tree = syntaxTree(code);
  if (tree === undefined) throw new Error(`no Lua: ${code}`);
  return hasEndlessLoop(tree);
};

test.each([
  'while true do end',
  'while 1 do f() end',
  'repeat until false',
  'repeat x = x + 1 until nil',
  'for i = 1, math.huge do end',
  'for i = 1, 1e15 do x = i end',
  'for i = -1, -math.huge, -1 do end',
  'return pcall(function() while true do end end)',
  'while true do for i = 1, 3 do break end end',
  'while true do local f = function() return 1 end end',
  'local function f() return f() end return f()',
  `x = ${'1 + '.repeat(20_000)} 1 while true do end`,
])('has no end: %s', (code) => {
  expect(isEndless(code)).toBe(true);
});

test.each([
  'for i = 1, 1e8 do end',
  'while x do end',
  'while true do if x then break end end',
  'while true do for i = 1, 3 do return i end end',
  'repeat do return end until false',
  'while false do end',
  'for i = 1, n do end',
  'local function f(n) if n > 0 then return f(n - 1) end return 1 end',
  'local function f() return g() end',
])('may have an end: %s', (code) => {
  expect(isEndless(code)).toBe(false);
});

test('a match that takes long is endless where the text has too many ways to be cut', () => {
  expect(isEndlessMatch(10_000, '.-.-.-.-b$')).toBe(true);
  expect(isEndlessMatch(10_000, '^(a*)(a*)(a*)(a*)b')).toBe(true);
  expect(isEndlessMatch(200, 'a?'.repeat(100))).toBe(true);
  expect(isEndlessMatch(10_000, '.-b$')).toBe(false);
  expect(isEndlessMatch(10_000, '^[-+*?]%-%+%*%?')).toBe(false);
});
