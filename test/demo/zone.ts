/** The demo's zone: the five patterns that multi-region operators write, and where the clients are. */
import type { GeoNetwork } from '../../geoip/writer.ts';
import type { Regions } from './regions.ts';

export const ZONE = 'acme.test';

/** Health checks are to be quick in a demo: one probe a second, a second to answer. */
export const SETTINGS = {
  'lua-health-checks-interval': '1',
  'query-cache-ttl': '0',
  'negquery-cache-ttl': '0',
  'cache-ttl': '0',
} as const;

export const CLIENTS = [
  { name: 'stockholm', subnet: '198.51.100.0/24' },
  { name: 'munich', subnet: '203.0.113.0/24' },
] as const;

export function networks({ fsn, hel }: Regions): GeoNetwork[] {
  return [
    { network: `${fsn.address}/32`, lat: 50.48, lon: 12.37, country: 'DE', continent: 'EU' },
    { network: `${hel.address}/32`, lat: 60.17, lon: 24.94, country: 'FI', continent: 'EU' },
    { network: '198.51.100.0/24', lat: 59.33, lon: 18.07, country: 'SE', continent: 'EU' },
    { network: '203.0.113.0/24', lat: 48.14, lon: 11.58, country: 'DE', continent: 'EU' },
  ];
}

/** The patterns by name: what each is for, and its record. */
export function patterns({ port, fsn, hel }: Regions): { name: string; purpose: string; content: string }[] {
  const url = `http://app.${ZONE}:${port}/healthz`;
  const both = `'${fsn.address}','${hel.address}'`;
  return [
    {
      name: 'app',
      purpose: 'active-active, all healthy',
      content: `ifurlup('${url}', {${both}}, {selector='all', timeout='1'})`,
    },
    {
      name: 'geo',
      purpose: 'closest healthy region',
      content: `ifurlup('${url}', {${both}}, {selector='pickclosest', timeout='1'})`,
    },
    { name: 'db', purpose: 'primary, then standby', content: primaryThenStandby(url, fsn.address, hel.address) },
    { name: 'mail', purpose: 'TCP, no HTTP', content: `ifportup(${port}, {${both}}, {selector='all', timeout='1'})` },
    {
      name: 'canary',
      purpose: '80/20 by client network',
      content: `pickwhashed({{80,'${fsn.address}'},{20,'${hel.address}'}})`,
    },
  ];
}

/** Asking for the standby in a call of its own keeps its check alive while the primary is well. */
function primaryThenStandby(url: string, primary: string, standby: string): string {
  return `; ifurlup('${url}', {'${standby}'}, {timeout='1'}) return ifurlup('${url}', {{'${primary}'},{'${standby}'}}, {timeout='1'})`;
}

/** What the mission's document says for primary and standby. */
export function pickfirst({ port, fsn, hel }: Regions): string {
  return `ifurlup('http://app.${ZONE}:${port}/healthz', {'${fsn.address}', '${hel.address}'}, {selector='pickfirst', timeout='1'})`;
}

export function zoneText(regions: Regions): string {
  const records = patterns(regions).map(({ name, content }) => `${name} 30 IN LUA A "${content}"`);
  return [
    `$ORIGIN ${ZONE}.`,
    '$TTL 300',
    '@ IN SOA ns1 hostmaster 1 7200 900 1209600 60',
    '@ IN NS ns1',
    'ns1 IN A 127.0.0.1',
    ...records,
    '',
  ].join('\n');
}
