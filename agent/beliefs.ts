/**
 * What a server may believe of its checks: the evidence seen from here, the longest times its release line takes, and
 * what it was surely asked for. Nothing of this comes from the server itself — PowerDNS shows it nowhere.
 */
import { MICROS_PER_SECOND, type Micros } from '../simulator/clock.ts';
import type { Check } from '../simulator/health/check.ts';
import {
  anyStatus,
  type CheckTiming,
  checkTiming,
  fittingStatuses,
  mayBeCold,
  type StatusQuestion,
  type Warmth,
  warmthAfter,
} from '../simulator/health/possible.ts';
import type { CheckStatus } from '../simulator/health/status.ts';
import type { Profile } from '../simulator/profile/profile.ts';
import type { ServerSettings } from '../wire/server-settings.ts';
import { type EvidenceStore, ownLagMicros } from './evidence.ts';

/** Threads do not start and packets do not travel in no time: added to every bound. */
export const SLACK_MICROS: Micros = 750_000;

export class Beliefs {
  readonly #profile: Profile;
  readonly #settings: ServerSettings;
  readonly #evidence: EvidenceStore;
  readonly #timings: ReadonlyMap<string, CheckTiming>;
  readonly #warmth: Map<string, Warmth>;

  /** `before`: what was known of the same server with other content. */
  constructor(
    profile: Profile,
    settings: ServerSettings,
    evidence: EvidenceStore,
    checks: readonly Check[],
    before: Beliefs | undefined,
  ) {
    this.#profile = profile;
    this.#settings = settings;
    this.#evidence = evidence;
    this.#timings = new Map(
      checks.map((check) => [check.id, checkTiming(check, checks, profile, settings.checkIntervalSeconds)]),
    );
    this.#warmth = before === undefined ? new Map() : before.#warmth;
  }

  /** The statuses that fit at `now`. */
  fitting(check: Check, now: Micros): readonly CheckStatus[] {
    return fittingStatuses(this.#question(check, now - SLACK_MICROS));
  }

  any(check: Check): readonly CheckStatus[] {
    return anyStatus(this.#evidence.of(check));
  }

  isCold(check: Check, now: Micros): boolean {
    return mayBeCold(this.#question(check, now - SLACK_MICROS));
  }

  /** The server was asked something at `now` that it cannot have answered without asking for these. */
  noteAsked(checks: readonly Check[], now: Micros): void {
    for (const check of checks) {
      const known = this.#warmth.get(check.id);
      this.#warmth.set(check.id, warmthAfter(known, now, this.timing(check), this.#expireDelayMicros));
    }
  }

  /** The server may have lost all it knew. */
  forget(): void {
    this.#warmth.clear();
  }

  /** How long the server can hold on to a wrong belief about any of these, at most. */
  longestBelief(checks: readonly Check[]): Micros {
    return checks.reduce((longest, check) => {
      const { longestLearningMicros, longestPeriodMicros, minimumFailures } = this.timing(check);
      return Math.max(longest, longestLearningMicros + (minimumFailures - 1) * longestPeriodMicros + SLACK_MICROS);
    }, 0);
  }

  /**
   * How long answers can contradict what is seen, at most, though nothing is wrong: the server's probe hit a moment that
   * none from here saw, and before its next one the target changed indeed, which is not seen from here yet.
   */
  longestDoubt(checks: readonly Check[]): Micros {
    const { checkIntervalSeconds } = this.#settings;
    const ownLags = checks.map((check) => ownLagMicros(check, checkIntervalSeconds));
    return this.longestBelief(checks) + Math.max(0, ...ownLags);
  }

  /** How long checks that may be cold at `now` stay so once they are asked for, at most, but for the time between questions. */
  longestWarming(checks: readonly Check[], now: Micros): Micros {
    const cold = checks.filter((check) => this.isCold(check, now));
    return cold.reduce((longest, check) => {
      const { longestRoundMicros, longestFirstResultMicros, longestPeriodMicros, minimumFailures } = this.timing(check);
      const firstFailures = (minimumFailures - 1) * longestPeriodMicros;
      return Math.max(longest, longestRoundMicros + longestFirstResultMicros + firstFailures + SLACK_MICROS);
    }, 0);
  }

  timing(check: Check): CheckTiming {
    const known = this.#timings.get(check.id);
    return known ?? checkTiming(check, [check], this.#profile, this.#settings.checkIntervalSeconds);
  }

  /** What makes the other bounds longer makes this one shorter: a question's time is known but for the slack, twice. */
  get #expireDelayMicros(): Micros {
    return this.#settings.checkExpireDelaySeconds * MICROS_PER_SECOND - 2 * SLACK_MICROS;
  }

  #question(check: Check, now: Micros): StatusQuestion {
    return {
      check,
      evidence: this.#evidence.of(check),
      warmth: this.#warmth.get(check.id),
      timing: this.timing(check),
      profile: this.#profile,
      expireDelayMicros: this.#expireDelayMicros,
      now,
    };
  }
}
