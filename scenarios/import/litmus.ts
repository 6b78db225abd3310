/** Experiments of Litmus's ChaosEngine, which run one after another. */
import { z } from 'zod';
import type { Path } from '../load/reading.ts';
import { latencyText, lossKeys } from './chaos-mesh.ts';
import { delayed, durationText, type ImportContext, type Imported, type ImportedFault, warnOf } from './imported.ts';
import { labelledTargets, nameList, withoutServers } from './selector.ts';

const text = z.coerce.string();

const experiment = z.looseObject({
  name: z.string(),
  spec: z
    .looseObject({
      components: z.looseObject({
        env: z.array(z.looseObject({ name: z.string(), value: text.optional() })).default([]),
      }),
      probe: z.array(z.unknown()).optional(),
    })
    .optional(),
});

export const engineFile = z.looseObject({
  kind: z.literal('ChaosEngine'),
  metadata: z.looseObject({ name: text.optional() }).default({}),
  spec: z.looseObject({
    appinfo: z.looseObject({ appns: text.default(''), applabel: text.default('') }).optional(),
    experiments: z.array(experiment),
  }),
});

type Engine = z.output<typeof engineFile>;
type Keys = ImportedFault['keys'];

/** The environment of an experiment, by name. */
interface Environment {
  readonly path: Path;
  text(name: string, otherwise: string): string;
  /** Warns of variables that nobody reads and that may make a difference. */
  warnOfOthers(): void;
  /** Whole or broken, never below 0; `otherwise`, and a complaint, where it is none. */
  number(name: string, otherwise: number): number;
}

export function importEngine(context: ImportContext, { spec, metadata }: Engine): Imported {
  const faults: ImportedFault[] = [];
  let at = 0;
  for (const [i, { name, spec: own }] of spec.experiments.entries()) {
    const path = ['spec', 'experiments', i];
    const environment = environmentOf(context, own?.components.env ?? [], [...path, 'spec', 'components', 'env']);
    const known = Object.hasOwn(EXPERIMENTS, name) ? EXPERIMENTS[name] : undefined;
    const lastsMs = environment.number('TOTAL_CHAOS_DURATION', known?.seconds ?? 60) * 1000;
    const ramp = environment.number('RAMP_TIME', 0) * 1000;
    const keys = known?.keys(context, environment);
    if (known === undefined) {
      const hint = 'Add by hand what it does to answers of probes: http, tcp, latency, loss.';
      warnOf(
        context,
        'W_IMPORT_UNSUPPORTED',
        [...path, 'name'],
        `${name} is left out: nobody knows what probes see of it`,
        hint,
      );
    }
    if (own?.probe !== undefined) {
      const hint = 'Write what they look for under expect.';
      warnOf(
        context,
        'W_IMPORT_UNSUPPORTED',
        [...path, 'spec', 'probe'],
        'probes of the experiment are left out',
        hint,
      );
    }
    const { appns = '', applabel = '' } = spec.appinfo ?? {};
    const selector = ['spec', 'appinfo', 'applabel'];
    const targets =
      keys === undefined ? [] : withoutServers(context, labelledTargets(context, appns, applabel, selector), selector);
    if (keys !== undefined && keys.length > 0 && targets.length > 0) {
      warnOfSome(context, environment);
      const note = `${metadata.name ?? 'ChaosEngine'} ${name}`;
      const fault = { atMs: ramp, lastsMs, keys: [['target', nameList(targets)] as const, ...keys], note };
      faults.push(...delayed([fault], at));
      environment.warnOfOthers();
    }
    at += ramp + lastsMs + ramp;
  }
  return { faults, lastsMs: at };
}

function warnOfSome(context: ImportContext, environment: Environment): void {
  const share = environment.number('PODS_AFFECTED_PERC', 0);
  if (share === 100) return;
  const message = `it strikes ${share === 0 ? 'one pod' : `${share} % of the pods`}, here the whole target`;
  const hint = 'Probes of a target that still has healthy pods mostly pass: give such pods targets of their own.';
  warnOf(context, 'W_IMPORT_APPROXIMATE', environment.path, message, hint);
}

interface Known {
  /** Litmus's own TOTAL_CHAOS_DURATION. */
  readonly seconds: number;
  readonly keys: (context: ImportContext, environment: Environment) => Keys;
}

const RESET: Known = { seconds: 60, keys: () => [['tcp', 'reset']] };

const EXPERIMENTS: Readonly<Record<string, Known>> = {
  'pod-delete': { seconds: 15, keys: (context, environment) => killed(context, environment, 5) },
  'container-kill': { seconds: 20, keys: (context, environment) => killed(context, environment, 10) },
  'pod-network-latency': {
    seconds: 60,
    keys: (_, environment) => [
      ['latency', latencyText(environment.number('NETWORK_LATENCY', 2000), environment.number('JITTER', 0))],
    ],
  },
  'pod-network-loss': {
    seconds: 60,
    keys: (context, environment) =>
      lossKeys(context, environment.text('NETWORK_PACKET_LOSS_PERCENTAGE', '100'), environment.path),
  },
  'pod-network-partition': { seconds: 60, keys: () => [['tcp', 'blackhole']] },
  'pod-http-latency': {
    seconds: 60,
    keys: (_, environment) => [['latency', latencyText(environment.number('LATENCY', 2000), 0)]],
  },
  'pod-http-status-code': { seconds: 60, keys: statusCode },
  'pod-http-modify-body': {
    seconds: 60,
    keys: (_, environment) => [['body', JSON.stringify(environment.text('RESPONSE_BODY', ''))]],
  },
  'pod-http-reset-peer': RESET,
};

/** Again and again while it lasts; there for a while in between where pods are back sooner than the next kill. */
function killed(context: ImportContext, environment: Environment, otherwise: number): Keys {
  const interval = environment.number('CHAOS_INTERVAL', otherwise) * 1000;
  const { restartMs } = context;
  const message = `a killed pod is taken to be back after ${durationText(restartMs)}`;
  warnOf(context, 'W_IMPORT_APPROXIMATE', environment.path, message, 'Change it to what yours take.');
  if (interval <= restartMs) return [['tcp', 'refuse']];
  const flap = `{ up: ${durationText(interval - restartMs)}, down: ${durationText(restartMs)} }`;
  return [
    ['flap', flap],
    ['tcp', 'refuse'],
  ];
}

/** Of a list one is drawn there; the first stands for it. */
function statusCode(context: ImportContext, environment: Environment): Keys {
  const [first = '', ...more] = environment.text('STATUS_CODE', '').split(',');
  if (more.length > 0) {
    const hint = 'A probe takes all but 200 for a failure.';
    warnOf(context, 'W_IMPORT_APPROXIMATE', environment.path, `of several status codes it is ${first} here`, hint);
  }
  if (/^[1-5]\d\d$/.test(first.trim())) return [['http', first.trim()]];
  const hint = 'Give STATUS_CODE a value such as 503.';
  warnOf(context, 'W_IMPORT_APPROXIMATE', environment.path, 'the status code is drawn there; it is 500 here', hint);
  return [['http', '500']];
}

/** Variables that say how the experiment is done, not what it does. */
const HARMLESS =
  /^(?:FORCE|SEQUENCE|LIB|LIB_IMAGE|TC_IMAGE|CONTAINER_RUNTIME|SOCKET_PATH|NETWORK_INTERFACE|TARGET_CONTAINER|CHAOS_NAMESPACE|DEFAULT_HEALTH_CHECK|STATUS_CHECK_\w+|TERMINATION_GRACE_PERIOD_SECONDS|RANDOMNESS|SIGNAL)$/;

function environmentOf(
  context: ImportContext,
  env: readonly { readonly name: string; readonly value?: string | undefined }[],
  path: Path,
): Environment {
  const { reading } = context;
  const read = new Set<string>();
  const written = (name: string) => {
    read.add(name);
    const value = env.find((each) => each.name === name)?.value;
    return value === '' ? undefined : value;
  };
  return {
    path,
    text: (name, otherwise) => written(name) ?? otherwise,
    warnOfOthers: () => {
      for (const [i, { name, value = '' }] of env.entries()) {
        if (read.has(name) || value === '' || HARMLESS.test(name)) continue;
        const hint = 'Change the line where that makes a difference to probes.';
        warnOf(context, 'W_IMPORT_APPROXIMATE', [...path, i], `${name} is not looked at`, hint);
      }
    },
    number: (name, otherwise) => {
      const value = written(name);
      if (value === undefined) return otherwise;
      // Newer releases of Litmus write units: 60s.
      const number = Number(value.replace(/(?<=\d)m?s$/, ''));
      if (Number.isFinite(number) && number >= 0) return number;
      const at = env.findIndex((each) => each.name === name);
      reading.complain('E_IMPORT_VALUE', [...path, at], `${name} is no number: '${value}'`, "Write it as '60'.");
      return otherwise;
    },
  };
}
