/** The command line. Parses, calls, prints; exit codes: 0 yes, 1 the check said no, 2 usage or configuration, 3 the machine. */
import yargs from 'yargs';
import { hideBin } from 'yargs/helpers';
import { UserError } from '../geoip/errors.ts';
import { agentCommand, agentUsage } from './agent.ts';
import { checkCommand, usageOfCheck } from './check.ts';
import { geoipCommand, geoipUsages } from './geoip.ts';
import { predictCommand, predictUsage } from './predict.ts';
import { serveCommand, serveUsage } from './serve.ts';
import { checkUsage } from './usage.ts';
import { describeVersion, version } from './version.ts';

const USAGES = [predictUsage, usageOfCheck, agentUsage, serveUsage, ...geoipUsages];
const WIDEST_HELP = 110;

// A reader that has seen enough (`| head`) is no error.
process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  if (error.code !== 'EPIPE') throw error;
  process.exit();
});

const words = hideBin(process.argv);
const parser = yargs(words)
  .scriptName('pdns-shadow')
  .usage('$0 COMMAND\n\nKnows what a PowerDNS server must answer, and proves it.')
  .command(predictCommand)
  .command(checkCommand)
  .command(agentCommand)
  .command(serveCommand)
  .command(geoipCommand)
  .parserConfiguration({ 'greedy-arrays': false, 'parse-positional-numbers': false })
  // Help and messages are written in English only; half of them in another language would be worse.
  .locale('en')
  .strict()
  // Asking git for the commit takes longer than most commands do.
  .version(words.includes('--version') ? describeVersion() : version)
  .help()
  .alias('help', 'h')
  .epilogue(
    'Flags are written --flag VALUE or --flag=VALUE.\n' +
      'Exit codes: 0 yes, 1 the check said no, 2 usage or configuration, 3 something the machine lacks.',
  )
  .wrap(Math.min(WIDEST_HELP, process.stdout.columns ?? WIDEST_HELP))
  .exitProcess(false)
  .fail((message, error) => {
    if (error instanceof UserError) throw error;
    if (error !== undefined && error !== null && error.name !== 'YError') throw error;
    throw new UserError('E_USAGE', message ?? error?.message ?? 'the command line is not understood');
  });

try {
  checkUsage(words, USAGES);
  await parser.parseAsync();
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
