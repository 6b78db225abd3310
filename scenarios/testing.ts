/** Scenarios in tests of one's own: load a file, run it, and fail with the report. */
import { readFileSync } from 'node:fs';
import { relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import { UserError } from '../input/errors.ts';
import type { ReleaseLine } from '../simulator/profile/profile.ts';
import { parsePhase } from './asked-phase.ts';
import { type EngineChoice, enginesFor } from './engines.ts';
import { loadScenario } from './load/load.ts';
import { reportOf } from './report/make.ts';
import type { ScenarioReport } from './report/report.ts';
import { scenarioText } from './report/text.ts';
import { runText, verdictText } from './report/words.ts';
import { runScenarios } from './run.ts';
import type { Scenario } from './scenario.ts';

export interface ScenarioRunOptions {
  /** Of those that the scenario names; default: all of them. */
  readonly profiles?: readonly ReleaseLine[];
  /** `simulate` (the default) in virtual time, `powerdns` on real servers, `both` held against each other. */
  readonly engine?: EngineChoice;
  /** `all`, a number of phases such as `25`, or one offset such as `2.5s`; default: as the scenario says. */
  readonly phase?: string;
  /** Decides every draw: a whole number from 0. Default 1. */
  readonly seed?: number;
  /** How many times as fast as the clock real servers run; default: the most that comes out right. */
  readonly dilation?: number;
}

/** An expectation did not hold. Its message is the report: what was wanted and seen, when, and how to see it again. */
export class ScenarioFailure extends Error {
  override readonly name = 'ScenarioFailure';
  /** Not listed among its properties: whoever prints errors has the message. */
  declare readonly report: ScenarioReport;

  constructor(message: string, report: ScenarioReport) {
    super(message);
    Object.defineProperty(this, 'report', { value: report, enumerable: false });
  }
}

/**
 * Reads a scenario file; a path counts from the working directory. Throws an error whose message says what is wrong, where, and
 * what to write instead, with its code.
 */
export function loadScenarioFile(file: string | URL): Scenario {
  const path = typeof file === 'string' ? file : shortPath(fileURLToPath(file));
  try {
    return loadScenario(textOf(path), path);
  } catch (error) {
    if (error instanceof UserError) throw new Error(error.describe());
    throw error;
  }
}

/** As it is typed, so that the command which repeats a failure can be pasted. */
function shortPath(path: string): string {
  const fromHere = relative(process.cwd(), path);
  return fromHere.startsWith('..') ? path : fromHere;
}

function textOf(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch (cause) {
    const why = cause instanceof Error ? cause.message : String(cause);
    const hint = 'A path counts from the working directory; beside a test write new URL(FILE, import.meta.url).';
    throw new UserError('E_SCENARIO_FILE', `the scenario cannot be read: ${why}`, {
      place: { file: path },
      hint,
      cause,
    });
  }
}

/** Runs a scenario, or the one in a file, on its release lines. What cannot be run is skipped, with the reason in the report. */
export async function runScenario(
  scenario: Scenario | string | URL,
  options: ScenarioRunOptions = {},
): Promise<ScenarioReport> {
  const loaded = typeof scenario === 'string' || scenario instanceof URL ? loadScenarioFile(scenario) : scenario;
  const { profiles = [], engine = 'simulate', seed = 1, dilation } = options;
  const phase = options.phase === undefined ? undefined : parsePhase(options.phase, 'phase');
  const engines = await enginesFor({ engine, phase, dilation });
  const [result] = await runScenarios([loaded], { engines, profiles, seed, phase, shard: undefined });
  if (result === undefined) throw new Error('a scenario came back without its results');
  return reportOf(result, { phase, dilation });
}

/** Throws `ScenarioFailure` where an expectation does not hold, or where nothing was run at all. */
export function assertScenario(report: ScenarioReport): void {
  const failed = report.results.filter(({ verdict }) => verdict === 'fail');
  const isRun = report.results.some(({ verdict }) => verdict !== 'skip');
  if (isRun && failed.length === 0) return;
  const told = (isRun ? failed : report.results).map((result) => `${runText(result)}: ${verdictText(result)}`);
  const head = `${report.scenario}: ${isRun ? '' : 'nothing was run; '}${told.join('; ')}`;
  const failure = new ScenarioFailure(`${head}\n\n${scenarioText(report, { colour: false })}`, report);
  // The line that is shown is the one of the test.
  Error.captureStackTrace(failure, assertScenario);
  throw failure;
}
