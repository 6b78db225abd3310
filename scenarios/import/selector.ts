/** Whom an experiment strikes: its selectors as names of the scenario. */
import { z } from 'zod';
import { guessHint, type Path } from '../load/reading.ts';
import type { ImportContext } from './imported.ts';
import { warnOf, warnOfOthers } from './imported.ts';

export const selectorSchema = z.looseObject({
  namespaces: z.array(z.string()).optional(),
  labelSelectors: z.record(z.string(), z.coerce.string()).optional(),
  pods: z.record(z.string(), z.array(z.string())).optional(),
  expressionSelectors: z.array(z.unknown()).optional(),
});

export type Selector = z.output<typeof selectorSchema>;

/** A selector as it was looked up. */
export interface Selection {
  /** What can stand for it, the most particular first. */
  readonly keys: readonly string[];
  /** The one of them that did; undefined where nothing is said of any. */
  readonly used: string | undefined;
}

const READ = new Set(['namespaces', 'labelSelectors', 'pods', 'expressionSelectors']);

/** Names of the scenario; empty, and a complaint at `path`, where nothing is said of the selector. */
export function targetsOf(context: ImportContext, selector: Selector, path: Path): readonly string[] {
  const { namespaces, labelSelectors, pods, expressionSelectors } = selector;
  if (expressionSelectors !== undefined) {
    const hint = 'Select by labels, or map the namespace.';
    warnOf(context, 'W_IMPORT_UNSUPPORTED', [...path, 'expressionSelectors'], 'expressions select nobody here', hint);
  }
  const others = 'It selects fewer pods there: give those that it does not strike a target of their own.';
  warnOfOthers(context, selector, READ, path, others);
  const labels = Object.entries(labelSelectors ?? {}).map(([key, value]) => `${key}=${value}`);
  const named = Object.entries(pods ?? {}).flatMap(([namespace, names]) =>
    names.map((name) => [`${namespace}/${name}`]),
  );
  const spaces = namespaces ?? [undefined];
  return struck(context, named.length > 0 ? named : spaces.map((space) => keysOf(space, labels)), path);
}

/** Those of the names that faults can strike; of servers a warning says that they are left out. */
export function withoutServers(context: ImportContext, names: readonly string[], path: Path): readonly string[] {
  for (const name of names.filter((each) => context.servers.has(each))) {
    const hint = `Add by hand what it does to the server, such as server: ${name}, restart: true, for: 30s.`;
    warnOf(context, 'W_IMPORT_UNSUPPORTED', path, `what strikes ${name}, a server, is left out`, hint);
  }
  return names.filter((each) => !context.servers.has(each));
}

/** Litmus: `app=api,tier=web` in a namespace. */
export function labelledTargets(context: ImportContext, namespace: string, labels: string, path: Path) {
  const parts = labels.split(',').map((label) => label.trim());
  return struck(context, [keysOf(namespace || undefined, parts.filter(Boolean))], path);
}

/** What can be mapped, the most particular first. */
function keysOf(namespace: string | undefined, labels: readonly string[]): readonly string[] {
  const all = labels.length > 1 ? [labels.toSorted().join(',')] : [];
  const values = labels.map((label) => label.slice(label.indexOf('=') + 1));
  const plain = [...all, ...labels, ...values];
  const within = namespace === undefined ? [] : plain.map((key) => `${namespace}/${key}`);
  return [...within, ...plain, ...(namespace === undefined ? [] : [namespace])];
}

function struck(
  { reading, targets, selections }: ImportContext,
  groups: readonly (readonly string[])[],
  path: Path,
): readonly string[] {
  const found = groups.map((keys) => ({ keys, used: keys.find((key) => targets.has(key)) }));
  selections.push(...found);
  const names = found.flatMap(({ used }) => (used === undefined ? [] : (targets.get(used) ?? [])));
  if (names.length > 0) return [...new Set(names)];
  const [first = 'app=NAME'] = groups.flat();
  const hint = `Say what stands for it, with --map ${first}=TARGET.`;
  reading.complain('E_IMPORT_TARGET', path, `no target is given for ${first}`, hint);
  return [];
}

/** Why `key` stood for none of the selections, and what to map instead; undefined where it did for one. */
export function whyUnused(key: string, selections: readonly Selection[]): string | undefined {
  if (selections.some(({ used }) => used === key)) return undefined;
  const covering = selections.find(({ keys }) => keys.includes(key))?.used;
  if (covering !== undefined) return `Where it fits, ${covering} does too, and is more particular.`;
  const known = [...new Set(selections.flatMap(({ keys }) => keys))];
  return known.length === 0 ? 'Nothing that is taken over selects anything.' : guessHint(key, known, 'selector');
}

export function nameList(names: readonly string[]): string {
  return names.length === 1 ? (names[0] ?? '') : `[${names.join(', ')}]`;
}
