/**
 * What a server believes of a check, and how one probe result changes it. One pure reducer; nothing else decides.
 */
import type { Profile } from '../profile/profile.ts';
import { type Check, minimumFailures } from './check.ts';
import type { ProbeResult } from './probe.ts';

export type CheckStatus =
  /** No probe has ended yet. `asked`: some query has asked before, so the check is known to the server. */
  | { readonly kind: 'unknown'; readonly asked: boolean }
  /** `weight`: the number at the start of the body, 0 where there is none. `failures`: in a row, below the limit. */
  | { readonly kind: 'up'; readonly failures: number; readonly weight: number }
  | { readonly kind: 'down'; readonly failures: number };

/** A check that nobody has asked for. */
export const ABSENT: CheckStatus = Object.freeze({ kind: 'unknown', asked: false });
/** A check that was asked for and has no result yet. */
export const AWAITED: CheckStatus = Object.freeze({ kind: 'unknown', asked: true });
export const UP: CheckStatus = Object.freeze({ kind: 'up', failures: 0, weight: 0 });
export const DOWN: CheckStatus = Object.freeze({ kind: 'down', failures: 1 });

/**
 * The status after one more probe. Up to 4.9 one failure is down. From 5.0 a target is up until its failures in a row
 * reach `minimumFailures` — also a target that has never worked: its first failure makes it up.
 */
export function statusAfter(status: CheckStatus, result: ProbeResult, check: Check, profile: Profile): CheckStatus {
  if (result.up) {
    const weight = profile.checkTuning && check.kind === 'http' ? (result.bodyNumber ?? 0) : 0;
    return weight === 0 ? UP : { kind: 'up', failures: 0, weight };
  }
  const failures = (status.kind === 'unknown' ? 0 : status.failures) + 1;
  return failures < minimumFailures(check, profile) ? { kind: 'up', failures, weight: 0 } : { kind: 'down', failures };
}

/**
 * The number that the selection works with: -1 no result yet and the record wants to know, 0 down, else the weight of an
 * available target. `wantsIncomplete`: the call has `failOnIncompleteCheck='true'` (from 5.0).
 */
export function availability(status: CheckStatus, wantsIncomplete: boolean): number {
  switch (status.kind) {
    case 'unknown':
      return wantsIncomplete && !status.asked ? -1 : 0;
    case 'down':
      return 0;
    case 'up':
      return status.weight > 0 ? status.weight : 1;
  }
}

/** Equal for statuses that no record can tell apart. */
export function statusKey(status: CheckStatus): string {
  if (status.kind === 'down') return 'down';
  if (status.kind === 'unknown') return status.asked ? 'awaited' : 'absent';
  return status.weight <= 1 ? 'up' : `up ${status.weight}`;
}
