/**
 * Expectations on what was observed. Times may be off by the slack, so that what must hold all the time must hold within the
 * window but for the slack at its ends, and what must hold at a moment must be seen once around it. Only what was asked for
 * is judged: between two questions nobody knows.
 */
import type { Distribution, PredictedOutcome } from '../../simulator/answer/distribution.ts';
import type { Micros } from '../../simulator/clock.ts';
import { rational } from '../../simulator/rational.ts';
import type { Since } from '../../simulator/world/history.ts';
import type { Zone } from '../../simulator/zone/record.ts';
import { failureOf } from '../judge/expectation.ts';
import { describeOutcome, type Failure, type RunView, watchedBy } from '../judge/view.ts';
import { type Window, windowOf } from '../judge/window.ts';
import type { WatchInfo } from '../result.ts';
import type { Expectation, Scenario, What } from '../scenario.ts';
import { inFewestChanges, narrowed, nearestTo, neighbours, observationsIn, overlaps, widened } from './moments.ts';
import type { Observation, RealRun } from './observed.ts';

export type ObservedVerdict =
  | { readonly kind: 'holds' }
  | { readonly kind: 'fails'; readonly failure: Failure }
  /** This run cannot tell. */
  | { readonly kind: 'unjudged'; readonly reason: string };

export interface ObservedContext {
  readonly scenario: Scenario;
  readonly zone: Zone;
  readonly run: Pick<RealRun, 'history' | 'observations' | 'slackMicros' | 'plan'> & {
    readonly watches: readonly WatchInfo[];
  };
  /** Draws decide between several answers to a watch at some time. */
  readonly draws: (watch: number) => boolean;
}

/** All parts must hold; of a part that cannot be judged nothing is said where another one fails. */
export function judgeObserved(expectation: Expectation, context: ObservedContext): ObservedVerdict {
  const parts =
    expectation.when.kind === 'never'
      ? [judgePart(expectation, context)]
      : expectation.what.map((what) => judgePart({ ...expectation, what: [what] }, context));
  const failed = parts.find(({ kind }) => kind === 'fails');
  if (failed === undefined) return parts.find(({ kind }) => kind === 'unjudged') ?? { kind: 'holds' };
  if (expectation.modality === 'certain') return failed;
  return { kind: 'unjudged', reason: 'it need not be so in this phase' };
}

function judgePart(expectation: Expectation, context: ObservedContext): ObservedVerdict {
  const reason = expectation.what.map((what) => unseen(what, expectation, context)).find((each) => each !== '');
  if (reason !== undefined) return { kind: 'unjudged', reason };
  const [what] = expectation.what;
  if (what?.kind === 'agree') return judgeAgreement(what.servers, expectation, context);
  if (what?.kind === 'distribution') return judgeShares(what, expectation, context);
  return judgeRest(expectation, context);
}

/** Why nobody can see it; empty where they can. */
function unseen(what: What, expectation: Expectation, context: ObservedContext): string {
  if (what.kind === 'status') return 'no server shows what it believes';
  if (what.kind === 'agree' && expectation.when.kind === 'never') return 'no two servers are asked in one moment';
  if (what.kind === 'alert')
    return context.scenario.alerts.get(what.alert)?.when.kind === 'all down' ? 'no server shows what it believes' : '';
  if (what.kind === 'invariant' && what.invariant === 'single-writer') return 'a lease is simulated only';
  if (what.kind === 'max-flips' && watchesOf(expectation, context).some((i) => context.draws(i))) {
    return 'answers are drawn, so that each may differ from the one before';
  }
  return '';
}

function judgeRest(expectation: Expectation, context: ObservedContext): ObservedVerdict {
  const { run, scenario } = context;
  const [what] = expectation.what;
  if (what?.kind === 'probes' || what?.kind === 'alert')
    return verdictOf(failureOf(loosened(expectation, run.slackMicros), view(context, run.observations)));
  const window = windowOf(expectation.when, scenario.endsAt);
  const inner = what?.kind === 'max-flips' ? window : narrowed(window, run.slackMicros);
  const meant = new Set(watchesOf(expectation, context));
  const seen = observationsIn(inner, run.observations).filter(({ watch }) => meant.has(watch));
  if (inner.from <= inner.to && seen.length > 0) {
    return verdictOf(failureOf(whole(loosened(expectation, run.slackMicros)), view(context, seen)));
  }
  return judgeMoment(expectation, window, meant, context);
}

/**
 * Too short a time to be sure of: one answer around it is as it should be, for each that is watched. It is not where answers
 * on both sides are wrong; those on one side alone may all be of a time before or after it.
 */
function judgeMoment(
  expectation: Expectation,
  window: Window,
  meant: ReadonlySet<number>,
  context: ObservedContext,
): ObservedVerdict {
  const around = widened(window, context.run.slackMicros);
  let failure: Failure | undefined;
  let isSeen = false;
  for (const watch of meant) {
    const own = context.run.observations.filter((each) => each.watch === watch);
    const seen = own.filter((each) => overlaps(each, around));
    const reaches = seen.some((each) => each.at <= window.to || each === own[0]);
    if (!reaches || !seen.some((each) => each.until >= window.from)) continue;
    isSeen = true;
    const failures = seen.map((one) => failureOf(whole(expectation), view(context, [one])));
    if (failures.every((each) => each !== undefined)) failure ??= failures[0];
  }
  if (failure !== undefined) return { kind: 'fails', failure };
  return isSeen ? { kind: 'holds' } : { kind: 'unjudged', reason: 'nobody asked at that time' };
}

/** Each answer of one server is that of the others at about the time. */
function judgeAgreement(
  servers: readonly string[],
  expectation: Expectation,
  context: ObservedContext,
): ObservedVerdict {
  const { run, scenario } = context;
  const window = narrowed(windowOf(expectation.when, scenario.endsAt), run.slackMicros);
  const meant = watchesOf(expectation, context).filter((i) => servers.includes(run.watches[i]?.server ?? ''));
  const textOf = ({ outcome }: Observation, { type }: WatchInfo) => describeOutcome(scenario, outcome, type);
  const byWatch = Map.groupBy(run.observations, ({ watch }) => watch);
  for (const i of meant) {
    const own = run.watches[i];
    for (const one of observationsIn(window, byWatch.get(i) ?? [])) {
      for (const other of meant) {
        const theirs = run.watches[other];
        if (own === undefined || theirs === undefined || other === i || own.client !== theirs.client) continue;
        if (own.name !== theirs.name || own.type !== theirs.type) continue;
        const near = neighbours(byWatch.get(other) ?? [], widened({ from: one.at, to: one.until }, run.slackMicros));
        const texts = near.map((each) => textOf(each, theirs));
        if (texts.length === 0 || texts.includes(textOf(one, own))) continue;
        const theirTexts = [...new Set(texts)].join(' or ');
        const seen = `${textOf(one, own)} from ${own.server}, ${theirTexts} from ${theirs.server}`;
        const failure = { at: one.at, client: own.client, server: '', wanted: 'the same answer', seen };
        return { kind: 'fails', failure };
      }
    }
  }
  return { kind: 'holds' };
}

/** The shares of all answers in the window, or around it; with room for what draws do by chance. */
function judgeShares(
  what: Extract<What, { kind: 'distribution' }>,
  expectation: Expectation,
  context: ObservedContext,
): ObservedVerdict {
  const { run, scenario } = context;
  const window = windowOf(expectation.when, scenario.endsAt);
  const meant = watchesOf(expectation, context);
  const isSample = meant.some((i) => run.watches[i]?.sample !== undefined);
  if (isSample) {
    for (const moment of new Set([window.from, window.to])) {
      const nearest = meant.flatMap((i) => nearestTo(moment, i, run.observations) ?? []);
      if (nearest.length === 0) return { kind: 'unjudged', reason: 'nobody asked at that time' };
      // Some of the networks are a sample of the sample.
      const chance = nearest.length < meant.length ? chanceOf(nearest.length) : 0;
      const failure = failureOf(
        { ...whole(expectation), what: [{ ...what, tolerance: what.tolerance + chance }] },
        view(
          context,
          nearest.map((one) => ({ ...one, at: 0 })),
        ),
      );
      if (failure !== undefined) return { kind: 'fails', failure: { ...failure, at: moment } };
    }
    return { kind: 'holds' };
  }
  for (const i of meant) {
    const own = run.observations.filter(({ watch }) => watch === i);
    const inside = observationsIn(narrowed(window, run.slackMicros), own);
    const seen = inside.length > 0 ? inside : observationsIn(widened(window, run.slackMicros), own);
    if (seen.length < FEW) return { kind: 'unjudged', reason: `shares are not told by ${seen.length} answers` };
    const tolerance = what.tolerance + chanceOf(seen.length);
    const answers = run.watches.map((_, watch) => (watch === i ? [{ at: 0, value: sharesAmong(seen) }] : []));
    const failure = failureOf(
      { ...whole(expectation), what: [{ ...what, tolerance }] },
      { ...view(context, []), history: { ...run.history, answers } },
    );
    if (failure !== undefined) return { kind: 'fails', failure: { ...failure, at: window.from } };
  }
  return { kind: 'holds' };
}

/** Standard deviations, beyond which chance is not believed. */
const CHANCE = 5;
const FEW = 50;

function chanceOf(count: number): number {
  return CHANCE * Math.sqrt(1 / (4 * count));
}

function sharesAmong(observations: readonly Observation[]): Distribution {
  const outcomes = observations.map(
    ({ outcome }): PredictedOutcome => ({ outcome, probability: rational(1, observations.length) }),
  );
  return { outcomes, exact: false };
}

function watchesOf(expectation: Expectation, context: ObservedContext): number[] {
  const all = view(context, []);
  const meant = new Set(watchedBy(all, expectation).map(({ watch }) => watch));
  return context.run.watches.flatMap((watch, i) => (meant.has(watch) ? [i] : []));
}

function view({ scenario, zone, run }: ObservedContext, observations: readonly Observation[]): RunView {
  const byWatch = Map.groupBy(observations, ({ watch }) => watch);
  const answers = run.watches.map((_, i) =>
    inFewestChanges(byWatch.get(i) ?? []).map(
      ({ at, outcome }): Since<Distribution> => ({
        at,
        value: { outcomes: [{ outcome, probability: rational(1, 1) }], exact: false },
      }),
    ),
  );
  return { scenario, zone, watches: run.watches, history: { ...run.history, answers }, plan: run.plan };
}

/** The window has been looked at already: of what is left all counts. */
function whole(expectation: Expectation): Expectation {
  return expectation.when.kind === 'never' ? expectation : { ...expectation, when: { kind: 'always' } };
}

/** What is said of times within the expectation itself gets the slack too. */
function loosened(expectation: Expectation, slack: Micros): Expectation {
  const what = expectation.what.map((each) =>
    each.kind === 'invariant' && each.invariant === 'no-dead-answer-after'
      ? { ...each, after: each.after + slack }
      : each,
  );
  const isAlert = what.some(({ kind }) => kind === 'alert');
  const { when } = expectation;
  if (!isAlert || when.kind !== 'within') return { ...expectation, what };
  return { ...expectation, what, when: { kind: 'within', from: when.from - slack, to: when.to + slack } };
}

function verdictOf(failure: Failure | undefined): ObservedVerdict {
  return failure === undefined ? { kind: 'holds' } : { kind: 'fails', failure };
}
