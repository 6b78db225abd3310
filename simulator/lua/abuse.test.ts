import { describe, expect, test } from 'vitest';
import { luaModule } from '../../wire/lua-module.ts';
import { PROFILES } from '../profile/index.ts';
import { type CodeResult, LuaHost } from './environment.ts';
import { plainContext } from './fixtures/context.ts';

/**
 * The code of a record is hostile input. Whatever it does, the host ends it, says what came of it, and evaluates the next
 * record as if nothing had happened. What real servers do is in `test/conformance/abuse.test.ts`.
 */

const context = plainContext('5.1');
const host = new LuaHost({ module: luaModule(), profile: PROFILES['5.1'] });

/** Runs code, then makes sure that the next records find everything in its place. */
function kindOf(code: string): CodeResult['kind'] {
  const { kind } = host.run(code, context);
  expect(
    host.run("; return pickrandom({'192.0.2.1'}) .. ('x'):upper() .. tostring(math.floor(1.5))", context),
  ).toMatchObject({
    kind: 'values',
    values: ['192.0.2.1X1'],
  });
  return kind;
}

const X = 'x'.repeat(100_000);

describe.each<[CodeResult['kind'], Record<string, string>]>([
  [
    'hang',
    {
      'an endless loop': '; while true do end',
      'an endless loop in a coroutine':
        '; return tostring(coroutine.resume(coroutine.create(function() while true do end end)))',
      'an endless loop that catches its own end': '; while true do pcall(function() while true do end end) end',
      'a coroutine that yields for ever':
        '; local c = coroutine.wrap(function() while true do coroutine.yield(1) end end) while true do c() end',
      'coroutines without end': '; while true do coroutine.create(function() end) end',
      'a tail call without end': '; local function f() return f() end return f()',
      'a pattern that backtracks': "; return ('a'):rep(1e4):find('.-.-.-.-b$')",
      'a pattern of an iterator that backtracks': "; for x in ('a'):rep(1e4):gmatch('a*a*a*a*b') do end",
      'an endless loop in code that it loads': "; loadstring('while true do end')()",
      'an endless loop of matches': "; while true do ('abc'):gsub('%w', '%0%0') end",
      'an endless loop of copies': "; local s = ('x'):rep(3e6) while true do local t = s .. 'y' end",
      'an endless loop of errors': '; while true do pcall(error) end',
      'an endless loop of host functions': "; while true do newCA('192.0.2.1') end",
      'an endless loop of sorts': '; local t = {} for i = 1, 1e4 do t[i] = i end while true do table.sort(t) end',
      'an endless loop of code loaded': "; local s = 'return ' .. ('x=1 '):rep(1000) while true do loadstring(s) end",
      'an endless loop of formats': "; while true do ('%99.99f'):format(1e300) end",
      'an endless loop of big texts read by the host': "; local s = ('x'):rep(1e6) while true do pcall(newCA, s) end",
      'an error handler that does not end':
        '; return tostring(xpcall(function() error("x") end, function() while true do end end))',
    },
  ],
  [
    'opaque',
    {
      'a string of a gigabyte': "; return ('x'):rep(1e9)",
      'string.rep of a gigabyte': "; return string.rep('x', 1e9)",
      'memory asked for again and again': "; local s = 'x' while true do pcall(function() s = s .. s end) end",
      'a string that doubles': "; local s = 'x' while true do s = s .. s end",
      'a candidate of sixty megabytes': "pickrandom({('x'):rep(3e7), ('y'):rep(3e7)})",
      'a loop that ends later': '; for i = 1, 1e9 do end',
      'a hundred thousand strings that collide':
        "; local t = {} for i = 1, 1e5 do t[i] = ('x'):rep(500) .. ('%07d'):format(i) .. ('x'):rep(493) end",
      'a million references to a large text':
        "; local s, t = ('x'):rep(3e7), {} for i = 1, 1e6 do t[i] = s end return t",
      'a ring of two thousand million points': "pickchashed({{2000000000, '192.0.2.1'}})",
      'a recursion through gsub': "; local function f() return (('x'):gsub('x', f)) end return f()",
      'a recursion through gsub that is caught':
        "; local function f() return (('x'):gsub('x', f)) end return tostring(pcall(f))",
      'a pattern that recurses': "; return ('a'):rep(1e5):find(('a?'):rep(1e5))",
      'a command': "; os.execute('true') return 'x'",
      'a command whose refusal is caught': "; pcall(os.execute, 'true') return 'x'",
      'a command inside a coroutine':
        "; coroutine.resume(coroutine.create(function() os.execute('true') end)) return 'x'",
      'a file': "io.open('/etc/hostname'):read('*a')",
      'a module': "; require 'socket'",
      'the debug library': 'debug.getinfo(1)',
      'byte code of its own': "; return loadstring(string.dump(function() return 'x' end))()",
      'byte code by hand': "; return loadstring('\\27Lua\\81\\0\\1\\4\\4\\4\\8\\0')()",
      'the time': 'os.time()',
      'a random number of the server': 'math.random()',
      'the metatable of an object': '; return tostring(getmetatable(bestwho))',
      'a yield outside of a coroutine': '; coroutine.yield(1)',
    },
  ],
  [
    'error',
    {
      'no error object': '; error()',
      'an error object that is nil': '; error(nil)',
      'an error object that is a table': '; error({})',
      'an error object that is a function': '; error(print)',
      'an error object that is false': '; error(false)',
      'an error object that is a number': '; error(42)',
      'an error object whose text is another error':
        "; error(setmetatable({}, { __tostring = function() error('x') end }))",
      'an index that recurses':
        '; local t = setmetatable({}, {}) getmetatable(t).__index = function(t, k) return t[k] end return t.x',
      'more results than a stack holds': '; return unpack({}, 1, 1e8)',
      'an order that is none':
        '; local t = {} for i = 1, 1000 do t[i] = i end table.sort(t, function() return true end)',
      'a format too wide': "; return string.format('%99999d', 1)",
      'one level of parentheses beyond what LuaJIT nests': `${'('.repeat(198)}1${')'.repeat(198)}`,
      'two hundred and one locals': `; ${Array.from({ length: 201 }, (_, i) => `local a${i} `).join('')} return 'x'`,
      'a string of quotes without an end': `'${"\\'".repeat(50_000)}`,
      'functions beyond what the parser nests': `; return ${'function() return '.repeat(2000)}1${' end'.repeat(2000)}`,
      'tables beyond what the parser nests': `; return ${'{'.repeat(50_000)}${'}'.repeat(50_000)}`,
      'parentheses beyond what the parser nests': `${'('.repeat(5000)}1${')'.repeat(5000)}`,
      'a table that holds itself': '; local t = {} t[1] = t return t',
      'a group that holds itself': "ifurlup('http://svc.test/', (function() local t = {} t[1] = t return t end)())",
      'no result': ';',
      'a function as the result': '; return print',
      'a coroutine as the result': '; return coroutine.create(print)',
      'an object as the result': 'bestwho',
      'a method without its object': '; return bestwho.toString()',
      'a method of another object': '; return qname.toString(bestwho)',
      'a method of a table': '; return bestwho.toString({})',
      'a field of an object set': "; bestwho.x = 1 return 'x'",
      'a dead coroutine': '; local c = coroutine.wrap(function() end) c() c()',
      'a syntax error': '; return return',
    },
  ],
  [
    'values',
    {
      'a hundred kilobytes of code': `'${X}'`,
      'a hundred kilobytes of list': `; return #{ ${'1, '.repeat(33_000)} } .. ''`,
      'as many parentheses as LuaJIT nests': `${'('.repeat(197)}'x'${')'.repeat(197)}`,
      'twenty thousand statements': `; local x = '1' ${'x = x '.repeat(20_000)} return x`,
      'a recursion that catches itself': '; local function f() return pcall(f) end return tostring(f())',
      'a global of its own': '; _G.pickrandom = function() return "192.0.2.66" end return pickrandom({"192.0.2.1"})',
      'a library function of its own': "; string.upper = function() return 'x' end return string.upper('y')",
      'a string method of its own':
        "; getmetatable('').__index = function() return function() return 'x' end end return ('y'):upper()",
      'a global set past its environment':
        "; rawset(getfenv(0), 'pickrandom', function() return '192.0.2.66' end) return 'x'",
      'an environment of its own': "; setfenv(0, {}) return 'x'",
      'a global set by code that it loads': "; loadstring('pickrandom = nil')() return 'x'",
      'a library emptied by code that it loads': "; loadstring('string.upper = nil')() return 'x'",
      'bytes that are no text': "'a\\0b\\255'",
      'a negative repetition': "; return string.rep('x', -5)",
      'two hundred thousand candidates':
        "pickrandom((function() local t = {} for i = 1, 200000 do t[i] = '192.0.2.1' end return t end)())",
    },
  ],
])('is %s', (kind, codes) => {
  test.each(Object.entries(codes))('%s', (_name, code) => {
    expect(kindOf(code)).toBe(kind);
  });
});

test('what code leaves behind is not there for the next', () => {
  host.run("; kept = 'x' return kept", context);
  expect(host.run('; return tostring(kept)', context)).toMatchObject({ kind: 'values', values: ['nil'] });
});

test('evaluations that used up their memory leave none of it behind', () => {
  const waste = "; local s = 'x' while true do s = s .. s end";
  for (let i = 0; i < 5; i++) host.run(waste, context);
  const before = process.memoryUsage().arrayBuffers;
  for (let i = 0; i < 60; i++) host.run(waste, context);
  expect(process.memoryUsage().arrayBuffers - before).toBeLessThan(1024 * 1024 * 1024);
});
