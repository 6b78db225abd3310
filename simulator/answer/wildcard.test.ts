/** What random zones found out about aliases at wildcards, asked of 4.7.3, 4.9.17 and 5.1.5. */
import { describe, expect, test } from 'vitest';
import { luaModule } from '../../wire/lua-module.ts';
import { UP } from '../health/status.ts';
import type { ReleaseLine } from '../profile/profile.ts';
import { modelsOn, questionFor, zoneOf } from './fixtures/zone-model.ts';
import { predict } from './predict.ts';

const modelOf = modelsOn(luaModule());
const zone = zoneOf(
  `*.alias CNAME 'made.example.org'`,
  `made CNAME 'elsewhere.test'`,
  `*.dead CNAME 'none.example.org'`,
  `*.loop CNAME 'x.loop.example.org'`,
  `*.apex CNAME 'example.org'`,
  `*.broken CNAME 'made.example.org'`,
  `*.broken A nonsense(`,
  `*.two CNAME {'one.test','two.test'}`,
  `*.two TXT 'text'`,
  `*.*.empty A '192.0.2.1'`,
  `dead CNAME 'none.example.org'`,
);

function answer(owner: string, type: string, line: ReleaseLine = '5.1') {
  const [only] = predict(questionFor(owner, type), modelOf(zone, line), () => UP).outcomes;
  const { rcode, answers, authority } = only?.outcome ?? { rcode: 'none', answers: [], authority: [] };
  return [
    rcode,
    ...answers.map((record) => `${record.owner} ${record.type} ${record.rdata}`),
    ...authority.map(({ type: made }) => `authority ${made}`),
  ];
}

describe('an alias at a wildcard', () => {
  test('is followed also where the question is for the alias', () => {
    expect(answer('x.alias', 'CNAME')).toEqual([
      'NOERROR',
      'x.alias.example.org. CNAME made.example.org.',
      'made.example.org. CNAME elsewhere.test.',
    ]);
    expect(answer('x.loop', 'CNAME', '4.7')).toEqual(['SERVFAIL']);
    expect(answer('x.apex', 'CNAME')).toEqual(['NOERROR', 'x.apex.example.org. CNAME example.org.', 'authority SOA']);
  });

  test('ends the run from 4.9 on: code behind it cannot fail', () => {
    expect(answer('x.broken', 'A')).toEqual([
      'NOERROR',
      'x.broken.example.org. CNAME made.example.org.',
      'made.example.org. CNAME elsewhere.test.',
    ]);
    expect(answer('x.broken', 'A', '4.7')).toEqual(['SERVFAIL']);
  });

  test('passes its target on as the owner of what follows, up to 4.8', () => {
    expect(answer('x.two', 'TXT', '4.7')).toEqual([
      'NOERROR',
      'x.two.example.org. CNAME one.test.',
      'one.test. CNAME two.test.',
      'two.test. TXT "text"',
    ]);
    expect(answer('x.two', 'TXT', '4.9')).toEqual(['NOERROR', 'x.two.example.org. CNAME one.test.']);
  });
});

test.each(['4.7', '4.9', '5.1'] as const)(
  'that an alias leads nowhere is not said to who asks for it, on %s',
  (line) => {
    expect(answer('x.dead', 'CNAME', line)).toEqual(['NOERROR', 'x.dead.example.org. CNAME none.example.org.']);
    expect(answer('dead', 'ANY', line)).toEqual(['NOERROR', 'dead.example.org. CNAME none.example.org.']);
    expect(answer('x.dead', 'A', line)).toEqual([
      'NXDOMAIN',
      'x.dead.example.org. CNAME none.example.org.',
      'authority SOA',
    ]);
  },
);

test('a wildcard without data gives who asks for anything a record without type and data, on 4.7', () => {
  expect(answer('x.empty', 'ANY', '4.7')).toEqual(['NOERROR', 'x.empty.example.org. TYPE0 \\# 0']);
  expect(answer('x.empty', 'A', '4.7')).toEqual(['NOERROR', 'authority SOA']);
  expect(answer('x.empty', 'ANY', '4.9')).toEqual(['NOERROR', 'authority SOA']);
});
