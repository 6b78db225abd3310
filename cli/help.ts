/** What `--help` prints. */
import yargs from 'yargs';
import { agentCommand } from './agent.ts';
import { checkCommand } from './check.ts';
import { geoipCommand } from './geoip.ts';
import { planCommand } from './plan.ts';
import { predictCommand } from './predict.ts';
import { scenarioCommand } from './scenario.ts';
import { serveCommand } from './serve.ts';
import { version } from './version.ts';

const WIDEST_HELP = 110;

/** The help of the command that `words` name, else that of the whole program. */
export async function printHelp(words: readonly string[]): Promise<void> {
  await yargs(words)
    .scriptName('pdns-shadow')
    .usage('$0 COMMAND\n\nKnows what a PowerDNS server must answer, and proves it.')
    .command(predictCommand)
    .command(checkCommand)
    .command(agentCommand)
    .command(serveCommand)
    .command(planCommand)
    .command(geoipCommand)
    .command(scenarioCommand)
    // Help and messages are written in English only; half of them in another language would be worse.
    .locale('en')
    .version(version)
    .help()
    .alias('help', 'h')
    .epilogue(
      'Flags are written --flag VALUE or --flag=VALUE.\n' +
        'Exit codes: 0 yes, 1 the check said no, 2 usage or configuration, 3 something the machine lacks.',
    )
    .wrap(Math.min(WIDEST_HELP, process.stdout.columns ?? WIDEST_HELP))
    .exitProcess(false)
    .parseAsync();
}
