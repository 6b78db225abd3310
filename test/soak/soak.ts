/**
 * `node test/soak/soak.ts --minutes 10 --line 5.1 --seed 7`: the agent beside real servers while everything goes wrong.
 * `--json` prints the report alone, as one line of JSON. Exit code 0: no false drift, and every injected one reported and resolved in time; 1: not so; 3: no such server here;
 * 4: not so, on a machine too busy to tell.
 */
import { parseArgs } from 'node:util';
import { findServers } from '../../wire/rig/rig.ts';
import { formatReport, isGood, isStarved } from './report.ts';
import { soak } from './run.ts';

const STARVED = 4;

const { values } = parseArgs({
  options: {
    minutes: { type: 'string', default: '10' },
    line: { type: 'string', default: '5.1' },
    seed: { type: 'string', default: '7' },
    timeout: { type: 'string', default: '1' },
    json: { type: 'boolean', default: false },
  },
});

const { servers, missing } = await findServers();
// The user's own server comes last, and wins.
const binary = servers.findLast(({ line }) => line === values.line);
if (binary === undefined) {
  const reason = missing.find(({ line }) => line === values.line)?.reason ?? 'no such release line';
  console.error(`PowerDNS ${values.line}: ${reason}`);
  process.exit(3);
}
const report = await soak({
  binary,
  seed: Number(values.seed),
  seconds: Number(values.minutes) * 60,
  timeoutSeconds: Number(values.timeout),
  onLine: values.json ? console.error : console.log,
});
console.log(values.json ? JSON.stringify(report) : `\n${formatReport(report)}`);
process.exitCode = isGood(report) ? 0 : isStarved(report) ? STARVED : 1;
