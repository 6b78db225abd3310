import { describe, expect, test } from 'vitest';
import { GeoDatabase } from '../../geoip/database.ts';
import { geoView, noGeo } from '../../geoip/location.ts';
import { writeDatabase } from '../../geoip/writer.ts';
import { luaModule } from '../../wire/lua-module.ts';
import { ABSENT, type CheckStatus, DOWN, UP } from '../health/status.ts';
import { modelsOn, questionFor, zoneOf } from './fixtures/zone-model.ts';
import { answerTexts } from './outcome.ts';
import { predict } from './predict.ts';
import { changesOf } from './what-if.ts';

const [A, B, C] = ['192.0.2.1', '192.0.2.2', '192.0.2.3'] as const;
const zone = zoneOf(
  `sets A ifurlup('http://a.test/', {{'${A}'},{'${B}','${C}'}})`,
  `urls A ifurlup('http://a.test/', {'${A}'})[1] == '${A}' and ifurlup('http://b.test/', {{'${A}'},{'${B}'}}) or '${C}'`,
  `flag A ifurlup('http://a.test/', {{'${A}'},{'${B}'}}, {failOnIncompleteCheck='true'})`,
  `net A netmask({'198.51.100.0/24'}) and '${A}' or '${B}'`,
  `place A country('NL') and '${A}' or '${B}'`,
  `plain A pickrandom({'${A}','${B}'})`,
  `many A pickrandomsample(6,{'${A}','${B}','${C}',${Array.from({ length: 9 }, (_, i) => `'192.0.2.1${i}'`)}})`,
);
const geo = geoView([GeoDatabase.fromBuffer(writeDatabase([{ network: '198.51.100.0/24', country: 'NL' }]), 'test')]);
const modelOf = modelsOn(luaModule());

/** `what is otherwise -> answers`. */
function changes(
  owner: string,
  statuses: Readonly<Record<string, CheckStatus>> = {},
  subnet?: string,
  view = noGeo,
  maxBranches?: number,
) {
  const server = modelOf(zone, '5.1', view);
  const question = questionFor(owner, 'A', subnet);
  const statusOf = ({ address }: { address: string }) => statuses[address] ?? UP;
  const prediction = predict(question, server, statusOf, maxBranches);
  return changesOf(prediction, question, server, statusOf, maxBranches).map(({ text, distribution }) => {
    const answers = distribution.outcomes.map(({ outcome }) => answerTexts(outcome, 'A').join('+') || outcome.rcode);
    return `${text} -> ${answers.join(' | ')}`;
  });
}

describe('what would change an answer', () => {
  test('is the one target of the first set, while it is up', () => {
    expect(changes('sets')).toEqual([`${A} is down -> ${B} | ${C}`]);
  });

  test('is every target that was asked for, once the first set is down', () => {
    expect(changes('sets', { [A]: DOWN })).toEqual([
      `${A} is up -> ${A}`,
      `${B} is down -> ${C}`,
      `${C} is down -> ${B}`,
    ]);
  });

  test('is a target that nobody has probed, whichever way it comes out', () => {
    expect(changes('flag', { [A]: ABSENT, [B]: ABSENT })).toEqual([
      `${A} is up -> ${A}`,
      `${A} is down -> ${A}`,
      `${B} is up -> ${B}`,
      `${B} is down -> ${A}`,
    ]);
  });

  test('names what is probed where a target has several checks', () => {
    expect(changes('urls')).toEqual([`${A} (http://b.test/) is down -> ${B}`]);
  });

  test("is the client's network, where it decides", () => {
    expect(changes('net', {}, '198.51.100.0/24')).toEqual([`the client's network is ignored -> ${B}`]);
    expect(changes('net', {}, '203.0.113.0/24')).toEqual([]);
    expect(changes('net')).toEqual([]);
  });

  test('is GeoIP, where it decides', () => {
    expect(changes('place', {}, '198.51.100.0/24', geo)).toEqual([
      `the client's network is ignored -> ${B}`,
      `GeoIP is not loaded -> ${B}`,
    ]);
    expect(changes('place', {}, '203.0.113.0/24', geo)).toEqual([]);
  });

  test('is nothing where the code only draws, also where it draws too much to walk', () => {
    expect(changes('plain', {}, '198.51.100.0/24', geo)).toEqual([]);
    expect(changes('many', {}, '198.51.100.0/24', geo, 200)).toEqual([]);
  });
});
