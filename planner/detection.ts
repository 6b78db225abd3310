/**
 * How long a server takes to learn what became of a target: the shortest and the longest time, over every phase that its
 * rounds can have (`explorePhases`), with its own checker on a virtual clock.
 */
import { MICROS_PER_SECOND, type Micros } from '../simulator/clock.ts';
import { type Check, minimumFailures, ownIntervalSeconds, timeoutSeconds } from '../simulator/health/check.ts';
import { explorePhases, type PhaseCell, timeIn } from '../simulator/world/phases.ts';
import { type Change, type DetectionOptions, type Story, seenAt, storyOf } from './failure-story.ts';

/** Seconds from a change of a target to the change of what the server believes of it. */
export interface Bound {
  readonly earliestSeconds: number;
  /** Null: it may never learn of it. */
  readonly latestSeconds: number | null;
  /** Found by looking at every phase; else the latest is one that is safe, and the earliest 0. */
  readonly proven: boolean;
}

export interface Detection {
  readonly refuses: Bound;
  readonly hangs: Bound;
  /** After having refused or hung. */
  readonly recovers: Bound;
  /** From the first question about a check that is new to a running server to its first result. */
  readonly firstResult: Bound;
}

/** Plans ask for the same again and again: for every record, for every server. */
export class Detections {
  readonly #known = new Map<string, Bound>();

  of(check: Check, options: DetectionOptions): Detection {
    return {
      refuses: this.bound('refuses', check, options),
      hangs: this.bound('hangs', check, options),
      recovers: this.bound('recovers', check, options),
      firstResult: this.bound('firstResult', check, options),
    };
  }

  bound(what: keyof Detection, check: Check, options: DetectionOptions): Bound {
    const key = JSON.stringify([what, shapeOf(check, options)]);
    const known = this.#known.get(key);
    if (known !== undefined) return known;
    const found = boundOf(what, storyOf(check, options));
    this.#known.set(key, found);
    return found;
  }
}

/** All that the times hang on. */
function shapeOf(check: Check, { profile, intervalSeconds, latencySeconds, othersHangSeconds }: DetectionOptions) {
  const { line, checker } = profile;
  const own = [check.kind, timeoutSeconds(check), ownIntervalSeconds(check, profile), minimumFailures(check, profile)];
  return [line, checker, intervalSeconds, latencySeconds, othersHangSeconds, own];
}

function boundOf(what: keyof Detection, story: Story): Bound {
  switch (what) {
    case 'refuses':
      return explored(story, [{ at: 0, tcp: 'refuse' }], 'down');
    case 'hangs':
      return explored(story, [{ at: 0, tcp: 'blackhole' }], 'down');
    case 'recovers':
      return recoveryOf(story);
    case 'firstResult':
      return explored({ ...story, isNew: true }, [], 'up');
  }
}

/** Whatever kept it from answering: a connection that hangs on an open socket is not opened again, one without answer is. */
function recoveryOf(story: Story): Bound {
  const hung = Number.isFinite(story.safe) ? story.safe + MICROS_PER_SECOND : 0;
  const causes = story.check.kind === 'tcp' ? TCP_CAUSES : HTTP_CAUSES;
  const bounds = causes.map((tcp) =>
    explored(
      story,
      [
        { at: -hung, tcp },
        { at: 0, tcp: 'accept' },
      ],
      'up',
    ),
  );
  const latest = bounds.map(({ latestSeconds }) => latestSeconds);
  return {
    earliestSeconds: Math.min(...bounds.map(({ earliestSeconds }) => earliestSeconds)),
    latestSeconds: latest.includes(null) ? null : Math.max(...latest.map(Number)),
    proven: bounds.every(({ proven }) => proven),
  };
}

const TCP_CAUSES = ['refuse', 'blackhole'] as const;
const HTTP_CAUSES = ['refuse', 'blackhole', 'accept-only'] as const;

/** More regions of phases than this are not looked at: an upper bound that needs none is as good then. */
const MOST_CELLS = 4000;

function explored(story: Story, changes: readonly Change[], wanted: 'up' | 'down'): Bound {
  if (!Number.isFinite(story.safe)) return { earliestSeconds: 0, latestSeconds: null, proven: true };
  const bounded: Bound = { earliestSeconds: 0, latestSeconds: seconds(story.safe), proven: false };
  if (!story.aligned) return bounded;
  const settled = story.offsets + 2 * story.safe;
  const before = Math.max(0, ...changes.map(({ at }) => -at));
  const moment = settled + before;
  const { cells, complete } = explorePhases(
    story.offsets,
    (phase, witness) => seenAt(story, phase, witness, moment, changes, wanted),
    MOST_CELLS,
  );
  if (!complete) return bounded;
  const found = cells.map(extremesOf);
  if (found.some((each) => each === undefined)) return { earliestSeconds: 0, latestSeconds: null, proven: true };
  const times = found.flatMap((each) => each ?? []);
  return {
    earliestSeconds: seconds(Math.min(...times) - moment),
    latestSeconds: seconds(Math.max(...times) - moment),
    proven: true,
  };
}

function extremesOf(cell: PhaseCell<Micros | undefined>): readonly Micros[] | undefined {
  const { result } = cell;
  if (result === undefined) return undefined;
  const { least, most } = cell.region.offset;
  return [least, most].map((offset) => timeIn(cell, result, cell.moved?.result, offset));
}

function seconds(micros: Micros): number {
  return Math.max(0, micros) / MICROS_PER_SECOND;
}
