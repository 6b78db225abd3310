/** Fields of chaos-mesh's experiments that an import reads; others are let through. */
import { z } from 'zod';
import { selectorSchema } from './selector.ts';

const text = z.coerce.string();

/** Fields of the specs of all kinds. */
export const experimentSchema = z.looseObject({
  selector: selectorSchema.default({}),
  mode: text.default('all'),
  duration: text.optional(),
  /** Of NetworkChaos, PodChaos and IOChaos. */
  action: text.optional(),
  direction: z.enum(['to', 'from', 'both']).default('to'),
  /** Of NetworkChaos the other end, of HTTPChaos `Request` or `Response`. */
  target: z.union([z.string(), z.looseObject({ selector: selectorSchema.default({}) })]).optional(),
  externalTargets: z.array(text).optional(),
  delay: z
    .union([
      z.string(),
      z.looseObject({ latency: text.default('0ms'), jitter: text.optional(), correlation: text.optional() }),
    ])
    .optional(),
  loss: z.looseObject({ loss: text, correlation: text.optional() }).optional(),
  path: text.optional(),
  abort: z.boolean().optional(),
  replace: z
    .looseObject({ code: z.number().optional(), body: text.optional(), headers: z.unknown().optional() })
    .optional(),
  patch: z.unknown().optional(),
});

export type Experiment = z.output<typeof experimentSchema>;

/** The key under which a workflow or schedule holds the spec of a kind. */
export const SPEC_KEYS = {
  NetworkChaos: 'networkChaos',
  PodChaos: 'podChaos',
  HTTPChaos: 'httpChaos',
  IOChaos: 'ioChaos',
  StressChaos: 'stressChaos',
  DNSChaos: 'dnsChaos',
  TimeChaos: 'timeChaos',
  KernelChaos: 'kernelChaos',
  JVMChaos: 'jvmChaos',
  PhysicalMachineChaos: 'physicalmachineChaos',
} as const;

export type ChaosKind = keyof typeof SPEC_KEYS;

export function isChaosKind(kind: string): kind is ChaosKind {
  return Object.hasOwn(SPEC_KEYS, kind);
}

const specs = Object.fromEntries(Object.values(SPEC_KEYS).map((key) => [key, experimentSchema.optional()]));

const template = z.looseObject({
  name: z.string(),
  templateType: z.string(),
  deadline: text.optional(),
  children: z.array(z.string()).nullish(),
  ...specs,
});

export type Template = z.output<typeof template>;

const head = { apiVersion: z.string().optional(), metadata: z.looseObject({ name: text.optional() }).default({}) };

export const experimentFile = z.looseObject({ ...head, kind: z.string(), spec: experimentSchema });

export const workflowFile = z.looseObject({
  ...head,
  kind: z.literal('Workflow'),
  spec: z.looseObject({ entry: z.string(), templates: z.array(template) }),
});

export const scheduleFile = z.looseObject({
  ...head,
  kind: z.literal('Schedule'),
  spec: z.looseObject({ schedule: text, type: z.string(), ...specs }),
});
