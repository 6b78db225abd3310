/**
 * What is seen of every target from here. The shadow runs the same checker as a PowerDNS server does, with two
 * differences: its rounds start on time whatever is slow, and every check is due in every round.
 */
import { type Clock, MICROS_PER_SECOND, type Micros } from '../simulator/clock.ts';
import { type Check, timeoutSeconds } from '../simulator/health/check.ts';
import { Checker, type EndedProbe } from '../simulator/health/checker.ts';
import { type Evidence, evidenceAfter } from '../simulator/health/possible.ts';
import type { Prober } from '../simulator/health/probe.ts';
import type { Profile } from '../simulator/profile/profile.ts';

export interface EvidenceOptions {
  readonly clock: Clock;
  readonly prober: Prober;
  /** Whose probes are made: redirects, options and their meaning. */
  readonly profile: Profile;
  readonly intervalSeconds: number;
  readonly onProbe: (probe: EndedProbe) => void;
}

/** Checks that `watch` has not named for so long are no longer probed. */
const FORGET_AFTER_SECONDS = 120;
const KEEP_MICROS: Micros = 900_000_000;
/** A break is more than this many times the longest that two probes are apart when all goes well. */
const MAX_LAGS = 3;

/**
 * The longest time from a change of a target to the end of the first probe from here that sees it. A target that stays
 * as it is for so long is seen; infinite where a probe may hang for ever.
 */
export function ownLagMicros(check: Check, intervalSeconds: number): Micros {
  const timeout = timeoutSeconds(check) ?? Number.POSITIVE_INFINITY;
  // A probe that is still running when a round starts is left out of it.
  const period = (Math.floor(timeout / intervalSeconds) + 1) * intervalSeconds;
  return (period + timeout) * MICROS_PER_SECOND;
}

export class EvidenceStore {
  readonly #options: EvidenceOptions;
  readonly #checker: Checker;
  readonly #evidence = new Map<string, Evidence>();

  constructor(options: EvidenceOptions) {
    this.#options = options;
    const { clock, prober, profile, intervalSeconds, onProbe } = options;
    this.#checker = new Checker({
      clock,
      prober,
      profile: { ...profile, checker: { due: 'every round', sleep: 'interval', wakesForNewChecks: true } },
      intervalSeconds,
      expireDelaySeconds: FORGET_AFTER_SECONDS,
      waitsForSlowChecks: false,
      onProbe: (probe) => {
        const { check, startedAt } = probe;
        const before = this.#unbroken(check, startedAt) ?? [];
        this.#evidence.set(check.id, evidenceAfter(before, probe, KEEP_MICROS));
        onProbe(probe);
      },
    });
  }

  /** Starts or goes on probing these. */
  watch(checks: Iterable<Check>): void {
    for (const check of checks) this.#checker.ask(check);
  }

  /** What was seen of the target without a break until now; undefined before the first result, and after a break. */
  of(check: Check): Evidence | undefined {
    return this.#unbroken(check, this.#options.clock.now());
  }

  /** Nothing is known of what a target did while nobody looked, so evidence begins anew after a break. */
  #unbroken(check: Check, now: Micros): Evidence | undefined {
    const evidence = this.#evidence.get(check.id);
    const lastEndedAt = evidence?.at(-1)?.lastEndedAt ?? Number.NEGATIVE_INFINITY;
    return now - lastEndedAt > MAX_LAGS * ownLagMicros(check, this.#options.intervalSeconds) ? undefined : evidence;
  }

  close(): void {
    this.#checker.close();
  }
}
