/**
 * How long a server takes to learn what became of a target: the shortest and the longest time, over every phase that its
 * rounds can have (`explorePhases`), with its own checker on a virtual clock.
 */
import { sampler, seededUint32 } from '../simulator/chooser.ts';
import { MICROS_PER_SECOND, type Micros } from '../simulator/clock.ts';
import {
  type Check,
  httpCheck,
  minimumFailures,
  ownIntervalSeconds,
  tcpCheck,
  timeoutSeconds,
} from '../simulator/health/check.ts';
import { Checker } from '../simulator/health/checker.ts';
import { checkTiming } from '../simulator/health/possible.ts';
import { statusKey } from '../simulator/health/status.ts';
import type { Profile } from '../simulator/profile/profile.ts';
import { VirtualClock } from '../simulator/virtual-clock.ts';
import { alignmentOf } from '../simulator/world/alignment.ts';
import { HEALTHY, type TargetBehaviour } from '../simulator/world/behaviour.ts';
import { WorldNetwork } from '../simulator/world/network.ts';
import { explorePhases, type PhaseCell, timeIn } from '../simulator/world/phases.ts';
import type { Phase } from '../simulator/world/plan.ts';
import { WallClock } from '../simulator/world/wall-clock.ts';
import type { Witness } from '../simulator/world/witness.ts';

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

export interface DetectionOptions {
  readonly profile: Profile;
  readonly intervalSeconds: number;
  readonly latencySeconds: number;
  /** The longest timeout of other checks of the server whose targets hang all the while; 0: all others are well. */
  readonly othersHangSeconds: number;
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

interface Story {
  readonly check: Check;
  /** Keeps rounds going before the check is known, or slows them down. */
  readonly other: Check;
  readonly isNew: boolean;
  readonly options: DetectionOptions;
  readonly offsets: Micros;
  readonly aligned: boolean;
  /** The longest that a change takes to be seen: nothing happens in so long that is not seen. */
  readonly safe: Micros;
}

const TARGET = '192.0.2.1';
const OTHER = '192.0.2.2';

function storyOf(check: Check, options: DetectionOptions): Story {
  const { profile, intervalSeconds, othersHangSeconds } = options;
  const own = standIn(check);
  const other = httpCheck(OTHER, 0, URL, othersHangSeconds === 0 ? {} : { timeout: `${othersHangSeconds}` });
  // What is well ends within its latency, whatever its timeout is.
  const all = othersHangSeconds === 0 ? [own] : [own, other];
  const { longestLearningMicros, longestPeriodMicros } = checkTiming(own, all, profile, intervalSeconds);
  // Until the target fails its probes end within its latency: what its timeout allows does not matter before.
  const well = withTimeout(own, Math.max(1, Math.ceil(options.latencySeconds)));
  const { offsets, complete } = alignmentOf(othersHangSeconds === 0 ? [well] : [well, other], profile, intervalSeconds);
  const safe = longestLearningMicros + (minimumFailures(own, profile) - 1) * longestPeriodMicros;
  return { check: own, other, isNew: false, options, offsets, aligned: complete, safe };
}

function withTimeout({ kind, options }: Check, seconds: number): Check {
  const own = { ...options, timeout: `${seconds}` };
  return kind === 'tcp' ? tcpCheck(TARGET, 80, own) : httpCheck(TARGET, 0, URL, own);
}

const URL = 'http://plan.test/';

/** The same times, and a target in the world. */
function standIn({ kind, options }: Check): Check {
  const { timeout, interval, minimumFailures: failures } = options;
  const kept = Object.fromEntries(
    Object.entries({ timeout, interval, minimumFailures: failures }).flatMap(([name, value]) =>
      value === undefined ? [] : [[name, value]],
    ),
  );
  return kind === 'tcp' ? tcpCheck(TARGET, 80, kept) : httpCheck(TARGET, 0, URL, kept);
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

interface Change {
  /** From the moment that is looked at. */
  readonly at: Micros;
  readonly tcp: TargetBehaviour['tcp'];
}

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
    (phase, witness) => changesOf(story, phase, witness, moment, changes, wanted),
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

/** When the status becomes the one that is waited for, at or after the moment; undefined: it never does. */
function changesOf(
  { check, other, isNew, options, safe }: Story,
  phase: Phase,
  witness: Witness,
  moment: Micros,
  changes: readonly Change[],
  wanted: 'up' | 'down',
): Micros | undefined {
  const { profile, intervalSeconds, latencySeconds } = options;
  const clock = new VirtualClock(0, witness);
  const wall = new WallClock(clock, phase.fraction, witness);
  const network = new WorldNetwork(clock, sampler(seededUint32(1)));
  const resting: TargetBehaviour = {
    ...HEALTHY,
    latency: { base: Math.round(latencySeconds * MICROS_PER_SECOND), jitter: 0 },
  };
  network.add('target', TARGET, undefined, resting);
  network.add('other', OTHER, undefined, options.othersHangSeconds === 0 ? resting : { ...resting, tcp: 'blackhole' });
  let seen: Micros | undefined;
  const checker = new Checker({
    clock: { now: () => clock.now(), wall: () => wall.now(), at: (time, task) => clock.at(time, task) },
    prober: network.prober('here'),
    profile,
    intervalSeconds,
    expireDelaySeconds: 10 ** 9,
    onProbe: ({ check: probed, before, after, endedAt }) => {
      if (probed !== check || endedAt < moment || seen !== undefined) return;
      if (statusKey(after) === wanted && statusKey(before) !== wanted) seen = endedAt;
    },
  });
  clock.at(phase.offset, () => {
    checker.ask(other);
    if (!isNew) checker.ask(check);
  });
  if (isNew) clock.at(moment, () => checker.ask(check));
  for (const { at, tcp } of changes) {
    clock.at(moment + at, () => network.setBehaviour(TARGET, { ...resting, tcp }));
  }
  // Nothing is compared with the end, so it must not be a matter of phases what comes before it.
  clock.run(moment + 2 * safe);
  checker.close();
  return seen;
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
