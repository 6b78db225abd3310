/** Every scenario that comes with the program is right, says what it shows, and passes on each of its release lines. */
import { readFileSync } from 'node:fs';
import { basename } from 'node:path';
import { describe, expect, test } from 'vitest';
import { LuaHost } from '../simulator/lua/environment.ts';
import { PROFILES } from '../simulator/profile/index.ts';
import { luaModule } from '../wire/lua-module.ts';
import { libraryFiles } from './library.ts';
import { checkScenario } from './load/load.ts';
import { runSimulation } from './simulate/engine.ts';

const lua = new LuaHost({ module: luaModule(), profile: PROFILES['5.1'] });

/** Between a full stop, which no number ends with, and the capital of what follows. */
const BETWEEN_SENTENCES = /(?<=[A-Za-z0-9)%'][.])\s+(?=[A-Z])/;

describe.each(libraryFiles().map((path) => [basename(path), path] as const))('%s', (file, path) => {
  const { scenario, errors, warnings } = checkScenario(readFileSync(path, 'utf8'), file);

  test('is right, nothing about it is odd, and two sentences tell what it shows', () => {
    expect(errors.map(({ message }) => message)).toEqual([]);
    expect(warnings.map(({ message }) => message)).toEqual([]);
    expect(scenario?.shows.split(BETWEEN_SENTENCES).length).toBe(2);
    expect(scenario?.name).not.toMatch(/\.$/);
    expect(scenario?.expect.length).toBeGreaterThan(0);
  });

  test.each(scenario?.profiles ?? [])('passes on %s', (profile) => {
    if (scenario === undefined) throw new Error('an earlier test says what is wrong with it');
    const { expectations } = runSimulation(scenario, { profile, seed: 1, lua, shortens: false });
    const failed = expectations.filter(({ verdict }) => verdict === 'fail');
    expect(failed.map(({ message, expectation }) => `line ${expectation.place.line}: ${message}`)).toEqual([]);
  });
});
