import { describe, expect, it } from 'vitest';
import { luaModule } from '../../wire/lua-module.ts';
import { PROFILES } from '../profile/index.ts';
import type { ReleaseLine } from '../profile/profile.ts';
import { LuaHost } from './environment.ts';
import { plainContext } from './fixtures/context.ts';

const module = luaModule();
function hostOf(line: ReleaseLine = '5.1') {
  const host = new LuaHost({ module, profile: PROFILES[line] });
  return (code: string, included?: Readonly<Record<string, readonly string[]>>) =>
    host.run(code, plainContext(line, included));
}

describe('an evaluation', () => {
  it('leaves nothing behind for the next', () => {
    const run = hostOf();
    const traces = [
      '; x = 1 return "ok"',
      '; string.rep = nil return "ok"',
      '; _G.y = 1 pdns.A = 7 return "ok"',
      '; getmetatable("").__index = function() return "z" end return "ok"',
      '; setfenv(0, {}) return "ok"',
      '; loadstring("v = 1")() return "ok"',
    ];
    for (const code of traces) expect(run(code), code).toMatchObject({ kind: 'values', values: ['ok'] });
    const look = 'tostring(x)..tostring(y)..tostring(v)..("a"):rep(2)..tostring(("a").zzz)..pdns.A';
    expect(run(look)).toMatchObject({ values: ['nilnilnilaanil1'] });
  });

  it('ends where the code reaches for the host, also behind pcall', () => {
    const run = hostOf();
    for (const code of [
      'os.time()',
      'io.open("/etc/passwd")',
      '; pcall(os.execute, "true") return "caught"',
      '; local f = loadstring("return math.random()") return f()',
      '; local ok = pcall(function() return resolve("a", 1) end) return tostring(ok)',
    ]) {
      expect(run(code), code).toMatchObject({ kind: 'opaque' });
    }
    expect(run('"still usable"')).toMatchObject({ values: ['still usable'] });
  });

  it('ends when the code does not', () => {
    const run = hostOf();
    expect(run('; while true do end')).toMatchObject({ kind: 'hang' });
    expect(run('; while true do pcall(function() while true do end end) end')).toMatchObject({ kind: 'hang' });
    expect(run('; include("loop") return "x"', { loop: ['while true do end'] })).toMatchObject({ kind: 'hang' });
    expect(run('"again"')).toMatchObject({ values: ['again'] });
  });

  it('says why it ended code', () => {
    const run = hostOf();
    expect(run('; return ("a"):rep(1e4):find(".-.-.-.-b$")')).toMatchObject({
      kind: 'hang',
      message: /the pattern '\.-\.-\.-\.-b\$' backtracks over 10000 bytes/,
    });
    expect(run('; while true do end')).toMatchObject({ kind: 'hang', message: /loops for ever/ });
    expect(run('; for i = 1, 1e8 do end')).toMatchObject({ kind: 'opaque', message: /before the client gives up/ });
    expect(run('("x"):rep(1e9)')).toMatchObject({ kind: 'opaque' });
  });

  it('does not run byte code', () => {
    const run = hostOf();
    expect(run('; return loadstring(string.char(27).."LuaQ")()')).toMatchObject({ kind: 'opaque' });
    expect(run('; return string.dump(function() end)')).toMatchObject({ kind: 'opaque' });
  });

  it('does not pretend to know the order of hashed keys', () => {
    const run = hostOf();
    expect(run('; for k in pairs({a=1, b=2}) do return k end')).toMatchObject({ kind: 'opaque' });
    expect(run('; for k in pairs({a=1}) do return k end')).toMatchObject({ values: ['a'] });
    expect(run('; local t = {} for i = 1, 9 do t[i] = i end for k in pairs(t) do return k end')).toMatchObject({
      values: ['1'],
    });
    expect(run('{[7]="a", [9]="b"}')).toMatchObject({ kind: 'values', unordered: true });
  });

  it('cannot look at the text of an error that only PowerDNS knows', () => {
    const run = hostOf();
    expect(run('; local ok, e = pcall(pickrandom, {}) return tostring(ok)')).toMatchObject({ values: ['false'] });
    for (const use of ['e', '"x"..e', 'tostring(e)', 'type(e)', 'e:match("x")', '#e']) {
      expect(run(`; local ok, e = pcall(pickrandom, {}) return ${use}`), use).toMatchObject({ kind: 'opaque' });
    }
    expect(run('pickrandom({})')).toEqual({ kind: 'error', message: 'cannot pick from an empty list' });
  });
});

describe('include', () => {
  it('runs every record in the environment of the evaluation until one fails', () => {
    const run = hostOf();
    const records = { cfg: ['a = 1', 'b = a + 1', 'error("no")', 'c = 3'] };
    expect(run('; include("cfg") return tostring(a)..tostring(b)..tostring(c)', records)).toMatchObject({
      values: ['12nil'],
    });
    expect(run('tostring(a)')).toMatchObject({ values: ['nil'] });
  });

  it('is opaque where it goes round in circles', () => {
    const run = hostOf();
    expect(run('; include("circle") return "x"', { circle: ['include("circle")'] })).toMatchObject({ kind: 'opaque' });
    expect(run('; for i = 1, 16 do include("cfg") end return a', { cfg: ['a = "x"'] })).toMatchObject({
      kind: 'values',
    });
  });

  it('is opaque where the included code is', () => {
    const run = hostOf();
    expect(run('; include("cfg") return "x"', { cfg: ['t = os.time()'] })).toMatchObject({ kind: 'opaque' });
    expect(run('; include("cfg") return "x"', { cfg: ['goto x ::x::'] })).toMatchObject({ kind: 'opaque' });
  });
});
