import { expect, test } from 'vitest';
import type { Outcome } from '../../simulator/answer/outcome.ts';
import { scenarioZone } from '../zone.ts';
import { answerOf, FSN, HEL, seconds, seen, smallScenario } from './fixtures/observing.ts';
import { judgeObserved } from './judge-observed.ts';
import { type Observation, observedHistory } from './observed.ts';

const watches = [{ client: 'eu', server: 'ns1', name: 'api.acme.test.', type: 'A', sample: undefined }];

/** Judged with a slack of a second. */
function judged(written: string, observations: readonly Observation[], draws = false) {
  const scenario = smallScenario(`timeline: [{ at: 20s, for: 20s, target: fsn, http: 503 }]\nexpect: [${written}]`);
  const [expectation] = scenario.expect;
  if (expectation === undefined) throw new Error('nothing is expected');
  const history = observedHistory({ watches: 1, observations, probes: [], endsAt: scenario.endsAt });
  const plan = {
    servers: [],
    targets: [],
    resolvers: [],
    asking: [],
    events: [],
    lease: undefined,
    watches: [],
    marks: [],
    endsAt: scenario.endsAt,
  };
  const run = { history, watches, observations, slackMicros: seconds(1), plan };
  return judgeObserved(expectation, { scenario, zone: scenarioZone(scenario.zone), run, draws: () => draws });
}

/** Every half second, the one until a moment and the other from then on. */
function turning(at: number, before: Outcome, after: Outcome): Observation[] {
  return Array.from({ length: 100 }, (_, i) => seen(i / 2, i / 2 < at ? before : after));
}

const failover = turning(24.2, answerOf([FSN]), answerOf([HEL]));

test('what must hold all the time may be late by the slack, and no later', () => {
  expect(judged('{ within: [5s, 20s], answer: [fsn] }', failover)).toEqual({ kind: 'holds' });
  expect(judged('{ within: [24s, 30s], answer: [hel] }', failover)).toEqual({ kind: 'holds' });
  expect(judged('{ within: [22s, 30s], answer: [hel] }', failover)).toMatchObject({
    kind: 'fails',
    failure: { at: seconds(23), client: 'eu', server: 'ns1', seen: 'fsn' },
  });
});

test('what must hold at a moment is seen once around it', () => {
  expect(judged('{ at: 24s, answer: [hel] }', failover)).toEqual({ kind: 'holds' });
  expect(judged('{ at: 24s, answer: [fsn] }', failover)).toEqual({ kind: 'holds' });
  expect(judged('{ at: 28s, answer: [fsn] }', failover)).toMatchObject({ kind: 'fails' });
});

test('what was seen on one side of a moment only may have begun after it, or ended before it', () => {
  const after = failover.filter(({ at }) => at > seconds(24.6));
  expect(judged('{ within: [24s, 24.5s], answer: [fsn] }', [...failover.slice(0, 20), ...after])).toMatchObject({
    kind: 'unjudged',
  });
  const before = failover.filter(({ at }) => at < seconds(24));
  expect(judged('{ at: 24.4s, answer: [hel] }', before)).toMatchObject({ kind: 'unjudged' });
  expect(judged('{ at: 24.4s, answer: [hel] }', [...before, seen(24.4, answerOf([FSN]))])).toMatchObject({
    kind: 'fails',
  });
});

test('the first answer of all tells of the moment before it', () => {
  const late = failover.map((one) => ({ ...one, at: one.at + 200_000, until: one.until + 200_000 }));
  expect(judged('{ at: 0s, answer: [hel] }', late)).toMatchObject({ kind: 'fails', failure: { at: seconds(0.2) } });
  expect(judged('{ at: 0s, answer: [fsn] }', late)).toEqual({ kind: 'holds' });
});

test('nothing is said of a time at which nobody asked', () => {
  expect(judged('{ at: 30s, answer: [hel] }', failover.slice(0, 10))).toMatchObject({ kind: 'unjudged' });
});

test('what must never be fails at the first answer that is so', () => {
  expect(judged('{ never: true, answer: [hel] }', failover)).toMatchObject({
    kind: 'fails',
    failure: { at: seconds(24.5) },
  });
  expect(judged('{ never: true, rcode: SERVFAIL }', failover)).toEqual({ kind: 'holds' });
});

test('what is possible only need not be so in this run', () => {
  expect(judged('{ at: 28s, answer: [fsn], modality: possible }', failover)).toMatchObject({ kind: 'unjudged' });
});

test('beliefs of a server are not seen', () => {
  expect(judged('{ at: 28s, status: { fsn: down } }', failover)).toMatchObject({
    kind: 'unjudged',
    reason: 'no server shows what it believes',
  });
});

test('changes are counted, unless answers are drawn anyway', () => {
  const turns = '{ always: true, max-flips: 0 }';
  expect(judged(turns, failover)).toMatchObject({ kind: 'fails' });
  expect(judged(turns, failover, true)).toMatchObject({ kind: 'unjudged' });
  expect(judged('{ always: true, max-flips: 1 }', failover)).toEqual({ kind: 'holds' });
});

test('of two questions that were on their way at once either may have been answered first', () => {
  const late = { ...seen(24.1, answerOf([HEL])), until: seconds(24.8) };
  const crossed = [
    ...failover.filter(({ at }) => at <= seconds(24)),
    late,
    seen(24.5, answerOf([FSN])),
    ...failover.filter(({ at }) => at > seconds(24.5)),
  ];
  expect(judged('{ always: true, max-flips: 1 }', crossed)).toEqual({ kind: 'holds' });
  const inTurn = crossed.map((one) => ({ ...one, until: one.at }));
  expect(judged('{ always: true, max-flips: 2 }', inTurn)).toMatchObject({
    kind: 'fails',
    failure: { seen: expect.stringContaining('change number 3') },
  });
});

test('shares are taken from all answers around the moment, with room for chance', () => {
  const draws = Array.from({ length: 400 }, (_, i) => seen(30, answerOf([i % 10 < 8 ? FSN : HEL])));
  expect(judged('{ at: 30s, distribution: { fsn: 80%, hel: 20% } }', draws)).toEqual({ kind: 'holds' });
  expect(judged('{ at: 30s, distribution: { fsn: 72%, hel: 28% } }', draws)).toEqual({ kind: 'holds' });
  expect(judged('{ at: 30s, distribution: { fsn: 50%, hel: 50% } }', draws)).toMatchObject({ kind: 'fails' });
});
