/** Recordings in words: what aborts or hangs a server, and how it treats answers. Those that are one question are asked. */
import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { answerTexts } from '../../simulator/answer/outcome.ts';
import { predict } from '../../simulator/answer/predict.ts';
import { ABSENT } from '../../simulator/health/status.ts';
import { type Release, read } from './recorded.ts';
import { questionOf, serverOf, zoneOfLines } from './subject.ts';

const OWNER = 'x.example.org.';

interface Expected {
  readonly id: string;
  readonly type: string;
  readonly code: string;
  /** Response code and answers by release. */
  readonly outcomes: Partial<Record<Release, string>>;
}

const expected: readonly Expected[] = [
  {
    id: 'view-rule-without-destinations',
    type: 'TXT',
    code: "view({ {{'0.0.0.0/0'}} })",
    outcomes: { '4.7.3': 'CRASH', '4.9.17': 'CRASH', '5.1.5': 'SERVFAIL' },
  },
  {
    id: 'view-empty-rule',
    type: 'TXT',
    code: 'view({ {} })',
    outcomes: { '4.7.3': 'CRASH', '4.9.17': 'CRASH', '5.1.5': 'SERVFAIL' },
  },
  {
    id: 'view-incomplete-rule-not-matching',
    type: 'TXT',
    code: "view({ {{'10.0.0.0/8'}} })",
    outcomes: { '4.7.3': 'NOERROR ""', '4.9.17': 'NOERROR ""', '5.1.5': 'SERVFAIL' },
  },
  {
    id: 'interval-table',
    type: 'A',
    code: "ifurlup('http://svc.test:15380/',{'127.0.0.2'},{interval={}})",
    outcomes: { '4.7.3': 'SERVFAIL', '4.9.17': 'SERVFAIL', '5.1.5': 'CRASH' },
  },
  {
    id: 'infinite-loop',
    type: 'A',
    code: '; while true do end',
    outcomes: { '4.7.3': 'DROPPED', '4.9.17': 'DROPPED', '5.1.5': 'DROPPED' },
  },
  {
    id: 'infinite-loop-nojit',
    type: 'A',
    code: '; jit.off() while true do end',
    outcomes: { '5.1.5': 'SERVFAIL' },
  },
];

/** Codes of N turns or entries: the most that answered, the fewest that failed, under the default limit. */
const thresholds: Readonly<Record<string, readonly [answered: number, failed: number]>> = {
  'limit-threshold-empty-loop': [989, 990],
  'limit-threshold-add-loop': [494, 495],
  'limit-threshold-call-loop': [247, 248],
  'limit-long-weighted-literal': [400, 450],
};

/** Recordings that one evaluation cannot show, each with the reason. */
const notAsked: Readonly<Record<string, string>> = {
  'pcall-swallows-limit': 'code that may catch the error of the limit is opaque',
  unhook: 'debug.sethook() is opaque',
  'limit-threshold-method-loop': 'which turns LuaJIT compiles is opaque',
  'misuse-sweep': 'a summary of many calls',
};

const schema = z.object({ vectors: z.array(z.object({ id: z.string(), code: z.string().optional() })) });

describe('crash-hang-limits', () => {
  const { vectors } = read('crash-hang-limits', schema);

  it.each(expected)('$id', ({ id, type, code, outcomes }) => {
    expect(vectors.find((vector) => vector.id === id)?.code).toBe(code);
    for (const [release, outcome] of Object.entries(outcomes) as [Release, string][]) {
      expect(`${release} ${first(release, type, code)}`).toBe(`${release} ${outcome}`);
    }
  });

  it('has no other recordings than these and those that one evaluation cannot show', () => {
    const known = new Set([...expected.map(({ id }) => id), ...Object.keys(thresholds), ...Object.keys(notAsked)]);
    expect(vectors.map(({ id }) => id).filter((id) => !known.has(id))).toEqual([]);
  });

  it.each(Object.entries(thresholds))('%s: %j', (id, [answered, failed]) => {
    const written = vectors.find((vector) => vector.id === id)?.code ?? '';
    const code = (count: number) =>
      id === 'limit-long-weighted-literal'
        ? written.replace("{1,'192.0.2.1'}, ... N entries", "{1,'192.0.2.1'},".repeat(count))
        : written.replace('N', `${count}`);
    expect(first('5.1.5', 'A', code(answered))).toBe('NOERROR 192.0.2.1');
    expect(first('5.1.5', 'A', code(failed))).toBe('SERVFAIL');
    expect(first('4.9.17', 'A', code(failed))).toBe('NOERROR 192.0.2.1');
  });

  it.each(['pcall-swallows-limit', 'unhook'])('%s is opaque', (id) => {
    const code = vectors.find((vector) => vector.id === id)?.code ?? '';
    expect(first('5.1.5', 'A', code)).toBe('OPAQUE');
  });
});

describe('answer-level', () => {
  const zone = zoneOfLines([
    `a 60 IN LUA A "'192.0.2.1'"`,
    `b 60 IN LUA A "'192.0.2.2'"`,
    'b 60 IN TXT "static"',
    `x.v 60 IN LUA A "'192.0.2.3'"`,
    '*.v 60 IN A 192.0.2.8',
    `*.w 60 IN LUA A "'192.0.2.4'"`,
    `e 60 IN LUA A "{}"`,
  ]);
  const ask = (name: string, type: string, options: { luaRecords?: boolean; ecs?: string } = {}) => {
    const query = {
      qname: `${name}.example.org.`,
      qtype: type,
      ...(options.ecs === undefined ? {} : { ecs: options.ecs }),
    };
    const server = serverOf('5.1.5', { zones: [zone], luaRecords: options.luaRecords ?? true });
    const [likeliest] = predict(questionOf({ query }), server, () => ABSENT).outcomes;
    return likeliest?.outcome;
  };
  const texts = (outcome: ReturnType<typeof ask>, type: string) =>
    outcome && [outcome.rcode, ...answerTexts(outcome, type)].join(' ');

  it('takes LUA records for absent where they are off', () => {
    const off = { luaRecords: false };
    expect(texts(ask('a', 'A', off), 'A')).toBe('NXDOMAIN');
    expect(texts(ask('b', 'A', off), 'A')).toBe('NOERROR');
    expect(texts(ask('b', 'ANY', off), 'ANY')).toBe('NOERROR TXT "static"');
    expect(texts(ask('x.v', 'A', off), 'A')).toBe('NOERROR 192.0.2.8');
    expect(texts(ask('q.w', 'A', off), 'A')).toBe('NXDOMAIN');
  });

  it('gives answers of code the scope of the client network, and no data none', () => {
    expect(ask('a', 'A', { ecs: '10.0.0.0/24' })?.ecsScope).toBe(24);
    expect(ask('e', 'A', { ecs: '10.0.0.0/24' })?.ecsScope).toBe(0);
    expect(ask('b', 'TXT', { ecs: '10.0.0.0/24' })?.ecsScope).toBe(0);
    expect(ask('a', 'A')?.ecsScope).toBeUndefined();
  });
});

function first(release: Release, type: string, code: string): string {
  const zone = zoneOfLines([`${OWNER} 60 IN LUA ${type} "${code}"`]);
  const question = questionOf({ query: { qname: OWNER, qtype: type } });
  const [likeliest] = predict(question, serverOf(release, { zones: [zone] }), () => ABSENT).outcomes;
  return likeliest === undefined
    ? 'nothing'
    : [likeliest.outcome.rcode, ...answerTexts(likeliest.outcome, type)].join(' ');
}
