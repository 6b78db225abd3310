/** Results as JSON Lines: a head, then a line for each job. Files of shards may simply be put behind each other. */
import { createHash } from 'node:crypto';
import { z } from 'zod';
import type { GeoDatabase } from '../../geoip/database.ts';
import { UserError } from '../../input/errors.ts';
import type { MapGrid, StateFigures } from './figures.ts';
import type { Sweep } from './sweep.ts';

const FORMAT = 'pdns-shadow plan geo 1';

/** The same for all shards of one sweep. */
export interface ResultsHead {
  readonly format: typeof FORMAT;
  /** Release line. */
  readonly profile: string;
  readonly jobs: number;
  readonly databases: readonly { readonly type: string; readonly builtAt: string }[];
  readonly resolvers: readonly string[];
  readonly countedBy: 'traffic' | 'addresses';
  readonly grid: MapGrid;
  /** Of all that the figures hang on but the databases: zones, regions, places, weights, traffic. */
  readonly inputs: string;
}

export interface Results {
  readonly head: ResultsHead;
  /** In the order of their jobs. */
  readonly states: readonly StateFigures[];
}

export interface HeadInput {
  readonly profile: string;
  readonly sweep: Sweep;
  readonly databases: readonly GeoDatabase[];
  readonly resolvers: readonly string[];
  readonly grid: MapGrid & { readonly byTraffic: boolean };
  /** Texts that decide figures. */
  readonly inputs: readonly string[];
}

export function headOf({ profile, sweep, databases, resolvers, grid, inputs }: HeadInput): ResultsHead {
  const { degrees, cells, clients } = grid;
  return {
    format: FORMAT,
    profile,
    jobs: sweep.jobs.length,
    databases: databases.map(({ metadata }) => ({ type: metadata.type, builtAt: metadata.builtAt.toISOString() })),
    resolvers,
    countedBy: grid.byTraffic ? 'traffic' : 'addresses',
    grid: { degrees, cells, clients },
    inputs: createHash('sha256')
      .update(JSON.stringify([sweep.records, sweep.jobs, [...sweep.places], inputs]))
      .digest('hex'),
  };
}

export function resultLine(value: ResultsHead | StateFigures): string {
  return JSON.stringify(value);
}

/** A file of results, and where it comes from. */
export interface ResultsFile {
  readonly file: string;
  readonly text: string;
}

const headShape = z.looseObject({ format: z.literal(FORMAT), jobs: z.number().int().min(0) });
const stateShape = z.looseObject({ job: z.number().int().min(0), name: z.string(), state: z.string() });

/**
 * The results of all shards, in any order. Throws `UserError` `E_MERGE`: for what is no result, for results of different sweeps,
 * for a job that is missing or that two shards claim.
 */
export function mergeResults(files: readonly ResultsFile[]): Results {
  let head: ResultsHead | undefined;
  let headText = '';
  let headFile = '';
  const states: (StateFigures | undefined)[] = [];
  for (const { file, text } of files) {
    for (const [i, line] of text.split('\n').entries()) {
      if (line.trim() === '') continue;
      const place = { file, line: i + 1 };
      const value = readLine(line, place);
      if (headShape.safeParse(value).success) {
        if (head !== undefined && line !== headText) {
          throw refused(
            place,
            `it is of another sweep than ${headFile}`,
            'Run every shard with the same inputs and flags.',
          );
        }
        // What we wrote ourselves; its shape was looked at.
        head = value as ResultsHead;
        headText = line;
        headFile = file;
        continue;
      }
      if (head === undefined || !stateShape.safeParse(value).success) {
        throw refused(place, 'it is no line of plan geo', 'Name files that plan geo --format jsonl wrote.');
      }
      const state = value as StateFigures;
      if (states[state.job] !== undefined) {
        throw refused(place, `${state.name} ${state.type}, ${state.state}, is there twice`, 'Give each shard once.');
      }
      states[state.job] = state;
    }
  }
  if (head === undefined)
    throw new UserError('E_MERGE', 'there are no results', { hint: 'Give the files of all shards.' });
  const missing = Array.from({ length: head.jobs }, (_, job) => job).filter((job) => states[job] === undefined);
  if (missing.length > 0) {
    throw new UserError(
      'E_MERGE',
      `${missing.length} of ${head.jobs} jobs are missing, the first is number ${(missing[0] ?? 0) + 1}`,
      {
        hint: 'Give the files of all shards.',
      },
    );
  }
  return { head, states: states.flatMap((state) => (state === undefined ? [] : [state])) };
}

function readLine(line: string, place: { file: string; line: number }): unknown {
  try {
    return JSON.parse(line);
  } catch {
    throw refused(place, 'it is no JSON: the file was cut, or is another', 'Run this shard again to its end.');
  }
}

function refused(place: { file: string; line: number }, message: string, hint: string): UserError {
  return new UserError('E_MERGE', `these results cannot be merged: ${message}`, { place, hint });
}
