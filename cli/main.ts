/** The command line. Parses, calls, prints; exit codes: 0 yes, 1 the check said no, 2 usage or configuration, 3 the machine. */
import yargs from 'yargs';
import { hideBin } from 'yargs/helpers';
import { UserError } from '../geoip/errors.ts';
import { agentCommand } from './agent.ts';
import { checkCommand } from './check.ts';
import { geoipCommand } from './geoip.ts';
import { predictCommand } from './predict.ts';
import { describeVersion } from './version.ts';

const OLDEST_NODE = 24;

if (Number(process.versions.node.split('.')[0]) < OLDEST_NODE) {
  console.error(`pdns-shadow needs Node ${OLDEST_NODE} or newer; this is ${process.version}.`);
  process.exit(3);
}

const parser = yargs(hideBin(process.argv))
  .scriptName('pdns-shadow')
  .usage('$0 COMMAND\n\nKnows what a PowerDNS server must answer, and proves it.')
  .command(predictCommand)
  .command(checkCommand)
  .command(agentCommand)
  .command(geoipCommand)
  .demandCommand(1, 'Which command? See pdns-shadow --help.')
  .strict()
  .recommendCommands()
  .version(describeVersion())
  .help()
  .alias('help', 'h')
  .epilogue('Exit codes: 0 yes, 1 the check said no, 2 usage or configuration, 3 something the machine lacks.')
  .wrap(Math.min(110, process.stdout.columns ?? 110))
  .exitProcess(false)
  .fail((message, error) => {
    if (error !== undefined && error !== null) throw error;
    throw new UserError('E_USAGE', message);
  });

try {
  await parser.parseAsync();
} catch (error) {
  if (error instanceof UserError) {
    console.error(error.describe());
    process.exitCode = error.exitCode;
  } else {
    console.error(error);
    process.exitCode = 70;
  }
}
