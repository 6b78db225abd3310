/** The `scenario` commands, as they are called. */
import type { Argv, CommandModule, InferredOptionTypes, Options } from 'yargs';
import { RELEASE_LINES } from '../simulator/profile/profile.ts';
import { modelOptions } from './options.ts';
import type { CommandUsage } from './usage.ts';

export type LintFlags = { file: string[]; format: 'text' | 'json' };
export type ListFlags = { file?: string[]; format: 'text' | 'json' };
export type NewFlags = { name: string; output?: string };

const format = { format: modelOptions.format } as const satisfies Record<string, Options>;
const newOptions = {
  output: { type: 'string', describe: 'File to write, instead of printing; there must be none yet' },
} as const satisfies Record<string, Options>;

const runOptions = {
  engine: {
    type: 'string',
    choices: ['simulate', 'powerdns', 'both'] as const,
    default: 'simulate' as const,
    requiresArg: true,
    describe: 'In virtual time, on real servers, or both held against each other',
  },
  profile: {
    type: 'string',
    array: true,
    choices: RELEASE_LINES,
    requiresArg: true,
    describe: 'Release line (repeatable); default: all that a scenario names',
  },
  phase: {
    type: 'string',
    requiresArg: true,
    describe: 'How many phases to try, all, or one offset such as 2.5s; default: as the scenario says',
  },
  seed: { type: 'string', requiresArg: true, default: '1', describe: 'Decides every draw' },
  shard: { type: 'string', requiresArg: true, describe: 'I/N: the Ith of N parts of all runs' },
  report: {
    type: 'string',
    array: true,
    requiresArg: true,
    describe: 'Reports to write besides: json=FILE,junit=FILE,html=FILE',
  },
  dilation: {
    type: 'string',
    requiresArg: true,
    describe: 'How many times as fast as the clock real servers run; default: the most that comes out right',
  },
  verbose: { type: 'boolean', default: false, describe: 'Show every probe, change and expectation' },
} as const satisfies Record<string, Options>;
const importOptions = {
  map: {
    type: 'string',
    array: true,
    requiresArg: true,
    describe: 'SELECTOR=NAME (repeatable): the target or server that a label, namespace or pod stands for',
  },
  place: {
    type: 'string',
    array: true,
    requiresArg: true,
    describe:
      'NAME=PLACE (repeatable): where a target or server stands, for partitions; default: its vantage in --into',
  },
  starts: { type: 'string', requiresArg: true, default: '60s', describe: 'When the first experiment begins' },
  restart: { type: 'string', requiresArg: true, default: '10s', describe: 'How long a killed pod takes to be back' },
  into: { type: 'string', requiresArg: true, describe: 'Scenario to add the timeline to; it is read, not changed' },
  output: { ...newOptions.output, requiresArg: true },
} as const satisfies Record<string, Options>;
const mergeOptions = { report: runOptions.report, verbose: runOptions.verbose } as const;

export type RunFlags = InferredOptionTypes<typeof runOptions> & { file: string[] };
export type ImportFlags = InferredOptionTypes<typeof importOptions> & { file: string[] };
export type MergeFlags = InferredOptionTypes<typeof mergeOptions> & { file: string[] };

const MANY = Number.POSITIVE_INFINITY;

export const scenarioSchemaUsage: CommandUsage = {
  command: 'scenario schema',
  words: [],
  wordCount: { least: 0, most: 0 },
  options: {},
  example: 'scenario schema > scenario.schema.json',
};

export const scenarioLintUsage: CommandUsage = {
  command: 'scenario lint',
  words: ['FILE…'],
  wordCount: { least: 1, most: MANY },
  options: format,
  example: 'scenario lint failover.yaml',
};

export const scenarioListUsage: CommandUsage = {
  command: 'scenario list',
  words: ['FILE…'],
  wordCount: { least: 0, most: MANY },
  options: format,
  example: 'scenario list',
};

export const scenarioNewUsage: CommandUsage = {
  command: 'scenario new',
  words: ['NAME'],
  wordCount: { least: 1, most: 1 },
  options: newOptions,
  example: "scenario new 'fsn fails' --output fsn-fails.yaml",
};

export const scenarioRunUsage: CommandUsage = {
  command: 'scenario run',
  words: ['FILE…'],
  wordCount: { least: 1, most: MANY },
  options: runOptions,
  example: 'scenario run failover.yaml',
};

export const scenarioMergeUsage: CommandUsage = {
  command: 'scenario merge',
  words: ['FILE…'],
  wordCount: { least: 1, most: MANY },
  options: mergeOptions,
  example: 'scenario merge part-1.json part-2.json --report junit=all.xml',
};

export const scenarioImportUsage: CommandUsage = {
  command: 'scenario import',
  words: ['FILE…'],
  wordCount: { least: 1, most: MANY },
  options: importOptions,
  example: 'scenario import chaos.yaml --into failover.yaml --map app=api=fsn --output chaos-failover.yaml',
};

export const scenarioRunCommand: CommandModule<unknown, RunFlags> = {
  command: 'run <file..>',
  describe: 'Replay outages and hold the answers against what is expected',
  builder: (argv) =>
    argv
      .positional('file', { type: 'string', array: true, demandOption: true, describe: 'Scenario files' })
      .options(runOptions)
      .example('$0 scenario run failover.yaml', '')
      .example('$0 scenario run *.yaml --profile 4.9 --profile 5.1 --report junit=out.xml,html=out.html', '')
      .example('$0 scenario run failover.yaml --engine both', '')
      .epilogue(
        'Exit code 1 where an expectation does not hold. What cannot be run is skipped, with the reason.',
      ) as unknown as Argv<RunFlags>,
  handler: async (flags) => (await import('./run-scenarios.ts')).runRun(flags),
};

export const scenarioMergeCommand: CommandModule<unknown, MergeFlags> = {
  command: 'merge <file..>',
  describe: 'Put the JSON reports of all shards together',
  builder: (argv) =>
    argv
      .positional('file', { type: 'string', array: true, demandOption: true, describe: 'JSON reports' })
      .options(mergeOptions)
      .example('$0 scenario merge part-*.json --report html=all.html', '') as unknown as Argv<MergeFlags>,
  handler: async (flags) => (await import('./run-scenarios.ts')).runMerge(flags),
};

export const scenarioSchemaCommand: CommandModule<unknown, Record<never, never>> = {
  command: 'schema',
  describe: 'The JSON Schema of scenario files, for editors',
  handler: async () => (await import('./run-scenario.ts')).runSchema(),
};

export const scenarioLintCommand: CommandModule<unknown, LintFlags> = {
  command: 'lint <file..>',
  describe: 'Everything that is wrong or odd about scenario files',
  builder: (argv) =>
    argv
      .positional('file', { type: 'string', array: true, demandOption: true, describe: 'Scenario files' })
      .options(format)
      .example('$0 scenario lint failover.yaml', '') as unknown as Argv<LintFlags>,
  handler: async (flags) => (await import('./run-scenario.ts')).runLint(flags),
};

export const scenarioListCommand: CommandModule<unknown, ListFlags> = {
  command: 'list [file..]',
  describe: 'What scenarios show, and on which release lines and engines they run',
  builder: (argv) =>
    argv
      .positional('file', {
        type: 'string',
        array: true,
        describe: 'Scenario files; those that come with the program, by default',
      })
      .options(format) as unknown as Argv<ListFlags>,
  handler: async (flags) => (await import('./run-scenario.ts')).runList(flags),
};

export const scenarioNewCommand: CommandModule<unknown, NewFlags> = {
  command: 'new <name>',
  describe: 'A first scenario to change, with comments',
  builder: (argv) =>
    argv
      .positional('name', { type: 'string', demandOption: true, describe: 'Its title' })
      .options(newOptions)
      .example("$0 scenario new 'fsn fails' --output fsn-fails.yaml", '') as unknown as Argv<NewFlags>,
  handler: async (flags) => (await import('./run-scenario.ts')).runNew(flags),
};

export const scenarioImportCommand: CommandModule<unknown, ImportFlags> = {
  command: 'import <file..>',
  describe: 'A timeline of chaos experiments of Litmus or chaos-mesh',
  builder: (argv) =>
    argv
      .positional('file', { type: 'string', array: true, demandOption: true, describe: 'Experiments, as YAML' })
      .options(importOptions)
      .example('$0 scenario import chaos.yaml --map app=api=fsn', 'prints timeline:')
      .example('$0 scenario import chaos.yaml --into failover.yaml --map app=api=fsn --output chaos-failover.yaml', '')
      .epilogue(
        'SELECTOR is app=api, shop/app=api (in a namespace), api (the value of a label), shop (a namespace) or\n' +
          'shop/api-7d9f (a pod); the most particular one counts. With --into, names of its targets and servers stand\n' +
          'for themselves. Warnings say what is left out or only nearly so, and which --map no experiment uses.',
      ) as unknown as Argv<ImportFlags>,
  handler: async (flags) => (await import('./run-scenario-import.ts')).runImport(flags),
};

export const scenarioCommand: CommandModule = {
  command: 'scenario <command>',
  describe: 'Scenario files: faults on a timeline, and what must be true of the answers',
  builder: (argv) =>
    argv
      .command(scenarioRunCommand)
      .command(scenarioMergeCommand)
      .command(scenarioSchemaCommand)
      .command(scenarioLintCommand)
      .command(scenarioListCommand)
      .command(scenarioNewCommand)
      .command(scenarioImportCommand)
      .demandCommand(1, 'Which? run, merge, schema, lint, list, new or import.'),
  handler: () => undefined,
};
