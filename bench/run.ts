/**
 * `npm run bench [NAME…]`: what this project costs, beside something to hold it against. Prints tables; never a test.
 *
 * Exit codes: 0 measured, 1 what was measured is not what was meant, 2 usage, 3 something the machine lacks.
 */
import { UserError } from '../input/errors.ts';
import { closestWord } from '../input/spelling.ts';

const BENCHES = new Map<string, () => Promise<void>>([
  ['clients', async () => (await import('./clients.ts')).benchClients()],
  ['predictions', async () => (await import('./predictions.ts')).benchPredictions()],
  ['plans', async () => (await import('./plans.ts')).benchPlans()],
  ['startup', async () => (await import('./startup.ts')).benchStartup()],
  ['worlds', async () => (await import('./worlds.ts')).benchWorlds()],
]);

try {
  for (const run of chosen(process.argv.slice(2))) await run();
} catch (error) {
  if (!(error instanceof UserError)) throw error;
  console.error(error.describe());
  process.exitCode = error.exitCode;
}

function chosen(names: readonly string[]): (() => Promise<void>)[] {
  if (names.length === 0) return [...BENCHES.values()];
  return names.map((name) => {
    const bench = BENCHES.get(name);
    if (bench !== undefined) return bench;
    const meant = closestWord(name, [...BENCHES.keys()]);
    throw new UserError('E_USAGE', `there is no bench '${name}'`, {
      hint: meant === undefined ? `There are ${[...BENCHES.keys()].join(' and ')}.` : `Did you mean ${meant}?`,
    });
  });
}
