/** A drift as the history keeps it. */
import { z } from 'zod';
import type { Diagnosis } from './diagnose.ts';
import type { Drift, DriftKey } from './drifts.ts';
import { short } from './history-entry.ts';
import type { DriftClass } from './judge.ts';

export interface StoredDrift extends DriftKey {
  /** Unlike the id of a drift of now, unique over all runs of the agent. */
  readonly id: string;
  readonly message: string;
  readonly sinceMs: number;
  readonly lastSeenMs: number;
  readonly resolvedAtMs: number | undefined;
  /** Still open when the agent that saw it ended: nobody saw it go away. */
  readonly wasLeftOpen: boolean;
  readonly observed: Readonly<Record<string, number>>;
  readonly diagnosis: readonly Diagnosis[];
}

const MAX_OBSERVED = 50;

const CLASSES: Readonly<Record<DriftClass, true>> = {
  answer: true,
  distribution: true,
  rcode: true,
  ttl: true,
  scope: true,
  dnssec: true,
  content: true,
  disagreement: true,
  unreachable: true,
  frozen: true,
};

const driftRow = z.object({
  run: z.number(),
  drift: z.string(),
  server: z.string(),
  name: z.string(),
  type: z.string(),
  client: z.string(),
  class: z.custom<DriftClass>((text) => typeof text === 'string' && Object.hasOwn(CLASSES, text)),
  since_ms: z.number(),
  last_seen_ms: z.number(),
  resolved_ms: z.number().nullable(),
  details: z.string(),
});
const driftDetails = z.object({
  message: z.string(),
  observed: z.record(z.string(), z.number()),
  diagnosis: z.array(z.object({ assumption: z.string(), explains: z.boolean(), detail: z.string() })),
});

/** Reads a row of a file that anybody may have written; throws where it is no drift. `thisRun`: the agent that asks. */
export function storedDrift(row: unknown, thisRun: number): StoredDrift {
  const { run, drift, since_ms, last_seen_ms, resolved_ms, details, ...key } = driftRow.parse(row);
  return {
    ...key,
    id: `${run}-${drift}`,
    sinceMs: since_ms,
    lastSeenMs: last_seen_ms,
    resolvedAtMs: resolved_ms ?? undefined,
    wasLeftOpen: resolved_ms === null && run !== thisRun,
    ...driftDetails.parse(JSON.parse(details)),
  };
}

/** The answers seen most often. */
export function observedCounts({ observed }: Drift): Record<string, number> {
  const most = [...observed].sort(([, a], [, b]) => b - a).slice(0, MAX_OBSERVED);
  return Object.fromEntries(most.map(([text, count]) => [short(text), count]));
}
