import { expect, test } from 'vitest';
import { answerOf, FSN, HEL, possible, seconds, seen, smallScenario } from './fixtures/observing.ts';
import { outsideOf } from './outside.ts';

const scenario = smallScenario('expect: [{ at: 1s, answer: [fsn] }]');
const watches = [{ client: 'eu', server: 'ns1', name: 'api.acme.test.', type: 'A', sample: undefined }];
const SLACK = seconds(0.5);

const early = possible([
  [0, answerOf([FSN])],
  [20, answerOf([HEL])],
]);
const late = possible([
  [0, answerOf([FSN])],
  [30, answerOf([HEL])],
]);

function outside(...observations: ReturnType<typeof seen>[]) {
  return outsideOf({ scenario, watches, observations }, [early, late], SLACK);
}

test('what one of the histories allows is not outside', () => {
  expect(outside(seen(25, answerOf([FSN])), seen(25, answerOf([HEL])))).toEqual([]);
});

test('what comes earlier or later than in any of them is outside', () => {
  const who = { client: 'eu', server: 'ns1', watch: watches[0] };
  expect(outside(seen(15, answerOf([HEL])), seen(35, answerOf([FSN])))).toEqual([
    { ...who, at: seconds(15), wanted: 'fsn, TTL 30, scope 24', seen: 'hel, TTL 30, scope 24' },
    { ...who, at: seconds(35), wanted: 'hel, TTL 30, scope 24', seen: 'fsn, TTL 30, scope 24' },
  ]);
});

test('times may be off by the slack and no further', () => {
  expect(outside(seen(19.6, answerOf([HEL])), seen(30.4, answerOf([FSN])))).toEqual([]);
  expect(outside(seen(19.4, answerOf([HEL])), seen(30.6, answerOf([FSN])))).toHaveLength(2);
});

test('another TTL or scope is another answer', () => {
  expect(outside(seen(5, answerOf([FSN], 31)))).toHaveLength(1);
  expect(outside(seen(5, { ...answerOf([FSN]), ecsScope: undefined }))).toHaveLength(1);
});

test('what draws can bring is possible, and a sample of draws does not say what else can come', () => {
  const drawn = possible([[0, answerOf([FSN]), answerOf([HEL])]]);
  const compared = { scenario, watches, observations: [seen(5, answerOf([HEL])), seen(6, answerOf([FSN, HEL]))] };
  expect(outsideOf(compared, [drawn], SLACK)).toMatchObject([
    { at: seconds(6), wanted: 'fsn, TTL 30, scope 24 or hel, TTL 30, scope 24' },
  ]);
  const sampled = {
    ...drawn,
    answers: drawn.answers.map((all) => all.map(({ at, value }) => ({ at, value: { ...value, exact: false } }))),
  };
  expect(outsideOf(compared, [sampled], SLACK)).toEqual([]);
});
