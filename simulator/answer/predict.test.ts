import { describe, expect, test } from 'vitest';
import { luaModule } from '../../wire/lua-module.ts';
import { ABSENT, type CheckStatus, DOWN, UP } from '../health/status.ts';
import { add, formatRational, ONE, type Rational, ZERO } from '../rational.ts';
import { admissible } from './admissible.ts';
import { probabilityThat } from './distribution.ts';
import { modelsOn, questionFor, zoneOf } from './fixtures/zone-model.ts';
import { answerTexts, type Outcome } from './outcome.ts';
import { predict } from './predict.ts';

const modelOf = modelsOn(luaModule());

const [A, B, C] = ['192.0.2.1', '192.0.2.2', '192.0.2.3'] as const;
const URL_TEXT = 'http://svc.test/';
const model = modelOf(
  zoneOf(
    `one A pickrandom({'${A}','${B}','${C}'})`,
    `twice A pickrandom({'${A}','${A}','${B}'})`,
    `weighted A pickwrandom({{1,'${A}'},{2,'${B}'},{3,'${C}'}})`,
    `both A pickrandom({'${A}','${B}'})`,
    `both A pickrandom({'${B}','${C}'})`,
    `groups A ifurlup('${URL_TEXT}',{{'${A}','${B}'},{'${C}'}})`,
    `flag A ifurlup('${URL_TEXT}',{'${A}'},{failOnIncompleteCheck='true'})`,
    `flagtwice A ifurlup('${URL_TEXT}',{'${A}','${A}'},{failOnIncompleteCheck='true'})`,
    `many A pickrandomsample(6,{${Array.from({ length: 12 }, (_, i) => `'192.0.2.${i}'`).join()}})`,
    `broken A nonsense(`,
    `host A os.execute('true')`,
  ),
);

/** `answer probability`, most probable first. */
function distribution(owner: string, statusOf: (address: string) => CheckStatus = () => UP): string[] {
  const { outcomes } = predict(questionFor(owner), model, (check) => statusOf(check.address));
  return outcomes.map(
    ({ outcome, probability }) =>
      `${outcome.rcode === 'NOERROR' ? answerTexts(outcome, 'A').join('+') : outcome.rcode} ${formatRational(probability)}`,
  );
}

describe('a prediction', () => {
  test('is exact', () => {
    expect(distribution('one')).toEqual([`${A} 1/3`, `${B} 1/3`, `${C} 1/3`]);
    expect(distribution('twice')).toEqual([`${A} 2/3`, `${B} 1/3`]);
    expect(distribution('weighted')).toEqual([`${C} 1/2`, `${B} 1/3`, `${A} 1/6`]);
  });

  test('draws for each record of a name, and counts equal answers once', () => {
    expect(distribution('both').toSorted()).toEqual([`${A}+${B} 1/4`, `${A}+${C} 1/4`, `${B} 1/4`, `${B}+${C} 1/4`]);
  });

  test('tells TTLs apart where it is asked to', () => {
    const twoTtls = zoneOf(`two A pickrandom({'${A}','${B}'})`, `two A pickrandom({'${A}','${B}'})`);
    const records = twoTtls.records.map((record, i) => ({ ...record, ttlSeconds: 10 * i }));
    const server = modelOf({ ...twoTtls, records });
    const withTtls = ({ answers }: Outcome) => answers.map(({ rdata, ttlSeconds }) => `${rdata} ${ttlSeconds}`).join();
    expect(predict(questionFor('two'), server, () => UP).outcomes).toHaveLength(3);
    expect(predict(questionFor('two'), server, () => UP, 100, withTtls).outcomes).toHaveLength(4);
  });

  test('follows the statuses', () => {
    expect(distribution('groups')).toEqual([`${A} 1/2`, `${B} 1/2`]);
    expect(distribution('groups', (address) => (address === B ? UP : DOWN))).toEqual([`${B} 1`]);
    expect(distribution('groups', (address) => (address === C ? UP : DOWN))).toEqual([`${C} 1`]);
    expect(distribution('groups', () => DOWN)).toEqual([`${A} 1/2`, `${B} 1/2`]);
  });

  test('names the checks that were asked on any branch', () => {
    const { checks } = predict(questionFor('groups'), model, () => UP);
    expect(checks.map(({ check }) => check.address)).toEqual([A, B]);
  });

  test('an absent check that is asked for twice in one evaluation is known the second time', () => {
    expect(distribution('flag', () => ABSENT)).toEqual(['SERVFAIL 1']);
    expect(distribution('flagtwice', () => ABSENT)).toEqual([`${A} 1`]);
  });

  test('says that it is not exact where there are too many branches', () => {
    expect(predict(questionFor('many'), model, () => UP, 100)).toMatchObject({ exact: false });
    expect(predict(questionFor('one'), model, () => UP, 3)).toMatchObject({ exact: true });
  });

  test('of broken code is SERVFAIL with the reason, of code that reaches for the host is opaque', () => {
    const broken = predict(questionFor('broken'), model, () => UP);
    expect(broken.outcomes.map(({ outcome }) => outcome.rcode)).toEqual(['SERVFAIL']);
    expect(broken.warnings).not.toEqual([]);
    expect(predict(questionFor('host'), model, () => UP).outcomes[0]?.outcome.rcode).toBe('OPAQUE');
  });

  test('sums to one', () => {
    for (const owner of ['one', 'both', 'weighted', 'groups', 'broken', 'nothere']) {
      const { outcomes } = predict(questionFor(owner), model, () => UP);
      expect(outcomes.map(({ probability }) => probability).reduce<Rational>(add, ZERO)).toEqual(ONE);
    }
  });

  test('gives the probability of whatever one asks', () => {
    const prediction = predict(questionFor('weighted'), model, () => UP);
    const isNotA = probabilityThat(prediction, (outcome) => !answerTexts(outcome, 'A').includes(A));
    expect(formatRational(isNotA)).toBe('5/6');
  });
});

describe('the admissible answers', () => {
  const answers = (owner: string, fitting: (address: string) => readonly CheckStatus[]) => {
    const set = admissible(questionFor(owner), model, (check) => fitting(check.address));
    return set.outcomes.map((outcome) => answerTexts(outcome, 'A').join('+') || outcome.rcode).toSorted();
  };

  test('are the union over all statuses that fit', () => {
    expect(answers('groups', () => [UP])).toEqual([A, B]);
    expect(answers('groups', (address) => (address === A ? [UP, DOWN] : [DOWN]))).toEqual([A, B]);
    expect(answers('groups', (address) => (address === C ? [UP] : [UP, DOWN]))).toEqual([A, B, C]);
  });

  test('only checks that are asked for multiply', () => {
    const set = admissible(questionFor('groups'), model, (check) => (check.address === C ? [UP, DOWN, ABSENT] : [UP]));
    expect(set.paths).toHaveLength(2);
    expect(set.checks.map(({ address }) => address)).toEqual([A, B]);
  });

  test('each path tells what it assumes', () => {
    const set = admissible(questionFor('groups'), model, () => [UP, DOWN]);
    const toC = set.paths.filter(({ outcome }) => answerTexts(outcome, 'A').includes(C));
    expect(toC.map(({ assumed }) => [...assumed.values()])).toEqual([[DOWN, DOWN, UP]]);
  });

  test('a check has one status in one evaluation, but that the second look finds it awaited', () => {
    expect(answers('flagtwice', () => [ABSENT])).toEqual([A]);
    expect(answers('twice', () => [UP, DOWN])).toEqual([A, B]);
  });

  test('are not complete where there are too many', () => {
    expect(admissible(questionFor('groups'), model, () => [UP, DOWN], 5).complete).toBe(false);
    expect(admissible(questionFor('groups'), model, () => [UP, DOWN]).complete).toBe(true);
  });

  test('need at least one status for a check', () => {
    expect(() => admissible(questionFor('groups'), model, () => [])).toThrow(RangeError);
  });
});
