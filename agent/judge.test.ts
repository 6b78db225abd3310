import { describe, expect, test } from 'vitest';
import { modelsOn, questionFor, zoneOf } from '../simulator/answer/fixtures/zone-model.ts';
import type { Check } from '../simulator/health/check.ts';
import { ABSENT, type CheckStatus, DOWN, UP } from '../simulator/health/status.ts';
import { luaModule } from '../wire/lua-module.ts';
import { type JudgeInput, judge, type ObservedAnswer } from './judge.ts';
import { describeOutcome } from './outcome-text.ts';

const modelOf = modelsOn(luaModule());

const [A, B, C] = ['192.0.2.1', '192.0.2.2', '192.0.2.3'] as const;
const URL_TEXT = 'http://svc.test/';
const ZONE = zoneOf(
  `groups A ifurlup('${URL_TEXT}',{{'${A}'},{'${B}'}})`,
  `pool A ifurlup('${URL_TEXT}',{'${A}','${B}','${C}'})`,
  `who A bestwho:toString()`,
  `host A os.execute('true')`,
);
const MODEL = modelOf(ZONE);
const ANY = [UP, DOWN, ABSENT];

function answered(owner: string, addresses: readonly string[], more: Partial<ObservedAnswer> = {}): ObservedAnswer {
  const answers = addresses.map((rdata) => ({ owner: `${owner}.example.org.`, type: 'A', ttlSeconds: 30, rdata }));
  return { rcode: 'NOERROR', answers, ecsScope: undefined, ...more };
}

/** Judges an answer for `owner`; `seen` tells the fitting statuses of each target, up where nothing is told. */
function judged(
  owner: string,
  observed: ObservedAnswer,
  seen: Readonly<Record<string, readonly CheckStatus[]>> = {},
  more: Partial<JudgeInput> = {},
) {
  const fitting = (check: Check) => seen[check.address] ?? [UP];
  return judge({ question: questionFor(owner), observed, models: [MODEL], fitting, any: () => ANY, ...more });
}

test('an answer that hangs on what nobody has told is neither right nor wrong', () => {
  for (const answer of [A, C]) {
    expect(judged('groups', answered('groups', [answer]), {}, { unjudged: 'no database' })).toMatchObject({
      verdict: 'inconclusive',
      reason: 'no database',
      findings: [],
      admissible: [],
    });
  }
});

describe('an answer inside of what is possible', () => {
  test('matches where every status is known', () => {
    const judgement = judged('groups', answered('groups', [A]));
    expect(judgement).toMatchObject({ verdict: 'match', findings: [] });
    expect(judgement.askedForSure.map(({ address }) => address)).toEqual([A]);
  });

  test('is admissible while a status may be changing', () => {
    for (const answer of [A, B]) {
      expect(judged('groups', answered('groups', [answer]), { [A]: [UP, DOWN] }).verdict).toBe('admissible');
    }
  });

  test('is admissible while the content may be older', () => {
    const older = modelOf(zoneOf(`groups A '${C}'`));
    expect(judged('groups', answered('groups', [C]), {}, { models: [MODEL, older] }).verdict).toBe('admissible');
  });

  test('has each possible answer once, whatever the server may have been before', () => {
    const older = modelOf(zoneOf(`groups A '${A}'`));
    const { admissible } = judged('groups', answered('groups', [A]), { [A]: [UP, DOWN] }, { models: [MODEL, older] });
    expect(admissible.map((outcome) => describeOutcome(outcome, 'A'))).toEqual([A, B]);
  });

  test('tells every belief that gives it, also those that the evidence excludes', () => {
    const { everyBelief } = judged('pool', answered('pool', [B]), { [A]: [DOWN] });
    const believed = everyBelief().find(({ wrong }) => wrong.size === 1 && [...wrong][0]?.includes(A));
    expect(believed?.assumed.get(`http ${A} ${URL_TEXT}`)).toEqual(UP);
    expect(everyBelief().some(({ wrong }) => wrong.size === 0)).toBe(true);
  });
});

describe('an answer outside', () => {
  test('is a finding with the beliefs that would explain it', () => {
    const judgement = judged('groups', answered('groups', [A]), { [A]: [DOWN] });
    expect(judgement.verdict).toBe('outside');
    expect(judgement.findings).toMatchObject([{ class: 'answer', message: `answered ${A}, possible is ${B}` }]);
    const wrong = judgement.findings[0]?.hypotheses.map((explanation) => [...explanation.wrong]) ?? [];
    // Either it takes A for up, or all for down: then the backup is A.
    expect(wrong).toContainEqual([`http ${A} ${URL_TEXT}`]);
    expect(wrong).toContainEqual([`http ${B} ${URL_TEXT}`]);
  });

  test('tells alternatives from the addresses of one answer', () => {
    const { findings } = judged('groups', answered('groups', [C]), { [A]: [UP, DOWN] });
    expect(findings[0]?.message).toBe(`answered ${C}, possible is ${A} | ${B}`);
  });

  test('that no belief explains has no hypothesis', () => {
    expect(judged('groups', answered('groups', [C])).findings[0]?.hypotheses).toEqual([]);
  });

  test('of another code is a finding about the code', () => {
    const observed: ObservedAnswer = { rcode: 'SERVFAIL', answers: [], ecsScope: undefined };
    expect(judged('groups', observed).findings).toMatchObject([
      { class: 'rcode', message: `answered SERVFAIL, possible is ${A}` },
    ]);
  });

  test('of more than one record is told with all of them', () => {
    const { findings } = judged('groups', answered('groups', [A, B]));
    expect(findings[0]?.message).toBe(`answered ${A} ${B}, possible is ${A}`);
  });

  test('the order of records and the case of names make no difference', () => {
    const observed = answered('GROUPS', [A]);
    expect(judged('groups', observed).verdict).toBe('match');
  });
});

test('a wrong TTL is a finding of its own', () => {
  const observed = answered('groups', [A]);
  const late = { ...observed, answers: observed.answers.map((record) => ({ ...record, ttlSeconds: 300 })) };
  expect(judged('groups', late)).toMatchObject({
    verdict: 'outside',
    findings: [{ class: 'ttl', message: 'TTL 300, the record says 30', hypotheses: [] }],
  });
});

describe('asked with a client network', () => {
  const question = questionFor('who', 'A', '198.51.100.0/24');

  test('the scope must be that of the network', () => {
    expect(judged('who', answered('who', ['198.51.100.0'], { ecsScope: 24 }), {}, { question }).verdict).toBe('match');
    expect(judged('who', answered('who', ['198.51.100.0'], { ecsScope: 0 }), {}, { question }).findings).toMatchObject([
      { class: 'scope', message: 'ECS scope 0, expected 24' },
    ]);
  });

  test('a reply without one tells that the network was ignored, beside the answer that is wrong for it', () => {
    const { findings } = judged('who', answered('who', ['192.0.2.9']), {}, { question });
    expect(findings.map((finding) => finding.class)).toEqual(['answer', 'scope']);
  });
});

test('what cannot be predicted is inconclusive, whatever was answered', () => {
  expect(judged('host', answered('host', [A]))).toMatchObject({ verdict: 'inconclusive', findings: [] });
});

test('outcomes in words', () => {
  expect(describeOutcome({ rcode: 'NXDOMAIN', answers: [] }, 'A')).toBe('NXDOMAIN');
  expect(describeOutcome({ rcode: 'NOERROR', answers: [] }, 'A')).toBe('no data');
  expect(describeOutcome(answered('groups', [B, A]), 'A')).toBe(`${A} ${B}`);
});
