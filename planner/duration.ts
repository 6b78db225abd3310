/** How long a probe of a check takes, by how its target is. */
import { MICROS_PER_SECOND, type Micros } from '../simulator/clock.ts';
import { type Check, probeRequest, timeoutSeconds } from '../simulator/health/check.ts';
import type { Profile } from '../simulator/profile/profile.ts';
import type { TargetState } from './fleet.ts';

/** Infinite for a probe that nothing ends: an HTTP timeout of 0, and a target that hangs. */
export function probeMicros(check: Check, state: TargetState, latencySeconds: number, profile: Profile): Micros {
  const request = probeRequest(check, profile);
  const timeout = timeoutSeconds(check) ?? Number.POSITIVE_INFINITY;
  // Refused by the options themselves, or a connection that PowerDNS does not wait for.
  if (request.kind === 'failing' || (request.kind === 'tcp' && timeout === 0) || state === 'refuses') return 0;
  const seconds = state === 'hangs' ? timeout : Math.min(timeout, latencySeconds);
  return Math.round(seconds * MICROS_PER_SECOND);
}
