import { describe, expect, it } from 'vitest';
import { chunkName, plainLua, whyRefused } from './luajit-syntax.ts';

const older = { lua52: false };
const newer = { lua52: true };

describe('code for Lua 5.1', () => {
  it('has the escapes of LuaJIT as decimal ones', () => {
    expect(plainLua(String.raw`'\x41\z   b\u{20ac}\\x41\n'`, older)).toEqual({
      kind: 'code',
      code: String.raw`'\065b\226\130\172\\x41\n'`,
    });
  });

  it('keeps comments, long strings and what only looks like an escape', () => {
    const code = String.raw`[[\x41]] .. [=[\q]]\x]=] --[[ '\q ]] --'\q`;
    expect(plainLua(code, older)).toEqual({ kind: 'code', code });
  });

  it('has binary numbers as decimal ones', () => {
    expect(plainLua("0b101 + x0b1 .. '0b1'", older)).toEqual({ kind: 'code', code: "5 + x0b1 .. '0b1'" });
  });

  it('has zeros that Lua 5.1 would take for -0 worked out at run time', () => {
    const plain = (code: string) => plainLua(code, older);
    expect(plain('return -0, 0')).toEqual({ kind: 'code', code: "return -(#''), (#'')" });
    expect(plain("return 0*-1 ..'a-0'..0x0")).toEqual({ kind: 'code', code: "return (#'')*-1 ..'a-0'..(#'')" });
    for (const code of [
      "return 'a-0'..0",
      'return x-0.5, 0',
      'return 1e-0, 0',
      "return ('%0%0') ..0",
      'return 10-07, 0',
    ]) {
      expect(plain(code)).toEqual({ kind: 'code', code });
    }
  });

  it('is refused where LuaJIT knows no such escape', () => {
    for (const code of [String.raw`'\q'`, String.raw`"\x4"`, String.raw`'\u{}'`, String.raw`'\u{110000}'`]) {
      expect(plainLua(code, older).kind, code).toBe('refused');
    }
  });

  it('may use goto as a name only without the extensions of Lua 5.2', () => {
    expect(plainLua('local goto = 1 return goto', older).kind).toBe('code');
    expect(plainLua('local goto = 1 return goto', newer).kind).toBe('refused');
    expect(plainLua('goto x ::x:: return 1', newer).kind).toBe('foreign');
  });

  it('has no empty statements in front, which the extensions of Lua 5.2 allow', () => {
    expect(plainLua('; ; x = 1', newer)).toEqual({ kind: 'code', code: 'x = 1' });
    expect(plainLua('; x = 1', older)).toEqual({ kind: 'code', code: '; x = 1' });
  });
});

describe('code that Lua 5.1 refuses', () => {
  it('is foreign where LuaJIT takes it', () => {
    for (const code of ['goto x ::x::', 'return 1LL', 'return [[ [[ ]]', 'return 0x1p-4', 'return \xe9']) {
      expect(whyRefused(code, older), code).toBe('foreign');
    }
    expect(whyRefused('local a;; return a', newer)).toBe('foreign');
  });

  it('is an error where LuaJIT refuses it too', () => {
    for (const code of ['return 7 // 2', 'return 1 & 2', 'return pickrandom({', 'return return 1', 'local a;;']) {
      expect(whyRefused(code, older), code).toBe('syntax error');
    }
    expect(whyRefused(`return ${'('.repeat(100_000)}`, older)).toBe('syntax error');
  });
});

describe('the name of a chunk', () => {
  it('is cut as LuaJIT cuts it', () => {
    expect(chunkName("return 'a'")).toBe(`=[string "return 'a'"]`);
    expect(chunkName('x'.repeat(60))).toBe(`=[string "${'x'.repeat(45)}..."]`);
    expect(chunkName('a\nb')).toBe('=[string "a..."]');
  });
});
