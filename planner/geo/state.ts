/** The states of the world that a record is looked at in. */
import { formatAddress, parseAddress } from '../../geoip/address.ts';
import { UserError } from '../../input/errors.ts';
import { type CheckStatus, DOWN, UP } from '../../simulator/health/status.ts';

/** Targets that live and die together. */
export interface Region {
  readonly name: string;
  /** As `formatAddress` writes them. */
  readonly addresses: readonly string[];
}

export type State =
  | { readonly kind: 'up' }
  | { readonly kind: 'down'; readonly region: Region }
  /** The server has no GeoIP databases. */
  | { readonly kind: 'noGeoip' }
  /** The server sees resolvers in place of clients. */
  | { readonly kind: 'noEcs' }
  /** The weights of the record are these. */
  | { readonly kind: 'weights'; readonly weights: readonly number[] };

export function stateName(state: State): string {
  switch (state.kind) {
    case 'up':
      return 'all up';
    case 'down':
      return `${state.region.name} down`;
    case 'noGeoip':
      return 'GeoIP missing';
    case 'noEcs':
      return 'ECS off';
    case 'weights':
      return `weights ${state.weights.join(',')}`;
  }
}

/** What the server believes of the check that an address hangs on: that of `ifurlextup` probes another. */
export function statusIn(state: State, speaksFor: string): CheckStatus {
  return state.kind === 'down' && state.region.addresses.includes(speaksFor) ? DOWN : UP;
}

/** `NAME=ADDRESS,ADDRESS`. Throws `UserError` `E_REGION`. */
export function parseRegion(text: string): Region {
  const [, name, list] = /^([^=,]+)=(.+)$/.exec(text) ?? [];
  const addresses = (list ?? '').split(',').map((each) => parseAddress(each.trim()));
  if (name === undefined || addresses.some((address) => address === undefined)) {
    throw new UserError('E_REGION', `--region ${text}: expected NAME=ADDRESS,ADDRESS`, {
      hint: 'Write --region fra=192.0.2.1,2001:db8::1.',
    });
  }
  return { name, addresses: addresses.flatMap((address) => (address === undefined ? [] : [formatAddress(address)])) };
}

/**
 * The regions of a record's targets: those that were named, and each other target as one of its own. Throws `UserError`
 * `E_REGION_TWICE` for an address that two of `named` claim.
 */
export function regionsOf(targets: readonly string[], named: readonly Region[]): Region[] {
  const claimed = new Map<string, Region>();
  for (const region of named) {
    for (const address of region.addresses) {
      const other = claimed.get(address);
      if (other !== undefined && other !== region) {
        throw new UserError('E_REGION_TWICE', `${address} is in the regions ${other.name} and ${region.name}`, {
          hint: 'Give each target to one region.',
        });
      }
      claimed.set(address, region);
    }
  }
  return [...new Set(targets.map((target) => claimed.get(target) ?? { name: target, addresses: [target] }))];
}
