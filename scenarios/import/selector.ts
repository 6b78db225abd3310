/** Whom an experiment strikes: its selectors as names of the scenario. */
import { z } from 'zod';
import type { Path } from '../load/reading.ts';
import type { ImportContext } from './imported.ts';
import { warnOf, warnOfOthers } from './imported.ts';

export const selectorSchema = z.looseObject({
  namespaces: z.array(z.string()).optional(),
  labelSelectors: z.record(z.string(), z.coerce.string()).optional(),
  pods: z.record(z.string(), z.array(z.string())).optional(),
  expressionSelectors: z.array(z.unknown()).optional(),
});

export type Selector = z.output<typeof selectorSchema>;

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

function struck({ reading, targets }: ImportContext, groups: readonly (readonly string[])[], path: Path) {
  const found = groups.flatMap((keys) => keys.flatMap((key) => targets.get(key) ?? []).slice(0, 1));
  if (found.length > 0) return [...new Set(found)];
  const [first = 'app=NAME'] = groups.flat();
  const hint = `Say what stands for it, with --map ${first}=TARGET.`;
  reading.complain('E_IMPORT_TARGET', path, `no target is given for ${first}`, hint);
  return [];
}

export function nameList(names: readonly string[]): string {
  return names.length === 1 ? (names[0] ?? '') : `[${names.join(', ')}]`;
}
