/** YAML 1.2 text whose every value can be found again in it, so that a complaint can say where. */
import {
  type Alias,
  type Document,
  isAlias,
  isMap,
  isScalar,
  isSeq,
  LineCounter,
  type Node,
  parseDocument,
  visit,
} from 'yaml';
import { type InputPlace, UserError } from './errors.ts';
import { yamlHint } from './yaml-hints.ts';

export interface YamlDocument {
  readonly file: string;
  readonly text: string;
  readonly root: Node | null;
  /** Throws `UserError` where an alias has no anchor. */
  plainValue(): unknown;
  /** What stands at a path of keys and indexes, aliases followed; null where nothing does. */
  nodeAt(path: readonly PropertyKey[]): Node | null;
  /** A value that stands for itself, or the one an alias means; null for none. */
  resolved(value: unknown): Node | null;
  placeOf(node: Node): InputPlace;
  /** Where the key at the end of `path` is written, or the element of a list; else what holds it. */
  placeOfPath(path: readonly PropertyKey[]): InputPlace;
}

const MAX_ALIASES = 100;

/** Throws `UserError` `code` with the place of the first thing that is no YAML. */
export function parseYaml(text: string, file: string, code: string): YamlDocument {
  const lines = new LineCounter();
  const document = parseDocument(text, { lineCounter: lines, logLevel: 'error' });
  const placeAt = (offset: number): InputPlace => {
    const { line, col } = lines.linePos(offset);
    return { file, line, column: col };
  };
  const [problem] = document.errors;
  if (problem !== undefined) {
    const message = messageOf(problem);
    const hint = yamlHint(message);
    const place = placeAt(problem.pos[0]);
    if (problem.code === 'MULTIPLE_DOCS') {
      throw new UserError(code, 'a second document begins here', { place, hint: 'Leave --- out: a file holds one.' });
    }
    throw new UserError(code, message, { place, cause: problem, ...(hint === undefined ? {} : { hint }) });
  }
  const resolved = (value: unknown): Node | null => {
    if (isAlias(value)) return value.resolve(document) ?? null;
    return isMap(value) || isSeq(value) || isScalar(value) ? value : null;
  };
  return {
    file,
    text,
    root: document.contents,
    plainValue: () => plainValue(document, placeAt, file, code),
    nodeAt: (path) => nodeAt(document.contents, path, resolved),
    resolved,
    placeOf: (node) => placeAt(node.range?.[0] ?? 0),
    placeOfPath: (path) => {
      for (let depth = path.length; depth > 0; depth--) {
        const parent = nodeAt(document.contents, path.slice(0, depth - 1), resolved);
        const start = rangeStart(partOf(parent, path[depth - 1]));
        if (start !== undefined) return placeAt(start);
      }
      return { file };
    },
  };
}

/** Aliases are resolved only here, so an unknown one is found only here. */
function plainValue(document: Document, placeAt: (offset: number) => InputPlace, file: string, code: string): unknown {
  try {
    return document.toJS({ maxAliasCount: MAX_ALIASES });
  } catch (error) {
    if (!(error instanceof ReferenceError)) throw error;
    const unknown = unknownAlias(document);
    if (unknown === undefined) throw new UserError(code, error.message, { place: { file } });
    throw new UserError(code, `there is no &${unknown.source} that *${unknown.source} could mean`, {
      place: placeAt(unknown.range?.[0] ?? 0),
      hint: `Write &${unknown.source} before a value above, or put '*${unknown.source}' in quotes if it is text.`,
    });
  }
}

function unknownAlias(document: Document): Alias | undefined {
  let found: Alias | undefined;
  visit(document, {
    Alias(_, alias) {
      if (alias.resolve(document) !== undefined) return undefined;
      found = alias;
      return visit.BREAK;
    },
  });
  return found;
}

function nodeAt(
  root: Node | null,
  path: readonly PropertyKey[],
  resolved: (value: unknown) => Node | null,
): Node | null {
  let node = resolved(root);
  for (const key of path) {
    if (isMap(node)) node = resolved(node.items.find((pair) => keyOf(pair.key) === String(key))?.value);
    else if (isSeq(node) && typeof key === 'number') node = resolved(node.items[key]);
    else return null;
  }
  return node;
}

/** The key of a mapping, or the element of a list. */
function partOf(parent: Node | null, key: PropertyKey | undefined): unknown {
  if (isMap(parent)) return parent.items.find((pair) => keyOf(pair.key) === String(key))?.key;
  return isSeq(parent) && typeof key === 'number' ? parent.items[key] : undefined;
}

function keyOf(key: unknown): string | undefined {
  return isScalar(key) ? String(key.value) : undefined;
}

function rangeStart(node: unknown): number | undefined {
  return isAlias(node) || isMap(node) || isSeq(node) || isScalar(node) ? node.range?.[0] : undefined;
}

/** The first line without the place, which is told apart. */
function messageOf(problem: Error): string {
  return problem.message.split(/ at line \d+|\n/, 1)[0] ?? problem.message;
}
