/** One server, one target that changes and one that keeps the rounds going: what detection is found from. */
import { sampler, seededUint32 } from '../simulator/chooser.ts';
import { MICROS_PER_SECOND, type Micros } from '../simulator/clock.ts';
import { type Check, httpCheck, minimumFailures, tcpCheck } from '../simulator/health/check.ts';
import { Checker } from '../simulator/health/checker.ts';
import { checkTiming } from '../simulator/health/possible.ts';
import { statusKey } from '../simulator/health/status.ts';
import type { Profile } from '../simulator/profile/profile.ts';
import { VirtualClock } from '../simulator/virtual-clock.ts';
import { alignmentOf } from '../simulator/world/alignment.ts';
import { HEALTHY, type TargetBehaviour } from '../simulator/world/behaviour.ts';
import { WorldNetwork } from '../simulator/world/network.ts';
import type { Phase } from '../simulator/world/plan.ts';
import { WallClock } from '../simulator/world/wall-clock.ts';
import type { Witness } from '../simulator/world/witness.ts';

export interface DetectionOptions {
  readonly profile: Profile;
  readonly intervalSeconds: number;
  readonly latencySeconds: number;
  /** The longest timeout of other checks of the server whose targets hang all the while; 0: all others are well. */
  readonly othersHangSeconds: number;
}

export interface Story {
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

export function storyOf(check: Check, options: DetectionOptions): Story {
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

export interface Change {
  /** From the moment that is looked at. */
  readonly at: Micros;
  readonly tcp: TargetBehaviour['tcp'];
}

/** When the status becomes the one that is waited for, at or after the moment; undefined: it never does. */
export function seenAt(
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
