/** What random code found out about rows of weighted lists, asked of 4.7.3, 4.9.17 and 5.1.5. */
import { describe, expect, test } from 'vitest';
import { luaModule } from '../../../wire/lua-module.ts';
import { modelsOn, questionFor, zoneOf } from '../../answer/fixtures/zone-model.ts';
import { answerTexts } from '../../answer/outcome.ts';
import { predict } from '../../answer/predict.ts';
import { UP } from '../../health/status.ts';
import type { ReleaseLine } from '../../profile/profile.ts';

const modelOf = modelsOn(luaModule());
const zone = zoneOf(
  `hashed A pickwhashed({{},{2,'192.0.2.1'}})`,
  `random A pickwrandom({{},{2,'192.0.2.1'}})`,
  `named A picknamehashed({{},{2,'192.0.2.1'}})`,
  `ring A pickchashed({{},{2,'192.0.2.1'}})`,
  `twice A pickchashed({{5,'192.0.2.1'},{-1,'192.0.2.1'}})`,
  `every CNAME pickrandomsample(3,{'a.test','b.test'})`,
  `first TXT ; return pickrandomsample(-1,{'a','b'})[1]`,
  `large A pickrandomsample(12,{${Array.from({ length: 14 }, (_, i) => `'192.0.2.${i}'`).join()}})`,
  `endless TXT pickchashed({{2000000000,'a'}})`,
  `noring TXT pickchashed({})`,
  `weightless TXT pickchashed({{0,'a'}})`,
  `nobody A ifurlup('http://a.test/',{},{source='nonsense',backupSelector='all'})`,
);

function answer(owner: string, line: ReleaseLine, type = 'A'): string {
  const [only] = predict(questionFor(owner, type), modelOf(zone, line), () => UP).outcomes;
  if (only === undefined) return 'none';
  return only.outcome.rcode === 'NOERROR' ? answerTexts(only.outcome, type).join() : only.outcome.rcode;
}

describe('a row without weight and value', () => {
  test('is one of weight 0 to the functions that hash with buckets, up to 4.9', () => {
    expect(answer('hashed', '4.7')).toBe('192.0.2.1');
    expect(answer('hashed', '4.9')).toBe('192.0.2.1');
    expect(answer('named', '4.9')).toBe('192.0.2.1');
    expect(answer('hashed', '5.1')).toBe('SERVFAIL');
  });

  test.each(['4.9', '5.1'] as const)('fails pickwrandom and pickchashed on %s', (line) => {
    expect(answer('random', line)).toBe('SERVFAIL');
    expect(answer('ring', line)).toBe('SERVFAIL');
  });
});

test('pickchashed looks at the weight of a repeated value from 5.1 on only', () => {
  expect(answer('twice', '4.9')).toBe('192.0.2.1');
  expect(answer('twice', '5.1')).toBe('SERVFAIL');
});

test('pickchashed gives empty text where no row has a point', () => {
  expect(answer('noring', '4.9', 'TXT')).toBe('""');
  expect(answer('noring', '5.1', 'TXT')).toBe('""');
  expect(answer('weightless', '4.9', 'TXT')).toBe('""');
  expect(answer('weightless', '5.1', 'TXT')).toBe('SERVFAIL');
});

test('pickchashed is not predicted for weights that would keep it busy for minutes', () => {
  expect(answer('endless', '5.1', 'TXT')).toBe('OPAQUE');
});

test('a source that is no address fails nothing where there is no candidate, up to 4.9', () => {
  expect(answer('nobody', '4.9')).toBe('');
  expect(answer('nobody', '5.1')).toBe('SERVFAIL');
});

describe('a sample', () => {
  const shares = (owner: string) =>
    predict(questionFor(owner, owner === 'first' ? 'TXT' : 'A'), modelOf(zone, '5.1'), () => UP).outcomes.map(
      ({ outcome, probability }) =>
        `${outcome.answers.map(({ rdata }) => rdata).join()} ${probability.numerator}/${probability.denominator}`,
    );

  test('of everything is in any order: any alias may come first, and any value for code that looks', () => {
    expect(shares('every').toSorted()).toEqual(['a.test. 1/2', 'b.test. 1/2']);
    expect(shares('first').toSorted()).toEqual(['"a" 1/2', '"b" 1/2']);
  });

  test('has no more outcomes than there are sets where nobody sees its order', () => {
    expect(shares('large')).toHaveLength(91);
    expect(new Set(shares('large').map((text) => text.split(' ')[1]))).toEqual(new Set(['1/91']));
  });
});
