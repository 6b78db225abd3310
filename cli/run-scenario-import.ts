/** What `scenario import` does. */
import { parseDuration } from '../input/duration.ts';
import { UserError } from '../input/errors.ts';
import { type ImportOptions, importChaos } from '../scenarios/import/import.ts';
import { withTimeline } from '../scenarios/import/into.ts';
import { loadScenario } from '../scenarios/load/load.ts';
import { guessHint, warningText } from '../scenarios/load/reading.ts';
import type { Scenario } from '../scenarios/scenario.ts';
import { readTextFile, writeNewFile } from './files.ts';
import { readScenario } from './run-scenario.ts';
import type { ImportFlags } from './scenario.ts';

const NAME_EXPERIMENTS = 'Name YAML files with experiments of Litmus or chaos-mesh.';

export async function runImport(flags: ImportFlags): Promise<void> {
  const into = flags.into === undefined ? undefined : await readInto(flags.into);
  const options = optionsFrom(flags, into?.scenario);
  const timelines: string[] = [];
  for (const file of flags.file) {
    const text = await readTextFile(file, 'E_IMPORT_FILE', 'the experiments', NAME_EXPERIMENTS);
    const { timeline, warnings } = importChaos(text, file, options);
    for (const warning of warnings) console.error(warningText(warning));
    timelines.push(timeline);
  }
  const timeline = timelines.join('');
  if (timeline === '') {
    const hint = 'The warnings say what each experiment lacks.';
    throw new UserError('E_IMPORT_NOTHING', 'nothing of these experiments can be said in a scenario', { hint });
  }
  const result = into === undefined ? `timeline:\n${timeline}` : merged(into, timeline);
  if (flags.output === undefined) return void process.stdout.write(result);
  await writeNewFile(flags.output, result, into === undefined ? 'the timeline' : 'the scenario');
  console.log(flags.output);
}

interface Into {
  readonly file: string;
  readonly text: string;
  readonly scenario: Scenario;
}

async function readInto(file: string): Promise<Into> {
  const text = await readScenario(file);
  return { file, text, scenario: loadScenario(text, file) };
}

/** Loaded once more: what is added can be wrong where it stands, such as after the end of the world. */
function merged({ file, text }: Into, timeline: string): string {
  const result = withTimeline(text, file, timeline);
  loadScenario(result, `${file} with what is imported`);
  return result;
}

/** What the flags say counts more than what the scenario says. */
function optionsFrom(flags: ImportFlags, into: Scenario | undefined): ImportOptions {
  const names = into === undefined ? undefined : [...into.targets.keys(), ...into.servers.keys()];
  const stand = into === undefined ? [] : [...into.targets.values(), ...into.servers.values()];
  const own = stand.flatMap(({ name, vantage }) => (vantage === undefined ? [] : [[name, vantage] as const]));
  return {
    targets: new Map([
      ...(names ?? []).map((name) => [name, name] as const),
      ...(flags.map ?? []).map((text) => mapping('map', text, 'SELECTOR=NAME', 'shop/app=api=fsn', names)),
    ]),
    servers: new Set(into?.servers.keys() ?? []),
    places: new Map([
      ...own,
      ...(flags.place ?? []).map((text) => mapping('place', text, 'NAME=PLACE', 'fsn=falkenstein', undefined)),
    ]),
    startMs: durationFlag('starts', flags.starts),
    restartMs: durationFlag('restart', flags.restart),
  };
}

/** At the last equals sign: selectors hold some. `known`: what may stand behind it. */
function mapping(
  flag: string,
  text: string,
  shape: string,
  example: string,
  known: readonly string[] | undefined,
): readonly [string, string] {
  const [, from, to] = /^(.+)=([^=]+)$/.exec(text) ?? [];
  if (from === undefined || to === undefined) {
    throw new UserError('E_USAGE', `--${flag} ${text}: expected ${shape}`, { hint: `Write --${flag} ${example}.` });
  }
  if (known !== undefined && !known.includes(to)) {
    const hint = guessHint(to, known, 'target or server');
    throw new UserError('E_USAGE', `--${flag} ${text}: the scenario has no target or server '${to}'`, { hint });
  }
  return [from, to];
}

function durationFlag(flag: string, text: string): number {
  const ms = parseDuration(text);
  if (ms !== undefined && Number.isInteger(ms) && ms <= 365 * 86_400_000) return ms;
  throw new UserError('E_USAGE', `--${flag} ${text}: expected a duration in whole milliseconds, with its unit`, {
    hint: `Write --${flag} 30s, or 500ms.`,
  });
}
