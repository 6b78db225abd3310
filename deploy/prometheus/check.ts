/**
 * `node deploy/prometheus/check.ts` checks and tests the alerting rules with promtool, which it fetches if need be.
 * Exit codes: 0 the rules are good, 1 they are not, 3 there is no promtool and none can be fetched here.
 */
import { UserError } from '../../input/errors.ts';
import { checkRules, findPromtool } from './promtool.ts';

process.exitCode = await main();

async function main(): Promise<number> {
  try {
    const runs = await checkRules(await findPromtool());
    for (const { args, output } of runs) process.stdout.write(`promtool ${args.join(' ')}\n${output}\n`);
    return runs.every(({ ok }) => ok) ? 0 : 1;
  } catch (error) {
    if (!(error instanceof UserError)) throw error;
    process.stderr.write(`${error.describe()}\n`);
    return error.exitCode;
  }
}
