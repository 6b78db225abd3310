/** `serve`, as it is called: as `pdns_server` is. */
import type { Argv, CommandModule, InferredOptionTypes, Options } from 'yargs';
import { RELEASE_LINES } from '../simulator/profile/profile.ts';
import type { CommandUsage } from './usage.ts';

const options = {
  'config-dir': { type: 'string', requiresArg: true, demandOption: true, describe: 'PowerDNS configuration directory' },
  'local-address': { type: 'string', requiresArg: true, describe: 'Where to listen; default: as pdns.conf says' },
  'local-port': { type: 'string', requiresArg: true, describe: 'Port; default: as pdns.conf says' },
  pdns: {
    type: 'string',
    choices: RELEASE_LINES,
    requiresArg: true,
    default: '5.1',
    describe: 'Release line to answer as',
  },
} as const satisfies Record<string, Options>;

export type ServeFlags = InferredOptionTypes<typeof options>;

export const serveUsage: CommandUsage = {
  command: 'serve',
  words: [],
  wordCount: { least: 0, most: 0 },
  options,
  example: 'serve --config-dir /etc/powerdns --local-port 5300',
  ignoresOtherFlags: true,
};

export const serveCommand: CommandModule<unknown, ServeFlags> = {
  command: 'serve',
  describe: 'Answer over DNS as a PowerDNS of a release line would',
  builder: (argv) =>
    argv
      .options(options)
      .strict(false)
      .example('$0 serve --config-dir /etc/powerdns --local-address 127.0.0.1 --local-port 5300', '')
      .epilogue('Probes for real. Other flags of pdns_server are accepted and ignored.') as unknown as Argv<ServeFlags>,
  handler: async (flags) => (await import('./run-serve.ts')).runServe(flags),
};
