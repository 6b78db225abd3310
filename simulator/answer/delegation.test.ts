/** What random zones found out about questions at delegations, asked of 4.7.3, 4.9.18 and 5.1.5. */
import { expect, test } from 'vitest';
import { luaModule } from '../../wire/lua-module.ts';
import { UP } from '../health/status.ts';
import { parseZoneFile } from '../zone/zonefile.ts';
import { modelsOn, questionFor } from './fixtures/zone-model.ts';
import { predict } from './predict.ts';

const DIGEST = '0102030405060708010203040506070801020304050607080102030405060708';
const origin = 'example.org.';
const text = `@ 60 IN SOA ns root 1 2 3 4 5
sub 60 IN NS ns.far.test.
signed 60 IN NS ns.far.test.
signed 60 IN DS 12345 13 2 ${DIGEST}
code 60 IN NS ns.far.test.
code 60 IN LUA DS "'12345 13 2 ${DIGEST}'"
alias 60 IN CNAME sub`;
const zone = { name: origin, records: parseZoneFile(text, { file: 'example.org.zone', origin }) };
const model = modelsOn(luaModule())(zone);

function answer(owner: string, type: string): string {
  const [only] = predict(questionFor(owner, type), model, () => UP).outcomes;
  const { answers = [], authority = [] } = only?.outcome ?? {};
  return [...answers.map((record) => record.type), ...authority.map((record) => `authority ${record.type}`)].join(', ');
}

test.each([
  ['sub', 'authority SOA'],
  ['signed', 'DS'],
  ['code', 'authority SOA'],
  ['alias', 'CNAME, authority SOA'],
  ['below.signed', 'authority NS'],
])('the DS of %s is answered by the parent, not sent to the child', (owner, expected) => {
  expect(answer(owner, 'DS')).toBe(expected);
});

test.each(['A', 'NS', 'ANY'])('every other question at a delegation is sent there: %s', (type) => {
  expect(answer('signed', type)).toBe('authority NS');
});
