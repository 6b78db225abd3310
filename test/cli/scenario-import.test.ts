import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { checkScenario } from '../../scenarios/load/load.ts';
import { folderWith, run } from './run.ts';

const page = await readFile(new URL('../../docs/scenarios.md', import.meta.url), 'utf8');
const section = page.slice(page.indexOf('## From chaos experiments'));
/** The example of the documentation: an experiment, the call, and what it makes of the first scenario of the page. */
const [chaos = '', added = ''] = [...section.matchAll(/```yaml\n(.*?)```/gs)].map((match) => match[1]);
const [call = ''] = [...section.matchAll(/```\n(pdns-shadow scenario import .*?)\n```/gs)].map((match) => match[1]);
const [scenario = ''] = [...page.matchAll(/```yaml\n(.*?)```/gs)].map((match) => match[1]);
const words = call.split(/\s+/).slice(1);

describe('scenario import', () => {
  it('does what the documentation shows', async () => {
    const folder = await folderWith({ 'chaos.yaml': chaos, 'fsn-fails.yaml': scenario });
    const { code, stdout, stderr } = await run(folder, ...words);
    expect({ code, stdout }).toEqual({ code: 0, stdout: 'fsn-chaos.yaml\n' });
    expect(stderr).toContain('chaos.yaml:5:3: warning: it strikes some pods only (mode: one), here the whole target');
    const result = await readFile(join(folder, 'fsn-chaos.yaml'), 'utf8');
    const [own = ''] = scenario.match(/^ {2}- \{ at: 60s.*\n/m) ?? [];
    expect(result).toBe(scenario.replace(own, own + added));
    expect(checkScenario(result, 'fsn-chaos.yaml')).toMatchObject({ errors: [], warnings: [] });
    expect((await run(folder, 'scenario', 'run', 'fsn-chaos.yaml')).code).toBe(0);
  });

  it('prints a timeline, and on the other stream what is only nearly so', async () => {
    const folder = await folderWith({ 'chaos.yaml': chaos });
    const { code, stdout, stderr } = await run(folder, 'scenario', 'import', 'chaos.yaml', '--map', 'shop=fsn');
    expect([code, stdout]).toEqual([0, `timeline:\n${added.replace('180s', '60s')}`]);
    expect(stderr).toContain('W_IMPORT_APPROXIMATE');
  });

  it('takes names of the scenario for themselves, and where they stand from there', async () => {
    const cut = `kind: NetworkChaos
spec:
  action: partition
  mode: all
  selector: { labelSelectors: { region: fsn } }
  target: { selector: { labelSelectors: { app: ns1 } } }
`;
    const world = scenario.replace(
      'fsn: { address: 192.0.2.10 }',
      'fsn: { address: 192.0.2.10, vantage: falkenstein }',
    );
    const folder = await folderWith({ 'cut.yaml': cut, 'world.yaml': world });
    const { stdout } = await run(folder, 'scenario', 'import', 'cut.yaml', '--into', 'world.yaml');
    expect(stdout).toContain('  - { at: 60s, partition: { between: [falkenstein, local], direction: from }');
  });

  it('replaces no file', async () => {
    const folder = await folderWith({ 'chaos.yaml': chaos, 'there.yaml': '' });
    const { code, stderr } = await run(
      folder,
      ...['scenario', 'import', 'chaos.yaml', '--map', 'shop=fsn', '--output', 'there.yaml'],
    );
    expect(code).toBe(2);
    expect(stderr).toContain('there.yaml: the timeline cannot be written: the file is there (E_OUTPUT)');
  });

  it.each([
    [[], 'chaos.yaml:6:3: no target is given for shop/app=api (E_IMPORT_TARGET)\n  Say what stands for it, with --map'],
    [['--map', 'shop'], '--map shop: expected SELECTOR=NAME (E_USAGE)\n  Write --map shop/app=api=fsn.'],
    [
      ['--into', 'world.yaml', '--map', 'shop=fns'],
      "--map shop=fns: the scenario has no target or server 'fns' (E_USAGE)\n  Did you mean 'fsn'?",
    ],
    [['--map', 'shop=fsn', '--starts', '60'], '--starts 60: expected a duration in whole milliseconds, with its unit'],
    [
      ['--into', 'short.yaml', '--map', 'shop=fsn', '--starts', '10m'],
      'short.yaml with what is imported:15:7: this is at 600s, after the end at 300s (E_SCENARIO_TIME)',
    ],
    [['--into', 'absent.yaml'], 'absent.yaml: the scenario cannot be read: there is no such file (E_SCENARIO_FILE)'],
    [['other.yaml', '--map', 'shop=fsn'], 'other.yaml:1:1: Pod is no chaos experiment (E_IMPORT_KIND)'],
  ])('%j is refused', async (flags, message) => {
    const folder = await folderWith({
      'chaos.yaml': chaos,
      'other.yaml': 'kind: Pod\n',
      'world.yaml': scenario,
      'short.yaml': `${scenario}ends: 5m\n`,
    });
    const { code, stderr, stdout } = await run(folder, 'scenario', 'import', 'chaos.yaml', ...flags);
    expect([code, stdout]).toEqual([2, '']);
    expect(stderr).toContain(message);
  });

  it('says so where nothing can be taken over', async () => {
    const folder = await folderWith({ 'io.yaml': 'kind: IOChaos\nspec: { action: latency }\n' });
    const { code, stdout, stderr } = await run(folder, 'scenario', 'import', 'io.yaml');
    expect([code, stdout]).toEqual([2, '']);
    expect(stderr).toContain('io.yaml:2:1: warning: IOChaos is left out');
    expect(stderr).toContain('nothing of these experiments can be said in a scenario (E_IMPORT_NOTHING)');
  });
});
