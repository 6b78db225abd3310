import { pdns48 } from './pdns-4.8.ts';
import type { Profile } from './profile.ts';

/**
 * What 4.9 changed. Measured on 4.9.17 and 4.9.18 (LuaJIT 2.1.1737090214, libcurl 8.14.1, which stops after 30 redirects).
 * `lua-records-insert-whitespace` came with 4.9.1 and is on by default.
 */
export const pdns49: Profile = {
  ...pdns48,
  line: '4.9',
  functions: new Set([...pdns48.functions, 'dblookup', 'picknamehashed', 'pickchashed']),
  wildcardCname: 'first only',
  typelessWildcard: false,
  clientScope: 'cut',
  filterForward: 'list',
  redirectLimit: 30,
  localwho: true,
  // Of late patch releases: 4.9.5 (createForward6), 4.9.13 (createReverse), 4.9.15 (octets).
  forward: { ...pdns48.forward, skipsWord: true, octets: 'rewritten', errors6: 'zeros' },
  reverse: { badAddress: 'error', errorText6: 'error', padded: false },
  text: { ...pdns48.text, strictBase64: true, portIsString: true },
  furtherTypes: [['TSIG', 250]],
  netmaskLength: 'clamped',
  // From 4.9.18.
  checker: { ...pdns48.checker, wakesForNewChecks: true },
};

/** 4.9.17 and older of the line, whose new checks wait for the next round. */
export const pdns49BeforeWakeUp: Profile = { ...pdns49, checker: pdns48.checker };
