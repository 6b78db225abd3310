import { expect, test } from 'vitest';
import { UserError } from '../input/errors.ts';
import { parseGeoYaml } from './geo-yaml.ts';

test('a list of networks', () => {
  const networks = parseGeoYaml(
    `
- { network: 192.0.2.10/32, lat: 50.5, lon: 12.3 }
- network: 2001:db8::/32
  country: JP
  continent: AS
  region: 013
  city: Tokyo
  lat: 35
  lon: -139.5
  accuracyRadius: 20
  asn: 4200000000
  organization: 'Example Org'
  name: 7
- { network: 203.0.113.0/24, unknown: true, name: unlocated }
`,
    'geo.yaml',
  );
  expect(networks).toEqual([
    { network: '192.0.2.10/32', lat: 50.5, lon: 12.3 },
    {
      network: '2001:db8::/32',
      country: 'JP',
      continent: 'AS',
      region: '013',
      city: 'Tokyo',
      lat: 35,
      lon: -139.5,
      accuracyRadius: 20,
      asn: 4_200_000_000,
      organization: 'Example Org',
      name: '7',
    },
    { network: '203.0.113.0/24', unknown: true, name: 'unlocated' },
  ]);
});

test('Norway stays Norway, anchors and aliases are followed', () => {
  const networks = parseGeoYaml(
    '- { network: 10.0.0.0/8, country: &c NO }\n- { network: 11.0.0.0/8, country: *c }',
    'f',
  );
  expect(networks.map(({ country }) => country)).toEqual(['NO', 'NO']);
});

test.each(['', '# nothing yet\n', '[]'])('%j holds no networks', (text) => {
  expect(parseGeoYaml(text, 'geo.yaml')).toEqual([]);
});

test.each([
  ['- { network: [', 'E_GEOIP_SYNTAX', 1, 15],
  ['network: 10.0.0.0/8', 'E_GEOIP_SYNTAX', 1, 1],
  ['- 10.0.0.0/8', 'E_GEOIP_SYNTAX', 1, 3],
  ['- { country: SE }', 'E_GEOIP_KEY', 1, 3],
  ['- network: 10.0.0.0/8\n  contry: SE', 'E_GEOIP_KEY', 2, 3],
  ['- { network: 10.0.0.0/8, lat: 1 }', 'E_GEOIP_KEY', 1, 3],
  ['- { network: 10.0.0.0/8, unknown: true, country: SE }', 'E_GEOIP_KEY', 1, 3],
  ['- network: 10.0.0.0/8\n  lat: 91\n  lon: 0', 'E_GEOIP_VALUE', 2, 8],
  ['- { network: 10.0.0.0/8, lat: north, lon: 0 }', 'E_GEOIP_VALUE', 1, 31],
  ['- { network: 10.0.0.0/8, asn: AS1136 }', 'E_GEOIP_VALUE', 1, 31],
  ['- { network: 10.0.0.0/8, asn: 1.5 }', 'E_GEOIP_VALUE', 1, 31],
  ['- { network: 10.0.0.0/8, unknown: yes }', 'E_GEOIP_VALUE', 1, 35],
  ['- { network: 10.0.0.0/8, country: [SE] }', 'E_GEOIP_VALUE', 1, 35],
  ['- { network: 10.0.0.0/8, country: DEU }', 'E_GEOIP_VALUE', 1, 35],
  ['- { network: 10.0.0.0/8, continent: Europe }', 'E_GEOIP_VALUE', 1, 37],
  ['- { network: 10.0.0.0/8, country: }', 'E_GEOIP_VALUE', 1, 35],
  ['- { network: 10.1.0.0/8 }', 'E_GEOIP_NETWORK', 1, 14],
  ['- { network: berlin }', 'E_GEOIP_NETWORK', 1, 14],
  ['- network: 10.0.0.1\n- network: 10.0.0.1/32', 'E_GEOIP_DUPLICATE', 2, 3],
])('%j is refused with %s at line %i, column %i', (text, code, line, column) => {
  expect(refusal(text)).toMatchObject({ code, place: { file: 'geo.yaml', line, column } });
});

test('a mistyped key or network comes with what was meant', () => {
  expect(refusal('- { network: 10.0.0.0/8, acuracy_radius: 5 }')?.hint).toBe("did you mean 'accuracyRadius'?");
  expect(refusal('- { network: 10.1.0.0/8 }')?.hint).toBe('did you mean 10.0.0.0/8?');
  expect(refusal('- { network: 10.0.0.0/8, thermometerReading: 5 }')?.hint).toContain('known keys: network, country');
});

function refusal(text: string): UserError | undefined {
  try {
    parseGeoYaml(text, 'geo.yaml');
  } catch (error) {
    if (error instanceof UserError) return error;
    throw error;
  }
  return undefined;
}
