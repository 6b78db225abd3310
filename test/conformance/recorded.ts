/** What real servers answered: the recordings in `test/vectors` and the ones beside this file, checked and in one shape. */
import { readFileSync } from 'node:fs';
import { z } from 'zod';
import { PROFILES } from '../../simulator/profile/index.ts';

/** The servers that were asked, and the release lines that stand for them. */
export const RELEASES = { '4.7.3': '4.7', '4.9.17': '4.9', '5.1.5': '5.1' } as const;
export type Release = keyof typeof RELEASES;
export const releases = Object.keys(RELEASES) as readonly Release[];

const answer = z.object({
  rcode: z.string(),
  /** Sorted; data of another type than the one asked for has its type in front. */
  answers: z.array(z.string()),
  /** The TTLs that occur, sorted. */
  ttl: z.array(z.number()).optional(),
  ecs_scope: z.number().optional(),
});
export type RecordedAnswer = z.infer<typeof answer>;

const outcome = z.union([answer, z.object({ distribution: z.array(answer.extend({ count: z.number() })) })]);
export type RecordedOutcome = z.infer<typeof outcome>;

const question = z.object({
  id: z.string().optional(),
  fn: z.string().optional(),
  type: z.string(),
  code: z.string().optional(),
  owner: z.string().optional(),
  /** Lines of a zone file, in place of `code`. */
  records: z.array(z.string()).optional(),
  query: z.object({
    qname: z.string(),
    qtype: z.string(),
    client: z.string().optional(),
    ecs: z.string().optional(),
    tcp: z.boolean().optional(),
    do: z.boolean().optional(),
  }),
  observed: z.record(z.string(), outcome),
});

export interface RecordedQuestion extends z.infer<typeof question> {
  /** Unique in its file. */
  readonly key: string;
  /** The function that it is about; `code` for any other code, `names` where several records are asked for. */
  readonly topic: string;
}

const meta = z.object({
  geo_db: z.string().optional(),
  /** Records of the zone without class and TTL. */
  zone_extra: z.array(z.string()).optional(),
  /** Lines of the zone as they were. */
  zone_lines: z.array(z.string()).optional(),
});

export interface Recording {
  readonly file: string;
  readonly usesGeo: boolean;
  readonly zoneExtra: readonly string[];
  readonly zoneLines: readonly string[];
  readonly questions: readonly RecordedQuestion[];
}

/** A recording of questions to one server each. */
export function readQuestions(file: string): Recording {
  const { meta: about, vectors } = read(file, z.object({ meta, vectors: z.array(question) }));
  return {
    file,
    usesGeo: about.geo_db !== undefined,
    zoneExtra: about.zone_extra ?? [],
    zoneLines: about.zone_lines ?? [],
    questions: vectors.map((vector, i) => ({
      ...vector,
      key: vector.id ?? `${vector.fn}#${i}`,
      topic: vector.code === undefined ? 'names' : topicOf(vector.code),
    })),
  };
}

const FUNCTIONS = new Set(Object.values(PROFILES).flatMap(({ functions }) => [...functions]));

function topicOf(code: string): string {
  return code.match(/\w+/g)?.find((word) => FUNCTIONS.has(word)) ?? 'code';
}

/** What a release answered; undefined where it was not asked. */
export function observedBy(question: RecordedQuestion, release: Release): RecordedOutcome | undefined {
  return question.observed[release] ?? question.observed.all;
}

/** Any recording, checked by `schema`. `own/…` is beside this file. */
export function read<T>(file: string, schema: z.ZodType<T>): T {
  if (!file.startsWith('own/')) return schema.parse(JSON.parse(textOf(`../vectors/${file}.json`)));
  const [about, ...vectors] = readLines(file);
  return schema.parse({ meta: about, vectors });
}

/** A file of our own: what holds for all of it in the first line, then one question a line. */
export function readLines(file: string): readonly unknown[] {
  return textOf(`./${file}.jsonl`)
    .trimEnd()
    .split('\n')
    .map((line): unknown => JSON.parse(line));
}

function textOf(path: string): string {
  return readFileSync(new URL(path, import.meta.url), 'utf8');
}
