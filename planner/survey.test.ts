import { describe, expect, test } from 'vitest';
import { surveyed } from './fixtures/plans.ts';

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
