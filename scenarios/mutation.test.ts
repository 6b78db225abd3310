/** Files that somebody broke in ways that nobody thought of: a scenario, or an error for people, never a crash. */
import { readdirSync, readFileSync } from 'node:fs';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { parse, stringify } from 'yaml';
import { UserError } from '../input/errors.ts';
import { checkScenario, loadScenario } from './load/load.ts';

const LIBRARY = new URL('library/', import.meta.url);
const texts = readdirSync(LIBRARY).map((file) => readFileSync(new URL(file, LIBRARY), 'utf8'));

const readFile = (path: string): string => {
  throw new Error(`${path} is not there`);
};

/** Loads, or says why not; anything else fails the test. */
function outcome(text: string): 'scenario' | 'error' {
  const { scenario, errors, warnings } = checkScenario(text, 'mutant.yaml', { readFile });
  expect(scenario === undefined).toBe(errors.length > 0);
  for (const error of errors) expect(error.place?.file).toBe('mutant.yaml');
  for (const { place } of warnings) expect(place.file).toBe('mutant.yaml');
  try {
    loadScenario(text, 'mutant.yaml', { readFile });
    expect(errors).toEqual([]);
    return 'scenario';
  } catch (error) {
    expect(error).toBeInstanceOf(UserError);
    return 'error';
  }
}

const TOKENS = [
  '&a [*a]',
  '*a',
  '{',
  '}',
  '[',
  ']',
  ': ',
  '- ',
  '? ',
  '!!set',
  '!!binary x',
  '<<: *a',
  '|',
  '>-',
  '"',
  "'",
  '#',
  '\t',
  '\n',
  '\\',
  '~',
  'null',
  'true',
  '0',
  '-1',
  '1e400',
  '.nan',
  '.inf',
  '0x10',
  '2001:db8::1',
  '__proto__',
  'constructor',
  'toString',
  '-40s',
  '5s',
  '9999999999d',
  '0s',
  '$ORIGIN',
  '@',
  '.',
  '..',
  '*',
  '\u0000',
  '\ufeff',
  '\ufffd',
  'é',
  '---\n',
  '...\n',
  '%YAML 1.1\n',
];

const value = fc.oneof(
  fc.constantFrom<unknown>(...TOKENS, null, true, false, 0, -1, 4.9, Number.NaN, [], {}, [[]], { '': 0 }, [null]),
  fc.jsonValue({ maxDepth: 2 }),
);

const edit = fc.record({
  at: fc.double({ min: 0, max: 1, noNaN: true }),
  cut: fc.nat({ max: 40 }),
  put: fc.oneof(fc.constantFrom('', ...TOKENS), fc.string({ maxLength: 8 })),
});

test('letters that were cut, typed or pasted anywhere', () => {
  const seen = new Set<string>();
  fc.assert(
    fc.property(fc.constantFrom(...texts), fc.array(edit, { minLength: 1, maxLength: 3 }), (text, edits) => {
      const mutant = edits.reduce((before, { at, cut, put }) => {
        const start = Math.floor(at * before.length);
        return before.slice(0, start) + put + before.slice(start + cut);
      }, text);
      seen.add(outcome(mutant));
    }),
    { numRuns: 150 },
  );
  expect(seen).toContain('error');
});

test('values that were replaced, removed, doubled or moved', () => {
  const seen = new Set<string>();
  const change = fc.record({
    at: fc.nat(),
    how: fc.constantFrom('replace', 'remove', 'rename', 'copy'),
    value,
    key: fc.constantFrom(...TOKENS, 'at', 'for', 'name'),
  });
  fc.assert(
    fc.property(fc.constantFrom(...texts), fc.array(change, { minLength: 1, maxLength: 2 }), (text, changes) => {
      const root: unknown = parse(text);
      for (const { at, how, value: put, key } of changes) mutate(root, at, how, put, key);
      seen.add(outcome(stringify(root, { aliasDuplicateObjects: true })));
    }),
    { numRuns: 150 },
  );
  expect(seen).toEqual(new Set(['scenario', 'error']));
});

/** Changes the nth thing below `root`. */
function mutate(root: unknown, n: number, how: string, put: unknown, key: string): void {
  const slots = slotsOf(root);
  const slot = slots[n % Math.max(1, slots.length)];
  if (slot === undefined) return;
  const { holder, name } = slot;
  const old: unknown = Reflect.get(holder, name);
  if (how === 'replace') Reflect.set(holder, name, put);
  else if (how === 'remove') Reflect.deleteProperty(holder, name);
  else if (how === 'copy') Reflect.set(holder, Array.isArray(holder) ? holder.length : key, old);
  else if (!Array.isArray(holder)) {
    Reflect.deleteProperty(holder, name);
    Object.defineProperty(holder, key, { value: old, enumerable: true, configurable: true, writable: true });
  }
}

function slotsOf(holder: unknown): readonly { readonly holder: object; readonly name: string }[] {
  if (typeof holder !== 'object' || holder === null) return [];
  return Object.keys(holder).flatMap((name) => [{ holder, name }, ...slotsOf(Reflect.get(holder, name))]);
}
