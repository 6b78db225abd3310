/** Chaos experiments of Kubernetes in, lines of a scenario's timeline out. */
import type { z } from 'zod';
import { UserError } from '../../input/errors.ts';
import { parseYaml, type YamlDocument } from '../../input/yaml-document.ts';
import { checkYaml, rightPart } from '../../input/yaml-schema.ts';
import { newReading, type Path, type Reading, type ScenarioWarning } from '../load/reading.ts';
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
import type { Selection } from './selector.ts';
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
  /** Entries for `timeline:`, one a line, in the order of their times; undefined where there are errors. */
  readonly timeline: string | undefined;
  /**
   * All of them, in the order in which they are written: `E_IMPORT_SYNTAX` (no YAML), `_KIND` (no experiment), `_KEY`, `_VALUE`,
   * `_TARGET` (a selector that `targets` says nothing of, or a place that nobody knows), `E_SCENARIO_NAME` for a template that is
   * not there.
   */
  readonly errors: readonly UserError[];
  /** `W_IMPORT_UNSUPPORTED`: left out. `W_IMPORT_APPROXIMATE`: nearly so. */
  readonly warnings: readonly ScenarioWarning[];
  /** Every selector that was looked up in `targets`. */
  readonly selections: readonly Selection[];
}

/**
 * Reads experiments of Litmus (ChaosEngine) and chaos-mesh (NetworkChaos, PodChaos, HTTPChaos, Schedule, Workflow); of several
 * documents in one file all begin at once. Never throws for what a file can hold.
 */
export function importChaos(text: string, file: string, options: ImportOptions): ImportedTimeline {
  const { targets, servers = new Set(), places = new Map(), startMs = 60_000, restartMs = 10_000 } = options;
  const { documents, errors } = documentsOf(text, file);
  const warnings: ScenarioWarning[] = [];
  const selections: Selection[] = [];
  const imported = documents.map((yaml) => {
    const reading = newReading(yaml);
    const one = reading.attempt(() => importDocument({ reading, targets, selections, servers, places, restartMs }));
    errors.push(...reading.errors);
    warnings.push(...reading.warnings);
    return one ?? NOTHING;
  });
  const found = { errors: eachOnce(errors), warnings: eachOnce(warnings), selections };
  if (errors.length > 0) return { timeline: undefined, ...found };
  const faults = delayed(
    imported.flatMap((each) => each.faults),
    startMs,
  );
  const lines = faults.toSorted((a, b) => a.atMs - b.atMs).map((fault) => `${timelineLine(fault)}\n`);
  return { timeline: lines.join(''), ...found };
}

/** In the order of their places. A template that runs twice is complained of once. */
function eachOnce<Said extends Pick<UserError, 'message' | 'place'>>(all: readonly Said[]): readonly Said[] {
  const once = new Map(all.map((said) => [`${said.place?.line}:${said.place?.column} ${said.message}`, said]));
  return [...once.values()].toSorted(byPlace);
}

function byPlace({ place: a }: Pick<UserError, 'place'>, { place: b }: Pick<UserError, 'place'>): number {
  return (a?.line ?? 0) - (b?.line ?? 0) || (a?.column ?? 0) - (b?.column ?? 0);
}

/** Each with the lines that it has in the file, and an error for each that is no YAML. */
function documentsOf(text: string, file: string): { readonly documents: YamlDocument[]; readonly errors: UserError[] } {
  const documents: YamlDocument[] = [];
  const errors: UserError[] = [];
  let above = '';
  for (const part of text.split(/^---[^\S\n]*(?:#.*)?$/m)) {
    try {
      const yaml = parseYaml(above + part, file, 'E_IMPORT_SYNTAX');
      if (yaml.root !== null) documents.push(yaml);
    } catch (error) {
      if (!(error instanceof UserError)) throw error;
      errors.push(error);
    }
    above += part.replaceAll(/[^\n]/g, '');
  }
  if (documents.length === 0 && errors.length === 0) {
    errors.push(new UserError('E_IMPORT_KIND', NO_EXPERIMENT, { place: { file }, hint: KINDS }));
  }
  return { documents, errors };
}

const NO_EXPERIMENT = 'there is no chaos experiment in it';
const KINDS =
  'Expected a ChaosEngine of Litmus, or a NetworkChaos, PodChaos, HTTPChaos, Schedule or Workflow of chaos-mesh.';

function importDocument(context: ImportContext): Imported {
  const value = context.reading.yaml.plainValue();
  const kind = typeof value === 'object' && value !== null && 'kind' in value ? String(value.kind) : '';
  if (kind === 'ChaosEngine') return importChecked(context, engineFile, importEngine);
  if (kind === 'Workflow') {
    return importChecked(context, workflowFile, (own, { spec }) => importWorkflow(own, spec.entry, spec.templates));
  }
  if (kind === 'Schedule') return importChecked(context, scheduleFile, importSchedule);
  if (isChaosKind(kind)) {
    return importChecked(context, experimentFile, (own, { spec, metadata }) =>
      importExperiment(own, kind, spec, ['spec'], metadata.name ?? ''),
    );
  }
  const message = kind === '' ? NO_EXPERIMENT : `${kind} is no chaos experiment`;
  context.reading.complain('E_IMPORT_KIND', ['kind'], message, KINDS);
  return NOTHING;
}

/** One of its runs. */
function importSchedule(context: ImportContext, { spec, metadata }: z.output<typeof scheduleFile>): Imported {
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

/** Of a document with values that are wrong, what is right is looked at all the same: more may be wrong with it. */
function importChecked<Schema extends z.ZodType>(
  context: ImportContext,
  schema: Schema,
  importer: (context: ImportContext, document: z.output<Schema>) => Imported,
): Imported {
  const { reading } = context;
  const codes = { key: 'E_IMPORT_KEY', value: 'E_IMPORT_VALUE' };
  const result = checkYaml(reading.yaml, schema, codes, KINDS);
  if (result.kind === 'right') return importer(context, result.value);
  for (const problem of result.problems) reading.add(problem);
  const rest = rightPart(reading.yaml, schema);
  if (rest === undefined) return NOTHING;
  return importer({ ...context, reading: withoutEchoes(reading, rest.without) }, rest.value);
}

/** For the rest of a document: what comes of the values that it lacks is not said besides. */
function withoutEchoes(reading: Reading, lacking: readonly Path[]): Reading {
  const isEcho = (path: Path) => lacking.some((wrong) => isWithin(path, wrong) || isWithin(wrong, path));
  return {
    ...reading,
    warn: () => {},
    complain: (code, path, message, hint) => {
      if (!isEcho(path)) reading.complain(code, path, message, hint);
    },
  };
}

function isWithin(path: Path, outer: Path): boolean {
  return outer.every((key, i) => path[i] === key);
}
