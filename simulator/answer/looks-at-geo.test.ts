import { expect, test } from 'vitest';
import { luaModule } from '../../wire/lua-module.ts';
import { modelsOn, questionFor, zoneOf } from './fixtures/zone-model.ts';
import { looksAtGeo } from './looks-at-geo.ts';

const modelOf = modelsOn(luaModule());
const [A, B] = ['192.0.2.1', '192.0.2.2'];

test.each([
  [`ifurlup('http://svc.test/',{{'${A}'},{'${B}'}})`, false],
  [`pickwhashed({{1,'${A}'},{1,'${B}'}})`, false],
  [`netmask({'192.0.2.0/24'}) and '${A}' or '${B}'`, false],
  [`;if country('DE') then return '${A}' else return '${B}' end`, true],
  [`pickclosest({'${A}','${B}'})`, true],
  // Only where both are up, and only where none is.
  [`ifurlup('http://svc.test/',{'${A}','${B}'},{selector='pickclosest'})`, true],
  [`ifurlup('http://svc.test/',{'${A}','${B}'},{backupSelector='pickclosest'})`, true],
  [`geoiplookup('198.51.100.1',3) == 'de' and '${A}' or '${B}'`, true],
])('an answer that hangs on where somebody is: %s', (code, expected) => {
  expect(looksAtGeo(questionFor('a'), modelOf(zoneOf(`a A ${code}`)))).toBe(expected);
});
