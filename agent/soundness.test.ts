import fc from 'fast-check';
import { expect, test } from 'vitest';
import { seededUint32 } from '../simulator/chooser.ts';
import { type Micros, MICROS_PER_SECOND as S } from '../simulator/clock.ts';
import type { Check } from '../simulator/health/check.ts';
import { fittingStatuses, type StatusQuestion, type Warmth, warmthAfter } from '../simulator/health/possible.ts';
import { availability, type CheckStatus, UP } from '../simulator/health/status.ts';
import { RELEASE_LINES } from '../simulator/profile/profile.ts';
import type { ServerSettings } from '../wire/server-settings.ts';
import { Beliefs } from './beliefs.ts';
import { DriftBook, type DriftKey, type Sighting } from './drifts.ts';
import { ownLagMicros } from './evidence.ts';
import {
  type Story,
  type StoryListener,
  type StoryTarget,
  type StoryTeller,
  storyTiming,
  tellStory,
} from './fixtures/shadowed-server.ts';
import type { Explanation, Hypothesis } from './hypotheses.ts';
import type { Finding } from './judge.ts';

/**
 * The promise that the whole product stands on: what a right server believes is never outside of what the evidence
 * leaves possible, and little time after a change only one belief is left.
 *
 * Assumptions, each built into the stories: server and shadow see the same of a target; a target stays as it is for as
 * long as one of our probes needs to see it (`ownLagMicros`: our period and the timeout); the server runs no check with
 * a longer timeout than those known; restarts are noticed; a number in a body does not change within that time and was
 * the same since before the agent started. A probe of the server may see a change before one of ours does, so the belief
 * of a moment is judged with the evidence of `ownLagMicros` later.
 *
 * `SOUNDNESS_RUNS` sets how many stories are told.
 */
const RUNS = Number(process.env.SOUNDNESS_RUNS ?? 600);
const SEED = process.env.SOUNDNESS_SEED;
const parameters = { numRuns: RUNS, ...(SEED === undefined ? {} : { seed: Number(SEED) }) };

const TIMEOUT_MS = 20_000 + 5 * RUNS;

const LENGTH: Micros = 150 * S;

const target: fc.Arbitrary<StoryTarget> = fc.record({
  kind: fc.constantFrom('tcp', 'http'),
  timeoutSeconds: fc.integer({ min: 1, max: 3 }),
  minimumFailures: fc.integer({ min: 1, max: 4 }),
  intervalSeconds: fc.oneof(fc.constant(0), fc.integer({ min: 1, max: 10 })),
  failOnIncompleteCheck: fc.boolean(),
  phases: fc.array(
    fc.record({
      does: fc.constantFrom('answers', 'refuses', 'hangs', 'drops'),
      latencyMicros: fc.integer({ min: 0, max: 0.9 * S }),
      bodyNumber: fc.constantFrom(0, 20, 80),
      extra: fc.oneof(fc.constant(0), fc.integer({ min: 0, max: 40 * S })),
    }),
    { minLength: 1, maxLength: 6 },
  ),
});

const story: fc.Arbitrary<Story> = fc.record({
  line: fc.constantFrom(...RELEASE_LINES),
  length: fc.constant(LENGTH),
  selects: fc.constantFrom('first', 'random'),
  intervalSeconds: fc.integer({ min: 1, max: 10 }),
  expireDelaySeconds: fc.oneof(fc.constant(3600), fc.integer({ min: 3, max: 30 })),
  wallPhase: fc.integer({ min: 0, max: S - 1 }),
  agentStartsAt: fc.integer({ min: 0, max: 30 * S }),
  targets: fc.array(target, { minLength: 1, maxLength: 3 }),
  agentAsks: fc.record({
    from: fc.integer({ min: 0, max: 40 * S }),
    every: fc.integer({ min: 0.2 * S, max: 8 * S }),
    pauses: fc.array(
      fc.record({ from: fc.integer({ min: 0, max: LENGTH }), length: fc.integer({ min: S, max: 60 * S }) }),
      { maxLength: 2 },
    ),
  }),
  othersAsk: fc.array(fc.integer({ min: 0, max: LENGTH }), { maxLength: 20 }),
  restarts: fc.array(fc.integer({ min: 0, max: LENGTH }), { maxLength: 2 }),
});

test(
  'what a server believes is always possible by the evidence',
  () => {
    fc.assert(
      fc.property(story, (told) => {
        expect(outsideBeliefs(told)).toEqual([]);
      }),
      parameters,
    );
  },
  TIMEOUT_MS,
);

/**
 * Useful as well as sound: a target that has not changed since the time our probes need and the time the server needs to
 * learn, on a server that the agent has asked for long enough, has one status and no other.
 */
test(
  'a target that has been stable for the stated time has exactly one possible status',
  () => {
    let settled = 0;
    fc.assert(
      fc.property(steadyStory, (told) => {
        const seen = settledBeliefs(told);
        settled += seen.length;
        for (const { status, fitting } of seen) expect(fitting.map(kindAndWeight)).toEqual([kindAndWeight(status)]);
      }),
      parameters,
    );
    expect(settled).toBeGreaterThan(RUNS);
  },
  TIMEOUT_MS,
);

/**
 * The same promise at its other end: a suspicion is no drift until every belief that a right server can have is excluded.
 * Here a restart is not noticed either (one: a server that restarts all the time is another story), and the source is read
 * again all the time.
 */
test(
  'a right server is never accused',
  () => {
    let suspected = 0;
    fc.assert(
      fc.property(story, (told) => {
        const { opened, suspicions } = accusations({ ...told, restarts: told.restarts.slice(0, 1) });
        suspected += suspicions;
        expect(opened).toEqual([]);
      }),
      parameters,
    );
    expect(suspected).toBeGreaterThan(RUNS / 10);
  },
  TIMEOUT_MS,
);

/** The agent's judgement of each answer to its questions; the answer is a target that is up. */
function accusations(told: Story): { opened: object[]; suspicions: number } {
  const opened: object[] = [];
  let suspicions = 0;
  const nextUint32 = seededUint32(told.wallPhase);
  const book = new DriftBook();
  const teller: StoryTeller = tellStory(told, {
    onBelief: () => {},
    onRestart: () => {},
    onAsked(seen) {
      const { checks, clock, evidence, profile } = teller;
      beliefs ??= new Beliefs(profile, settings, evidence, checks, undefined);
      const held = beliefs;
      const now = clock.now();
      if (now < told.agentStartsAt) return;
      const up = seen.flatMap(({ status }, i) => (availability(status, false) > 0 ? [i] : []));
      const answer = up.length === 0 ? -1 : (up[nextUint32() % up.length] ?? -1);
      const wantsIncomplete = (check: Check) =>
        profile.incompleteFails && check.options.failOnIncompleteCheck === 'true';
      const failed =
        seen.length === checks.length &&
        seen.every(({ check, status }) => availability(status, wantsIncomplete(check)) < 0);
      const text = failed ? 'SERVFAIL' : answer < 0 ? 'backup' : `target ${answer}`;
      const explains = (hypothesis: Hypothesis): boolean => {
        const levels = checks.map((check) => availability(hypothesis.get(check.id) ?? UP, wantsIncomplete(check)));
        const possible = levels.flatMap((level, i) => (level > 0 ? [`target ${i}`] : []));
        if (possible.length === 0) return text === (levels.every((level) => level < 0) ? 'SERVFAIL' : 'backup');
        return told.selects === 'first' ? possible[0] === text : possible.includes(text);
      };
      const needed = answer < 0 || told.selects === 'random' ? checks : checks.slice(0, answer + 1);
      const inside = combinations(needed, (check) => held.fitting(check, now)).filter(explains);
      const every = (): Explanation[] =>
        combinations(needed, (check) => held.any(check))
          .filter(explains)
          .map((assumed) => ({ assumed, wrong: wrongIn(assumed, (check) => held.fitting(check, now), needed) }));
      held.noteAsked(told.selects === 'first' ? checks.slice(0, 1) : checks, now);
      const sighting: Sighting = {
        now,
        wallMs: clock.wall() / 1000,
        sourceReadAt: now,
        beliefMicros: held.longestDoubt(checks),
        graceMicros: 0,
        answer: text,
      };
      const driftClass = text === 'SERVFAIL' ? 'rcode' : 'answer';
      for (const each of ['answer', 'rcode'] as const) {
        const key: DriftKey = { server: 'a', name: 'www.example.org.', type: 'A', client: 'plain', class: each };
        if (inside.length > 0) book.right(key, every, sighting);
        else if (each === driftClass) {
          suspicions++;
          const finding: Finding = { class: each, message: text, hypotheses: every() };
          const change = book.wrong(key, finding, sighting);
          if (change !== undefined)
            opened.push({ at: now / S, text, change, fitting: checks.map((c) => held.fitting(c, now)) });
        }
      }
    },
  });
  const settings: ServerSettings = {
    answer: {
      luaRecords: true,
      ednsSubnetProcessing: true,
      luaRecordsInsertWhitespace: false,
      luaRecordsExecLimit: 1000,
    },
    checkIntervalSeconds: told.intervalSeconds,
    checkExpireDelaySeconds: told.expireDelaySeconds,
    contentCacheSeconds: 0,
    packetCacheSeconds: 0,
  };
  let beliefs: Beliefs | undefined;
  teller.run(LENGTH);
  return { opened, suspicions };
}

function wrongIn(assumed: Hypothesis, fitting: (check: Check) => readonly CheckStatus[], checks: readonly Check[]) {
  const isPossible = (check: Check) =>
    fitting(check).some((status) => kindAndWeight(status) === kindAndWeight(assumed.get(check.id) ?? status));
  return new Set(checks.filter((check) => !isPossible(check)).map(({ id }) => id));
}

function combinations(checks: readonly Check[], of: (check: Check) => readonly CheckStatus[]): Hypothesis[] {
  return checks.reduce<ReadonlyMap<string, CheckStatus>[]>(
    (all, check) => all.flatMap((one) => of(check).map((status) => new Map([...one, [check.id, status]]))),
    [new Map()],
  );
}

/** One target, asked for by the agent all the time. */
const steadyStory = story.map(
  (told): Story => ({
    ...told,
    targets: told.targets.slice(0, 1),
    agentAsks: { ...told.agentAsks, pauses: [] },
    expireDelaySeconds: Math.max(told.expireDelaySeconds, told.agentAsks.every / S + 2),
  }),
);

function settledBeliefs(told: Story): { status: CheckStatus; fitting: readonly CheckStatus[] }[] {
  const settled: { status: CheckStatus; fitting: readonly CheckStatus[] }[] = [];
  const warmth = new Map<string, Warmth>();
  const teller = listenTo(told, warmth, (check, status, at) => {
    const [script = []] = teller.scripts;
    const timing = storyTiming(check, teller.checks, told);
    const failures = (timing.minimumFailures - 1) * timing.longestPeriodMicros;
    const changedAt = Math.max(told.agentStartsAt, ...script.map((phase) => phase.at).filter((each) => each <= at));
    const isSeen =
      at >= changedAt + ownLagMicros(check, told.intervalSeconds) + timing.longestLearningMicros + failures;
    const bornAt = Math.max(told.agentAsks.from, ...told.restarts.filter((each) => each <= at));
    const keptAt = bornAt + 2 * told.agentAsks.every + timing.longestRoundMicros;
    const isWarm = at >= keptAt + timing.longestFirstResultMicros + failures;
    if (isSeen && isWarm)
      settled.push({ status, fitting: fittingStatuses(questionAbout(teller, warmth, told, check, at)) });
  });
  teller.run(LENGTH);
  return settled;
}

function kindAndWeight(status: CheckStatus): string {
  return status.kind === 'up' ? `up ${Math.max(1, status.weight)}` : status.kind;
}

/** Beliefs of the server that the evidence, as it is soon after, says it could not have had. */
function outsideBeliefs(told: Story): object[] {
  const outside: object[] = [];
  const warmth = new Map<string, Warmth>();
  const teller = listenTo(told, warmth, (check, status, at) => {
    const { clock, checks, evidence, profile } = teller;
    if (at < told.agentStartsAt) return;
    clock.at(at + ownLagMicros(check, told.intervalSeconds), () => {
      const fitting = fittingStatuses(questionAbout(teller, warmth, told, check, at));
      const wantsIncomplete = profile.incompleteFails && check.options.failOnIncompleteCheck === 'true';
      const acts = (each: CheckStatus) => availability(each, wantsIncomplete);
      if (fitting.some((each) => acts(each) === acts(status))) return;
      const first = evidence.of(check)?.[0];
      const timing = storyTiming(check, checks, told);
      const settled = timing.longestLearningMicros + (timing.minimumFailures - 1) * timing.longestPeriodMicros;
      if (acts(status) > 1 && (first === undefined || at < first.firstEndedAt + settled)) return;
      outside.push({
        check: check.id,
        at: at / S,
        status,
        fitting,
        evidence: evidence.of(check),
        warmth: warmth.get(check.id),
      });
    });
  });
  teller.run(LENGTH + 20 * S);
  return outside;
}

function questionAbout(
  { evidence, checks, profile }: StoryTeller,
  warmth: ReadonlyMap<string, Warmth>,
  told: Story,
  check: Check,
  now: Micros,
): StatusQuestion {
  return {
    check,
    evidence: evidence.of(check),
    warmth: warmth.get(check.id),
    timing: storyTiming(check, checks, told),
    profile,
    expireDelayMicros: told.expireDelaySeconds * S,
    now,
  };
}

/** Tells a story with the agent taking note of what the server was surely asked for. */
function listenTo(told: Story, warmth: Map<string, Warmth>, onBelief: StoryListener['onBelief']): StoryTeller {
  const expireDelay = told.expireDelaySeconds * S;
  const teller: StoryTeller = tellStory(told, {
    onBelief,
    onAsked(beliefs) {
      for (const { check } of beliefs) {
        const timing = storyTiming(check, teller.checks, told);
        warmth.set(check.id, warmthAfter(warmth.get(check.id), teller.clock.now(), timing, expireDelay));
      }
    },
    onRestart: () => warmth.clear(),
  });
  return teller;
}
