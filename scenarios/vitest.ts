/** Scenario files as tests of vitest: `import { scenarioTest } from 'pdns-shadow/vitest'`. */
import { describe, test } from 'vitest';
import { assertScenario, loadScenarioFile, runScenario, ScenarioFailure, type ScenarioRunOptions } from './testing.ts';

export type { ScenarioReport } from './report/report.ts';
export {
  assertScenario,
  loadScenarioFile,
  runScenario,
  ScenarioFailure,
  type ScenarioRunOptions,
} from './testing.ts';

export interface ScenarioTestOptions extends ScenarioRunOptions {
  /** How long one run may take, in milliseconds. Default: a minute, and ten where real servers run. */
  readonly timeout?: number;
}

const SIMULATED_MS = 60_000;
const REAL_MS = 600_000;

/**
 * One test for each release line of a scenario file, under its title; a path counts from the working directory, so beside a test
 * write `new URL('fsn-fails.yaml', import.meta.url)`. A test fails with the report, and is skipped, with the reason, where the
 * engine cannot run it. A file that cannot be read, or is wrong, is a test that fails.
 */
export function scenarioTest(file: string | URL, options: ScenarioTestOptions = {}): void {
  const { timeout = options.engine === undefined || options.engine === 'simulate' ? SIMULATED_MS : REAL_MS } = options;
  const called = new Error();
  Error.captureStackTrace(called, scenarioTest);
  const load = () => {
    try {
      return loadScenarioFile(file);
    } catch (error) {
      return { error };
    }
  };
  const scenario = load();
  if ('error' in scenario) {
    test(`scenario ${file}`, () => {
      throw seenFrom(called, scenario.error);
    });
    return;
  }
  const { profiles = scenario.profiles } = options;
  describe(scenario.name, () => {
    for (const profile of profiles) {
      test(`PowerDNS ${profile}`, { timeout }, async (context) => {
        const report = await runScenario(scenario, { ...options, profiles: [profile] });
        const [skipped, ...others] = report.results;
        if (skipped?.verdict === 'skip' && others.every(({ verdict }) => verdict === 'skip')) {
          context.skip(skipped.skipped);
        }
        try {
          assertScenario(report);
        } catch (error) {
          throw seenFrom(called, error);
        }
      });
    }
  });
}

/** The error with the place where the test is written, instead of one in here. */
function seenFrom({ stack = '' }: Error, error: unknown): unknown {
  if (!(error instanceof Error)) return error;
  const frames = stack.slice(stack.indexOf('\n    at '));
  const name = error instanceof ScenarioFailure ? error.name : 'Error';
  error.stack = `${name}: ${error.message}${frames}`;
  return error;
}
