import { describe, expect, test } from 'vitest';
import type { GeoView } from '../geoip/location.ts';
import { modelsOn, questionFor, zoneOf } from '../simulator/answer/fixtures/zone-model.ts';
import { type CheckStatus, DOWN, UP } from '../simulator/health/status.ts';
import { watchedNames } from '../simulator/zone/watched-name.ts';
import { luaModule } from '../wire/lua-module.ts';
import { type DiagnosisInput, diagnose } from './diagnose.ts';
import { crossChecks, requireAddress } from './model.ts';

const modelOf = modelsOn(luaModule());

const [A, B, C] = ['192.0.2.1', '192.0.2.2', '192.0.2.3'] as const;
const GERMANY: GeoView = {
  attribute: (_address, attribute) => (attribute === 'country' ? 'de' : 'unknown'),
  location: () => ({ latitude: 51, longitude: 9, known: true }),
};
const ZONE = zoneOf(
  `groups A ifurlup('http://svc.test/',{{'${A}'},{'${B}'}})`,
  `geo A ;if(country('DE')) then return '${A}' else return '${B}' end`,
  `who A bestwho:toString()`,
  `down A ifurlup('http://svc.test/',{{'${A}'},{'${B}'}},{backupSelector='all'})`,
);

/** What explains that `owner` was answered with `seen`, all targets being up or as told. */
function explanations(
  owner: string,
  seen: readonly string[],
  more: Partial<DiagnosisInput> = {},
  statuses: Readonly<Record<string, CheckStatus>> = {},
): string[] {
  const model = modelOf(ZONE, '5.1', GERMANY);
  const names = watchedNames([ZONE]).filter((name) => name.owner === `${owner}.example.org.`);
  const checks = crossChecks(model, names, [{ name: 'plain' }], requireAddress('192.0.2.9')).flatMap(
    (each) => each.checks,
  );
  const answers = seen.map((rdata) => ({ owner: `${owner}.example.org.`, type: 'A', ttlSeconds: 30, rdata }));
  const all = diagnose({
    question: questionFor(owner),
    model,
    olderModels: [],
    seen: [{ rcode: seen.length === 0 ? 'NXDOMAIN' : 'NOERROR', answers, ecsScope: undefined }],
    fitting: (check) => [statuses[check.address] ?? UP],
    checks,
    otherClients: [],
    runsOtherCode: false,
    ...more,
  });
  // Explanations come first.
  expect(all.map(({ explains }) => explains)).toEqual(
    all.map(({ explains }) => explains).toSorted((a, b) => Number(b) - Number(a)),
  );
  return all.filter(({ explains }) => explains).map(({ assumption }) => assumption);
}

describe('an answer is explained by', () => {
  test('one status that the server sees otherwise', () => {
    expect(explanations('groups', [B])).toEqual([`the server believes ${A} is down`]);
    expect(explanations('groups', [A], {}, { [A]: DOWN })).toContain(`the server believes ${A} is up`);
  });

  test("the client's network being ignored", () => {
    const question = questionFor('who', 'A', '198.51.100.0/24');
    expect(explanations('who', ['192.0.2.9'], { question })).toEqual(["the client's network is ignored"]);
  });

  test('GeoIP that is not loaded', () => {
    expect(explanations('geo', [B])).toEqual(['GeoIP is not loaded']);
  });

  test('a GeoIP database that is not here, where the code looks at one', () => {
    const absent = 'the server has a GeoIP database, and none is configured here';
    const model = modelOf(ZONE);
    expect(explanations('geo', [A], { model })).toEqual([absent]);
    expect(explanations('who', [A], { model })).toEqual([]);
  });

  test('older records', () => {
    const older = modelOf(zoneOf(`groups A '${C}'`));
    const oldest = modelOf(zoneOf(`groups A '192.0.2.4'`));
    expect(explanations('groups', [C], { olderModels: [older, oldest] })).toEqual([
      'the server still has older records',
    ]);
  });

  test('no older records, where only the GeoIP database is another one', () => {
    const older: GeoView = { ...GERMANY, attribute: () => 'se' };
    const before = { ...modelOf(ZONE, '5.1', GERMANY), geo: older };
    expect(explanations('geo', [B], { model: modelOf(ZONE, '5.1', GERMANY), olderModels: [before] })).toEqual([
      'GeoIP is not loaded',
      'the server still has the older GeoIP database',
    ]);
    expect(explanations('groups', [C], { olderModels: [before] })).toEqual([]);
  });

  test('a new record that has not come to the server, before anything else', () => {
    const absent = 'the server does not have this record (yet)';
    const older = modelOf(zoneOf(`who A bestwho:toString()`));
    expect(explanations('groups', [], { olderModels: [older] })).toEqual([
      absent,
      'the server still has older records',
      'LUA records are switched off',
    ]);
    expect(explanations('groups', [], { runsOtherCode: true })).toEqual([absent]);
  });

  test('a new name that has not come to the server, with all its types', () => {
    const zone = zoneOf(`two A '${A}'`, `two AAAA '2001:db8::1'`);
    const [first, ...others] = explanations('two', [], { model: modelOf(zone), runsOtherCode: true });
    expect([first, others]).toEqual(['the server does not have this name (yet)', []]);
  });

  test('LUA records that are switched off', () => {
    expect(explanations('groups', [])).toContain('LUA records are switched off');
  });

  test('another release line', () => {
    // With all down, 5.1 answers with the first group, the lines before it with all groups.
    const statuses = { [A]: DOWN, [B]: DOWN };
    expect(explanations('down', [A, B], {}, statuses)).toEqual([
      'the server is a 4.7',
      'the server is a 4.8',
      'the server is a 4.9',
      'the server is a 5.0',
    ]);
  });

  test('another client', () => {
    const question = questionFor('who', 'A', '198.51.100.0/24');
    const otherClients = [{ name: 'us', question: questionFor('who', 'A', '203.0.113.0/24') }];
    expect(explanations('who', ['203.0.113.0'], { question, otherClients })).toEqual([
      "the server takes the client for 'us'",
    ]);
  });

  test('nothing, where nothing does', () => {
    expect(explanations('groups', ['192.0.2.99'])).toEqual([]);
  });
});
