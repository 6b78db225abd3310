import { pdns49 } from './pdns-4.9.ts';
import type { Profile } from './profile.ts';

/** What 5.0 changed. Known from its source only: no 5.0 server was run. */
export const pdns50: Profile = {
  ...pdns49,
  line: '5.0',
  functions: new Set([
    ...[...pdns49.functions].filter((name) => name !== 'newDNSPacket' && name !== 'dupDNSPacket'),
    'pickselfweighted',
    'GeoIPQueryAttribute',
  ]),
  incompleteFails: true,
  checkTuning: true,
  checker: { due: 'interval after end', sleep: 'common divisor', wakesForNewChecks: false },
  insertWhitespace: false,
  execLimit: true,
  shuffleTcp: true,
  forward: { ...pdns49.forward, base: 'wildcard' },
  reverse: { ...pdns49.reverse, padded: true },
};
