/** Experiments of chaos-mesh as faults of targets and partitions. */
import type { Path } from '../load/reading.ts';
import type { ChaosKind, Experiment } from './chaos-mesh-schema.ts';
import {
  durationAt,
  durationText,
  type ImportContext,
  type Imported,
  type ImportedFault,
  NOTHING,
  warnOf,
  warnOfOthers,
} from './imported.ts';
import { nameList, targetsOf, withoutServers } from './selector.ts';

type Keys = ImportedFault['keys'];

/** `deadline`: how long it may last, from the workflow that it is part of. */
export function importExperiment(
  context: ImportContext,
  kind: ChaosKind,
  spec: Experiment,
  path: Path,
  name: string,
  deadline?: number,
): Imported {
  const written = durationAt(context, spec.duration, [...path, 'duration']);
  const limit = deadline === undefined ? written : Math.min(written ?? deadline, deadline);
  const fault = FAULTS[kind]?.(context, spec, path);
  if (fault === undefined) {
    if (FAULTS[kind] === undefined) unsupported(context, kind, path);
    return { ...NOTHING, lastsMs: limit };
  }
  const read = new Set([...READ, ...(READ_OF[kind] ?? []), ...(spec.action === 'partition' ? ENDS : [])]);
  warnOfOthers(context, spec, read, path, 'Change the line where that makes a difference to probes.');
  if (spec.mode !== 'all') {
    const message = `it strikes some pods only (mode: ${spec.mode}), here the whole target`;
    const hint = 'Probes of a target that still has healthy pods mostly pass: give such pods targets of their own.';
    warnOf(context, 'W_IMPORT_APPROXIMATE', [...path, 'mode'], message, hint);
  }
  const { keys, lastsMs = limit } = fault;
  return { faults: [{ atMs: 0, lastsMs, keys, note: `${kind} ${name}`.trim() }], lastsMs: limit ?? lastsMs };
}

/** Keys of specs that are read, or that make no difference. What has a default stands in every spec. */
const READ = ['selector', 'mode', 'value', 'duration', 'action', 'device', 'gracePeriod', 'containerNames'];
const READ_OF: Readonly<Partial<Record<ChaosKind, readonly string[]>>> = {
  NetworkChaos: ['delay', 'loss', 'direction'],
  HTTPChaos: ['target', 'delay', 'abort', 'replace', 'patch', 'path', 'direction'],
  PodChaos: ['direction'],
};
const ENDS = ['target', 'externalTargets'];

interface Fault {
  readonly keys: Keys;
  /** Where the experiment itself does not last. */
  readonly lastsMs?: number | undefined;
}

type Importer = (context: ImportContext, spec: Experiment, path: Path) => Fault | undefined;

const FAULTS: Readonly<Partial<Record<ChaosKind, Importer>>> = {
  NetworkChaos: (context, spec, path) => {
    switch (spec.action) {
      case 'partition':
        return partition(context, spec, path);
      case 'delay':
      case 'netem':
      case 'loss':
        return shaped(context, spec, path);
      default:
        unsupported(context, `NetworkChaos with action: ${spec.action ?? 'nothing'}`, [...path, 'action']);
        return undefined;
    }
  },
  PodChaos: (context, spec, path) => {
    switch (spec.action) {
      case 'pod-failure':
        return struck(context, spec, path, [['tcp', 'refuse']]);
      case 'pod-kill':
      case 'container-kill': {
        const message = `a killed pod is taken to be back after ${durationText(context.restartMs)}`;
        warnOf(context, 'W_IMPORT_APPROXIMATE', [...path, 'action'], message, 'Change for: to what yours take.');
        const fault = struck(context, spec, path, [['tcp', 'refuse']]);
        return fault && { ...fault, lastsMs: context.restartMs };
      }
      default:
        unsupported(context, `PodChaos with action: ${spec.action ?? 'nothing'}`, [...path, 'action']);
        return undefined;
    }
  },
  HTTPChaos: (context, spec, path) => {
    const keys = [...httpDelay(context, spec, path), ...httpAnswer(context, spec, path)];
    if (keys.length === 0) return undefined;
    if (spec.path !== undefined && spec.path !== '*') {
      const message = `it strikes ${spec.path} only, here every path`;
      const hint = 'Leave the line out where probes ask for another path.';
      warnOf(context, 'W_IMPORT_APPROXIMATE', [...path, 'path'], message, hint);
    }
    return struck(context, spec, path, keys);
  },
};

function struck(context: ImportContext, { selector }: Experiment, path: Path, keys: Keys): Fault | undefined {
  const at = [...path, 'selector'];
  const targets = withoutServers(context, targetsOf(context, selector, at), at);
  return targets.length === 0 ? undefined : { keys: [['target', nameList(targets)], ...keys] };
}

/** Between two places where both ends are known; else nothing reaches the target. */
function partition(context: ImportContext, spec: Experiment, path: Path): Fault | undefined {
  const { target, externalTargets } = spec;
  const other = typeof target === 'object' ? target.selector : undefined;
  if (other === undefined) {
    if (externalTargets !== undefined) {
      const message = 'what it is parted from is outside, here it is parted from everybody';
      const hint = 'Leave the line out where probes do not come from there.';
      warnOf(context, 'W_IMPORT_APPROXIMATE', [...path, 'externalTargets'], message, hint);
    }
    return struck(context, spec, path, [['tcp', 'blackhole']]);
  }
  const [from] = targetsOf(context, spec.selector, [...path, 'selector']);
  const [to] = targetsOf(context, other, [...path, 'target', 'selector']);
  if (from === undefined || to === undefined) return undefined;
  const [first, second] = [placeOf(context, from, path), placeOf(context, to, path)];
  if (first === undefined || second === undefined) return undefined;
  if (first === second) {
    const hint = 'Give one of them another vantage.';
    warnOf(context, 'W_IMPORT_UNSUPPORTED', path, `${from} and ${to} are at one place, ${first}`, hint);
    return undefined;
  }
  // There `to` is from the pods to the target, which here is the first that does not reach the second.
  const direction = { to: 'from', from: 'to', both: 'both' }[spec.direction];
  return { keys: [['partition', `{ between: [${first}, ${second}], direction: ${direction} }`]] };
}

function placeOf({ reading, places }: ImportContext, name: string, path: Path): string | undefined {
  const place = places.get(name);
  if (place === undefined) {
    const hint = 'Give it a vantage in the scenario: partitions are between places.';
    reading.complain('E_IMPORT_TARGET', path, `nobody knows where ${name} stands`, hint);
  }
  return place;
}

/** `netem` has several at once. */
function shaped(context: ImportContext, spec: Experiment, path: Path): Fault | undefined {
  const keys: (readonly [string, string])[] = [];
  if (typeof spec.delay === 'object') {
    const at = [...path, 'delay'];
    const latency = durationAt(context, spec.delay.latency, [...at, 'latency']) ?? 0;
    const jitter = Number.parseFloat(spec.delay.jitter ?? '0') === 0 ? undefined : spec.delay.jitter;
    keys.push(['latency', latencyText(latency, durationAt(context, jitter, [...at, 'jitter']) ?? 0)]);
    const hint = 'Make it longer where probes open a connection with TLS for each question.';
    warnOf(context, 'W_IMPORT_APPROXIMATE', at, 'every packet is late there, here the answer as a whole', hint);
  }
  if (spec.loss !== undefined) keys.push(...lossKeys(context, spec.loss.loss, [...path, 'loss', 'loss']));
  if (keys.length > 0) return struck(context, spec, path, keys);
  unsupported(context, `NetworkChaos with action: ${spec.action} and nothing of delay or loss`, [...path, 'action']);
  return undefined;
}

/** The jitter is to both sides there, and more than the least here. */
export function latencyText(latencyMs: number, jitterMs: number): string {
  if (jitterMs === 0) return durationText(latencyMs);
  const least = Math.max(0, latencyMs - jitterMs);
  return `{ base: ${durationText(least)}, jitter: ${durationText(latencyMs + jitterMs - least)} }`;
}

/** All packets lost is a black hole. */
export function lossKeys({ reading }: ImportContext, percent: string, path: Path): Keys {
  const share = Number(percent);
  if (percent.trim() === '' || !(share >= 0 && share <= 100)) {
    reading.complain('E_IMPORT_VALUE', path, `'${percent}' is no percentage`, 'Write a number from 0 to 100.');
    return [];
  }
  return share === 100 ? [['tcp', 'blackhole']] : [['loss', `${share}%`]];
}

function httpDelay(context: ImportContext, { delay }: Experiment, path: Path): Keys {
  if (typeof delay !== 'string') return [];
  const ms = durationAt(context, delay, [...path, 'delay']);
  return ms === undefined ? [] : [['latency', durationText(ms)]];
}

function httpAnswer(context: ImportContext, spec: Experiment, path: Path): Keys {
  const keys: (readonly [string, string])[] = [];
  if (spec.abort) keys.push(['tcp', 'reset']);
  const { replace, target } = spec;
  if (replace !== undefined && target === 'Request') {
    unsupported(context, 'HTTPChaos that replaces parts of requests', [...path, 'replace']);
  } else if (replace !== undefined) {
    if (replace.code !== undefined) keys.push(['http', String(replace.code)]);
    if (replace.body !== undefined) keys.push(['body', JSON.stringify(fromBase64(replace.body))]);
    if (replace.headers !== undefined) {
      unsupported(context, 'HTTPChaos that replaces headers', [...path, 'replace', 'headers']);
    }
  }
  if (spec.patch !== undefined) unsupported(context, 'HTTPChaos that patches', [...path, 'patch']);
  return keys;
}

function fromBase64(text: string): string {
  return Buffer.from(text, 'base64').toString('utf8');
}

function unsupported(context: ImportContext, what: string, path: Path): void {
  const hint = 'Add by hand what it does to answers of probes: http, tcp, latency, loss.';
  warnOf(
    context,
    'W_IMPORT_UNSUPPORTED',
    path,
    `${what} is left out: probes see nothing of it, or nobody knows what`,
    hint,
  );
}
