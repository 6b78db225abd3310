/** Chaos experiments of Kubernetes in, lines of a scenario's timeline out. */
import type { z } from 'zod';
import { UserError } from '../../input/errors.ts';
import { parseYaml, type YamlDocument } from '../../input/yaml-document.ts';
import { checkYaml } from '../../input/yaml-schema.ts';
import { newReading, type ScenarioWarning } from '../load/reading.ts';
import { importExperiment } from './chaos-mesh.ts';
import {
  experimentFile,
  experimentSchema,
  isChaosKind,
  SPEC_KEYS,
  scheduleFile,
  workflowFile,
} from './chaos-mesh-schema.ts';
import { delayed, type ImportContext, type Imported, NOTHING, timelineLine, warnOf } from './imported.ts';
import { engineFile, importEngine } from './litmus.ts';
import { importWorkflow } from './workflow.ts';

export interface ImportOptions {
  /**
   * What experiments select, and the target of the scenario that it is: `app=api`, `shop/app=api` (in a namespace), `api` (the
   * value of a label), `shop` (a namespace) or `shop/api-7d9f` (a pod). The most particular one counts.
   */
  readonly targets: ReadonlyMap<string, string>;
  /** Which of the names in `targets` are servers: nothing but a partition strikes them. */
  readonly servers?: ReadonlySet<string>;
  /** Where targets and servers stand, by their names, for partitions. */
  readonly places?: ReadonlyMap<string, string>;
  /** When the first experiment begins, in milliseconds. Default: a minute, by which servers know their targets. */
  readonly startMs?: number;
  /** How long a killed pod takes until another one serves, in milliseconds. Default: 10 s. */
  readonly restartMs?: number;
}

export interface ImportedTimeline {
  /** Entries for `timeline:`, one a line, in the order of their times. */
  readonly timeline: string;
  /** `W_IMPORT_UNSUPPORTED`: left out. `W_IMPORT_APPROXIMATE`: nearly so. */
  readonly warnings: readonly ScenarioWarning[];
}

/**
 * Reads experiments of Litmus (ChaosEngine) and chaos-mesh (NetworkChaos, PodChaos, HTTPChaos, Schedule, Workflow); of several
 * documents in one file all begin at once. Throws `UserError`: `E_IMPORT_SYNTAX` (no YAML), `_KIND` (no experiment), `_KEY`,
 * `_VALUE`, `_TARGET` (a selector that `targets` says nothing of, or a place that nobody knows), `E_SCENARIO_NAME` for a template
 * that is not there.
 */
export function importChaos(text: string, file: string, options: ImportOptions): ImportedTimeline {
  const warnings: ScenarioWarning[] = [];
  const imported = documentsOf(text, file).map((yaml) => {
    const reading = newReading(yaml);
    const { targets, servers = new Set(), places = new Map(), restartMs = 10_000 } = options;
    const one = importDocument({ reading, targets, servers, places, restartMs });
    const [error] = reading.errors;
    if (error !== undefined) throw error;
    warnings.push(...reading.warnings.toSorted(byPlace));
    return one;
  });
  const faults = delayed(
    imported.flatMap((each) => each.faults),
    options.startMs ?? 60_000,
  );
  const lines = faults.toSorted((a, b) => a.atMs - b.atMs).map((fault) => `${timelineLine(fault)}\n`);
  return { timeline: lines.join(''), warnings };
}

function byPlace({ place: a }: ScenarioWarning, { place: b }: ScenarioWarning): number {
  return (a.line ?? 0) - (b.line ?? 0) || (a.column ?? 0) - (b.column ?? 0);
}

/** Each with the lines that it has in the file. */
function documentsOf(text: string, file: string): readonly YamlDocument[] {
  const documents: YamlDocument[] = [];
  let above = '';
  for (const part of text.split(/^---[^\S\n]*(?:#.*)?$/m)) {
    const yaml = parseYaml(above + part, file, 'E_IMPORT_SYNTAX');
    above += part.replaceAll(/[^\n]/g, '');
    if (yaml.root !== null) documents.push(yaml);
  }
  if (documents.length === 0) throw new UserError('E_IMPORT_KIND', NO_EXPERIMENT, { place: { file }, hint: KINDS });
  return documents;
}

const NO_EXPERIMENT = 'there is no chaos experiment in it';
const KINDS =
  'Expected a ChaosEngine of Litmus, or a NetworkChaos, PodChaos, HTTPChaos, Schedule or Workflow of chaos-mesh.';

function importDocument(context: ImportContext): Imported {
  const { yaml } = context.reading;
  const value = yaml.plainValue();
  const kind = typeof value === 'object' && value !== null && 'kind' in value ? String(value.kind) : '';
  if (kind === 'ChaosEngine') return importEngine(context, checked(yaml, engineFile));
  if (kind === 'Workflow') {
    const { spec } = checked(yaml, workflowFile);
    return importWorkflow(context, spec.entry, spec.templates);
  }
  if (kind === 'Schedule') return importSchedule(context);
  if (isChaosKind(kind)) {
    const { spec, metadata } = checked(yaml, experimentFile);
    return importExperiment(context, kind, spec, ['spec'], metadata.name ?? '');
  }
  const message = kind === '' ? NO_EXPERIMENT : `${kind} is no chaos experiment`;
  context.reading.complain('E_IMPORT_KIND', ['kind'], message, KINDS);
  return NOTHING;
}

/** One of its runs. */
function importSchedule(context: ImportContext): Imported {
  const { spec, metadata } = checked(context.reading.yaml, scheduleFile);
  const { type, schedule } = spec;
  const hint = 'Write its line once more for each time that it comes.';
  const path = ['spec', 'schedule'];
  warnOf(context, 'W_IMPORT_APPROXIMATE', path, `it comes again (${schedule}), here once`, hint);
  if (isChaosKind(type)) {
    const own = experimentSchema.parse(spec[SPEC_KEYS[type]] ?? {});
    return importExperiment(context, type, own, ['spec', SPEC_KEYS[type]], metadata.name ?? '');
  }
  const message = `a Schedule of ${type} is left out`;
  warnOf(context, 'W_IMPORT_UNSUPPORTED', ['spec', 'type'], message, 'Import the workflow itself.');
  return NOTHING;
}

function checked<Schema extends z.ZodType>(yaml: YamlDocument, schema: Schema): z.output<Schema> {
  const codes = { key: 'E_IMPORT_KEY', value: 'E_IMPORT_VALUE' };
  const result = checkYaml(yaml, schema, codes, KINDS);
  if (result.kind === 'wrong') throw result.problems[0];
  return result.value;
}
