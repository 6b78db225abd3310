import { describe, expect, test } from 'vitest';
import { modelsOn, zoneOf } from '../simulator/answer/fixtures/zone-model.ts';
import { watchedNames } from '../simulator/zone/watched-name.ts';
import { luaModule } from '../wire/lua-module.ts';
import { crossCheckKey, crossChecks, requireAddress } from './model.ts';

const modelOf = modelsOn(luaModule());

const OWN = requireAddress('192.0.2.9');
const addresses = (from: number, count: number) =>
  Array.from({ length: count }, (_, i) => `'192.0.2.${from + i}'`).join();

describe('cross-checks', () => {
  const planned = (code: string, line: '4.7' | '5.1' = '5.1') => {
    const zone = zoneOf(`www A ${code}`);
    const [first] = crossChecks(modelOf(zone, line), watchedNames([zone]), [{ name: 'plain' }], OWN);
    if (first === undefined) throw new Error('nothing is cross-checked');
    return first;
  };

  test('are not judged where they hang on databases that nobody has told of', () => {
    const zone = zoneOf(`geo A country('DE') and '192.0.2.1' or '192.0.2.2'`, `www A '192.0.2.1'`);
    const unjudged = (isGeoKnown: boolean) =>
      crossChecks(modelOf(zone), watchedNames([zone]), [{ name: 'plain' }], OWN, isGeoKnown).map(
        (each) => each.unjudged !== undefined,
      );
    expect(unjudged(true)).toEqual([false, false]);
    expect(unjudged(false)).toEqual([true, false]);
  });

  test('are every watched name for every client', () => {
    const zone = zoneOf("www A '192.0.2.1'", "api A '192.0.2.1'");
    const clients = [{ name: 'plain' }, { name: 'eu' }];
    const all = crossChecks(modelOf(zone), watchedNames([zone]), clients, OWN);
    expect(all.map(crossCheckKey)).toEqual([
      'www.example.org. A plain',
      'www.example.org. A eu',
      'api.example.org. A plain',
      'api.example.org. A eu',
    ]);
  });

  test('know the checks of every group', () => {
    const { checks } = planned("ifurlup('http://svc.test/',{{'192.0.2.1'},{'192.0.2.2'},{'192.0.2.3'}})");
    expect(checks.map(({ address }) => address).toSorted()).toEqual(['192.0.2.1', '192.0.2.2', '192.0.2.3']);
  });

  test('know the checks of a standby behind so many targets that their statuses cannot all be tried', () => {
    const { checks } = planned(`ifurlup('http://svc.test/',{{${addresses(1, 12)}},{${addresses(101, 3)}}})`);
    expect(checks).toHaveLength(15);
  });

  test('are withheld where the question would kill the server or the answer cannot be foreseen', () => {
    expect(planned("view({ {{'0.0.0.0/0'}} })", '4.7').withheld).toBeDefined();
    expect(planned("os.execute('true')").withheld).toBeDefined();
    expect(planned("'192.0.2.1'").withheld).toBeUndefined();
  });

  test('carry what is wrong with the code', () => {
    const { warnings } = planned("ifurlup('http://svc.test/',{'192.0.2.1','192.0.2.2'},{selector='first'})");
    expect(warnings.map(({ code }) => code)).not.toEqual([]);
  });
});

test('only an IP address is one', () => {
  expect(() => requireAddress('ns1.example.org')).toThrow(TypeError);
});
