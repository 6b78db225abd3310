import { expect, test } from 'vitest';
import { luaCode } from './lua-code.ts';

test('one chunk without inserted whitespace is the code itself', () => {
  expect(luaCode(`"pickrandom({'192.0.2.1'})"`, false)).toBe(`pickrandom({'192.0.2.1'})`);
});

test('one chunk with inserted whitespace has a blank behind it', () => {
  expect(luaCode(`"'192.0.2.1'"`, true)).toBe(`'192.0.2.1' `);
});

test('two chunks with inserted whitespace are three blanks apart', () => {
  expect(luaCode('"a" "b"', true)).toBe('a   b ');
});

test('two chunks without inserted whitespace touch', () => {
  expect(luaCode('"a" "b"', false)).toBe('ab');
});

test('more than one blank between chunks survives when whitespace is not inserted', () => {
  expect(luaCode('"a"  "b"', false)).toBe('a  b');
});

test('a chunk that is one blank is dropped without inserted whitespace', () => {
  expect(luaCode('"return" " " "1"', false)).toBe('return1');
});

test('chunks without a blank between them are two pieces', () => {
  expect(luaCode('"a""b"', true)).toBe('a b ');
});

test('an escaped double quote splits like any other and leaves its backslash', () => {
  expect(luaCode(`"pickrandom({\\"192.0.2.1\\"})"`, false)).toBe('pickrandom({\\192.0.2.1\\})');
  expect(luaCode(`"'a\\"b'"`, true)).toBe(`'a\\ b' `);
});

test('backslashes reach Lua as they were stored', () => {
  expect(luaCode(`"'a\\065\\\\065b'"`, false)).toBe(`'a\\065\\\\065b'`);
});

test('an empty chunk is no code at all', () => {
  expect(luaCode('""', true)).toBe('');
  expect(luaCode('""', false)).toBe('');
});

test('the code ends at a NUL', () => {
  expect(luaCode(`"'a'\0 garbage"`, false)).toBe(`'a'`);
});
