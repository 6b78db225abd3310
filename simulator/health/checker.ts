/**
 * The health checker of one server process: rounds over the due checks, as the release line's rules have it. The same
 * code runs under a virtual clock in worlds and under the real clock in `serve` and in the agent.
 *
 * A round starts every due check at once and (as PowerDNS does) ends when the last of them has ended; then checks that
 * nobody has asked for are dropped, and the checker sleeps until one sleep after the round's *start*.
 */
import { type Clock, MICROS_PER_SECOND, type Micros } from '../clock.ts';
import type { Profile } from '../profile/profile.ts';
import { type Check, commonIntervalSeconds, ownIntervalSeconds, probeRequest } from './check.ts';
import type { ProbeRequest, ProbeResult, Prober } from './probe.ts';
import { ABSENT, AWAITED, type CheckStatus, statusAfter } from './status.ts';

export interface CheckerOptions {
  readonly clock: Clock;
  readonly prober: Prober;
  readonly profile: Profile;
  /** `lua-health-checks-interval`. */
  readonly intervalSeconds: number;
  /** `lua-health-checks-expire-delay`. */
  readonly expireDelaySeconds: number;
  /**
   * PowerDNS's rounds wait for their slowest check (true). A shadow that only gathers evidence does not: its rounds
   * start on time, and a check that is still running is left out.
   */
  readonly waitsForSlowChecks?: boolean;
  /**
   * How many new checks the round knows that they start: a race in real servers, in which questions go on while the round
   * begins. The others come while it lasts, and wait for the next. 0, which counts for the first question of a process only:
   * not even the first (seen on 4.7.3). Default: all that are asked for at that time.
   */
  readonly newChecksKnown?: number;
  /** How long after its last check a round ends: on a busy machine the checker's thread is woken late. Default 0. */
  readonly roundsEndLate?: Micros;
  /** Told of each ended probe, after the status has changed. Times are the clock's `now()`. */
  readonly onProbe?: (probe: EndedProbe) => void;
  /** Told after checks that nobody has asked for are dropped. */
  readonly onForgotten?: () => void;
}

export interface EndedProbe {
  readonly check: Check;
  readonly startedAt: Micros;
  readonly endedAt: Micros;
  readonly result: ProbeResult;
  readonly before: CheckStatus;
  readonly after: CheckStatus;
}

interface Entry {
  readonly check: Check;
  readonly request: ProbeRequest;
  /** Between its probes, as the record or the server has it. */
  readonly intervalSeconds: number;
  status: CheckStatus;
  /** The probe that runs. */
  probe: { cancel(): void } | undefined;
  /** Wall-clock second in which the last probe ended. */
  endedSecond: number | undefined;
  /** Wall-clock second of the last question. */
  askedSecond: number;
}

interface Round {
  readonly startedAt: Micros;
  /** Checks that nobody has asked for in time: they ran once more, and go when the round ends. */
  readonly expired: Entry[];
  /** Until the next round, counted from the start of this one. */
  readonly sleepSeconds: number;
  running: number;
}

export class Checker {
  // Running probes hang on their entries. A Set would lose and gain one with each, which leaves a chain of hash tables that
  // keeps what is young alive: over a day of a fleet, the garbage collector then takes as long as all else (bench/README).
  readonly #options: CheckerOptions;
  readonly #entries = new Map<string, Entry>();
  #phase: 'idle' | 'sleeping' | 'in a round' | 'closed' = 'idle';
  #wakeUp: { cancel(): void } | undefined;
  /** Checks that became known since the last round began. */
  #newCount = 0;

  constructor(options: CheckerOptions) {
    this.#options = options;
  }

  /** What an evaluation does: reads the status, keeps the check alive, and makes it known if it is new. */
  ask(check: Check): CheckStatus {
    const { clock, profile, newChecksKnown = Number.POSITIVE_INFINITY } = this.#options;
    const known = this.#entries.get(check.id);
    if (known !== undefined) {
      known.askedSecond = wholeSeconds(clock.wall());
      return known.status;
    }
    const askedSecond = wholeSeconds(clock.wall());
    if (newChecksKnown === 0 && this.#phase === 'idle') this.#startRound();
    this.#entries.set(check.id, {
      check,
      request: probeRequest(check, profile),
      intervalSeconds: ownIntervalSeconds(check, profile) ?? this.#options.intervalSeconds,
      status: AWAITED,
      probe: undefined,
      endedSecond: undefined,
      askedSecond,
    });
    const wakes = this.#phase === 'sleeping' && profile.checker.wakesForNewChecks;
    if (this.#phase === 'idle' || wakes || this.#newCount > 0) {
      if (++this.#newCount === newChecksKnown) this.#startRound();
      else this.#sleepUntil(clock.now());
    }
    return ABSENT;
  }

  /** The status without asking: nothing is kept alive or made known. */
  peek(check: Check): CheckStatus {
    return this.#entries.get(check.id)?.status ?? ABSENT;
  }

  /** How many checks are known now. */
  get size(): number {
    return this.#entries.size;
  }

  /** The checks known now. */
  checks(): Check[] {
    return [...this.#entries.values()].map((entry) => entry.check);
  }

  /** Ends everything; running probes are cancelled without a report. */
  close(): void {
    this.#phase = 'closed';
    this.#wakeUp?.cancel();
    for (const { probe } of this.#entries.values()) probe?.cancel();
  }

  #sleepUntil(time: Micros): void {
    this.#wakeUp?.cancel();
    this.#phase = 'sleeping';
    this.#wakeUp = this.#options.clock.at(time, () => this.#startRound());
  }

  #startRound(): void {
    const { clock, waitsForSlowChecks = true } = this.#options;
    this.#wakeUp?.cancel();
    this.#phase = 'in a round';
    this.#newCount = 0;
    const wall = clock.wall();
    const due: Entry[] = [];
    const expired: Entry[] = [];
    for (const entry of this.#entries.values()) {
      const isDue = this.#isDue(entry, wall);
      if (isDue && entry.probe === undefined) due.push(entry);
      if (this.#isExpired(entry, wall, isDue)) expired.push(entry);
    }
    const sleepSeconds = this.#sleepSeconds();
    const round = { startedAt: clock.now(), expired, sleepSeconds, running: due.length };
    for (const entry of due) {
      this.#startProbe(entry, () => {
        round.running--;
        if (waitsForSlowChecks && round.running === 0) this.#noticeEnd(round);
      });
    }
    if (!waitsForSlowChecks || due.length === 0) this.#noticeEnd(round);
  }

  #noticeEnd(round: Round): void {
    const { clock, roundsEndLate = 0 } = this.#options;
    if (roundsEndLate === 0) this.#endRound(round);
    else this.#wakeUp = clock.at(clock.now() + roundsEndLate, () => this.#endRound(round));
  }

  #endRound(round: Round): void {
    for (const { check, probe } of round.expired) {
      probe?.cancel();
      this.#entries.delete(check.id);
    }
    if (round.expired.length > 0) this.#options.onForgotten?.();
    this.#sleepUntil(round.startedAt + round.sleepSeconds * MICROS_PER_SECOND);
  }

  #isDue({ endedSecond, intervalSeconds }: Entry, wall: Micros): boolean {
    if (this.#options.profile.checker.due === 'every round' || endedSecond === undefined) return true;
    return wall >= (endedSecond + intervalSeconds) * MICROS_PER_SECOND;
  }

  /** From 5.0 a check goes only in a round in which it is due, and never before its first result. */
  #isExpired({ askedSecond, endedSecond }: Entry, wall: Micros, isDue: boolean): boolean {
    const { profile, expireDelaySeconds } = this.#options;
    if (wall <= (askedSecond + expireDelaySeconds) * MICROS_PER_SECOND) return false;
    return profile.checker.due === 'every round' || (endedSecond !== undefined && isDue);
  }

  #sleepSeconds(): number {
    const { profile, intervalSeconds } = this.#options;
    if (profile.checker.sleep === 'interval') return intervalSeconds;
    const own = [...this.#entries.values()].map((entry) => entry.intervalSeconds);
    return own.reduce(commonIntervalSeconds, intervalSeconds);
  }

  #startProbe(entry: Entry, ended: () => void): void {
    const { clock, prober, profile, onProbe } = this.#options;
    const startedAt = clock.now();
    entry.probe = prober(entry.request, (result) => {
      if (this.#phase === 'closed') return;
      const before = entry.status;
      entry.status = statusAfter(before, result, entry.check, profile);
      entry.endedSecond = wholeSeconds(clock.wall());
      entry.probe = undefined;
      onProbe?.({ check: entry.check, startedAt, endedAt: clock.now(), result, before, after: entry.status });
      ended();
    });
  }
}

/** PowerDNS keeps these times as `time_t`. */
function wholeSeconds(wall: Micros): number {
  return Math.floor(wall / MICROS_PER_SECOND);
}
