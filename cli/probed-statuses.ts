import { type Check, probeRequest } from '../simulator/health/check.ts';
import { ABSENT, type CheckStatus, statusAfter } from '../simulator/health/status.ts';
import type { Profile } from '../simulator/profile/profile.ts';
import { realProber } from '../wire/prober.ts';
import type { StatusOf } from './statuses.ts';

/**
 * Probes as PowerDNS does, each check once and only those that `evaluate` asks for: a standby is left alone while its
 * primary is up. `evaluate` is called until it asks for nothing new. `stated`: statuses of which some are known without probing.
 */
export async function probedStatuses(
  evaluate: (statusOf: StatusOf) => void,
  stated: (otherwise: StatusOf) => StatusOf,
  profile: Profile,
  version: string,
): Promise<StatusOf> {
  const prober = realProber({ version, maxConcurrency: 64 });
  const statuses = new Map<string, CheckStatus>();
  const seen = (check: Check): CheckStatus => statuses.get(check.id) ?? ABSENT;
  try {
    for (;;) {
      const wanted = new Map<string, Check>();
      evaluate(
        stated((check) => {
          if (!statuses.has(check.id)) wanted.set(check.id, check);
          return seen(check);
        }),
      );
      if (wanted.size === 0) return stated(seen);
      await Promise.all(
        [...wanted.values()].map(
          (check) =>
            new Promise<void>((resolve) => {
              prober(probeRequest(check, profile), (result) => {
                statuses.set(check.id, statusAfter(ABSENT, result, check, profile));
                resolve();
              });
            }),
        ),
      );
    }
  } finally {
    await prober.close();
  }
}
