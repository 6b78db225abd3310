/**
 * From findings to drifts. A finding may have an innocent cause that one observation cannot exclude: the server's probe
 * may have hit a moment that no probe of ours saw, or the content may have changed since it was read. So a finding waits
 * as a *suspect* until every innocent cause is excluded; then it is a drift, and stays one until the server is right again.
 */
import type { Micros } from '../simulator/clock.ts';
import {
  beliefsOf,
  type Explanation,
  fewestBeliefs,
  type Hypothesis,
  hasLasted,
  type Suspicion,
  suspicionsAfter,
  UNSUSPECTED,
} from './hypotheses.ts';
import type { DriftClass, Finding } from './judge.ts';

export { agree, type Hypothesis } from './hypotheses.ts';

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
  /** The longest that one innocent cause can make answers contradict what is seen of the targets. */
  readonly beliefMicros: Micros;
  /** The longest that caches and transfers can innocently delay what is right. */
  readonly graceMicros: Micros;
  /** The answer, for people. */
  readonly answer: string;
}

interface Suspect {
  readonly key: DriftKey;
  readonly firstSeenAt: Micros;
  lastSeenAt: Micros;
  count: number;
  /** Sightings in a row that were right. */
  right: number;
  /** Empty for what no belief explains. */
  suspicions: readonly Suspicion[];
  message: string;
  readonly observed: Map<string, number>;
  drift: Drift | undefined;
}

/** Right answers in a row that end an open drift which no belief explains, and clear such a suspect. */
const RIGHT_IN_A_ROW = 8;
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

  /** What `server` believes wrongly, for each of its open drifts that beliefs explain: one of these. */
  hypothesesOf(server: string): (readonly Hypothesis[])[] {
    return [...this.#suspects.values()]
      .filter(({ key, drift, suspicions }) => key.server === server && drift !== undefined && suspicions.length > 0)
      .map(({ suspicions }) => suspicions.map(beliefsOf));
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
    const suspicions = suspicionsAfter(known?.suspicions ?? UNSUSPECTED, finding.hypotheses, sighting.now);
    const anew = () => suspicionsAfter(UNSUSPECTED, finding.hypotheses, sighting.now);
    // Explained before, and now by nothing it could have believed then, or right for so long that one innocent cause may
    // have ended and another begun, or right just now and wrong about less than before: another story, told from its beginning.
    const isNewStory =
      known !== undefined &&
      known.drift === undefined &&
      known.suspicions.length > 0 &&
      (suspicions.length === 0 ||
        wasRightForLong(known, sighting) ||
        (known.right > 0 && fewestBeliefs(anew()) < fewestBeliefs(suspicions)));
    if (known === undefined || isNewStory) {
      const observed = new Map([[sighting.answer, 1]]);
      const suspect: Suspect = {
        key,
        firstSeenAt: sighting.now,
        lastSeenAt: sighting.now,
        count: 1,
        right: 0,
        suspicions: isNewStory ? anew() : suspicions,
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
    known.suspicions = suspicions;
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

  /** An observation that is as it should be, in the sense of `key.class`. `explanations`: every belief that gives it. */
  right(key: DriftKey, explanations: () => readonly Explanation[], sighting: Sighting): DriftChange | undefined {
    const known = this.#suspects.get(keyText(key));
    if (known === undefined) return undefined;
    known.right++;
    if (known.right < RIGHT_IN_A_ROW && !isRefuted(known, explanations, sighting)) return undefined;
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

/** Not under what the server is suspected to believe, or that fits the evidence by now. */
function isRefuted(suspect: Suspect, explanations: () => readonly Explanation[], { now }: Sighting): boolean {
  if (suspect.suspicions.length === 0) return false;
  // A random answer can be right under a wrong belief as well, so it takes one that the belief cannot give.
  const suspicions = suspicionsAfter(suspect.suspicions, explanations(), now);
  if (suspicions.length === 0) return true;
  const isInnocent = suspicions.some((suspicion) => suspicion.size === 0);
  if (!isInnocent) suspect.suspicions = suspicions;
  return isInnocent && suspect.drift === undefined;
}

/** Random answers can be right under a wrong belief, but are seldom so for as long as an innocent one can last. */
function wasRightForLong({ right, lastSeenAt }: Suspect, { now, beliefMicros }: Sighting): boolean {
  return right > 0 && now - lastSeenAt > beliefMicros;
}

function isProven(suspect: Suspect, sighting: Sighting): boolean {
  if (suspect.suspicions.length > 0) return hasLasted(suspect.suspicions, sighting.beliefMicros, sighting.now);
  const lasted = sighting.now - suspect.firstSeenAt;
  return suspect.count >= 2 && lasted >= sighting.graceMicros && sighting.sourceReadAt > suspect.firstSeenAt;
}

function keyText({ server, name, type, client, class: driftClass }: DriftKey): string {
  return [server, name.toLowerCase(), type, client, driftClass].join(' ');
}
