/** What random zones found out about text that 5.1 cannot read, asked of 4.7.3, 4.9.18 and 5.1.5. */
import { describe, expect, test } from 'vitest';
import { luaModule } from '../../wire/lua-module.ts';
import { UP } from '../health/status.ts';
import type { ReleaseLine } from '../profile/profile.ts';
import { modelsOn, questionFor, zoneOf } from './fixtures/zone-model.ts';
import { predict } from './predict.ts';

const modelOf = modelsOn(luaModule());
const BAD = "'192.0.2.1' --\\300";
const zone = zoneOf(
  `bad A ${BAD}`,
  `below.bad A '192.0.2.2'`,
  `*.wild A ${BAD}`,
  `a.wild A '192.0.2.3'`,
  `*.next CNAME 'elsewhere.test'`,
  `*.next A ${BAD}`,
  `*.later CNAME 'elsewhere.test'`,
  `*.later TXT 'x'`,
  `*.later A ${BAD}`,
);

const rcode = (owner: string, line: ReleaseLine) =>
  predict(questionFor(owner), modelOf(zone, line), () => UP)
    .outcomes.map(({ outcome }) => outcome.rcode)
    .join();

describe('a record whose text has an escape that is none', () => {
  test.each(['bad', 'below.bad', 'none.bad', 'none.below.bad', 'x.wild'])('makes %s fail on 5.1', (owner) => {
    expect(rcode(owner, '5.1')).toBe('SERVFAIL');
  });

  test('concerns no name that it is not read for', () => {
    expect(rcode('a.wild', '5.1')).toBe('NOERROR');
    expect(rcode('x.a.wild', '5.1')).toBe('NXDOMAIN');
    expect(rcode('elsewhere', '5.1')).toBe('NXDOMAIN');
  });

  test('at a wildcard is not reached where an alias comes two records before it', () => {
    expect(rcode('x.next', '5.1')).toBe('SERVFAIL');
    expect(rcode('x.later', '5.1')).toBe('NOERROR');
  });

  test('is read as it is up to 4.9', () => {
    for (const owner of ['bad', 'below.bad', 'x.wild']) expect(rcode(owner, '4.9')).toBe('NOERROR');
    expect(rcode('none.bad', '4.9')).toBe('NXDOMAIN');
  });
});

describe('a zone that a server is configured with and could not load', () => {
  const outcomeOf = (owner: string, emptyZones: readonly string[]) =>
    predict(questionFor(owner), { ...modelOf(zone), emptyZones }, () => UP).outcomes.map(
      ({ outcome }) => outcome.rcode,
    );

  test('is SERVFAIL, within the zone around it too', () => {
    expect(outcomeOf('x.below', ['below.example.org.'])).toEqual(['SERVFAIL']);
    expect(outcomeOf('beside', ['below.example.org.'])).toEqual(['NXDOMAIN']);
  });

  test('is no matter to a zone that is nearer', () => {
    expect(outcomeOf('a.wild', ['org.'])).toEqual(['NOERROR']);
    expect(outcomeOf('a.wild', ['example.org.'])).toEqual(['NOERROR']);
  });
});

test('a zone without SOA is not served, and that is said', () => {
  const records = zone.records.filter(({ type }) => type !== 'SOA');
  const { outcomes, warnings } = predict(questionFor('a.wild'), modelOf({ ...zone, records }), () => UP);
  expect(outcomes.map(({ outcome }) => outcome.rcode)).toEqual(['REFUSED']);
  expect(warnings).toMatchObject([{ code: 'E_ZONE_SOA' }]);
});
