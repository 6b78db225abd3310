import { describe, expect, test } from 'vitest';
import { inputFor, surveyed } from './fixtures/plans.ts';
import type { TargetState } from './fleet.ts';

const [A, B, C] = ['192.0.2.1', '192.0.2.2', '192.0.2.3'];

describe('the checks that a record asks for', () => {
  test('while all is well are those of its first set; the others are standbys', () => {
    const { warm, standby } = surveyed(`ifurlup('http://svc.test/',{{'${A}','${B}'},{'${C}'}})`);
    expect(warm).toEqual([A, B]);
    expect(standby).toEqual([C]);
  });

  test('are all warm where the code asks for the standby too', () => {
    const code = `; ifurlup('http://svc.test/',{'${B}'}) return ifurlup('http://svc.test/',{{'${A}'},{'${B}'}})`;
    const { warm, standby } = surveyed(code);
    expect(warm.toSorted()).toEqual([A, B]);
    expect(standby).toEqual([]);
  });

  test('are those of any client that the code tells apart, without a database', () => {
    const code = `;if country('DE') then return ifportup(443,{'${A}'}) elseif netmask({'10.0.0.0/8'}) then return ifportup(443,{'${B}'}) end return ifportup(443,{'${C}'})`;
    const { warm, complete } = surveyed(code);
    expect(warm.toSorted()).toEqual([`${A}:443`, `${B}:443`, `${C}:443`]);
    expect(complete).toBe(true);
  });

  describe('while targets are as they are stated to be', () => {
    const asked = (code: string, ...states: readonly (readonly [string, TargetState])[]) => {
      const records = [`www A ${code}`, `other A ifurlextup({{['${C}']='http://hc.test/'}})`];
      const [name] = inputFor(records, { targets: { states: new Map(states) } }).surveys[0] ?? [];
      return name?.warm.map(({ address, url }) => address || url);
    };
    const SETS = `{{'${A}'},{'${B}'},{'${C}'}}`;

    test.each(['refuses', 'hangs'] as const)('are those of the next set where the first one %s', (state) => {
      expect(asked(`ifurlup('http://svc.test/',${SETS})`, [A, state])).toEqual([A, B]);
      expect(asked(`;return ifurlup('http://svc.test/',${SETS})`, [A, state], [B, state])).toEqual([A, B, C]);
      expect(asked(`ifportup(443,${SETS})`, [`${A}:443`, state])).toEqual([A, B]);
    });

    test('are only those of the first where it answers all the same, or its port counts as up whatever it does', () => {
      expect(asked(`ifurlup('http://svc.test/',${SETS})`, [A, 'answers'], [B, 'hangs'])).toEqual([A]);
      expect(asked(`ifportup(443,${SETS},{timeout=0})`, [A, 'hangs'])).toEqual([A]);
    });

    test('are those of the next set of ifurlextup by URL, host, and address that is mapped, by any record', () => {
      const code = `ifurlextup({{['${A}']='http://hc.test/'},{['${B}']='http://other.test/'}})`;
      for (const name of ['http://hc.test/', 'hc.test', A, C]) {
        expect(asked(code, [name, 'refuses'])).toEqual(['http://hc.test/', 'http://other.test/']);
      }
      expect(asked(code, ['other.test', 'refuses'])).toEqual(['http://hc.test/']);
    });
  });

  test('are none where nothing is checked, or the code fails', () => {
    expect(surveyed(`pickrandom({'${A}'})`).warm).toEqual([]);
    expect(surveyed(`ifurlup(`).warm).toEqual([]);
  });

  test('cannot be told in full of code that reaches for the host, which is said', () => {
    expect(surveyed(`;os.execute('true') return '${A}'`).opaque?.code).toBeDefined();
  });

  test('with more ways than are tried are said to be incomplete', () => {
    const list = Array.from({ length: 12 }, (_, i) => `'192.0.2.${i + 1}'`).join();
    const { warm, complete } = surveyed(
      `;local r=ifportup(443,{${list}},{selector='all'}) if #r==1 then return r end return r`,
    );
    expect(warm).toHaveLength(12);
    expect(complete).toBe(false);
  });
});
