import { describe, expect, test } from 'vitest';
import { luaModule } from '../../wire/lua-module.ts';
import { LuaBudgetExceeded, LuaError } from './lua-error.ts';
import type { LuaStack } from './stack.ts';
import { LuaVm } from './vm.ts';

const LIMITS = { maxMemoryBytes: 32 * 1024 * 1024, stepBudget: 2_000_000 };
const newVm = () => new LuaVm(luaModule(), LIMITS);

function run<T>(vm: LuaVm, code: string, read: (stack: LuaStack) => T): T {
  const chunk = vm.compile(code, '=test');
  if (chunk.kind === 'refused') throw new Error(chunk.message);
  return vm.run(chunk.ref, read);
}

const text = (vm: LuaVm, code: string): string => run(vm, code, (stack) => stack.string(1));

test('runs Lua 5.1, as PowerDNS has it', () => {
  expect(text(newVm(), "return _VERSION .. ' ' .. 10 / 2 .. ' ' .. 7 % 3 .. ' ' .. #{ unpack({ 1, 2 }) }")).toBe(
    'Lua 5.1 5 1 2',
  );
});

test('texts are bytes, NUL and all', () => {
  const bytes = String.fromCharCode(...Array.from({ length: 256 }, (_, i) => i));
  const escaped = Array.from({ length: 256 }, (_, i) => `\\${String(i).padStart(3, '0')}`).join('');
  expect(text(newVm(), `return '${escaped}'`)).toBe(bytes);
});

test('refuses what is no Lua and goes on', () => {
  const vm = newVm();
  expect(vm.compile('return return', '=test')).toMatchObject({ kind: 'refused', message: /test:1: / });
  expect(text(vm, "return 'x'")).toBe('x');
});

test('an error of the code is a LuaError, and the machine goes on', () => {
  const vm = newVm();
  for (let i = 0; i < 2000; i++) expect(() => text(vm, 'local x = nil; return x.y')).toThrow(LuaError);
  expect(vm.usable).toBe(true);
  expect(text(vm, "return 'x'")).toBe('x');
});

describe('a budget of steps', () => {
  test.each([
    'while true do end',
    'while true do pcall(function() while true do end end) end',
    'coroutine.wrap(function() while true do end end)()',
  ])('ends %s, and the machine is not used again', (code) => {
    const vm = newVm();
    expect(() => text(vm, code)).toThrow(LuaBudgetExceeded);
    expect(vm.usable).toBe(false);
    expect(() => vm.run(1, () => 0)).toThrow(/aborted/);
  });

  test('is for each run', () => {
    const vm = newVm();
    for (let i = 0; i < 20; i++) expect(text(vm, "for i = 1, 100000 do end return 'x'")).toBe('x');
  });
});

test('memory ends at the limit', () => {
  const vm = new LuaVm(luaModule(), { ...LIMITS, stepBudget: 200_000_000 });
  try {
    text(vm, "local t = {} for i = 1, 1e9 do t[i] = ('x'):rep(1e6 + i) end");
  } catch {
    // How it ends is told by the tests of the host; here only how much it took.
  }
  expect(vm.memoryBytes).toBeLessThanOrEqual(LIMITS.maxMemoryBytes);
  expect(vm.memoryBytes).toBeGreaterThan(LIMITS.maxMemoryBytes / 2);
});

test('a hundred thousand runs leave nothing on the stack or in memory', () => {
  const vm = newVm();
  const chunk = vm.compile("return { 'a', 'b' }", '=test');
  if (chunk.kind === 'refused') throw new Error(chunk.message);
  const length = () => vm.run(chunk.ref, (stack) => stack.length(1));
  for (let i = 0; i < 1000; i++) length();
  const before = vm.memoryBytes;
  let right = 0;
  for (let i = 0; i < 100_000; i++) right += length() === 2 ? 1 : 0;
  expect(right).toBe(100_000);
  expect(vm.memoryBytes).toBe(before);
});

test('machines share nothing', () => {
  const [one, other] = [newVm(), newVm()];
  run(one, 'shared = 1', () => undefined);
  expect(text(other, 'return tostring(shared)')).toBe('nil');
});
