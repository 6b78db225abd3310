/**
 * Asks random questions about random zones of a real server and of the simulator until they differ:
 *
 *     node test/differential/fuzz.ts --line 5.1 --seed 1 --comparisons 100000
 *
 * `--batch` repeats one batch of a seed, `--cases` says how many cases it has, `--seconds` limits the time, `--health` says which
 * checks records ask for: `http` (default), `any` (servers have died in their checks of TCP), `none`.
 *
 * Exit code 0: no mismatch; 1: some; 2 and 3: it could not be run to its end, and the message says why.
 */
import { parseArgs } from 'node:util';
import { UserError } from '../../geoip/errors.ts';
import { findServers } from '../../wire/rig/rig.ts';
import { formatMismatch, formatSummary, opaqueShare, verdict } from './fuzz-report.ts';
import { fuzz } from './fuzz-run.ts';

const { values } = parseArgs({
  options: {
    line: { type: 'string', default: '5.1' },
    seed: { type: 'string', default: '1' },
    comparisons: { type: 'string', default: '100000' },
    seconds: { type: 'string' },
    batch: { type: 'string' },
    cases: { type: 'string' },
    health: { type: 'string', default: 'http' },
  },
});

/** Many more have one cause as a rule. */
const MAX_SHOWN = 20;

const { servers, missing } = await findServers();
const binary = servers.find(({ line }) => line === values.line);
if (binary === undefined) {
  console.error(`no PowerDNS ${values.line}: ${missing.find(({ line }) => line === values.line)?.reason ?? 'unknown'}`);
  process.exit(3);
}
const { health } = values;
if (health !== 'http' && health !== 'any' && health !== 'none') {
  console.error(`--health ${health}: write http, any or none`);
  process.exit(2);
}
const seed = Number(values.seed);
const startedMs = performance.now();
let batches = 0;
const report = await fuzz({
  binary,
  seed,
  health,
  comparisons: Number(values.comparisons),
  ...(values.seconds === undefined ? {} : { seconds: Number(values.seconds) }),
  ...(values.batch === undefined ? {} : { batch: Number(values.batch) }),
  ...(values.cases === undefined ? {} : { casesPerBatch: Number(values.cases) }),
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
