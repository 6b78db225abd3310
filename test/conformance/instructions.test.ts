/**
 * `lua-records-exec-limit` of 5.x: the counted instructions of each code are those of a real server, or its count lies within
 * what is said to be unknown.
 */
import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { evaluate } from '../../simulator/answer/evaluate.ts';
import { sampler, seededUint32 } from '../../simulator/chooser.ts';
import { ABSENT } from '../../simulator/health/status.ts';
import type { Warning } from '../../simulator/lua/context.ts';
import { counted, type InstructionRecording, isWritten, limits, turned, turns } from './own/instructions.ts';
import { questionOf, serverOf, zoneOfLines } from './subject.ts';

const file = new URL('./own/instructions.json', import.meta.url);
const recording: InstructionRecording = JSON.parse(readFileSync(file, 'utf8'));

/** Limits around the recorded one that are looked at. */
const AROUND = 8;

describe('code fails under the limit under which a server fails', () => {
  test.each(counted)('%s', (code) => {
    const least = recording.leastLimit[code] ?? 0;
    for (let limit = Math.max(1, least - AROUND); limit <= least + AROUND; limit++) {
      const real = limit < least ? 'SERVFAIL' : 'NOERROR';
      expect([real, 'OPAQUE'], `limit ${limit}`).toContain(outcome(code, limit));
    }
  });

  test('nearly always to the instruction', () => {
    const exact = counted.filter((code) => {
      const least = recording.leastLimit[code] ?? 0;
      return outcome(code, least) === 'NOERROR' && (least === 1 || outcome(code, least - 1) === 'SERVFAIL');
    });
    expect(exact.length).toBeGreaterThan(counted.length * 0.85);
  });
});

describe('a loop answers as that of a server, or nobody knows', () => {
  test.each(Object.keys(turned))('%s', (name) => {
    for (const limit of limits) {
      const { always = [], sometimes = [] } = recording.answered[name]?.[limit] ?? {};
      for (const count of turns.filter((each) => isWritten(name, each) && !sometimes.includes(each))) {
        const real = always.includes(count) ? 'NOERROR' : 'SERVFAIL';
        const seen = outcome(turned[name]?.(count) ?? '', limit);
        expect([real, 'OPAQUE'], `${count} turns under ${limit}`).toContain(seen);
      }
    }
  });

  test.each([
    'interpreted empty loop',
    'interpreted sum',
    'interpreted calls',
    'long list',
    'long weighted list',
    'long chain',
  ])('%s: to the instruction', (name) => {
    for (const limit of limits) {
      for (const count of turns.filter((each) => isWritten(name, each) && each <= 3000)) {
        expect(outcome(turned[name]?.(count) ?? '', limit), `${count} turns under ${limit}`).not.toBe('OPAQUE');
      }
    }
  });

  test('sums are compiled, however many turns', () => {
    expect(outcome(turned.sum?.(100_000) ?? '', 1000)).toBe('NOERROR');
  });
});

test('no limit is none, and up to 4.9 there is none', () => {
  const code = turned['interpreted calls']?.(3000) ?? '';
  expect(outcome(code, 0)).toBe('NOERROR');
  expect(outcome(code, 1)).toBe('SERVFAIL');
  expect(outcome(code, 1, '4.9.17')).toBe('NOERROR');
});

test('the warning says how many instructions are too many', () => {
  const warnings: Warning[] = [];
  outcome(turned['long weighted list']?.(450) ?? '', 1000, '5.1.5', (warning) => warnings.push(warning));
  expect(warnings).toMatchObject([
    {
      code: 'E_LUA_EXEC_LIMIT',
      message: /fails at instruction 1000 of LuaJIT \(lua-records-exec-limit=1000\); it has \d{4} or more/,
    },
  ]);
});

function outcome(
  code: string,
  execLimit: number,
  release: '4.9.17' | '5.1.5' = '5.1.5',
  warn: (warning: Warning) => void = () => {},
): string {
  const owner = 'x.example.org.';
  const server = serverOf(release, { zones: [zoneOfLines([`${owner} 60 IN LUA TXT "${code}"`])], execLimit });
  const question = questionOf({ query: { qname: owner, qtype: 'TXT' } });
  const beliefs = { chooser: sampler(seededUint32(1)), statusOf: () => ABSENT };
  return evaluate(question, server, beliefs, { because: () => {}, warn }).rcode;
}
