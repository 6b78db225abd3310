/**
 * What is seen of every target from here. The shadow runs the same checker as a PowerDNS server does, with two
 * differences: its rounds start on time whatever is slow, and every check is due in every round.
 */
import type { Clock, Micros } from '../simulator/clock.ts';
import type { Check } from '../simulator/health/check.ts';
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

export class EvidenceStore {
  readonly #checker: Checker;
  readonly #evidence = new Map<string, Evidence>();

  constructor({ clock, prober, profile, intervalSeconds, onProbe }: EvidenceOptions) {
    this.#checker = new Checker({
      clock,
      prober,
      profile: { ...profile, checker: { due: 'every round', sleep: 'interval', wakesForNewChecks: true } },
      intervalSeconds,
      expireDelaySeconds: FORGET_AFTER_SECONDS,
      waitsForSlowChecks: false,
      onProbe: (probe) => {
        const { id } = probe.check;
        this.#evidence.set(id, evidenceAfter(this.#evidence.get(id) ?? [], probe, KEEP_MICROS));
        onProbe(probe);
      },
    });
  }

  /** Starts or goes on probing these. */
  watch(checks: Iterable<Check>): void {
    for (const check of checks) this.#checker.ask(check);
  }

  of(check: Check): Evidence | undefined {
    return this.#evidence.get(check.id);
  }

  close(): void {
    this.#checker.close();
  }
}
