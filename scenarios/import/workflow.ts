/** Workflows of chaos-mesh: experiments one after another and side by side. */
import type { Path } from '../load/reading.ts';
import { importExperiment } from './chaos-mesh.ts';
import { experimentSchema, isChaosKind, SPEC_KEYS, type Template } from './chaos-mesh-schema.ts';
import {
  delayed,
  durationAt,
  type ImportContext,
  type Imported,
  type ImportedFault,
  NOTHING,
  warnOf,
} from './imported.ts';

/** Templates by name, each with its path. */
type Templates = ReadonlyMap<string, { readonly template: Template; readonly path: Path }>;

export function importWorkflow(context: ImportContext, entry: string, list: readonly Template[]): Imported {
  const path = ['spec', 'templates'];
  const templates = new Map(list.map((template, i) => [template.name, { template, path: [...path, i] }]));
  return importTemplate(context, templates, entry, ['spec', 'entry'], []);
}

function importTemplate(
  context: ImportContext,
  templates: Templates,
  name: string,
  from: Path,
  above: readonly string[],
): Imported {
  const found = templates.get(name);
  if (found === undefined) {
    context.reading.knows('template', name, templates.keys(), from);
    return NOTHING;
  }
  if (above.includes(name)) {
    const hint = 'Let no template be its own child.';
    context.reading.complain('E_IMPORT_VALUE', from, `${[...above, name].join(' -> ')} never ends`, hint);
    return NOTHING;
  }
  const { template, path } = found;
  const deadline = durationAt(context, template.deadline, [...path, 'deadline']);
  const children = () =>
    (template.children ?? []).map(
      (child, i) => () => importTemplate(context, templates, child, [...path, 'children', i], [...above, name]),
    );
  switch (template.templateType) {
    case 'Serial':
      return within(oneAfterAnother(context, children(), path), deadline);
    case 'Parallel':
      return within(sideBySide(children()), deadline);
    case 'Suspend':
      return { faults: [], lastsMs: deadline ?? 0 };
    default:
      return importLeaf(context, template, path, deadline);
  }
}

function importLeaf(context: ImportContext, template: Template, path: Path, deadline: number | undefined): Imported {
  const { templateType: kind } = template;
  if (!isChaosKind(kind)) {
    const hint = 'Shift what comes after it if it takes time.';
    warnOf(context, 'W_IMPORT_UNSUPPORTED', [...path, 'templateType'], `${kind} is left out`, hint);
    return { faults: [], lastsMs: deadline ?? 0 };
  }
  const spec = experimentSchema.parse(template[SPEC_KEYS[kind]] ?? {});
  return importExperiment(context, kind, spec, [...path, SPEC_KEYS[kind]], template.name, deadline);
}

function oneAfterAnother(context: ImportContext, children: readonly (() => Imported)[], path: Path): Imported {
  const faults: ImportedFault[] = [];
  let at = 0;
  for (const [i, child] of children.entries()) {
    const imported = child();
    faults.push(...delayed(imported.faults, at));
    if (imported.lastsMs === undefined) {
      if (i === children.length - 1) return { faults, lastsMs: undefined };
      const hint = 'Give it a deadline.';
      const message = 'what comes after this never happens, as it has no end';
      warnOf(context, 'W_IMPORT_UNSUPPORTED', [...path, 'children', i], message, hint);
      return { faults, lastsMs: undefined };
    }
    at += imported.lastsMs;
  }
  return { faults, lastsMs: at };
}

function sideBySide(children: readonly (() => Imported)[]): Imported {
  const all = children.map((child) => child());
  const ends = all.map(({ lastsMs }) => lastsMs ?? Number.POSITIVE_INFINITY);
  const last = Math.max(0, ...ends);
  return { faults: all.flatMap(({ faults }) => faults), lastsMs: Number.isFinite(last) ? last : undefined };
}

/** What has not begun by the deadline never does, and what still lasts then ends. */
function within(imported: Imported, deadline: number | undefined): Imported {
  if (deadline === undefined) return imported;
  const faults = imported.faults
    .filter(({ atMs }) => atMs < deadline)
    .map((fault) => ({ ...fault, lastsMs: Math.min(fault.lastsMs ?? deadline, deadline - fault.atMs) }));
  return { faults, lastsMs: Math.min(imported.lastsMs ?? deadline, deadline) };
}
