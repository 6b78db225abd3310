/** Every command: how it is called, and what handles the call. */
import type { ArgumentsCamelCase, CommandModule } from 'yargs';
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
import type { Call, CommandUsage } from './usage.ts';

export const COMMANDS = [
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

/** What `readCall` lets through fits the flags that the usage declares, from which the handler's type is made. */
function callable<Flags>(usage: CommandUsage, { handler }: CommandModule<unknown, Flags>) {
  return { usage, handle: (call: Call) => handler(argumentsOf(call) as unknown as ArgumentsCamelCase<Flags>) };
}

function argumentsOf({ usage, arguments: named }: Call) {
  return { ...named, _: usage.command.split(' '), $0: 'pdns-shadow' };
}
