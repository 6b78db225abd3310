import { expect, test } from 'vitest';
import { PROFILES, profileOfVersion } from './index.ts';
import { pdns49BeforeWakeUp } from './pdns-4.9.ts';

test.each([
  ['4.7.3', PROFILES['4.7']],
  ['4.9', PROFILES['4.9']],
  ['4.9.18-1', PROFILES['4.9']],
  ['5.1.5-1+b1', PROFILES['5.1']],
] as const)('%s is its line', (version, profile) => {
  expect(profileOfVersion(version)).toBe(profile);
});

test.each(['4.9.17', '4.9.0-rc1', '4.9.5-1'])('%s has the checker that its line had until then', (version) => {
  expect(profileOfVersion(version)).toBe(pdns49BeforeWakeUp);
});

test.each(['4.6.2', '5.10.1', '5', 'none'])('%s is no line that is known', (version) => {
  expect(profileOfVersion(version)).toBeUndefined();
});
