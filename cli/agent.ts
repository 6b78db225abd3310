/** `agent`, as it is called. */
import type { Argv, CommandModule, InferredOptionTypes, Options } from 'yargs';
import type { CommandUsage } from './usage.ts';

const options = {
  config: { type: 'string', requiresArg: true, describe: 'Configuration file (YAML)' },
  'config-dir': {
    type: 'string',
    requiresArg: true,
    describe: 'Run beside the PowerDNS of this folder, with no file of its own',
  },
  listen: {
    type: 'string',
    requiresArg: true,
    describe: 'ADDRESS:PORT for page, API and metrics; overrides the file (127.0.0.1:9953)',
  },
  'log-level': {
    type: 'string',
    choices: ['debug', 'info', 'warn', 'error'] as const,
    default: 'info' as const,
    requiresArg: true,
    describe: 'Least severe message that is logged; debug: also each draw of records that choose at random',
  },
} as const satisfies Record<string, Options>;

export type AgentFlags = InferredOptionTypes<typeof options>;

export const agentUsage: CommandUsage = {
  command: 'agent',
  words: [],
  wordCount: { least: 0, most: 0 },
  options,
  example: 'agent --config-dir /etc/powerdns',
};

export const agentCommand: CommandModule<unknown, AgentFlags> = {
  command: 'agent',
  describe: 'Watch PowerDNS servers and export what is wrong',
  builder: (argv) =>
    argv
      .options(options)
      .example('$0 agent --config-dir /etc/powerdns', '')
      .example('$0 agent --config pdns-shadow.yaml --listen 0.0.0.0:9953', '')
      .epilogue(
        'Logs one JSON object a line to stdout. SIGHUP, a change of the file, and POST /-/reload read the configuration again;\n' +
          'one that is wrong is reported and not used. SIGTERM ends it.',
      ) as unknown as Argv<AgentFlags>,
  handler: async (flags) => (await import('./run-agent.ts')).runAgent(flags),
};
