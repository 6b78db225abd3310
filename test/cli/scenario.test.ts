import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import {
  scenarioImportUsage,
  scenarioLintUsage,
  scenarioListUsage,
  scenarioMergeUsage,
  scenarioNewUsage,
  scenarioRunUsage,
} from '../../cli/scenario.ts';
import { starterScenario } from '../../scenarios/starter.ts';
import { folderWith, run } from './run.ts';

const WRONG = 'scenario: v1\nname: wrong\nzone: |\n  $ORIGIN acme.test.\n  www 30 IN AA 192.0.2.1\nends: soon\n';

describe('scenario', () => {
  it('new writes a scenario, which lint lets through', async () => {
    const folder = await folderWith({});
    expect(await run(folder, 'scenario', 'new', 'fsn: it fails', '--output', 'fsn.yaml')).toEqual({
      code: 0,
      stdout: 'fsn.yaml\n',
      stderr: '',
    });
    expect(await readFile(join(folder, 'fsn.yaml'), 'utf8')).toBe(starterScenario('fsn: it fails'));
    expect(await run(folder, 'scenario', 'lint', 'fsn.yaml')).toEqual({
      code: 0,
      stdout: '1 file: 0 errors, 0 warnings\n',
      stderr: '',
    });
  });

  it('new replaces no file', async () => {
    const folder = await folderWith({ 'fsn.yaml': '' });
    const { code, stderr } = await run(folder, 'scenario', 'new', 'other', '--output', 'fsn.yaml');
    expect(code).toBe(2);
    expect(stderr).toContain('fsn.yaml: the scenario cannot be written: the file is there (E_OUTPUT)');
  });

  it('lint says everything about every file, and ends with 2', async () => {
    const odd = 'scenario: v1\nname: odd\nzone: |\n  $ORIGIN acme.test.\n  www 30 IN A 192.0.2.1\n';
    const folder = await folderWith({ 'wrong.yaml': WRONG, 'odd.yaml': odd, 'late.yaml': WRONG.replace('soon', '5s') });
    const { code, stdout } = await run(folder, 'scenario', 'lint', 'wrong.yaml', 'odd.yaml', 'late.yaml');
    expect(code).toBe(2);
    expect(stdout).toMatchInlineSnapshot(`
      "wrong.yaml:6:1: ends: expected a duration with its unit, such as 5s, 500ms, 1h (E_SCENARIO_VALUE)
      odd.yaml:2:1: warning: nothing is expected, so nothing can fail (W_SCENARIO_EXPECT)
        Add expect: with what must be true of the answers.
      late.yaml:5:13: 'AA' is no record type that PowerDNS knows (E_ZONE_SYNTAX)
        A type without a name is written TYPEn with data in \\# form.
      3 files: 2 errors, 1 warning
      "
    `);
  });

  it('run says everything that is wrong with every file, and runs none', async () => {
    const folder = await folderWith({ 'wrong.yaml': WRONG, 'late.yaml': WRONG.replace('soon', '5s') });
    const { code, stdout, stderr } = await run(folder, 'scenario', 'run', 'wrong.yaml', 'late.yaml');
    expect({ code, stdout }).toEqual({ code: 2, stdout: '' });
    expect(stderr).toContain('wrong.yaml:6:1: ends: ');
    expect(stderr).toContain("late.yaml:5:13: 'AA' is no record type");
  });

  it('lint tells programs the same', async () => {
    const folder = await folderWith({ 'late.yaml': WRONG.replace('soon', '5s') });
    const json = await run(folder, 'scenario', 'lint', 'late.yaml', '--format', 'json');
    expect(json.code).toBe(2);
    expect(JSON.parse(json.stdout)).toEqual([
      {
        file: 'late.yaml',
        errors: [expect.objectContaining({ code: 'E_ZONE_SYNTAX', file: 'late.yaml', line: 5, column: 13 })],
        warnings: [],
      },
    ]);
  });

  it('list shows what comes with the program', async () => {
    const { code, stdout } = await run(await folderWith({}), 'scenario', 'list', '--format', 'json');
    expect(code).toBe(0);
    const Listed = z.array(
      z.object({ file: z.string(), name: z.string(), shows: z.string(), profiles: z.array(z.string()) }),
    );
    const listed = Listed.parse(JSON.parse(stdout));
    expect(listed.map(({ file }) => file.split('/').at(-1))).toContain('hot-standby-blackhole.yaml');
  });

  it('list says what is wrong with a file', async () => {
    const folder = await folderWith({ 'wrong.yaml': WRONG });
    const wrong = await run(folder, 'scenario', 'list', 'wrong.yaml');
    expect(wrong.code).toBe(2);
    expect(wrong.stderr).toContain('wrong.yaml:6:1: ends: expected a duration with its unit');
    const absent = await run(folder, 'scenario', 'list', 'absent.yaml');
    expect(absent.stderr).toContain(
      'absent.yaml: the scenario cannot be read: there is no such file (E_SCENARIO_FILE)',
    );
  });

  it('schema is a JSON Schema that knows the keys', async () => {
    const { stdout } = await run(await folderWith({}), 'scenario', 'schema');
    const Schema = z.object({ $schema: z.string(), properties: z.record(z.string(), z.unknown()) });
    const schema = Schema.parse(JSON.parse(stdout));
    expect(schema.$schema).toBe('https://json-schema.org/draft/2020-12/schema');
    expect(Object.keys(schema.properties)).toContain('timeline');
  });

  it.each([
    scenarioRunUsage,
    scenarioMergeUsage,
    scenarioLintUsage,
    scenarioListUsage,
    scenarioNewUsage,
    scenarioImportUsage,
  ])('$command: every flag is documented', async ({ command, options }) => {
    const page = await readFile(new URL('../../docs/scenarios.md', import.meta.url), 'utf8');
    expect(page).toContain(`pdns-shadow ${command} `);
    for (const flag of Object.keys(options)) expect(page).toMatch(new RegExp(`\`--${flag}\\b`));
  });

  it('run says that a report cannot be written before it runs anything', async () => {
    const folder = await folderWith({ 'a.yaml': starterScenario('a') });
    expect(await run(folder, 'scenario', 'run', 'a.yaml', '--report', 'html=out/a.html')).toEqual({
      code: 2,
      stdout: '',
      stderr:
        'out/a.html cannot be written: in the folder out: there is no such file (E_REPORT_FILE)\n  Name a file in a folder that is there and yours.\n',
    });
  });

  it('the command that repeats a failure is told as the program was called, and fails alike', async () => {
    const folder = await folderWith({ 'a.yaml': starterScenario('a').replace(/answer: \[\w+\]/, 'answer: []') });
    const first = await run(folder, 'scenario', 'run', 'a.yaml');
    expect(first.code).toBe(1);
    const [, program, words = ''] = /^ {4}(\S+) (scenario run .*)$/m.exec(first.stdout) ?? [];
    expect(program).toMatch(/bin\/pdns-shadow$/);
    expect(await run(folder, ...words.split(' '))).toMatchObject({ code: 1, stdout: first.stdout });
  });

  it('run and merge do what the documentation shows', async () => {
    const folder = await folderWith({ 'a.yaml': starterScenario('a'), 'b.yaml': starterScenario('b') });
    const files = ['a.yaml', 'b.yaml'];
    for (const shard of [1, 2]) {
      const report = ['--shard', `${shard}/2`, '--report', `json=part-${shard}.json`];
      expect((await run(folder, 'scenario', 'run', ...files, ...report)).code).toBe(0);
    }
    const whole = await run(folder, 'scenario', 'run', ...files, '--report', 'json=whole.json');
    expect(whole.stdout).toContain('2 scenarios, 2 runs: 2 passed, 0 failed, 0 skipped');
    const merging = ['part-1.json', 'part-2.json', '--report', 'json=all.json,html=all.html'];
    expect((await run(folder, 'scenario', 'merge', ...merging)).stdout).toBe(whole.stdout);
    expect(await readFile(join(folder, 'all.json'), 'utf8')).toBe(await readFile(join(folder, 'whole.json'), 'utf8'));
    const skipped = await run(folder, 'scenario', 'run', 'a.yaml', '--profile', '4.9');
    expect(skipped).toMatchObject({ code: 0, stderr: '' });
    expect(skipped.stdout).toContain('SKIP  PowerDNS 4.9, simulate: it is for 5.1\n');
  });
});
