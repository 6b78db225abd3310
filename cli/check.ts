/** `check`, as it is called. */
import type { Argv, CommandModule, InferredOptionTypes, Options } from 'yargs';
import { modelOptions, zoneOptions } from './options.ts';
import type { CommandUsage } from './usage.ts';

export const DEFAULT_QUERIES_PER_SECOND = 50;

const options = {
  ...zoneOptions,
  ...modelOptions,
  pdns: { ...modelOptions.pdns, describe: 'Release line; default: asked from the server, else 5.1' },
  server: { type: 'string', requiresArg: true, demandOption: true, describe: 'ADDRESS:PORT of the running server' },
  subnet: {
    type: 'string',
    array: true,
    requiresArg: true,
    describe: 'Ask as a client of this network, too (repeatable)',
  },
  wait: {
    type: 'string',
    requiresArg: true,
    describe: 'Longest time to watch, such as 60s; default: as long as the verdicts need',
  },
  qps: {
    type: 'string',
    requiresArg: true,
    describe: `Questions per second, at most; default: ${DEFAULT_QUERIES_PER_SECOND}`,
  },
} as const satisfies Record<string, Options>;

export type CheckFlags = InferredOptionTypes<typeof options>;

export const usageOfCheck: CommandUsage = {
  command: 'check',
  words: [],
  wordCount: { least: 0, most: 0 },
  options,
  example: 'check --server 127.0.0.1:53 --config-dir /etc/powerdns',
};

export const checkCommand: CommandModule<unknown, CheckFlags> = {
  command: 'check',
  describe: 'Ask a running server every LUA record and judge its answers',
  builder: (argv) =>
    argv
      .options(options)
      .group(['zone', 'config-dir', 'api', 'api-key-file'], 'What the server should know (one of):')
      .group(['server', 'subnet', 'wait', 'qps'], 'What is asked:')
      .example('$0 check --server 127.0.0.1:53 --config-dir /etc/powerdns', '')
      .example('$0 check --server 192.0.2.53:53 --zone acme.test.zone --subnet 198.51.100.0/24', '')
      .epilogue(
        'Probes the targets from here, so it must run where the server runs, or see what the server sees.\n' +
          'Exit code 0: every answer is one that may come. 1: drift, or not settled in the time given by --wait.',
      ) as unknown as Argv<CheckFlags>,
  handler: async (flags) => (await import('./run-check.ts')).runCheck(flags),
};
