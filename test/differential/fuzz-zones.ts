/** What the real server of a run is set up with besides the random records: zones, health records, settings. */
import fc from 'fast-check';
import type { Profile } from '../../simulator/profile/profile.ts';
import type { FuzzCase } from './arbitrary-case.ts';
import type { TargetPlace } from './arbitrary-health.ts';
import { arbitraryHealthCode, type HealthKind } from './arbitrary-health.ts';
import { type FuzzQuestion, SOURCES } from './arbitrary-question.ts';

const APEX = [
  '$TTL 60',
  '@ IN SOA ns1 host 1 60 60 60 60',
  '@ IN NS ns1',
  'ns1 IN A 127.0.0.1',
  'ns1 IN A 127.0.0.2',
  '@ IN TXT "apex"',
];
export const OTHER_LINES = [
  '$TTL 60',
  '@ IN SOA ns1 host 1 60 60 60 30',
  '@ IN NS ns1',
  'ns1 IN A 127.0.0.1',
  'fixed 30 IN A 192.0.2.41',
  'fixed 30 IN TXT "fixed" "elsewhere"',
  `lua 90 IN LUA A "pickrandom({'192.0.2.42','192.0.2.43'})"`,
  `lua 90 IN LUA TXT "qname:toString()..' '..zone:toString()"`,
  '*.w 300 IN LUA A "createForward()"',
  `*.w 300 IN LUA TXT "countryCode()..' '..bestwho:toString()"`,
];
export const HEALTH_ZONE = 'health.test';
const HEALTH_CASES = 30;
const HEALTH_QUESTIONS = 6;

/** Every other seed with blanks between chunks where they are not the default, and the other way round; some without ECS. */
export function settingsOf(seed: number, profile: Profile): Record<string, string> {
  const whitespace = profile.insertWhitespace === (seed % 2 === 0) ? 'no' : 'yes';
  return {
    ...(profile.line === '4.7' ? {} : { 'lua-records-insert-whitespace': whitespace }),
    ...(seed % 5 === 0 ? { 'edns-subnet-processing': 'no' } : {}),
  };
}

export function healthCases(profile: Profile, seed: number, targets: TargetPlace, kind: HealthKind): FuzzCase[] {
  const codes = fc.sample(arbitraryHealthCode(profile, targets, kind), { seed, numRuns: HEALTH_CASES });
  const networks = fc.constantFrom(undefined, '203.0.113.0/24', '10.2.0.0/16', '192.0.2.0/25', '2001:db8:1::/48');
  return codes.map((code, i) => ({
    lines: [`h${i} 60 IN LUA A "${code}"`],
    questions: fc.sample(networks, { seed: seed + i, numRuns: HEALTH_QUESTIONS }).map((ecs) => ({
      ...plainQuestion(`h${i}.${HEALTH_ZONE}.`, 'A'),
      ecs,
    })),
  }));
}

export function plainQuestion(name: string, type: string): FuzzQuestion {
  return {
    name,
    type,
    ecs: undefined,
    from: SOURCES[0],
    tcp: false,
    udpSize: 1232,
    dnssecOk: false,
    recursionDesired: false,
    checkingDisabled: false,
  };
}

export function zoneText(lines: readonly string[]): string {
  return [...APEX, ...lines].join('\n');
}
