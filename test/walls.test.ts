/** The walls of the house: who may import whom, and what the simulator must never reach for. */
import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join, relative, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, test } from 'vitest';

const root = dirname(dirname(fileURLToPath(import.meta.url)));

/** Rooms from the ground up: each may import from itself and from those below it, but for the pairs that may not meet. */
const ROOMS = ['input', 'geoip', 'simulator', 'wire', 'planner', 'scenarios', 'agent', 'cli'] as const;
const STRANGERS = [
  ['agent', 'scenarios'],
  ['agent', 'planner'],
  ['scenarios', 'planner'],
] as const;

interface Source {
  readonly file: string;
  readonly room: string;
  readonly text: string;
  readonly imports: readonly string[];
}

const sources = ROOMS.flatMap((room) => typescriptFiles(join(root, room)).map((file) => readSource(room, file)));

describe('arrows point down only', () => {
  test.each(ROOMS)('%s imports from itself and from the rooms below', (room) => {
    const allowed = new Set<string>(ROOMS.slice(0, ROOMS.indexOf(room) + 1));
    for (const [a, b] of STRANGERS) {
      if (room === a) allowed.delete(b);
      if (room === b) allowed.delete(a);
    }
    const wrong = sources
      .filter((source) => source.room === room)
      .flatMap(({ file, imports }) =>
        imports
          .map((target) => roomOf(file, target))
          .filter((other) => other !== undefined && !allowed.has(other))
          .map((other) => `${file} -> ${other}`),
      );
    expect(wrong).toEqual([]);
  });
});

describe('the simulator is pure', () => {
  const simulator = sources.filter(({ room }) => room === 'simulator');
  const outside: readonly (readonly [string, RegExp])[] = [
    ['a module of Node or the network', /from '(?:node:[^']*|undici|dns2|pino|prom-client|p-limit)'/],
    ['a clock', /\bDate\.now\(|\bnew Date\b|\bperformance\.now\(|\bsetTimeout\(|\bsetInterval\(|\bsetImmediate\(/],
    ['a die', /\bMath\.random\(|\bcrypto\b/],
    ['its process', /\bprocess\.(?!Node)/],
    ['the terminal', /\bconsole\./],
  ];
  test.each(outside)('it never reaches for %s', (_what, pattern) => {
    expect(simulator.length).toBeGreaterThan(20);
    expect(simulator.filter(({ text }) => pattern.test(withoutComments(text))).map(({ file }) => file)).toEqual([]);
  });

  test('the patterns find what they look for', () => {
    const bad = [
      "import fs from 'node:fs';",
      'const now = Date.now();',
      'Math.random()',
      'process.env.HOME',
      'console.log(1)',
    ];
    expect(outside.map(([, pattern], i) => pattern.test(bad[i] ?? ''))).toEqual(outside.map(() => true));
  });
});

test('nothing below the command line prints', () => {
  const printing = sources
    .filter(({ file }) => !file.endsWith('wire/rig/install.ts'))
    .filter(({ room, text }) => room !== 'cli' && /\bconsole\./.test(withoutComments(text)));
  expect(printing.map(({ file }) => file)).toEqual([]);
});

function typescriptFiles(folder: string): string[] {
  return readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .filter((name) => name.endsWith('.ts') && !name.endsWith('.test.ts') && !name.includes('fixtures'))
    .map((name) => join(folder, name));
}

function readSource(room: string, path: string): Source {
  const text = readFileSync(path, 'utf8');
  const imports = [...text.matchAll(/(?:from |import\()'(\.[^']+)'/g)].map((match) => match[1] ?? '');
  return { file: relative(root, path), room, text, imports };
}

function roomOf(file: string, target: string): string | undefined {
  const [room] = relative(root, resolve(root, dirname(file), target)).split('/');
  return ROOMS.find((known) => known === room);
}

function withoutComments(text: string): string {
  return text.replace(/\/\*[\s\S]*?\*\//g, '').replace(/^\s*\/\/.*$/gm, '');
}
