import { expect, it } from 'vitest';
import { lineOfVersion, noProfileReason, versionInOutput } from './lines.ts';

it('reads the version in what a server says of itself', () => {
  const said =
    'Nov 23 00:09:27 PowerDNS Authoritative Server 4.9.17 (C) PowerDNS.COM BV\nNov 23 00:09:27 Using 64-bits mode.';
  expect(versionInOutput(said)).toBe('4.9.17');
  expect(versionInOutput('PowerDNS Recursor 5.1.0 (C)')).toBeUndefined();
});

it.each([
  ['4.7.3', '4.7'],
  ['4.8.0', '4.8'],
  ['4.9.17', '4.9'],
  ['5.0.0-rc1', '5.0'],
  ['5.1.5', '5.1'],
])('gives version %s the profile of line %s', (version, line) => {
  expect(lineOfVersion(version)).toBe(line);
});

it.each(['5.2.0', '5.10.1', '4.70.1', '6.0.0', 'unknown'])('has no profile for version %s', (version) => {
  expect(lineOfVersion(version)).toBeUndefined();
});

it('says plainly that a suite has moved on', () => {
  expect(noProfileReason('Debian forky now', '5.2.0')).toContain(
    'Debian forky now ships 5.2.0, which this project has no profile for',
  );
});
