/**
 * From findings to drifts. A finding may have an innocent cause that one observation cannot exclude: the server's probe
 * may have hit a moment that no probe of ours saw, or the content may have changed since it was read. So a finding waits
 * as a *suspect* until every innocent cause is excluded; then it is a drift, and stays one until the server is right again.
 */
import type { Micros } from '../simulator/clock.ts';
import type { CheckStatus } from '../simulator/health/status.ts';
import type { DriftClass, Finding } from './judge.ts';

export interface DriftKey {
  readonly server: string;
  /** Owner name of the record; for drifts of a whole server or zone what is concerned. */
  readonly name: string;
  readonly type: string;
  readonly client: string;
  readonly class: DriftClass;
}

export interface Drift extends DriftKey {
  readonly id: string;
  readonly message: string;
  /** Wall-clock milliseconds. */
  readonly sinceMs: number;
  readonly lastSeenMs: number;
  readonly resolvedAtMs: number | undefined;
  /** Each different answer that was seen, with how often. */
  readonly observed: ReadonlyMap<string, number>;
}

/** What is known at the time of an observation. */
export interface Sighting {
  readonly now: Micros;
  readonly wallMs: number;
  /** When the last successful reading of the server's records began. */
  readonly sourceReadAt: Micros;
  /** The longest that the server can hold on to one wrong belief before it probes again. */
  readonly beliefMicros: Micros;
  /** The longest that caches and transfers can innocently delay what is right. */
  readonly graceMicros: Micros;
  /** The answer, for people. */
  readonly answer: string;
}

/** Belief under which the present answer would be right as well. */
export type Hypothesis = ReadonlyMap<string, CheckStatus>;

interface Suspect {
  readonly key: DriftKey;
  readonly firstSeenAt: Micros;
  lastSeenAt: Micros;
  count: number;
  /** Sightings in a row that were right. */
  right: number;
  hypotheses: readonly Hypothesis[];
  message: string;
  readonly observed: Map<string, number>;
  drift: Drift | undefined;
}

/** Right answers in a row that end an open drift which no belief explains, and clear such a suspect. */
const RIGHT_IN_A_ROW = 8;
const MAX_HYPOTHESES = 256;
const MAX_RESOLVED = 500;

export type DriftChange = { readonly kind: 'opened' | 'resolved'; readonly drift: Drift };

export class DriftBook {
  readonly #suspects = new Map<string, Suspect>();
  readonly #resolved: Drift[] = [];
  #sequence = 0;

  /** Open drifts first, then the resolved ones, newest first. */
  all(): Drift[] {
    const open = [...this.#suspects.values()].flatMap((suspect) => suspect.drift ?? []);
    return [...open, ...this.#resolved.toReversed()];
  }

  open(): Drift[] {
    return [...this.#suspects.values()].flatMap((suspect) => suspect.drift ?? []);
  }

  /** What `server` would have to believe, for each of its open drifts that a belief explains. */
  hypothesesOf(server: string): (readonly Hypothesis[])[] {
    return [...this.#suspects.values()]
      .filter(({ key, drift, hypotheses }) => key.server === server && drift !== undefined && hypotheses.length > 0)
      .map(({ hypotheses }) => hypotheses);
  }

  /** Suspects that are not drifts yet. */
  pending(): { key: DriftKey; message: string; sinceMicros: Micros }[] {
    return [...this.#suspects.values()]
      .filter((suspect) => suspect.drift === undefined)
      .map(({ key, message, firstSeenAt }) => ({ key, message, sinceMicros: firstSeenAt }));
  }

  /** An observation that is not what it should be. */
  wrong(key: DriftKey, finding: Finding, sighting: Sighting): DriftChange | undefined {
    const id = keyText(key);
    const known = this.#suspects.get(id);
    const narrowed = known === undefined ? finding.hypotheses : compatible(known.hypotheses, finding.hypotheses);
    // Explained before, and now by nothing it could have believed then: another story, told from its beginning.
    const isNewStory =
      known !== undefined && known.drift === undefined && known.hypotheses.length > 0 && narrowed.length === 0;
    if (known === undefined || isNewStory) {
      const observed = new Map([[sighting.answer, 1]]);
      const suspect: Suspect = {
        key,
        firstSeenAt: sighting.now,
        lastSeenAt: sighting.now,
        count: 1,
        right: 0,
        hypotheses: finding.hypotheses.slice(0, MAX_HYPOTHESES),
        message: finding.message,
        observed,
        drift: undefined,
      };
      this.#suspects.set(id, suspect);
      return undefined;
    }
    known.count++;
    known.right = 0;
    known.lastSeenAt = sighting.now;
    known.message = finding.message;
    known.hypotheses = narrowed;
    known.observed.set(sighting.answer, (known.observed.get(sighting.answer) ?? 0) + 1);
    if (known.drift !== undefined) {
      known.drift = { ...known.drift, lastSeenMs: sighting.wallMs, message: known.message, observed: known.observed };
      return undefined;
    }
    if (!isProven(known, sighting)) return undefined;
    known.drift = {
      ...key,
      id: `${++this.#sequence}`,
      message: known.message,
      sinceMs: sighting.wallMs - (sighting.now - known.firstSeenAt) / 1000,
      lastSeenMs: sighting.wallMs,
      resolvedAtMs: undefined,
      observed: known.observed,
    };
    return { kind: 'opened', drift: known.drift };
  }

  /** An observation that is as it should be, in the sense of `key.class`. `hypotheses`: every belief that explains it. */
  right(key: DriftKey, hypotheses: readonly Hypothesis[], sighting: Sighting): DriftChange | undefined {
    const id = keyText(key);
    const known = this.#suspects.get(id);
    if (known === undefined) return undefined;
    known.right++;
    const isRefuted = known.hypotheses.length > 0 && compatible(known.hypotheses, hypotheses).length === 0;
    // Right under what it is suspected to believe: that fits what is seen of the targets now, so it is not the one wrong
    // belief that would have had to last. A flapping target makes many short ones.
    const isInnocent = known.hypotheses.length > 0 && known.drift === undefined;
    if (!isRefuted && !isInnocent && known.right < RIGHT_IN_A_ROW) return undefined;
    return this.clear(key, sighting.wallMs);
  }

  /** The cause is gone, whatever was seen. */
  clear(key: DriftKey, wallMs: number): DriftChange | undefined {
    const id = keyText(key);
    const drift = this.#suspects.get(id)?.drift;
    this.#suspects.delete(id);
    if (drift === undefined) return undefined;
    const resolved = { ...drift, resolvedAtMs: wallMs };
    this.#resolved.push(resolved);
    if (this.#resolved.length > MAX_RESOLVED) this.#resolved.shift();
    return { kind: 'resolved', drift: resolved };
  }

  /** Forgets what is no longer watched: records and clients that are gone. */
  keepOnly(isWatched: (key: DriftKey) => boolean, wallMs: number): DriftChange[] {
    return [...this.#suspects.values()]
      .filter(({ key }) => !isWatched(key))
      .flatMap(({ key }) => this.clear(key, wallMs) ?? []);
  }
}

function isProven(suspect: Suspect, sighting: Sighting): boolean {
  if (suspect.hypotheses.length > 0) return sighting.now - suspect.firstSeenAt >= sighting.beliefMicros;
  const lasted = sighting.now - suspect.firstSeenAt;
  return suspect.count >= 2 && lasted >= sighting.graceMicros && sighting.sourceReadAt > suspect.firstSeenAt;
}

/** The hypotheses of `earlier` that can hold together with one of `later`. */
function compatible(earlier: readonly Hypothesis[], later: readonly Hypothesis[]): readonly Hypothesis[] {
  return earlier.filter((one) => later.some((other) => agree(one, other)));
}

/** Can both be true? Checks that only one of them speaks about make no difference. */
export function agree(one: Hypothesis, other: Hypothesis): boolean {
  for (const [check, status] of one) {
    const otherStatus = other.get(check);
    if (otherStatus !== undefined && !sameBelief(status, otherStatus)) return false;
  }
  return true;
}

/** An unknown status acts as down, so the two are one belief. */
function sameBelief(a: CheckStatus, b: CheckStatus): boolean {
  const weight = (status: CheckStatus) => (status.kind === 'up' ? Math.max(1, status.weight) : 0);
  return weight(a) === weight(b);
}

function keyText({ server, name, type, client, class: driftClass }: DriftKey): string {
  return [server, name.toLowerCase(), type, client, driftClass].join(' ');
}
