/** What the `scenario` commands do. */
import type { InputPlace } from '../input/errors.ts';
import { libraryFiles } from '../scenarios/library.ts';
import { type CheckedScenario, checkScenario, loadScenario } from '../scenarios/load/load.ts';
import { warningText } from '../scenarios/load/reading.ts';
import { scenarioJsonSchema } from '../scenarios/schema/schema.ts';
import { starterScenario } from '../scenarios/starter.ts';
import { readTextFile, writeNewFile } from './files.ts';
import { printJson } from './print.ts';
import type { LintFlags, ListFlags, NewFlags } from './scenario.ts';

export function runSchema(): void {
  printJson(scenarioJsonSchema());
}

export async function runLint({ file: files, format }: LintFlags): Promise<void> {
  const checked = await Promise.all(
    files.map(async (file) => ({ file, ...checkScenario(await readScenario(file), file) })),
  );
  const errors = checked.flatMap((each) => each.errors);
  if (format === 'json') printJson(checked.map(reportOf));
  else {
    for (const each of checked) printFindings(each);
    const warnings = checked.flatMap((each) => each.warnings);
    console.log(
      `${count(files.length, 'file')}: ${count(errors.length, 'error')}, ${count(warnings.length, 'warning')}`,
    );
  }
  if (errors.length > 0) process.exitCode = 2;
}

export async function runList({ file = [], format }: ListFlags): Promise<void> {
  const files = file.length > 0 ? file : libraryFiles();
  const scenarios = await Promise.all(files.map(async (each) => loadScenario(await readScenario(each), each)));
  if (format === 'json') {
    printJson(
      scenarios.map(({ file: path, name, shows, profiles, engines }) => ({
        file: path,
        name,
        shows,
        profiles,
        engines,
      })),
    );
    return;
  }
  for (const [i, { file: path, name, shows, profiles, engines }] of scenarios.entries()) {
    if (i > 0) console.log();
    console.log(name);
    if (shows !== '') console.log(`  ${shows}`);
    console.log(`  PowerDNS ${profiles.join(', ')}; ${engines.join(', ')}; ${path}`);
  }
}

export async function runNew({ name, output }: NewFlags): Promise<void> {
  const text = starterScenario(name);
  if (output === undefined) return void process.stdout.write(text);
  await writeNewFile(output, text, 'the scenario');
  console.log(output);
}

export function readScenario(file: string): Promise<string> {
  return readTextFile(file, 'E_SCENARIO_FILE', 'the scenario', 'Start one with pdns-shadow scenario new NAME.');
}

function printFindings({ errors, warnings }: CheckedScenario): void {
  for (const error of errors) console.log(error.describe());
  for (const warning of warnings) console.log(warningText(warning));
}

function reportOf({ file, errors, warnings }: CheckedScenario & { readonly file: string }) {
  return {
    file,
    errors: errors.map(({ code, message, place, hint }) => ({ code, message, ...positionOf(place), hint })),
    warnings: warnings.map(({ code, message, place, hint }) => ({ code, message, ...positionOf(place), hint })),
  };
}

function positionOf(place: InputPlace | undefined) {
  return { file: place?.file, line: place?.line, column: place?.column };
}

function count(number: number, what: string): string {
  return `${number} ${what}${number === 1 ? '' : 's'}`;
}
