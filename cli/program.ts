/** The command line. Reads, calls, prints; exit codes: 0 yes, 1 the check said no, 2 usage or configuration, 3 the machine. */
import { UserError } from '../input/errors.ts';
import { COMMANDS } from './commands.ts';
import { readCall } from './usage.ts';

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
