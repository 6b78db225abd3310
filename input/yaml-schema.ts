/** A schema held against a YAML document: everything that is wrong, each with its place and what to write instead. */
import type { z } from 'zod';
import { UserError } from './errors.ts';
import { keysAt } from './schema-keys.ts';
import { closestWord } from './spelling.ts';
import type { YamlDocument } from './yaml-document.ts';

type Issue = z.core.$ZodIssue;

export interface SchemaCodes {
  /** Unknown or missing keys. */
  readonly key: string;
  readonly value: string;
}

export type SchemaResult<T> =
  | { readonly kind: 'right'; readonly value: T }
  /** At least one; unknown keys first. */
  | { readonly kind: 'wrong'; readonly problems: readonly [UserError, ...UserError[]] };

/** `whole`: what is expected of a document that is no mapping at all. Throws `UserError` for an unknown alias. */
export function checkYaml<Schema extends z.ZodType>(
  yaml: YamlDocument,
  schema: Schema,
  codes: SchemaCodes,
  whole: string,
): SchemaResult<z.output<Schema>> {
  const value = yaml.plainValue() ?? {};
  const parsed = schema.safeParse(value);
  if (parsed.success) return { kind: 'right', value: parsed.data };
  const issues = parsed.error.issues.flatMap((issue) => innermost(issue, value));
  const problems = worthSaying(issues).map((issue) => problemOf(issue, { yaml, schema, codes, whole, value }));
  const [first, ...rest] = problems;
  if (first === undefined) throw new Error('a schema refused a document without saying why');
  return { kind: 'wrong', problems: [first, ...rest] };
}

/** What is left of a document that a schema refuses. */
export interface RightPart<T> {
  readonly value: T;
  /** Where the values stood that are wrong. */
  readonly without: readonly (readonly PropertyKey[])[];
}

/**
 * A document that `schema` refuses without the values that are wrong, so that the rest can be looked at too; undefined where
 * the schema does not do without them. Throws `UserError` for an unknown alias.
 */
export function rightPart<Schema extends z.ZodType>(
  yaml: YamlDocument,
  schema: Schema,
): RightPart<z.output<Schema>> | undefined {
  const value = yaml.plainValue() ?? {};
  const issues = (schema.safeParse(value).error?.issues ?? []).flatMap((issue) => innermost(issue, value));
  const without = issues.flatMap((issue) =>
    issue.code === 'unrecognized_keys' ? issue.keys.map((key) => [...issue.path, key]) : [issue.path],
  );
  for (const path of without) {
    const parent = valueAt(value, path.slice(0, -1));
    const key = path.at(-1);
    // A list stays as long as it is, so that what follows keeps its place.
    if (Array.isArray(parent)) parent[Number(key)] = undefined;
    else if (typeof parent === 'object' && parent !== null && key !== undefined) Reflect.deleteProperty(parent, key);
  }
  const parsed = schema.safeParse(value);
  return parsed.success ? { value: parsed.data, without } : undefined;
}

interface Context {
  readonly yaml: YamlDocument;
  readonly schema: z.ZodType;
  readonly codes: SchemaCodes;
  readonly whole: string;
  readonly value: unknown;
}

/** A misspelled key is also a missing one: what is there comes first, and what it hides is not said. */
function worthSaying(issues: readonly Issue[]): readonly Issue[] {
  const unknown = issues.filter((issue) => issue.code === 'unrecognized_keys');
  if (unknown.length === 0) return issues;
  const misspelled = new Set(unknown.map(({ path }) => JSON.stringify(path)));
  const hidden = (issue: Issue) => misspelled.has(JSON.stringify(issue.path.slice(0, -1)));
  return [...unknown, ...issues.filter((issue) => issue.code !== 'unrecognized_keys' && !hidden(issue))];
}

/** Of alternatives only one of which has the shape of what is written, or most of its keys, that one's complaints. */
function innermost(issue: Issue, root: unknown): readonly Issue[] {
  if (issue.code !== 'invalid_union') return [issue];
  const shaped = issue.errors.filter((branch) => !branch.some(isOtherShape));
  const only = withMostKeys(shaped, valueAt(root, issue.path));
  if (only === undefined || only.length === 0) return [issue];
  return only.flatMap((inner) => innermost({ ...inner, path: [...issue.path, ...inner.path] }, root));
}

/** The only one, or the only one that knows more keys of what is written than each of the others. */
function withMostKeys(branches: readonly (readonly Issue[])[], written: unknown): readonly Issue[] | undefined {
  if (branches.length < 2) return branches[0];
  if (typeof written !== 'object' || written === null) return undefined;
  const unknownTo = (branch: readonly Issue[]) =>
    branch.reduce(
      (sum, each) => sum + (each.code === 'unrecognized_keys' && each.path.length === 0 ? each.keys.length : 0),
      0,
    );
  const fewest = Math.min(...branches.map(unknownTo));
  const [best, ...others] = branches.filter((branch) => unknownTo(branch) === fewest);
  return others.length === 0 && fewest < Object.keys(written).length ? best : undefined;
}

function isOtherShape(issue: Issue): boolean {
  return issue.path.length === 0 && issue.code !== 'unrecognized_keys';
}

function problemOf(issue: Issue, context: Context): UserError {
  const { yaml, codes, schema } = context;
  if (issue.code === 'unrecognized_keys') {
    const [key = ''] = issue.keys;
    const known = keysAt(schema, issue.path);
    if (known.includes(key)) {
      return new UserError(codes.key, `${pathPrefix(issue.path)}'${key}' does not go with the other keys`, {
        place: yaml.placeOfPath([...issue.path, key]),
        hint: 'It belongs to another alternative: leave it out, or the others.',
      });
    }
    const guess = closestWord(key, known);
    return new UserError(codes.key, `${pathPrefix(issue.path)}unknown key '${key}'`, {
      place: yaml.placeOfPath([...issue.path, key]),
      hint: guess === undefined ? `Known here: ${known.join(', ')}.` : `Did you mean '${guess}'?`,
    });
  }
  const place = yaml.placeOfPath(issue.path);
  const written = valueAt(context.value, issue.path);
  if (written === undefined && (issue.code !== 'invalid_union' || isSilent(issue))) {
    const wanted = isSilent(issue) ? '' : `: ${issue.message}`;
    return new UserError(codes.key, `${issue.path.join('.')} is missing${wanted}`, { place });
  }
  if (issue.code === 'invalid_type' && issue.path.length === 0)
    return new UserError(codes.value, context.whole, { place });
  const hint = hintOf(issue, written);
  const message = `${pathPrefix(issue.path)}${isSilent(issue) ? expectation(issue, written) : issue.message}`;
  return new UserError(written === undefined ? codes.key : codes.value, message, {
    place,
    ...(hint === undefined ? {} : { hint }),
  });
}

/** The schema has no words of its own for it. */
function isSilent(issue: Issue): boolean {
  return /^(?:Invalid|Too) /.test(issue.message);
}

const IN_WORDS: Readonly<Record<string, string>> = {
  string: 'text',
  number: 'a number',
  int: 'a whole number',
  boolean: 'true or false',
  array: 'a list',
  tuple: 'a list',
  object: 'a mapping',
  record: 'a mapping',
};

function expectation(issue: Issue, written: unknown): string {
  if (issue.code === 'invalid_type')
    return `expected ${IN_WORDS[issue.expected] ?? issue.expected}, got ${shown(written)}`;
  if (issue.code === 'too_small') return tooSmall(issue);
  if (issue.code === 'invalid_key') return issue.issues[0]?.message ?? 'this is no key';
  if (issue.code !== 'invalid_value') return `this is not understood: ${shown(written)}`;
  const values = issue.values.map(String);
  return `expected ${values.length === 1 ? '' : 'one of '}${values.join(', ')}, got ${shown(written)}`;
}

function tooSmall({ origin, minimum }: Extract<Issue, { code: 'too_small' }>): string {
  if (origin === 'string') return 'expected some text, got none';
  if (origin === 'array')
    return minimum === 1 ? 'expected at least one entry, got none' : `expected at least ${minimum} entries`;
  return `expected at least ${minimum}`;
}

function hintOf(issue: Issue, written: unknown): string | undefined {
  if (issue.code === 'custom') {
    const hint: unknown = issue.params?.hint;
    return typeof hint === 'string' ? hint : undefined;
  }
  // One digit off is no slip of the pen: 6.0 does not mean 5.0.
  if (issue.code !== 'invalid_value' || typeof written !== 'string' || /\d/.test(written)) return undefined;
  const guess = closestWord(written, issue.values.map(String));
  return guess === undefined ? undefined : `Did you mean '${guess}'?`;
}

function shown(value: unknown): string {
  if (value === undefined || value === null) return 'nothing';
  if (Array.isArray(value)) return 'a list';
  return typeof value === 'object' ? 'a mapping' : String(value);
}

function valueAt(root: unknown, path: readonly PropertyKey[]): unknown {
  return path.reduce<unknown>(
    (value, key) =>
      typeof value === 'object' && value !== null && Object.hasOwn(value, key) ? Reflect.get(value, key) : undefined,
    root,
  );
}

function pathPrefix(path: readonly PropertyKey[]): string {
  return path.length === 0 ? '' : `${path.join('.')}: `;
}
