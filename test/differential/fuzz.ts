/**
 * Asks random questions about random zones of a real server and of the simulator until they differ:
 *
 *     node test/differential/fuzz.ts --line 5.1 --seed 1 --comparisons 100000
 *
 * `--help` names the other flags. Exit code 0: no mismatch; 1: some; 2 and 3: it could not be run to its end, and the message
 * says why.
 */
import yargs from 'yargs';
import { hideBin } from 'yargs/helpers';
import { UserError } from '../../input/errors.ts';
import { RELEASE_LINES } from '../../simulator/profile/profile.ts';
import { findServers } from '../../wire/rig/rig.ts';
import { formatMismatch, formatSummary, opaqueShare, verdict } from './fuzz-report.ts';
import { fuzz } from './fuzz-run.ts';

const HEALTH = ['http', 'any', 'none'] as const;

const flags = yargs(hideBin(process.argv))
  .scriptName('fuzz')
  .usage('$0: random questions to a real PowerDNS and to the simulator, until they differ')
  .options({
    line: { type: 'string', choices: RELEASE_LINES, default: '5.1' as const, describe: 'release line of the server' },
    seed: { type: 'number', default: 1, describe: 'of everything that is random' },
    comparisons: { type: 'number', default: 100_000, describe: 'answers to compare' },
    seconds: { type: 'number', describe: 'ends after so long, however many were compared' },
    batch: { type: 'number', describe: 'this batch of the seed alone' },
    cases: { type: 'number', describe: 'cases in a batch' },
    health: {
      type: 'string',
      choices: HEALTH,
      default: 'http' as const,
      describe: 'checks that records ask for; servers have died in checks of TCP, which any asks for too',
    },
  })
  .check(({ seed, comparisons, seconds = 0, batch = 0, cases = 0 }) => {
    const isNumber = [seed, comparisons, seconds, batch, cases].every((each) => Number.isFinite(each) && each >= 0);
    return isNumber || 'expected a number behind each of --seed, --comparisons, --seconds, --batch and --cases';
  })
  .version(false)
  .strict()
  .fail((message, error) => {
    if (error instanceof Error) throw error;
    console.error(`${message}\nSee --help.`);
    process.exit(2);
  })
  .parseSync();

/** Many more have one cause as a rule. */
const MAX_SHOWN = 20;

const { servers, missing } = await findServers();
const binary = servers.find(({ line }) => line === flags.line);
if (binary === undefined) {
  console.error(`no PowerDNS ${flags.line}: ${missing.find(({ line }) => line === flags.line)?.reason ?? 'unknown'}`);
  process.exit(3);
}
const { seed, health, comparisons } = flags;
const startedMs = performance.now();
let batches = 0;
const report = await fuzz({
  binary,
  seed,
  health,
  comparisons,
  ...(flags.seconds === undefined ? {} : { seconds: flags.seconds }),
  ...(flags.batch === undefined ? {} : { batch: flags.batch }),
  ...(flags.cases === undefined ? {} : { casesPerBatch: flags.cases }),
  onProgress: (now) => {
    const seconds = ((performance.now() - startedMs) / 1000).toFixed(0);
    const opaque = (100 * opaqueShare(now)).toFixed(1);
    console.log(
      `batch ${batches++}: ${now.comparisons} comparisons, ${opaque} % opaque, ${now.mismatches.length} mismatches, ${seconds} s`,
    );
  },
}).catch((error: unknown) => {
  if (!(error instanceof UserError)) throw error;
  console.error(error.describe());
  process.exit(error.exitCode);
});
const seconds = (performance.now() - startedMs) / 1000;
for (const mismatch of report.mismatches.slice(0, MAX_SHOWN)) console.log(formatMismatch(mismatch, binary.line, seed));
console.log(formatSummary(report, binary, seed, seconds));
const problem = verdict(report);
if (problem !== undefined) {
  console.error(problem);
  process.exit(1);
}
