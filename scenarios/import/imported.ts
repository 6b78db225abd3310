/** What an import makes of a chaos experiment: faults in the words of a scenario, and how they are written. */
import type { Path, Reading } from '../load/reading.ts';

/** A fault that begins so many milliseconds after its experiment. */
export interface ImportedFault {
  readonly atMs: number;
  /** Undefined: until somebody ends it. */
  readonly lastsMs: number | undefined;
  /** Keys of an entry of the timeline, values as YAML: `target: fsn`, `http: 503`. */
  readonly keys: readonly (readonly [key: string, yaml: string])[];
  /** What it was called where it comes from. */
  readonly note: string;
}

export interface Imported {
  readonly faults: readonly ImportedFault[];
  /** Undefined: for ever. */
  readonly lastsMs: number | undefined;
}

export const NOTHING: Imported = { faults: [], lastsMs: 0 };

/** A part of the document, and how names in it become names of the scenario. */
export interface ImportContext {
  readonly reading: Reading;
  /** A selector, such as `app=api`, `shop/app=api` or a namespace, to what is struck: a target, or a server. */
  readonly targets: ReadonlyMap<string, string>;
  readonly servers: ReadonlySet<string>;
  /** Targets and servers to the places where they stand. */
  readonly places: ReadonlyMap<string, string>;
  /** How long a killed pod takes until another one serves. */
  readonly restartMs: number;
}

/** The faults of an experiment that happens later. */
export function delayed(faults: readonly ImportedFault[], byMs: number): readonly ImportedFault[] {
  return faults.map((fault) => ({ ...fault, atMs: fault.atMs + byMs }));
}

/** Warns that something of an experiment is left out or is only nearly so. */
export function warnOf(
  { reading }: ImportContext,
  code: 'W_IMPORT_UNSUPPORTED' | 'W_IMPORT_APPROXIMATE',
  path: Path,
  message: string,
  hint: string,
): void {
  reading.warn(code, reading.yaml.placeOfPath(path), message, hint);
}

/** Warns of each key of a mapping that nobody here reads. */
export function warnOfOthers(
  context: ImportContext,
  mapping: object,
  read: ReadonlySet<string>,
  path: Path,
  hint: string,
): void {
  for (const key of Object.keys(mapping)) {
    if (!read.has(key)) warnOf(context, 'W_IMPORT_APPROXIMATE', [...path, key], `${key} is not looked at`, hint);
  }
}

/** A line of a scenario's timeline. */
export function timelineLine({ atMs, lastsMs, keys, note }: ImportedFault): string {
  const lasts = lastsMs === undefined ? [] : [`for: ${durationText(lastsMs)}`];
  const parts = [`at: ${durationText(atMs)}`, ...lasts, ...keys.map(([key, yaml]) => `${key}: ${yaml}`)];
  return `  - { ${parts.join(', ')}, note: ${JSON.stringify(note)} }`;
}

export function durationText(ms: number): string {
  return ms % 1000 === 0 ? `${ms / 1000}s` : `${ms}ms`;
}

/** `90s`, `1m30s`, `1.5h`: as Go writes durations. Undefined for anything else, and for what is shorter than 1 ms. */
export function goDurationMs(text: string): number | undefined {
  const parts = [...text.matchAll(/(\d+(?:\.\d+)?)(ms|us|µs|ns|s|m|h)/g)];
  if (parts.length === 0 || parts.map(([part]) => part).join('') !== text.trim()) return undefined;
  const ms = parts.reduce((sum, [, count, unit = '']) => sum + Number(count) * (UNIT_MS[unit] ?? 0), 0);
  return Math.round(ms) >= 1 ? Math.round(ms) : undefined;
}

const UNIT_MS: Readonly<Record<string, number>> = {
  ns: 1e-6,
  us: 1e-3,
  µs: 1e-3,
  ms: 1,
  s: 1000,
  m: 60_000,
  h: 3_600_000,
};

/** The duration at a path; undefined where there is none, and a complaint where it is no duration. */
export function durationAt({ reading }: ImportContext, value: string | undefined, path: Path): number | undefined {
  if (value === undefined) return undefined;
  const ms = goDurationMs(value);
  if (ms === undefined) {
    const hint = 'Write it as 90s, 1m30s or 500ms.';
    reading.complain('E_IMPORT_VALUE', path, `'${value}' is no duration`, hint);
  }
  return ms;
}
