/** The command line. Reads, calls, prints; exit codes: 0 yes, 1 the check said no, 2 usage or configuration, 3 the machine. */
import type { ArgumentsCamelCase, CommandModule } from 'yargs';
import { UserError } from '../input/errors.ts';
import { agentCommand, agentUsage } from './agent.ts';
import { checkCommand, usageOfCheck } from './check.ts';
import { buildCommand, buildUsage, diffCommand, diffUsage, lookupCommand, lookupUsage } from './geoip.ts';
import { planCommand, planUsage } from './plan.ts';
import { planGeoCommand, planGeoUsage, planMergeCommand, planMergeUsage } from './plan-geo.ts';
import { predictCommand, predictUsage } from './predict.ts';
import {
  scenarioImportCommand,
  scenarioImportUsage,
  scenarioLintCommand,
  scenarioLintUsage,
  scenarioListCommand,
  scenarioListUsage,
  scenarioMergeCommand,
  scenarioMergeUsage,
  scenarioNewCommand,
  scenarioNewUsage,
  scenarioRunCommand,
  scenarioRunUsage,
  scenarioSchemaCommand,
  scenarioSchemaUsage,
} from './scenario.ts';
import { serveCommand, serveUsage } from './serve.ts';
import { type Call, type CommandUsage, readCall } from './usage.ts';

const COMMANDS = [
  callable(predictUsage, predictCommand),
  callable(usageOfCheck, checkCommand),
  callable(agentUsage, agentCommand),
  callable(serveUsage, serveCommand),
  // Longer names first: `plan` alone is a command too.
  callable(planGeoUsage, planGeoCommand),
  callable(planMergeUsage, planMergeCommand),
  callable(planUsage, planCommand),
  callable(lookupUsage, lookupCommand),
  callable(buildUsage, buildCommand),
  callable(diffUsage, diffCommand),
  callable(scenarioRunUsage, scenarioRunCommand),
  callable(scenarioMergeUsage, scenarioMergeCommand),
  callable(scenarioSchemaUsage, scenarioSchemaCommand),
  callable(scenarioLintUsage, scenarioLintCommand),
  callable(scenarioListUsage, scenarioListCommand),
  callable(scenarioNewUsage, scenarioNewCommand),
  callable(scenarioImportUsage, scenarioImportCommand),
];

// A reader that has seen enough (`| head`) is no error.
process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  if (error.code !== 'EPIPE') throw error;
  process.exit();
});

try {
  await run(process.argv.slice(2));
} catch (error) {
  if (error instanceof UserError) {
    console.error(error.describe());
    process.exitCode = error.exitCode;
  } else {
    console.error('pdns-shadow has a bug; please report this:');
    console.error(error);
    process.exitCode = 70;
  }
}

async function run(words: readonly string[]): Promise<void> {
  if (words.includes('--help') || words.includes('-h')) return (await import('./help.ts')).printHelp(words);
  if (words.includes('--version')) return console.log((await import('./version.ts')).describeVersion());
  const usages = COMMANDS.map(({ usage }) => usage);
  const call = readCall(words, usages);
  await COMMANDS.find(({ usage }) => usage === call.usage)?.handle(call);
}

/** What `readCall` lets through fits the flags that the usage declares, from which the handler's type is made. */
function callable<Flags>(usage: CommandUsage, { handler }: CommandModule<unknown, Flags>) {
  return { usage, handle: (call: Call) => handler(argumentsOf(call) as unknown as ArgumentsCamelCase<Flags>) };
}

function argumentsOf({ usage, arguments: named }: Call) {
  return { ...named, _: usage.command.split(' '), $0: 'pdns-shadow' };
}
