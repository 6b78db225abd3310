import { expect, test } from 'vitest';
import { FUEL_EXPORT, meteredModule } from './metered-module.ts';

const [I32, EMPTY] = [0x7f, 0x40];
const HEADER = [0x00, 0x61, 0x73, 0x6d, 0x01, 0x00, 0x00, 0x00];

/**
 * A module of four functions: `turns(n)` turns a loop n times, `depth(n)` calls itself n times, `leaf(n)` does neither, and
 * one is imported.
 */
function moduleOf({ body = [] as number[], importKind = 0 } = {}): Uint8Array {
  const section = (id: number, ...content: number[]) => [id, content.length, ...content];
  const name = (text: string) => [text.length, ...Buffer.from(text)];
  const code = (...instructions: number[]) => [instructions.length + 2, 0x00, ...instructions, 0x0b];
  const [get, set, constant, subtract] = [0x20, 0x21, 0x41, 0x6b];
  const turns = [0x03, EMPTY, get, 0, 0x04, EMPTY, get, 0, constant, 1, subtract, set, 0, 0x0c, 1, 0x0b, 0x0b, get, 0];
  const depth = [get, 0, 0x04, EMPTY, get, 0, constant, 1, subtract, 0x10, 2, 0x1a, 0x0b, get, 0];
  const leaf = [...body, get, 0];
  return new Uint8Array([
    ...HEADER,
    ...section(1, 1, 0x60, 1, I32, 1, I32),
    ...section(
      2,
      1,
      ...name('e'),
      ...name('f'),
      importKind,
      importKind === 3 ? I32 : 0,
      ...(importKind === 3 ? [0] : []),
    ),
    ...section(3, 3, 0, 0, 0),
    ...section(6, 0),
    ...section(7, 3, ...name('turns'), 0, 1, ...name('depth'), 0, 2, ...name('leaf'), 0, 3),
    ...section(10, 3, ...code(...turns), ...code(...depth), ...code(...leaf)),
  ]);
}

function instantiate(bytes: Uint8Array) {
  const { exports } = new WebAssembly.Instance(new WebAssembly.Module(bytes), { e: { f: () => 0 } });
  const call = (name: string, n: number) => (exports[name] as (n: number) => number)(n);
  return { call, fuel: exports[FUEL_EXPORT] as WebAssembly.Global };
}

test('turns of a loop and calls cost one each, what does neither nothing', () => {
  const { call, fuel } = instantiate(meteredModule(moduleOf()));
  fuel.value = 1000;
  call('turns', 99);
  expect(fuel.value).toBe(900);
  call('depth', 99);
  expect(fuel.value).toBe(800);
  call('leaf', 99);
  expect(fuel.value).toBe(800);
});

test.each(['turns', 'depth'])('%s that cost more than there is trap, and work again with more fuel', (name) => {
  const { call, fuel } = instantiate(meteredModule(moduleOf()));
  fuel.value = 100;
  expect(() => call(name, 100)).toThrow(WebAssembly.RuntimeError);
  expect(fuel.value).toBe(-1);
  fuel.value = 101;
  expect(call(name, 100)).toBe(name === 'turns' ? 0 : 100);
  expect(fuel.value).toBe(0);
});

test.each<[string, number[]]>([
  ['br_table', [0x02, EMPTY, 0x20, 0, 0x0e, 1, 0, 0, 0x0b]],
  [
    'constants that look like a loop',
    [0x41, 0x03, 0x1a, 0x42, 0x83, 0x03, 0x1a, 0x43, 3, 3, 3, 3, 0x1a, 0x44, 3, 3, 3, 3, 3, 3, 3, 3, 0x1a],
  ],
  ['sign extension and saturating conversion', [0x43, 0, 0, 0, 0, 0xfc, 0, 0xc0, 0x1a]],
])('steps over %s', (_what, body) => {
  const { call, fuel } = instantiate(meteredModule(moduleOf({ body })));
  fuel.value = 0;
  expect(call('leaf', 0)).toBe(0);
});

test.each<[string, number[]]>([
  ['memory.copy', [0xfc, 10, 0, 0]],
  ['a vector', [0xfd, 12]],
  ['a tail call', [0x12, 0]],
  ['try', [0x06, EMPTY]],
])('refuses %s', (_what, body) => {
  expect(() => meteredModule(moduleOf({ body }))).toThrow(/WebAssembly instruction/);
});

test('refuses imported globals, from which its own would have to be counted', () => {
  expect(() => meteredModule(moduleOf({ importKind: 3 }))).toThrow(/imports more than functions/);
});
