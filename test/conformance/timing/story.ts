/**
 * A story: what targets do and what is asked of a server, in seconds from its beginning. It is told twice, to a real server
 * and to the simulator's checker.
 */
import type { ReleaseLine } from '../../../simulator/profile/profile.ts';
import type { Assumption } from './assumptions.ts';

export const ZONE = 'timing.test';

export interface Story {
  readonly title: string;
  /** `lua-health-checks-interval`. */
  readonly intervalSeconds: number;
  /** `lua-health-checks-expire-delay`; default an hour. */
  readonly expireDelaySeconds?: number;
  /** Fraction of the wall clock's second in which it begins: where the borders of seconds fall. */
  readonly beginsAt: number;
  readonly lengthSeconds: number;
  readonly targets: Readonly<Record<string, StoryTarget>>;
  /** Code by label. `$url`, `$port` and, for each target, `$target` stand for what is known only when it is told. */
  readonly records: Readonly<Record<string, string>>;
  readonly questions: readonly StoryQuestion[];
  /** Wrong assumptions that what is seen in this story must contradict, on the latest releases of these lines. */
  readonly refutes: Readonly<Partial<Record<ReleaseLine, readonly Assumption[]>>>;
}

/** What a target does, one after the other; the first from before the beginning. */
export interface StoryTarget {
  readonly kind: 'http' | 'tcp';
  readonly phases: readonly StoryPhase[];
}

export interface StoryPhase {
  readonly at: number;
  /** `unavailable` answers 503, `hangs` takes the probe and never answers it, `closed` does not listen. */
  readonly does: 'answers' | 'unavailable' | 'hangs' | 'closed';
  readonly latencySeconds?: number;
}

/** Asked once at `from`, or all the time until `until`. */
export interface StoryQuestion {
  readonly label: string;
  readonly from: number;
  readonly until?: number;
  /** Default `ASK_EVERY_SECONDS`. */
  readonly every?: number;
}

export const ASK_EVERY_SECONDS = 0.02;
export const NO_EXPIRY_SECONDS = 3600;

/** Where the targets of a story are, this time. */
export interface Place {
  readonly port: number;
  address(target: string): string;
}

export function nameOf(label: string): string {
  return `${label}.${ZONE}.`;
}

export function zoneText(story: Story, place: Place): string {
  const records = Object.entries(story.records).map(
    ([label, code]) => `${label} 0 IN LUA A "${withPlace(code, place)}"\n`,
  );
  const apex = '@ 60 IN SOA ns1 hostmaster 1 60 60 60 60\n@ 60 IN NS ns1\nns1 60 IN A 127.0.0.1\n';
  return `$ORIGIN ${ZONE}.\n${apex}${records.join('')}`;
}

function withPlace(code: string, place: Place): string {
  return code.replace(/\$(\w+)/g, (_, word: string) => {
    if (word === 'url') return `'http://svc.${ZONE}:${place.port}/'`;
    return word === 'port' ? `${place.port}` : `'${place.address(word)}'`;
  });
}
