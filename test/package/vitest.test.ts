/** The package as its users have it: built, installed, and imported from a project with vitest and strict types. */
import { spawnSync } from 'node:child_process';
import { cpSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { stripVTControlCharacters } from 'node:util';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { starterScenario } from '../../scenarios/starter.ts';

const root = fileURLToPath(new URL('../..', import.meta.url));
const project = mkdtempSync(join(tmpdir(), 'pdns-shadow-user-'));
const modules = join(project, 'node_modules');
const TSC = join('typescript', 'bin', 'tsc');

/** What the documentation shows, with a wrong scenario, one that cannot be read and one for another release line besides. */
const TESTS = `import { assertScenario, loadScenarioFile, runScenario, type ScenarioReport } from 'pdns-shadow';
import { scenarioTest } from 'pdns-shadow/vitest';
import { expect, test } from 'vitest';

scenarioTest('fsn-fails.yaml');
scenarioTest(new URL('wrong.yaml', import.meta.url), { profiles: ['5.1', '4.9'], seed: 7 });
scenarioTest('broken.yaml', { engine: 'both' });

test('fails over within 14 s of the fault', async () => {
  const report: ScenarioReport = await runScenario(loadScenarioFile('fsn-fails.yaml'), { phase: 'all' });
  assertScenario(report);
  expect(report.results[0]?.failover[0]?.latestSeconds).toBeLessThan(14);
});
`;

/** What a user may write wrong, which types must say. */
const WRONG_TYPES = `import { scenarioTest } from 'pdns-shadow/vitest';
scenarioTest('fsn-fails.yaml', { profiles: ['6.0'] });
scenarioTest('fsn-fails.yaml', { engin: 'both' });
`;

const TSCONFIG = {
  compilerOptions: {
    strict: true,
    exactOptionalPropertyTypes: true,
    module: 'nodenext',
    types: ['node'],
    target: 'es2024',
    noEmit: true,
  },
};

beforeAll(() => {
  const own = join(modules, 'pdns-shadow');
  mkdirSync(own, { recursive: true });
  const others = readdirSync(join(root, 'node_modules')).filter((name) => !name.startsWith('.'));
  for (const name of others) symlinkSync(join(root, 'node_modules', name), join(modules, name));
  expect(run(TSC, '-p', join(root, 'tsconfig.build.json'), '--outDir', join(own, 'dist'))).toBe('');
  cpSync(join(root, 'package.json'), join(own, 'package.json'));
  const starter = starterScenario('fsn fails');
  const files = {
    'package.json': JSON.stringify({ type: 'module' }),
    'tsconfig.json': JSON.stringify(TSCONFIG),
    'scenarios.test.ts': TESTS,
    'documented.ts': documented(),
    'fsn-fails.yaml': starter,
    'wrong.yaml': starter.replace('by: 75s, client: eu, answer: [hel]', 'by: 61s, client: eu, answer: [hel]'),
    'broken.yaml': starter.replace('traffic:', 'trafic:'),
  };
  for (const [name, text] of Object.entries(files)) writeFileSync(join(project, name), text);
});

afterAll(() => rmSync(project, { recursive: true, force: true }));

/** The examples of the documentation, which types are held against. */
function documented(): string {
  const page = readFileSync(join(root, 'docs', 'scenarios.md'), 'utf8');
  const examples = [...page.matchAll(/```ts\n(.*?)```/gs)].map((match) => match[1] ?? '');
  expect(examples.length).toBe(2);
  return ["import { expect, test } from 'vitest';\n", ...examples].join('');
}

/** What a program of the project's `node_modules` says. */
function run(program: string, ...args: string[]): string {
  const path = join(modules, program);
  const { stdout } = spawnSync(process.execPath, [path, ...args], { cwd: project, encoding: 'utf8' });
  return stdout;
}

describe('tests of a user', () => {
  test('pass, fail with the report, and are skipped with a reason', { timeout: 60_000 }, () => {
    const environment = Object.fromEntries(Object.entries(process.env).filter(([name]) => !name.startsWith('VITEST')));
    const { stdout, stderr, status } = spawnSync(process.execPath, [join(modules, 'vitest', 'vitest.mjs'), 'run'], {
      cwd: project,
      encoding: 'utf8',
      env: { ...environment, NODE_ENV: 'test', NO_COLOR: '1', FORCE_COLOR: '0' },
    });
    const told = stripVTControlCharacters(stdout + stderr);
    expect(told).toMatch(/Tests +2 failed \| 2 passed \| 1 skipped \(5\)/);
    expect(status).toBe(1);
    expect(told).toContain('ScenarioFailure: fsn fails: PowerDNS 5.1, simulate: 1 of 5 expectations fails');
    expect(told).toMatch(/ {4}wanted {2}hel\n {4}seen {4}fsn at 61 s/);
    expect(told).toContain('pdns-shadow scenario run wrong.yaml --profile 5.1 --engine simulate --seed 7\n');
    expect(told).toContain("Error: broken.yaml:27:1: unknown key 'trafic' (E_SCENARIO_KEY)\n  Did you mean 'traffic'?");
    expect(told).toContain('[it is for 5.1]');
    // Where they are written, not where the package fails.
    expect(told).toContain('❯ scenarios.test.ts:6:1');
    expect(told).toContain('❯ scenarios.test.ts:7:1');
  });

  test('have types, which know what is wrong', { timeout: 60_000 }, () => {
    expect(run(TSC, '-p', '.')).toBe('');
    writeFileSync(join(project, 'wrong-types.ts'), WRONG_TYPES);
    const stdout = run(TSC, '-p', '.');
    expect(stdout).toMatch(/wrong-types.ts\(2,\d+\): error TS2322: Type '"6.0"' is not assignable/);
    expect(stdout).toMatch(/wrong-types.ts\(3,\d+\): error TS\d+: .*'engin' does not exist/);
  });
});
