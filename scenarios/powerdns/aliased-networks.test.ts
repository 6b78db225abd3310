import { expect, test } from 'vitest';
import { aliasedNetworks } from './aliased-networks.ts';

const aliasOf = new Map([
  ['192.0.2.2', '127.20.7.2'],
  ['192.0.2.200', '127.20.7.3'],
  ['198.51.100.1', '127.20.7.4'],
]);

test('an alias has the place of the longest network around its target', () => {
  const networks = [
    { network: '192.0.2.2/31', lat: 1, lon: 1 },
    { network: '192.0.2.0/24', lat: 2, lon: 2 },
  ];
  expect(aliasedNetworks(networks, aliasOf)).toEqual([
    ...networks,
    { network: '127.20.7.2/32', lat: 1, lon: 1 },
    { network: '127.20.7.3/32', lat: 2, lon: 2 },
  ]);
});
