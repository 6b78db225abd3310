/** Code that wastes time, memory or stack: what a client of a real server sees is said here, or that it is not known. */
import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { evaluate } from '../../simulator/answer/evaluate.ts';
import { answerTexts } from '../../simulator/answer/outcome.ts';
import { sampler, seededUint32 } from '../../simulator/chooser.ts';
import { ABSENT } from '../../simulator/health/status.ts';
import { PROFILES } from '../../simulator/profile/index.ts';
import { type AbuseRecording, abuses } from './own/abuse.ts';
import { RELEASES, releases } from './recorded.ts';
import { questionOf, serverOf, zoneOfLines } from './subject.ts';

const recording: AbuseRecording = JSON.parse(readFileSync(new URL('./own/abuse.json', import.meta.url), 'utf8'));

/** What is OPAQUE here, whatever servers do. */
const opaque: ReadonlySet<string> = new Set([
  // Done in a second there; here nobody knows when they end.
  'loop of a hundred million',
  'sum of a hundred million',
  'strings that collide',
  // A server has more memory.
  'string of a gigabyte',
  'length of a string of a gigabyte',
  'string that doubles',
  // A server nests deeper, and dies where there is no end.
  'recursion through gsub',
  'recursion through tostring',
  'recursion through coroutines',
  // LuaJIT gives up, but where depends on the subject.
  'pattern of many parts',
  'pattern of three hundred parts',
]);

/** What is OPAQUE where instructions are counted: LuaJIT may compile it or not. */
const uncounted: ReadonlySet<string> = new Set([
  'endless loop around pcall of error',
  'endless loop of record functions',
  'endless loop of collectgarbage',
  'endless loop of coroutines',
  'endless loop of gsub',
  'table that grows',
  'concat of many',
]);

describe.each(releases)('%s', (release) => {
  test.each(Object.entries(abuses))('%s', (id, code) => {
    const recorded = recording.outcomes[id]?.[RELEASES[release]];
    const isOpaque = opaque.has(id) || (PROFILES[RELEASES[release]].execLimit && uncounted.has(id));
    expect(outcome(release, code)).toBe(isOpaque ? 'OPAQUE' : recorded);
  });
});

function outcome(release: (typeof releases)[number], code: string): string {
  const owner = 'x.example.org.';
  const server = serverOf(release, { zones: [zoneOfLines([`${owner} 60 IN LUA TXT "${code}"`])] });
  const question = questionOf({ query: { qname: owner, qtype: 'TXT' } });
  const beliefs = { chooser: sampler(seededUint32(1)), statusOf: () => ABSENT };
  const seen = evaluate(question, server, beliefs, { because: () => {}, warn: () => {} });
  return [seen.rcode, ...answerTexts(seen, 'TXT')].join(' ').slice(0, 80);
}
