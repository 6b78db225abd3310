/** `plan`, as it is called. */
import type { Argv, CommandModule, InferredOptionTypes, Options } from 'yargs';
import { modelOptions, zoneOptions } from './options.ts';
import { planGeoCommand, planMergeCommand } from './plan-geo.ts';
import type { CommandUsage } from './usage.ts';

const options = {
  ...zoneOptions,
  ...modelOptions,
  fleet: {
    type: 'string',
    requiresArg: true,
    describe: 'YAML file of the servers, their places and settings; default: one server',
  },
  subnet: {
    type: 'string',
    array: true,
    requiresArg: true,
    describe:
      'A client network (repeatable), for code that looks at the client; each is one more question to cross-check',
  },
  'what-if': {
    type: 'string',
    array: true,
    requiresArg: true,
    describe:
      'Show the plan with this changed too (repeatable): interval, servers, regions, minimumFailures, ttl or timeout, as in interval=10',
  },
  curve: {
    type: 'string',
    requiresArg: true,
    describe: 'Write a picture (SVG) of probe load against detection time, for intervals from 1 to 60 s',
  },
  measure: {
    type: 'boolean',
    default: false,
    describe: 'Measure how many answers a second the PowerDNS on this machine gives for these records',
  },
  all: { type: 'boolean', default: false, describe: 'Every row of every table (JSON always has all)' },
} as const satisfies Record<string, Options>;

/** Not those of the commands below it. */
const own = Object.fromEntries(Object.entries(options).map(([name, option]) => [name, { ...option, global: false }]));

export type PlanFlags = InferredOptionTypes<typeof options>;

export const planUsage: CommandUsage = {
  command: 'plan',
  words: [],
  wordCount: { least: 0, most: 0 },
  options,
  example: 'plan --zone acme.test.zone',
};

export const planCommand: CommandModule<unknown, PlanFlags> = {
  command: 'plan',
  describe: 'What health checks cost, and how fast they see a failure',
  builder: (argv) =>
    argv
      .command(planGeoCommand)
      .command(planMergeCommand)
      .options(own)
      .group(['zone', 'config-dir', 'api', 'api-key-file'], 'Where the zones are (one of):')
      .group(['fleet', 'pdns', 'subnet', 'geoip'], 'Who serves them, to whom:')
      .group(['what-if', 'curve', 'measure', 'format', 'all'], 'What to show:')
      .example('$0 plan --zone acme.test.zone', '')
      .example('$0 plan --config-dir /etc/powerdns --what-if interval=10 --what-if minimumFailures=3', '')
      .example('$0 plan --zone acme.test.zone --fleet fleet.yaml --curve load.svg', '')
      .example('$0 plan --api http://127.0.0.1:8081 --api-key-file key --format json', '')
      .example('PDNS_SERVER=/usr/sbin/pdns_server $0 plan --zone acme.test.zone --measure', '')
      .epilogue(
        'Findings come first, then tables. Nothing is probed; --measure starts servers of its own on loopback, whose checks\n' +
          'go to targets of its own.',
      ) as unknown as Argv<PlanFlags>,
  handler: async (flags) => (await import('./run-plan.ts')).runPlan(flags),
};
