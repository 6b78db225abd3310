/** GeoIP networks of a scenario, with those in which targets lie said of their aliases too. */
import { parseAddress, parsePrefix, prefixContains } from '../../geoip/address.ts';
import type { GeoNetwork } from '../../geoip/writer.ts';

/** `aliasOf`: by documentation address. Of the networks that hold a target the longest counts, and of equal ones the last. */
export function aliasedNetworks(
  networks: readonly GeoNetwork[],
  aliasOf: ReadonlyMap<string, string>,
): readonly GeoNetwork[] {
  const ofTargets = [...aliasOf].flatMap(([target, alias]) => {
    const found = longestAround(target, networks);
    return found === undefined ? [] : [{ ...found, network: `${alias}/32` }];
  });
  return [...networks, ...ofTargets];
}

function longestAround(target: string, networks: readonly GeoNetwork[]): GeoNetwork | undefined {
  const address = parseAddress(target);
  if (address === undefined) return undefined;
  let longest: { readonly length: number; readonly found: GeoNetwork } | undefined;
  for (const found of networks) {
    const prefix = parsePrefix(found.network);
    if (prefix === undefined || !prefixContains(prefix, address)) continue;
    if (longest === undefined || prefix.length >= longest.length) longest = { length: prefix.length, found };
  }
  return longest?.found;
}
