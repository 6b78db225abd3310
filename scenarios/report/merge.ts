/** The reports of all shards of one run, put together as if it had never been divided. */
import { UserError } from '../../input/errors.ts';
import type { ExpectedReport, ResultReport, ScenarioReport } from './report.ts';

/** What one shard wrote, and where. */
export interface ShardReport {
  readonly file: string;
  readonly reports: readonly ScenarioReport[];
}

/**
 * In any order of the shards. A report without a shard is a whole run and stays as it is; several of those stand behind each
 * other. Throws `UserError` (`E_MERGE`) for a shard that is missing or twice there, and for shards of different runs.
 */
export function mergeReports(parts: readonly ShardReport[]): ScenarioReport[] {
  const wholes = parts.filter(({ reports }) => reports.every(({ shard }) => shard === undefined));
  if (wholes.length === parts.length) return wholes.flatMap(({ reports }) => reports);
  const shards = sortedShards(parts);
  const [first] = shards;
  if (first === undefined) return [];
  for (const { file, reports } of shards) {
    if (aboutOf(reports) !== aboutOf(first.reports)) {
      throw refused(
        file,
        `it is of other scenarios than ${first.file}`,
        'Run every shard with the same files and options.',
      );
    }
  }
  const merged: ResultReport[][] = first.reports.map(() => []);
  // Jobs were dealt like cards: the first to the first shard, and after the last shard the first again.
  const hands = shards.map(({ reports }) =>
    reports.flatMap(({ results }, i) => results.map((result) => ({ i, result }))),
  );
  for (let job = 0; job < hands.reduce((sum, hand) => sum + hand.length, 0); job++) {
    const dealt = hands[job % hands.length]?.[Math.floor(job / hands.length)];
    if (dealt === undefined) {
      const file = shards[job % shards.length]?.file ?? '';
      throw refused(
        file,
        'it has fewer results than its shard holds',
        'Run this shard to its end, with the same options.',
      );
    }
    merged[dealt.i]?.push(dealt.result);
  }
  return first.reports.map(({ shard: _, ...report }, i) => ({
    ...report,
    expected: expectedIn(shards.flatMap(({ reports }) => reports[i] ?? [])),
    results: merged[i] ?? [],
  }));
}

function sortedShards(parts: readonly ShardReport[]): ShardReport[] {
  const found = new Map<number, ShardReport>();
  const [count, ofFile] = firstCount(parts);
  for (const part of parts) {
    const numbers = new Set(
      part.reports.map(({ shard }) => (shard === undefined ? '' : `${shard.index}/${shard.count}`)),
    );
    const shard = part.reports[0]?.shard;
    if (shard === undefined || numbers.size > 1) {
      throw refused(part.file, 'it is no shard, and others are', 'Give the reports of all shards of one run.');
    }
    if (shard.count !== count) {
      throw refused(
        part.file,
        `it is one of ${shard.count} shards, and ${ofFile} one of ${count}`,
        'Give shards of one run.',
      );
    }
    const twin = found.get(shard.index);
    if (twin !== undefined) {
      throw refused(part.file, `shard ${shard.index}/${count} is also in ${twin.file}`, 'Give each shard once.');
    }
    found.set(shard.index, part);
  }
  const missing = Array.from({ length: count }, (_, i) => i + 1).filter((index) => !found.has(index));
  if (missing.length > 0) {
    const which = missing
      .slice(0, 10)
      .map((index) => `${index}/${count}`)
      .join(', ');
    const more = missing.length > 10 ? ` and ${missing.length - 10} more` : '';
    throw refused(undefined, `no report of shard ${which}${more}`, `Run it with --shard ${missing[0]}/${count}.`);
  }
  return [...found].sort(([a], [b]) => a - b).map(([, part]) => part);
}

function firstCount(parts: readonly ShardReport[]): [number, string] {
  for (const { file, reports } of parts) {
    const shard = reports.find((report) => report.shard !== undefined)?.shard;
    if (shard !== undefined) return [shard.count, file];
  }
  return [0, ''];
}

/** Once each: what an engine holds results to besides is told by the shards in which it failed only. */
function expectedIn(reports: readonly ScenarioReport[]): ExpectedReport[] {
  const all = reports.flatMap(({ expected }) => expected);
  return [...new Map(all.map((each) => [each.index, each])).values()].sort((a, b) => a.index - b.index);
}

/** All but what is a shard's own. */
function aboutOf(reports: readonly ScenarioReport[]): string {
  return JSON.stringify(
    reports.map(({ shard: _, results: __, expected, ...about }) => ({
      ...about,
      expected: expected.filter(({ line }) => line !== undefined),
    })),
  );
}

function refused(file: string | undefined, message: string, hint: string): UserError {
  return new UserError('E_MERGE', file === undefined ? message : `this report cannot be merged: ${message}`, {
    ...(file === undefined ? {} : { place: { file } }),
    hint,
  });
}
