import type { Check } from '../simulator/health/check.ts';
import { hostOfUrl } from '../simulator/health/check-names.ts';

/** What gets the probes: an address, or the host that a URL names where it is not pinned to one. */
export function targetOf({ address, url }: Check): string {
  return address === '' ? (hostOfUrl(url) ?? url) : address;
}
