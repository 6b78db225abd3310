/** What a story shows about a server's checker: where the prediction fails, and which wrong assumptions it cannot tell. */
import { MICROS_PER_MILLISECOND, type Micros } from '../../../simulator/clock.ts';
import { PROFILES } from '../../../simulator/profile/index.ts';
import type { Profile } from '../../../simulator/profile/profile.ts';
import { StoryAnswers } from './answers.ts';
import { ASSUMPTIONS, type CheckerModel } from './assumptions.ts';
import { beyondBounds } from './bounds.ts';
import type { Observed } from './observed.ts';
import { COURSES, type Replay, replay } from './replay.ts';
import { NO_EXPIRY_SECONDS, type Story } from './story.ts';
import type { Told } from './tell.ts';

/**
 * What an idle machine of two cores needs at most between the moment at which something is due and the moment at which
 * it is seen: a thread wakes, another is started for the probe, a connection is made, a loop of ours comes round. To this
 * the longest time is added that our own loops stood still meanwhile. The wrong assumptions differ by 300 ms and more.
 */
const OWN_LATENCY: Micros = 60 * MICROS_PER_MILLISECOND;
/** A machine on which our loops stand still for longer, or that has too much to do, may have kept the server from running. */
const STARVED: Micros = 50 * MICROS_PER_MILLISECOND;
const MAX_WALL_STEP: Micros = 5 * MICROS_PER_MILLISECOND;

export interface Judgement {
  /** Empty where everything seen is as predicted and took no longer than it may. */
  readonly differences: readonly string[];
  /** Wrong assumptions under which all that was seen would be right too. */
  readonly unrefuted: readonly string[];
  /** Why the machine may be to blame for either; undefined where it is not. */
  readonly excuse: string | undefined;
  /** How much was seen and how close to the prediction, for people. */
  readonly figures: string;
}

export function judge(story: Story, { observed, place }: Told, profile: Profile): Judgement {
  const { intervalSeconds, expireDelaySeconds = NO_EXPIRY_SECONDS } = story;
  const model: CheckerModel = { profile, intervalSeconds, expireDelaySeconds };
  // Answers are those of the server's own line throughout: the assumptions are about time.
  const answers = new StoryAnswers(story, place, profile);
  const allowance = OWN_LATENCY + observed.longestStallMicros;
  const best = (assumed: CheckerModel): Replay => {
    const replays = COURSES.map((course) =>
      replay({ story, place, observed, answers, model: assumed, allowance, course }),
    );
    return replays.reduce((a, b) => (b.differences.length < a.differences.length ? b : a));
  };
  const right = best(model);
  // The lists are about the latest release of a line: an older one may be told apart from less.
  const refuted = profile === PROFILES[profile.line] ? (story.refutes[profile.line] ?? []) : [];
  return {
    differences: [...right.differences, ...beyondBounds(story, place, observed, right.checks, model, allowance)],
    unrefuted: refuted.filter((name) => best(ASSUMPTIONS[name](model)).differences.length === 0),
    excuse: excuseOf(observed),
    figures: [
      `${right.probes} probes and ${observed.questions.length} answers as predicted`,
      `rounds at most ${milliseconds(Math.max(0, ...right.lateness))} late`,
      `${milliseconds(allowance)} allowed`,
    ].join(', '),
  };
}

function milliseconds(micros: Micros): string {
  return `${Math.round(micros / MICROS_PER_MILLISECOND)} ms`;
}

function excuseOf({ longestStallMicros, load, wallMovedMicros }: Observed): string | undefined {
  if (wallMovedMicros > MAX_WALL_STEP) return `the wall clock moved by ${milliseconds(wallMovedMicros)} meanwhile`;
  if (longestStallMicros > STARVED) return `this process stood still for ${milliseconds(longestStallMicros)}`;
  if (load > 1) return `${load.toFixed(1)} programs want each processor`;
  return undefined;
}
