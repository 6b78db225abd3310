import { describe, expect, test } from 'vitest';
import { externalCheck, httpCheck } from '../simulator/health/check.ts';
import { inputFor, planFor } from './fixtures/plans.ts';
import type { TargetState } from './fleet.ts';
import { stateOfChecks, strangeStates } from './target-state.ts';

const records = [
  "www A ifurlextup({{['192.0.2.1']='http://hc.test/1',['192.0.2.2']='http://hc.test/2'},{['192.0.2.3']='http://hc.test/2'}})",
];
const statesOf = (stated: Readonly<Record<string, TargetState>>) => new Map(Object.entries(stated));
const names = inputFor(records).surveys.flat();

describe('the state of a target', () => {
  test.each([
    ['its URL', 'http://hc.test/2', ['answers', 'hangs']],
    ['the host of its URL', 'hc.test', ['hangs', 'hangs']],
    ['an address that is mapped to it', '192.0.2.1', ['hangs', 'answers']],
    ['another address with the same URL', '192.0.2.3', ['answers', 'hangs']],
  ])('of ifurlextup is stated by %s', (_, name, wanted) => {
    const stateOf = stateOfChecks(statesOf({ [name]: 'hangs' }), names);
    expect(['http://hc.test/1', 'http://hc.test/2'].map((url) => stateOf(externalCheck(url, {})))).toEqual(wanted);
  });

  test('is the one that is stated by the most particular name', () => {
    const stateOf = stateOfChecks(statesOf({ 'http://svc.test/': 'answers', '192.0.2.1': 'hangs' }), []);
    expect(stateOf(httpCheck('192.0.2.1', 0, 'http://svc.test/', {}))).toBe('answers');
    expect(stateOf(httpCheck('192.0.2.1', 0, 'http://other.test/', {}))).toBe('hangs');
    expect(stateOf(httpCheck('192.0.2.2', 0, 'http://other.test/', {}))).toBe('answers');
  });

  test('that is stated to no effect is told', () => {
    expect(strangeStates(statesOf({ '192.0.2.1': 'hangs', 'hc.test': 'hangs' }), names)).toEqual([]);
    expect(
      strangeStates(statesOf({ '192.0.2.9': 'hangs', '192.0.2.2': 'hangs', '192.0.2.3': 'refuses' }), names),
    ).toEqual([
      'targets.states names 192.0.2.9, which no check of these records goes by',
      'targets.states says 192.0.2.2 hangs, 192.0.2.3 refuses, but one check speaks for both (http://hc.test/2): that of 192.0.2.3 counts',
    ]);
  });
});

test('a plan has the load of targets as they are stated to be: standbys are probed while the primary is down', () => {
  const ordered = ["www A ifurlup('http://svc.test/',{{'192.0.2.1'},{'192.0.2.2'}})"];
  const small = { line: '4.9', interval: 5 } as const;
  const well = planFor(ordered, small);
  const failed = planFor(ordered, { ...small, targets: { states: statesOf({ '192.0.2.1': 'refuses' }) } });
  expect([well, failed].map(({ servers, total }) => [servers[0]?.warmChecks, total.probesPerSecond])).toEqual([
    [1, expect.closeTo(1 / 5, 2)],
    [2, expect.closeTo(2 / 5, 2)],
  ]);
  expect(failed.targets.map(({ target }) => target).toSorted()).toEqual(['192.0.2.1', '192.0.2.2']);
  expect(failed.records[0]).toMatchObject({ standbyChecks: 0, detection: { mixedSeconds: 0 } });
});
