/** What `scenario run` and `scenario merge` do. */
import { access, constants, writeFile } from 'node:fs/promises';
import { dirname } from 'node:path';
import { UserError } from '../input/errors.ts';
import { parseShard } from '../input/shard.ts';
import { parsePhase } from '../scenarios/asked-phase.ts';
import { enginesFor } from '../scenarios/engines.ts';
import { checkScenario } from '../scenarios/load/load.ts';
import { htmlReport } from '../scenarios/report/html.ts';
import { jsonReport, parseJsonReport } from '../scenarios/report/json.ts';
import { junitReport } from '../scenarios/report/junit.ts';
import { reportOf } from '../scenarios/report/make.ts';
import { mergeReports } from '../scenarios/report/merge.ts';
import type { ScenarioReport } from '../scenarios/report/report.ts';
import { textReport } from '../scenarios/report/text.ts';
import { type Job, runScenarios } from '../scenarios/run.ts';
import type { Scenario } from '../scenarios/scenario.ts';
import { RELEASE_LINES } from '../simulator/profile/profile.ts';
import { readTextFile, whyNot } from './files.ts';
import { readScenario } from './run-scenario.ts';
import type { MergeFlags, RunFlags } from './scenario.ts';

export async function runRun(flags: RunFlags): Promise<void> {
  const shard = flags.shard === undefined ? undefined : parseShard(flags.shard);
  const reports = await reportFiles(flags.report ?? []);
  const phase = flags.phase === undefined ? undefined : parsePhase(flags.phase, '--phase');
  const seed = seedFlag(flags.seed);
  const scenarios = await readScenarios(flags.file);
  if (scenarios === undefined) return;
  const profiles = RELEASE_LINES.filter((line) => (flags.profile ?? []).includes(line));
  const dilation = flags.dilation === undefined ? undefined : dilationFlag(flags.dilation);
  const engines = await enginesFor({
    engine: flags.engine,
    phase,
    dilation,
    onDisturbed: (reason) => console.error(`warning: ${reason}`),
  });
  const progress = progressLine();
  const results = await runScenarios(scenarios, {
    engines,
    profiles,
    seed,
    phase,
    shard,
    onJob: progress.show,
  });
  progress.end();
  const made = results.map((result) => reportOf(result, { shard, phase, dilation }));
  await show(made, reports, flags.verbose);
}

export async function runMerge(flags: MergeFlags): Promise<void> {
  const reports = await reportFiles(flags.report ?? []);
  const parts = await Promise.all(
    flags.file.map(async (file) => ({
      file,
      reports: parseJsonReport(
        await readTextFile(
          file,
          'E_REPORT_FILE',
          'the report',
          'Name the JSON that scenario run --report json=FILE wrote.',
        ),
        file,
      ),
    })),
  );
  await show(mergeReports(parts), reports, flags.verbose);
}

/** Undefined where there are errors: all of them, of all files, are told. */
async function readScenarios(files: readonly string[]): Promise<Scenario[] | undefined> {
  const checked = await Promise.all(files.map(async (file) => checkScenario(await readScenario(file), file)));
  const errors = checked.flatMap((each) => each.errors);
  for (const error of errors) console.error(error.describe());
  if (errors.length > 0) process.exitCode = 2;
  return errors.length > 0 ? undefined : checked.flatMap(({ scenario }) => scenario ?? []);
}

function dilationFlag(text: string): number {
  const times = Number(text);
  if (/^\d{1,3}$/.test(text) && times >= 1 && times <= 100) return times;
  throw new UserError('E_USAGE', `--dilation ${text}: expected a whole number from 1 to 100`, {
    hint: '30 lets a minute of the scenario take two seconds; 1 is the time that it says.',
  });
}

async function show(reports: readonly ScenarioReport[], files: readonly ReportFile[], verbose: boolean): Promise<void> {
  const called = process.env.PDNS_SHADOW_CALLED;
  const colour = process.stdout.isTTY === true && process.env.NO_COLOR === undefined;
  process.stdout.write(
    textReport(reports, {
      colour,
      columns: process.stdout.columns ?? 100,
      verbose,
      ...(called === undefined ? {} : { called }),
    }),
  );
  for (const { kind, file } of files) await writeReport(file, WRITERS[kind](reports, called));
  const verdicts = reports.flatMap(({ results }) => results.map(({ verdict }) => verdict));
  if (verdicts.includes('fail')) process.exitCode = 1;
}

const WRITERS = { json: jsonReport, junit: junitReport, html: htmlReport } as const;

interface ReportFile {
  readonly kind: keyof typeof WRITERS;
  readonly file: string;
}

/** What can be known before is said before: a run on real servers takes minutes. */
async function reportFiles(written: readonly string[]): Promise<ReportFile[]> {
  const reports = written
    .flatMap((text) => text.split(','))
    .map((text): ReportFile => {
      const [, kind, file] = /^(json|junit|html)=(.+)$/.exec(text) ?? [];
      if ((kind === 'json' || kind === 'junit' || kind === 'html') && file !== undefined) return { kind, file };
      throw new UserError('E_USAGE', `--report ${text}: expected json=FILE, junit=FILE or html=FILE`, {
        hint: 'Several are joined by commas: --report json=out.json,html=out.html.',
      });
    });
  for (const { file } of reports) {
    const folder = dirname(file);
    await access(folder, constants.W_OK).catch(refuseReport(file, (why) => `in the folder ${folder}: ${why}`));
  }
  return reports;
}

async function writeReport(file: string, text: string): Promise<void> {
  await writeFile(file, text).catch(refuseReport(file, (why) => why));
}

function refuseReport(file: string, told: (why: string) => string): (cause: unknown) => never {
  return (cause) => {
    throw new UserError('E_REPORT_FILE', `${file} cannot be written: ${told(whyNot(cause))}`, {
      hint: 'Name a file in a folder that is there and yours.',
      cause,
    });
  };
}

function seedFlag(text: string): number {
  const seed = Number(text);
  if (/^\d{1,10}$/.test(text) && seed < 2 ** 32) return seed;
  throw new UserError('E_USAGE', `--seed ${text}: expected a whole number below 2^32`, { hint: 'Write --seed 7.' });
}

/** Which run it is, for people who wait; nothing where nobody looks on. */
function progressLine() {
  const isShown = process.stderr.isTTY === true;
  return {
    show({ scenario, profile, engine }: Job, done: number, all: number) {
      if (!isShown) return;
      const bar = '█'.repeat(Math.round((done / all) * 20)).padEnd(20, '░');
      process.stderr.write(`\r\x1b[K${bar} ${done}/${all} ${scenario.name} · PowerDNS ${profile} · ${engine.name}`);
    },
    end() {
      if (isShown) process.stderr.write('\r\x1b[K');
    },
  };
}
