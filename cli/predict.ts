/** `predict`, as it is called. */
import type { Argv, CommandModule, InferredOptionTypes, Options } from 'yargs';
import { modelOptions, zoneOptions } from './options.ts';
import type { CommandUsage } from './usage.ts';

const options = {
  ...zoneOptions,
  ...modelOptions,
  subnet: {
    type: 'string',
    requiresArg: true,
    describe: "The client's network as its resolver sends it (ECS); default: none is sent",
  },
  from: {
    type: 'string',
    requiresArg: true,
    describe: 'Address that the server sees the question come from; default: 127.0.0.1',
  },
  'all-clients': {
    type: 'boolean',
    default: false,
    describe: 'Everybody: the answer to every network of the GeoIP databases, each client asking itself',
  },
  prefixes: {
    type: 'boolean',
    default: false,
    describe: 'With --all-clients: every prefix and its answer, a line each, in place of the summary',
  },
  up: {
    type: 'string',
    array: true,
    requiresArg: true,
    describe: 'A target that is up (repeatable). With --up alone, all others are down',
  },
  down: {
    type: 'string',
    array: true,
    requiresArg: true,
    describe: 'A target that is down (repeatable); all others are up',
  },
  unknown: {
    type: 'string',
    array: true,
    requiresArg: true,
    describe: 'A target that the server has never probed (repeatable); all others are up',
  },
  probe: {
    type: 'boolean',
    default: false,
    describe: 'Probe the targets once, from here, as PowerDNS would; those stated above are not probed',
  },
  explain: {
    type: 'boolean',
    default: false,
    describe: 'Say why, step by step, and what would change the answer (JSON always does)',
  },
} as const satisfies Record<string, Options>;

export type PredictFlags = InferredOptionTypes<typeof options> & {
  name: string;
  type?: string;
  allClients?: boolean | undefined;
};

export const predictUsage: CommandUsage = {
  command: 'predict',
  words: ['NAME', '[TYPE]'],
  wordCount: { least: 1, most: 2 },
  options,
  example: 'predict api.acme.test --zone acme.test.zone',
};

export const predictCommand: CommandModule<unknown, PredictFlags> = {
  command: 'predict <name> [type]',
  describe: 'The exact distribution of answers to a question',
  builder: (argv) =>
    argv
      .positional('name', { type: 'string', demandOption: true, describe: 'Name to ask for' })
      .positional('type', {
        type: 'string',
        describe: 'Record type; default: what the LUA record at the name yields, else A',
      })
      .options(options)
      .group(['zone', 'config-dir', 'api', 'api-key-file'], 'Where the zones are (one of):')
      .group(['up', 'down', 'unknown', 'probe'], 'What is up (default: everything):')
      .group(['subnet', 'from', 'all-clients', 'prefixes'], 'Who asks:')
      .example('$0 predict api.acme.test --zone acme.test.zone', '')
      .example('$0 predict api.acme.test --zone acme.test.zone --down 192.0.2.1 --explain', '')
      .example('$0 predict api.acme.test --config-dir /etc/powerdns --subnet 198.51.100.0/24', '')
      .example('$0 predict api.acme.test --zone acme.test.zone --geoip GeoLite2-City.mmdb --all-clients', '')
      .example('$0 predict api.acme.test AAAA --api http://127.0.0.1:8081 --api-key-file key --probe', '')
      .epilogue(
        'A target is named by its address (192.0.2.1), with its port (192.0.2.1:443), or by the URL of its check.\n' +
          'A check of ifurlextup also goes by the host of its URL, and by each address that the record maps to it.\n' +
          'Answers that no packet carries: CRASH (the server dies), DROPPED (no answer ever comes), OPAQUE (cannot be foretold).\n' +
          'With --all-clients the server sees every client by its own full address: no ECS, no resolver in between. ' +
          'Prefixes are the fewest that tell all answers apart; --format json has them behind the answers, one a line.',
      ) as unknown as Argv<PredictFlags>,
  handler: async (flags) => (await import('./run-predict.ts')).runPredict(flags),
};
