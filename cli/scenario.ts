/** `scenario schema`, `scenario lint`, `scenario list` and `scenario new`, as they are called. */
import type { Argv, CommandModule, Options } from 'yargs';
import { modelOptions } from './options.ts';
import type { CommandUsage } from './usage.ts';

export type LintFlags = { file: string[]; format: 'text' | 'json' };
export type ListFlags = { file?: string[]; format: 'text' | 'json' };
export type NewFlags = { name: string; output?: string };

const format = { format: modelOptions.format } as const satisfies Record<string, Options>;
const newOptions = {
  output: { type: 'string', describe: 'File to write, instead of printing; there must be none yet' },
} as const satisfies Record<string, Options>;

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

export const scenarioUsages = [scenarioSchemaUsage, scenarioLintUsage, scenarioListUsage, scenarioNewUsage];

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

export const scenarioCommand: CommandModule = {
  command: 'scenario <command>',
  describe: 'Scenario files: faults on a timeline, and what must be true of the answers',
  builder: (argv) =>
    argv
      .command(scenarioSchemaCommand)
      .command(scenarioLintCommand)
      .command(scenarioListCommand)
      .command(scenarioNewCommand)
      .demandCommand(1, 'Which? schema, lint, list or new.'),
  handler: () => undefined,
};
