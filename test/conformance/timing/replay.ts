/**
 * Tells a story again, to the simulator's checker on a virtual clock, and says where what was seen differs.
 *
 * The phase of the rounds is taken from what was seen: where a round is predicted and probes came within the allowance,
 * it begins with the first of them. So a server's thread that wakes a little late each time adds up to nothing, and each
 * instant is held against the one before it.
 */
import { type Clock, MICROS_PER_SECOND, type Micros } from '../../../simulator/clock.ts';
import { type Check, tcpCheck } from '../../../simulator/health/check.ts';
import { Checker } from '../../../simulator/health/checker.ts';
import { scriptedProber, type TargetScript } from '../../../simulator/health/fixtures/targets.ts';
import type { Prober } from '../../../simulator/health/probe.ts';
import type { CheckStatus } from '../../../simulator/health/status.ts';
import { VirtualClock } from '../../../simulator/virtual-clock.ts';
import type { PossibleAnswers, StoryAnswers } from './answers.ts';
import { Arrivals } from './arrivals.ts';
import type { CheckerModel } from './assumptions.ts';
import type { Observed, SeenPhase, SeenQuestion } from './observed.ts';
import type { Place, Story } from './story.ts';

export interface Replay {
  /** What was seen and is not predicted, or was predicted and is not seen; in words. */
  readonly differences: readonly string[];
  /** How much later than predicted each round began of which something was seen. */
  readonly lateness: readonly Micros[];
  /** Probes that were seen where they were predicted. */
  readonly probes: number;
  /** By target. */
  readonly checks: ReadonlyMap<string, Check>;
}

export interface ReplayOptions {
  readonly story: Story;
  readonly place: Place;
  readonly observed: Observed;
  readonly answers: StoryAnswers;
  readonly model: CheckerModel;
  readonly allowance: Micros;
  readonly course: Course;
}

/** What nobody can see: one way in which a right server can have taken the same questions. */
export interface Course {
  /** When a question is put to the checker: somewhere between the two is when it was put to the server's. */
  readonly asks: 'when sent' | 'when heard';
  /**
   * On 4.7 the first question starts the checker's thread before it makes its check known, so the first round may pass
   * without it. Where new checks wake the checker, that makes no difference.
   */
  readonly firstRound: 'has the first check' | 'is empty';
}

export const COURSES: readonly Course[] = (['when sent', 'when heard'] as const).flatMap((asks) =>
  (['has the first check', 'is empty'] as const).map((firstRound) => ({ asks, firstRound })),
);

/** Ends at once, wherever it goes: a round with it alone is an empty one. */
const NOTHING = tcpCheck('127.0.0.1', 0, { timeout: '0' });

export function replay({ story, place, observed, answers, model, allowance, course }: ReplayOptions): Replay {
  const clock = new VirtualClock(observed.beganAt);
  const end = story.lengthSeconds * MICROS_PER_SECOND;
  const arrivals = new Arrivals(observed.arrivals, allowance);
  const differences: string[] = [];
  const lateness: Micros[] = [];
  const checks = new Map<string, Check>();
  let probes = 0;
  const labels = new Map(Object.keys(story.targets).map((label) => [place.address(label), label]));
  const scripts = Object.fromEntries(
    Object.entries(observed.phases).map(([label, phases]) => [place.address(label), scriptOf(phases)]),
  );
  const simulated = scriptedProber(clock, scripts);
  const rounds: Clock = {
    now: () => clock.now(),
    wall: () => clock.wall(),
    at(time, task) {
      const due = Math.max(time, clock.now());
      const seen = arrivals.near(due)?.at ?? due;
      return clock.at(seen, () => {
        const claimed = probes;
        task();
        if (probes > claimed) lateness.push(seen - due);
      });
    },
  };
  const prober: Prober = (request, report) => {
    const address = request.kind === 'failing' ? '' : (request.address ?? '');
    const target = labels.get(address) ?? '';
    const phase = observed.phases[target]?.findLast(({ at }) => at <= clock.now());
    // Nobody sees a probe that is refused.
    if (phase === undefined || phase.does === 'closed') return simulated(request, report);
    const arrival = arrivals.claim(clock.now(), target);
    if (arrival !== undefined) probes++;
    else if (clock.now() < end - allowance) differences.push(`${seconds(clock.now())}: no probe of ${target} came`);
    return simulated(request, (result) => {
      const closedAt = phase.does === 'hangs' ? arrival?.closedAt : undefined;
      if (closedAt !== undefined && Math.abs(closedAt - clock.now()) > allowance)
        differences.push(`${seconds(clock.now())}: the probe of ${target} ended at ${seconds(closedAt)}`);
      report(result);
    });
  };
  const timelines = new Map<string, { readonly at: Micros; readonly answers: PossibleAnswers }[]>();
  const note = (label: string, statusOf: (check: Check) => CheckStatus): void => {
    const timeline = timelines.get(label) ?? [];
    timelines.set(label, timeline);
    const possible = answers.to(label, statusOf);
    if (timeline.at(-1)?.answers !== possible) timeline.push({ at: clock.now(), answers: possible });
  };
  const asked = new Set(observed.questions.map(({ label }) => label));
  const checker = new Checker({
    clock: rounds,
    prober,
    profile: model.profile,
    intervalSeconds: model.intervalSeconds,
    expireDelaySeconds: model.expireDelaySeconds,
    onProbe: ({ check }) => {
      checks.set(labels.get(check.address) ?? '', check);
      for (const label of asked) note(label, (check) => checker.peek(check));
    },
  });
  const askedAt = ({ sentAt, heardAt }: SeenQuestion): Micros => (course.asks === 'when sent' ? sentAt : heardAt);
  if (course.firstRound === 'is empty') {
    const first = Math.min(...observed.questions.map(askedAt));
    clock.at(first - 1, () => checker.ask(NOTHING));
  }
  for (const question of observed.questions) {
    const { label } = question;
    clock.at(askedAt(question), () => {
      note(label, (check) => checker.ask(check));
      note(label, (check) => checker.peek(check));
    });
  }
  clock.run(end + allowance);
  checker.close();
  for (const { target, at } of arrivals.unclaimed()) {
    if (at < end - allowance) differences.push(`${seconds(at)}: a probe of ${target} came`);
  }
  for (const question of observed.questions) {
    const { label, sentAt, heardAt, answer } = question;
    if (answer === undefined) continue;
    const possible = inForce(timelines.get(label) ?? [], sentAt - allowance, heardAt + allowance);
    if (!possible.has(answer)) differences.push(unpredicted(question, possible, labels));
  }
  return { differences: differences.sort(byTime), lateness, probes, checks };
}

function inForce(
  timeline: readonly { readonly at: Micros; readonly answers: PossibleAnswers }[],
  from: Micros,
  to: Micros,
): PossibleAnswers {
  const first = Math.max(
    0,
    timeline.findLastIndex(({ at }) => at <= from),
  );
  const within = timeline.filter(({ at }, i) => i >= first && at <= to);
  return new Set(within.flatMap(({ answers }) => [...answers]));
}

function scriptOf(phases: readonly SeenPhase[]): TargetScript {
  return phases.map(({ at, does, latencySeconds = 0 }) => {
    const latencyMicros = latencySeconds * MICROS_PER_SECOND;
    if (does === 'unavailable') return { at, does: 'refuses', latencyMicros };
    return { at, does: does === 'closed' ? 'refuses' : does, latencyMicros };
  });
}

function unpredicted({ label, sentAt, answer }: SeenQuestion, possible: PossibleAnswers, labels: Map<string, string>) {
  const named = (text: string): string => text.replace(/127\.[\d.]+/g, (address) => labels.get(address) ?? address);
  const expected = [...possible].map(named).join(' or ') || 'nothing';
  return `${seconds(sentAt)}: ${label} was answered with ${named(answer ?? '')}, predicted is ${expected}`;
}

function seconds(micros: Micros): string {
  return `${(micros / MICROS_PER_SECOND).toFixed(3)} s`;
}

function byTime(a: string, b: string): number {
  return Number.parseFloat(a) - Number.parseFloat(b);
}
