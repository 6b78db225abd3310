/**
 * Each story has one thing about time to show. A record has its target and a mate that is always well, with the same
 * options, so that every change of the target is a change of the answer. Checks are made known one at a time: which of two
 * that are new in one question are in the round which that question starts is a race inside the server.
 */
import type { Story, StoryPhase, StoryQuestion, StoryTarget } from './story.ts';

const http = (...phases: StoryPhase[]): StoryTarget => ({ kind: 'http', phases });
const well = http({ at: 0, does: 'answers' });
const tcp = (...phases: StoryPhase[]): StoryTarget => ({ kind: 'tcp', phases });

/** Asks for checks that nobody has asked for, five a second. */
const inTurn = (...labels: string[]): StoryQuestion[] => labels.map((label, i) => ({ label, from: i / 5 }));
const allTheTime = (from: number, until: number, ...labels: string[]): StoryQuestion[] =>
  labels.map((label) => ({ label, from, until }));

/** Records of each target alone, `only-TARGET`, and of those that are watched together with their mate. */
function checked(call: string, targets: readonly string[], mate: string, options: string): Record<string, string> {
  const record = (list: string) => `${call.replace('LIST', list)}, {${options}})`;
  return Object.fromEntries([
    ...[...targets, mate].map((target) => [`only-${target}`, record(`{$${target}}`)]),
    ...targets.map((target) => [target, record(`{$${target}, $${mate}}`)]),
  ]);
}
const URL_CALL = 'ifurlup($url, LIST';
const PORT_CALL = 'ifportup($port, LIST';

const failing: Story = {
  title: 'targets that answer 503 or refuse, and recover',
  intervalSeconds: 1,
  beginsAt: 0.5,
  lengthSeconds: 8,
  targets: {
    web: http({ at: 0, does: 'answers' }, { at: 3.4, does: 'unavailable' }, { at: 5.4, does: 'answers' }),
    gone: http({ at: 0, does: 'answers' }, { at: 3.4, does: 'closed' }, { at: 5.4, does: 'answers' }),
    mate: well,
    shut: tcp({ at: 0, does: 'answers' }, { at: 3.4, does: 'closed' }, { at: 5.4, does: 'answers' }),
    open: tcp({ at: 0, does: 'answers' }),
  },
  records: {
    ...checked(URL_CALL, ['web', 'gone'], 'mate', "timeout='1',selector='all'"),
    ...checked(PORT_CALL, ['shut'], 'open', "timeout='1',selector='all'"),
  },
  questions: [
    ...inTurn('only-mate', 'only-open', 'only-web', 'only-gone', 'only-shut'),
    ...allTheTime(0.9, 8, 'web', 'gone', 'shut'),
  ],
  refutes: {
    '4.7': [
      'new checks wake the checker',
      'the checker of 4.9',
      'the checker of 5.1',
      'the interval is a second longer',
    ],
    '4.9': [
      'new checks wait',
      'a check is due an interval after the second of its end',
      'the checker of 4.7',
      'the checker of 5.0',
      'the checker of 5.1',
      'the interval is a second longer',
    ],
    '5.1': [
      'new checks wait',
      'every check is due in every round',
      'the checker of 4.7',
      'the checker of 4.9',
      'the checker of 5.0',
      'the interval is a second longer',
    ],
  },
};

const silent: Story = {
  title: 'a silent target delays the others up to 4.9, and from 5.0 misses a round itself',
  intervalSeconds: 1,
  beginsAt: 0.3,
  lengthSeconds: 11,
  targets: {
    mute: http({ at: 0, does: 'answers' }, { at: 2.6, does: 'hangs' }, { at: 8.6, does: 'answers' }),
    mate: well,
  },
  records: checked(URL_CALL, ['mute'], 'mate', "timeout='2',selector='all'"),
  questions: [...inTurn('only-mate', 'only-mute'), ...allTheTime(0.5, 11, 'mute')],
  refutes: {
    '4.7': ['a check is due an interval after the second of its end', 'the checker of 5.0', 'the checker of 5.1'],
    '4.9': ['a check is due an interval after the second of its end', 'the checker of 5.0', 'the checker of 5.1'],
    '5.1': ['every check is due in every round', 'the checker of 4.7', 'the checker of 4.9'],
  },
};

const slow: Story = {
  title: 'a slow target whose probes end in the next second is probed half as often from 5.0',
  intervalSeconds: 1,
  beginsAt: 0.68,
  lengthSeconds: 9,
  targets: {
    slow: http({ at: 0, does: 'answers', latencySeconds: 0.35 }, { at: 5.5, does: 'answers', latencySeconds: 0.01 }),
    mate: well,
  },
  records: checked(URL_CALL, ['slow'], 'mate', "timeout='2',selector='all'"),
  questions: [...inTurn('only-mate', 'only-slow'), ...allTheTime(0.5, 9, 'slow')],
  refutes: {
    '4.7': ['a check is due an interval after the second of its end', 'the checker of 5.0', 'the checker of 5.1'],
    '4.9': ['a check is due an interval after the second of its end', 'the checker of 5.0', 'the checker of 5.1'],
    '5.1': ['every check is due in every round', 'the checker of 4.7', 'the checker of 4.9'],
  },
};

const patient: Story = {
  title: 'minimumFailures, on targets that worked and that never worked',
  intervalSeconds: 1,
  beginsAt: 0.3,
  lengthSeconds: 11,
  targets: {
    three: http({ at: 0, does: 'answers' }, { at: 3.7, does: 'closed' }, { at: 8.7, does: 'answers' }),
    never: http({ at: 0, does: 'unavailable' }),
    mate: well,
  },
  records: checked(URL_CALL, ['three', 'never'], 'mate', "timeout='1',minimumFailures='3',selector='all'"),
  questions: [...inTurn('only-mate', 'only-three', 'only-never'), ...allTheTime(0.5, 11, 'three', 'never')],
  refutes: {
    '4.7': ['minimumFailures and interval mean something', 'the checker of 5.0', 'the checker of 5.1'],
    '4.9': ['minimumFailures and interval mean something', 'the checker of 5.0', 'the checker of 5.1'],
    '5.1': ['minimumFailures and interval mean nothing', 'the checker of 4.7', 'the checker of 4.9'],
  },
};

const intervals: Story = {
  title: 'intervals of checks, shorter and longer than that of the server',
  intervalSeconds: 2,
  beginsAt: 0.25,
  lengthSeconds: 14,
  targets: {
    plain: well,
    one: well,
    three: http({ at: 0, does: 'answers' }, { at: 5.3, does: 'unavailable' }),
    mate: well,
  },
  records: {
    'only-plain': "ifurlup($url, {$plain}, {timeout='1'})",
    'only-one': "ifurlup($url, {$one}, {timeout='1',interval='1'})",
    ...checked(URL_CALL, ['three'], 'mate', "timeout='1',interval='3',selector='all'"),
  },
  questions: [
    ...inTurn('only-plain', 'only-one', 'only-mate', 'only-three'),
    ...allTheTime(0.7, 14, 'three', 'only-one'),
  ],
  refutes: {
    '4.7': ['the checker of 5.0', 'the checker of 5.1'],
    '4.9': ['the checker of 5.0', 'the checker of 5.1'],
    '5.1': [
      'minimumFailures and interval mean nothing',
      'the checker sleeps for the common divisor of intervals',
      'the checker of 4.7',
      'the checker of 4.9',
      'the checker of 5.0',
    ],
  },
};

const late: Story = {
  title: 'new checks while the checker sleeps',
  intervalSeconds: 3,
  beginsAt: 0.2,
  lengthSeconds: 12,
  targets: { late: well, later: well, mate: well },
  records: checked(URL_CALL, ['late', 'later'], 'mate', "timeout='1',selector='all'"),
  questions: [
    ...inTurn('only-mate'),
    ...allTheTime(0.5, 12, 'only-mate'),
    ...allTheTime(4.3, 12, 'late'),
    ...allTheTime(8.5, 12, 'later'),
  ],
  refutes: {
    '4.7': ['new checks wake the checker', 'the checker of 4.9', 'the checker of 5.1'],
    '4.9': ['new checks wait', 'the checker of 4.7', 'the checker of 5.0', 'the checker of 5.1'],
    '5.1': ['new checks wait', 'the checker of 4.7', 'the checker of 4.9', 'the checker of 5.0'],
  },
};

const busy: Story = {
  title: 'new checks while a round lasts wait for the next round',
  intervalSeconds: 2,
  beginsAt: 0.25,
  lengthSeconds: 7.5,
  targets: {
    mute: http({ at: 0, does: 'hangs' }),
    during: http({ at: 0, does: 'answers', latencySeconds: 0.4 }),
    again: well,
    mate: well,
  },
  records: {
    ...checked(URL_CALL, ['during', 'again'], 'mate', "timeout='1',failOnIncompleteCheck='true',selector='all'"),
    'only-mute': "ifurlup($url, {$mute}, {timeout='1'})",
  },
  questions: [
    ...inTurn('only-mate', 'only-mute'),
    ...allTheTime(0.7, 7.5, 'only-during'),
    ...allTheTime(2.4, 7.5, 'again'),
  ],
  refutes: {
    '4.7': ['a check is due an interval after the second of its end', 'the checker of 5.1'],
    '4.9': ['a check is due an interval after the second of its end', 'the checker of 5.1'],
    '5.1': ['every check is due in every round', 'new checks wait', 'the checker of 4.9'],
  },
};

const forgotten: Story = {
  title: 'a standby that nobody asks for is forgotten, one that is kept warm is there at once',
  intervalSeconds: 1,
  expireDelaySeconds: 2,
  beginsAt: 0.5,
  lengthSeconds: 13,
  targets: {
    primary: http({ at: 0, does: 'answers' }, { at: 7.4, does: 'unavailable' }, { at: 10.4, does: 'answers' }),
    standby: well,
    first: http({ at: 0, does: 'answers' }, { at: 7.4, does: 'unavailable' }, { at: 10.4, does: 'answers' }),
    warm: well,
    lone: well,
  },
  records: {
    'only-primary': 'ifurlup($url, {$primary})',
    'only-standby': 'ifurlup($url, {$standby})',
    'only-first': 'ifurlup($url, {$first})',
    'only-warm': 'ifurlup($url, {$warm})',
    'only-lone': 'ifurlup($url, {$lone})',
    ordered: 'ifurlup($url, {{$primary}, {$standby}})',
    kept: 'ifurlup($url, {{$first}, {$warm}})',
  },
  questions: [
    ...inTurn('only-primary', 'only-standby', 'only-first', 'only-warm', 'only-lone'),
    { label: 'only-warm', from: 0.9, until: 13, every: 0.5 },
    // Never while a round lasts: whether the standby is told of too early would be a race.
    ...['ordered', 'kept'].map((label) => ({ label, from: 1.1, until: 13, every: 0.2 })),
  ],
  refutes: {
    '4.7': ['checks expire a second later', 'checks expire a second earlier'],
    '4.9': ['checks expire a second later', 'checks expire a second earlier'],
    '5.1': ['checks expire a second later', 'checks expire a second earlier'],
  },
};

export const STORIES: readonly Story[] = [failing, silent, slow, patient, intervals, late, busy, forgotten];
