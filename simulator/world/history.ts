/** What happened in a world, as plain data: everything that reports, expectations and bounds are made from. */
import type { Distribution } from '../answer/distribution.ts';
import type { Micros } from '../clock.ts';
import type { Check } from '../health/check.ts';

/** From a moment on, until the next entry. */
export interface Since<T> {
  readonly at: Micros;
  readonly value: T;
}

export interface ProbeRecord {
  readonly server: string;
  /** Identity of the check. */
  readonly check: string;
  readonly target: string;
  readonly startedAt: Micros;
  readonly endedAt: Micros;
  readonly up: boolean;
  readonly reason: string;
}

/** `up`, `down`, `unknown`: asked for and without a result; `absent`: not known to the server (any more). */
export type ShownStatus = 'up' | 'down' | 'unknown' | 'absent';

export interface StatusSeries {
  readonly server: string;
  /** Identity of the check. */
  readonly check: string;
  readonly target: string;
  readonly details: Check;
  readonly changes: readonly Since<ShownStatus>[];
}

/** Who has the lease by the witness, and which regions believe that they may write. */
export interface LeaseState {
  readonly holder: string | undefined;
  readonly writers: readonly string[];
}

export interface History {
  /** For each watch of the plan, in order: what the answer would be. The first entry is at 0. */
  readonly answers: readonly (readonly Since<Distribution>[])[];
  readonly statuses: readonly StatusSeries[];
  /** In the order in which they ended; empty where they were not asked for. */
  readonly probes: readonly ProbeRecord[];
  readonly lease: readonly Since<LeaseState>[];
  /** Counts that do not need every probe. */
  readonly probeCount: number;
  readonly questionCount: number;
  /** Questions that a front did not let through. */
  readonly droppedCount: number;
  readonly endsAt: Micros;
}

/** The value at a moment, after everything that happens then. */
export function valueAt<T>(changes: readonly Since<T>[], at: Micros): T | undefined {
  return changes.findLast((change) => change.at <= at)?.value;
}
