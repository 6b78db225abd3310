import { expect, test } from 'vitest';
import { checkName } from './check-names.ts';

const targets = [{ name: 'fsn', address: '192.0.2.10' }];
const at = (server: string, check: string) => ({ server, target: '192.0.2.10', check });
const namesOf = (...checks: string[]) => {
  const all = checks.map((check) => at('ns1', check));
  return all.map((each) => checkName(each, all, targets));
};

test('the only check of a target at a server is called after its target', () => {
  expect(namesOf('http 192.0.2.10 https://a.test/ {"timeout":"1"}')).toEqual(['fsn']);
  const all = [at('ns1', 'http 192.0.2.10 https://a.test/'), at('ns2', 'http 192.0.2.10 https://b.test/')];
  expect(all.map((each) => checkName(each, all, targets))).toEqual(['fsn', 'fsn']);
});

test('of several, each says what others have not', () => {
  expect(
    namesOf(
      'http 192.0.2.10 https://a.test/ {"minimumFailures":"3","selector":"all"}',
      'http 192.0.2.10 https://a.test/ {"selector":"all"}',
    ),
  ).toEqual(['fsn (minimumFailures=3)', 'fsn']);
  expect(namesOf('http 192.0.2.10 https://a.test/', 'http 192.0.2.10 https://b.test/x')).toEqual([
    'fsn (https://a.test/)',
    'fsn (https://b.test/x)',
  ]);
  expect(namesOf('http 192.0.2.10 https://a.test/', 'http 192.0.2.10 https://a.test/ {"headers":{"a":"b"}}')).toEqual([
    'fsn',
    'fsn (headers={"a":"b"})',
  ]);
});
