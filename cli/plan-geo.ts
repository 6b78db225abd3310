/** `plan geo` and `plan merge`, as they are called. */
import type { Argv, CommandModule, InferredOptionTypes, Options } from 'yargs';
import { modelOptions, zoneOptions } from './options.ts';
import type { CommandUsage } from './usage.ts';

const outputOptions = {
  format: {
    type: 'string',
    choices: ['text', 'json', 'jsonl'] as const,
    default: 'text' as const,
    requiresArg: true,
    describe: 'For people, for programs, or a line for each record and state, which plan merge takes',
  },
  map: { type: 'string', requiresArg: true, describe: 'Write a world map, one page that stands alone (HTML)' },
  all: { type: 'boolean', default: false, describe: 'Every row of every table (JSON always has all)' },
} as const satisfies Record<string, Options>;

const geoOptions = {
  ...zoneOptions,
  pdns: modelOptions.pdns,
  geoip: modelOptions.geoip,
  ...outputOptions,
  name: { type: 'string', array: true, requiresArg: true, describe: 'Only this record (repeatable)' },
  traffic: {
    type: 'string',
    requiresArg: true,
    describe: 'CSV of network,weight: how much each client network asks; default: every address alike',
  },
  region: {
    type: 'string',
    array: true,
    requiresArg: true,
    describe: 'NAME=ADDRESS,ADDRESS: targets that die together (repeatable); default: each for itself',
  },
  place: {
    type: 'string',
    array: true,
    requiresArg: true,
    describe: 'ADDRESS=LATITUDE,LONGITUDE: where a target really is (repeatable); default: as the database says',
  },
  resolver: {
    type: 'string',
    array: true,
    requiresArg: true,
    describe: 'Whom the server sees without ECS (repeatable; clients use the nearest); default: 127.0.0.1',
  },
  'what-if-weights': {
    type: 'string',
    array: true,
    requiresArg: true,
    describe: 'NAME=60,40: also with these weights, in the order of the code (repeatable)',
  },
  prefixes: { type: 'string', requiresArg: true, describe: 'Write every prefix and its answer in every state (CSV)' },
  shard: {
    type: 'string',
    requiresArg: true,
    describe: 'I/N: only the Ith of N parts of the work; needs --format jsonl',
  },
  threads: {
    type: 'string',
    requiresArg: true,
    describe: 'How many to work with; default: as many as there are cores',
  },
} as const satisfies Record<string, Options>;

export type PlanGeoFlags = InferredOptionTypes<typeof geoOptions>;
export type PlanMergeFlags = InferredOptionTypes<typeof outputOptions> & { file: string[] };

export const planGeoUsage: CommandUsage = {
  command: 'plan geo',
  words: [],
  wordCount: { least: 0, most: 0 },
  options: geoOptions,
  example: 'plan geo --zone acme.test.zone --geoip GeoLite2-City.mmdb',
};

export const planMergeUsage: CommandUsage = {
  command: 'plan merge',
  words: ['FILE…'],
  wordCount: { least: 1, most: Number.POSITIVE_INFINITY },
  options: outputOptions,
  example: 'plan merge shard-1.jsonl shard-2.jsonl --map map.html',
};

export const planGeoCommand: CommandModule<unknown, PlanGeoFlags> = {
  command: 'geo',
  describe: 'Which clients of the world go where: while all is up, when a region dies, without GeoIP or ECS',
  builder: (argv) =>
    argv
      .options(geoOptions)
      .group(['zone', 'config-dir', 'api', 'api-key-file', 'name'], 'Where the records are (one of):')
      .group(['pdns', 'geoip', 'traffic', 'resolver'], 'Who asks, and what the server knows of them:')
      .group(['region', 'place', 'what-if-weights'], 'What there is, and what may become of it:')
      .group(['format', 'map', 'prefixes', 'all'], 'What to show:')
      .group(['threads', 'shard'], 'How to work:')
      .example('$0 plan geo --zone acme.test.zone --geoip GeoLite2-City.mmdb --map map.html', '')
      .example('$0 plan geo --config-dir /etc/powerdns --region fra=192.0.2.1 --region iad=198.51.100.1', '')
      .example('$0 plan geo --zone acme.test.zone --geoip city.mmdb --traffic traffic.csv --prefixes prefixes.csv', '')
      .example('$0 plan geo --zone acme.test.zone --geoip city.mmdb --what-if-weights www.acme.test=60,40', '')
      .example('$0 plan geo --zone acme.test.zone --geoip city.mmdb --shard 2/8 --format jsonl > 2.jsonl', '')
      .epilogue(
        'Client networks are the largest that neither databases nor records divide. Every client asks itself, or with\n' +
          'ECS; in "ECS off" the server sees a resolver in its place. Nothing is probed or asked.',
      ) as unknown as Argv<PlanGeoFlags>,
  handler: async (flags) => (await import('./run-plan-geo.ts')).runPlanGeo(flags),
};

export const planMergeCommand: CommandModule<unknown, PlanMergeFlags> = {
  command: 'merge <file..>',
  describe: 'The results of all shards of a plan geo, as if it had never been divided',
  builder: (argv) =>
    argv
      .positional('file', {
        type: 'string',
        array: true,
        demandOption: true,
        describe: 'JSON Lines of plan geo, or several behind each other',
      })
      .options(outputOptions)
      .example('$0 plan merge shard-1.jsonl shard-2.jsonl', '')
      .example(
        'cat shard-*.jsonl > all.jsonl; $0 plan merge all.jsonl --map map.html',
        '',
      ) as unknown as Argv<PlanMergeFlags>,
  handler: async (flags) => (await import('./run-plan-geo.ts')).runPlanMerge(flags),
};
