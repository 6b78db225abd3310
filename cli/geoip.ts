/** `geoip lookup` and `geoip build`, as they are called. */
import type { Argv, CommandModule, Options } from 'yargs';
import { type ModelFlags, modelOptions, type ZoneFlags, zoneOptions } from './options.ts';
import type { CommandUsage } from './usage.ts';

export type LookupFlags = { address: string[]; geoip: string; format: 'text' | 'json' };
export type BuildFlags = { input: string; output: string };
export type DiffFlags = ZoneFlags &
  Pick<ModelFlags, 'pdns' | 'format'> & { old: string; new: string; prefixes?: string };

const lookupOptions = {
  geoip: { ...modelOptions.geoip, demandOption: true },
  format: modelOptions.format,
} as const satisfies Record<string, Options>;

const diffOptions = {
  ...zoneOptions,
  pdns: modelOptions.pdns,
  format: modelOptions.format,
  prefixes: { type: 'string', requiresArg: true, describe: 'Write every prefix that changes (CSV)' },
} as const satisfies Record<string, Options>;

export const diffUsage: CommandUsage = {
  command: 'geoip diff',
  words: ['OLD', 'NEW'],
  wordCount: { least: 2, most: 2 },
  options: diffOptions,
  example: 'geoip diff old.mmdb new.mmdb --zone acme.test.zone',
};

export const lookupUsage: CommandUsage = {
  command: 'geoip lookup',
  words: ['ADDRESS…'],
  wordCount: { least: 1, most: Number.POSITIVE_INFINITY },
  options: lookupOptions,
  example: 'geoip lookup 198.51.100.1 --geoip GeoLite2-City.mmdb',
};

export const buildUsage: CommandUsage = {
  command: 'geoip build',
  words: ['INPUT', 'OUTPUT'],
  wordCount: { least: 2, most: 2 },
  options: {},
  example: 'geoip build networks.yaml networks.mmdb',
};

export const lookupCommand: CommandModule<unknown, LookupFlags> = {
  command: 'lookup <address..>',
  describe: 'Every attribute of addresses, as PowerDNS sees them',
  builder: (argv) =>
    argv
      .positional('address', { type: 'string', array: true, demandOption: true, describe: 'IP addresses' })
      .options(lookupOptions)
      .example(
        '$0 geoip lookup 198.51.100.1 2001:db8::1 --geoip GeoLite2-City.mmdb',
        '',
      ) as unknown as Argv<LookupFlags>,
  handler: async (flags) => (await import('./run-geoip.ts')).runLookup(flags),
};

export const buildCommand: CommandModule<unknown, BuildFlags> = {
  command: 'build <input> <output>',
  describe: 'Write an MMDB from a YAML list of networks',
  builder: (argv) =>
    argv
      .positional('input', {
        type: 'string',
        demandOption: true,
        describe: 'YAML: - { network, lat, lon, country, … }',
      })
      .positional('output', { type: 'string', demandOption: true, describe: 'The MMDB; an old one is replaced' })
      .example('$0 geoip build networks.yaml networks.mmdb', '') as unknown as Argv<BuildFlags>,
  handler: async (flags) => (await import('./run-geoip.ts')).runBuild(flags),
};

export const diffCommand: CommandModule<unknown, DiffFlags> = {
  command: 'diff <old> <new>',
  describe: 'What another build of the databases changes: places of clients, and where records send them',
  builder: (argv) =>
    argv
      .positional('old', { type: 'string', demandOption: true, describe: 'MMDB files, as in geoip-database-files' })
      .positional('new', { type: 'string', demandOption: true, describe: 'The same, of the other build' })
      .options(diffOptions)
      .group(['zone', 'config-dir', 'api', 'api-key-file', 'pdns'], 'Whose records (optional, one of):')
      .example('$0 geoip diff old.mmdb new.mmdb', '')
      .example(
        '$0 geoip diff old.mmdb new.mmdb --config-dir /etc/powerdns --prefixes changes.csv',
        '',
      ) as unknown as Argv<DiffFlags>,
  handler: async (flags) => (await import('./run-geoip-diff.ts')).runDiff(flags),
};

export const geoipCommand: CommandModule = {
  command: 'geoip <command>',
  describe: 'What PowerDNS sees of an address; databases from YAML, and two builds compared',
  builder: (argv) =>
    argv
      .command(lookupCommand)
      .command(buildCommand)
      .command(diffCommand)
      .demandCommand(1, 'Which? lookup, build or diff.'),
  handler: () => undefined,
};
