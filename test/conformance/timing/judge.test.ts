/** The judge itself, without a server: it must see each way in which a server can be out of time. */
import { describe, expect, test } from 'vitest';
import { MICROS_PER_SECOND as S } from '../../../simulator/clock.ts';
import { PROFILES } from '../../../simulator/profile/index.ts';
import { judge } from './judge.ts';
import type { Arrival, Observed, SeenQuestion } from './observed.ts';
import type { Story } from './story.ts';

const [WEB, MATE] = ['127.1.1.1', '127.1.1.2'];
const PLACE = { port: 80, address: (target: string) => (target === 'web' ? WEB : MATE) };
const BOTH = `${WEB} ${MATE}`;

const story: Story = {
  title: 'a target fails',
  intervalSeconds: 1,
  beginsAt: 0.2,
  lengthSeconds: 4,
  targets: {
    web: {
      kind: 'http',
      phases: [
        { at: 0, does: 'answers' },
        { at: 1.5, does: 'unavailable' },
      ],
    },
    mate: { kind: 'http', phases: [{ at: 0, does: 'answers' }] },
  },
  records: {
    'only-mate': "ifurlup($url, {$mate}, {timeout='1',selector='all'})",
    web: "ifurlup($url, {$web, $mate}, {timeout='1',selector='all'})",
  },
  questions: [],
  refutes: { '4.7': ['new checks wake the checker', 'the interval is a second longer'] },
};

/** What a 4.7 shows: the second check waits for the second round, and the failure is seen in the third. */
const RIGHT = {
  web: [1.002, 2.003, 3.005],
  mate: [0.001, 1.002, 2.004, 3.005],
  answers: [
    [0.3, MATE],
    [0.9, MATE],
    [1.1, BOTH],
    [1.9, BOTH],
    [2.1, MATE],
    [3.5, MATE],
  ],
} as const satisfies Seen;

interface Seen {
  readonly web: readonly number[];
  readonly mate: readonly number[];
  readonly answers: readonly (readonly [number, string])[];
}

function judged(seen: Seen, changes: Partial<Observed> = {}) {
  const arrivals = (['web', 'mate'] as const).flatMap((target) =>
    seen[target].map((at): Arrival => ({ target, at: at * S, closedAt: undefined })),
  );
  const question = (label: string, at: number, answer: string): SeenQuestion => ({
    label,
    sentAt: at * S,
    heardAt: at * S + 500,
    answer,
  });
  const observed: Observed = {
    beganAt: 1_700_000_000.2 * S,
    arrivals: arrivals.sort((a, b) => a.at - b.at),
    phases: {
      web: [
        { at: 0, does: 'answers' },
        { at: 1.5 * S, does: 'unavailable' },
      ],
      mate: [{ at: 0, does: 'answers' }],
    },
    questions: [question('only-mate', 0, MATE), ...seen.answers.map(([at, answer]) => question('web', at, answer))],
    longestStallMicros: 10_000,
    load: 0.1,
    wallMovedMicros: 0,
    ...changes,
  };
  return judge(story, { observed, place: PLACE }, PROFILES['4.7']);
}

test('what is as predicted has no differences and refutes the wrong assumptions', () => {
  expect(judged(RIGHT)).toMatchObject({ differences: [], unrefuted: [], excuse: undefined });
});

describe('what is out of time is told', () => {
  test.each<[string, Seen, string]>([
    ['a probe that is late', { ...RIGHT, web: [1.002, 2.2, 3.005] }, '2.004 s: no probe of web came'],
    ['one that is missing', { ...RIGHT, web: [1.002, 3.005] }, '2.004 s: no probe of web came'],
    ['one too many', { ...RIGHT, mate: [...RIGHT.mate, 1.4] }, '1.400 s: a probe of mate came'],
    [
      'an answer that follows too late',
      { ...RIGHT, answers: [...RIGHT.answers, [2.2, BOTH]] },
      '2.200 s: web was answered with web mate, predicted is mate',
    ],
    [
      'an answer that knows too early',
      { ...RIGHT, answers: [...RIGHT.answers, [0.5, BOTH]] },
      '0.500 s: web was answered with web mate, predicted is mate',
    ],
  ])('%s', (_, seen, difference) => {
    expect(judged(seen).differences).toContain(difference);
  });

  test('a server that is slower than its bounds allow', () => {
    const slow = { ...RIGHT, web: [1.002, 3.005] };
    expect(judged(slow).differences).toContain('web: period took 2.003 s of at most 1.000 s');
  });
});

test.each([
  [{ longestStallMicros: 80_000 }, 'this process stood still for 80 ms'],
  [{ load: 6.2 }, '6.2 programs want each processor'],
  [{ wallMovedMicros: 9_000 }, 'the wall clock moved by 9 ms meanwhile'],
])('a machine that has no time is an excuse: %o', (changes, excuse) => {
  expect(judged(RIGHT, changes).excuse).toBe(excuse);
});
