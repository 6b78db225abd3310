/** Where answers send clients. */
import { formatAddress, parseAddress } from '../../geoip/address.ts';
import type { Coordinates } from '../../geoip/distance.ts';
import type { GeoView } from '../../geoip/location.ts';
import type { ClientAnswer } from '../../simulator/answer/client-answers.ts';
import type { Outcome } from '../../simulator/answer/outcome.ts';
import { toNumber } from '../../simulator/rational.ts';

/** By target the share of the clients that are sent there. A target is an address, or words where the answer has none. */
export type Shares = ReadonlyMap<string, number>;

/** A client that gets several addresses goes to each of them as often. */
export function sharesOf(answer: ClientAnswer, type: string): Shares {
  const shares = new Map<string, number>();
  for (const { share, distribution } of answer.groups) {
    for (const { outcome, probability } of distribution.outcomes) {
      const targets = targetsOf(outcome, type);
      const each = (toNumber(share) * toNumber(probability)) / targets.length;
      for (const target of targets) shares.set(target, (shares.get(target) ?? 0) + each);
    }
  }
  return shares;
}

function targetsOf({ rcode, answers }: Outcome, type: string): string[] {
  const own = answers.filter((answer) => answer.type === type).map(({ rdata }) => canonical(rdata));
  if (own.length > 0) return own;
  const last = answers.at(-1);
  if (last !== undefined) return [`${last.type} ${last.rdata}`];
  return [rcode === 'NOERROR' ? 'no data' : rcode];
}

function canonical(text: string): string {
  const address = parseAddress(text);
  return address === undefined ? text : formatAddress(address);
}

/** Where a target really is, and whether PowerDNS knows. */
export interface TargetPlace extends Coordinates {
  /** `stated` by a person, `database`: as PowerDNS sees it too. */
  readonly source: 'stated' | 'database';
}

/** Undefined for what is no address, and for an address that nobody has a place for. */
export function placeOfTarget(
  target: string,
  stated: ReadonlyMap<string, Coordinates>,
  geo: GeoView,
): TargetPlace | undefined {
  const own = stated.get(target);
  if (own !== undefined) return { latitude: own.latitude, longitude: own.longitude, source: 'stated' };
  const address = parseAddress(target);
  if (address === undefined) return undefined;
  const { latitude, longitude, known } = geo.location(address);
  return known ? { latitude, longitude, source: 'database' } : undefined;
}
