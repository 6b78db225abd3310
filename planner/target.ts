import type { Check } from '../simulator/health/check.ts';

/** What gets the probes: an address, or the host that a URL names where it is not pinned to one. */
export function targetOf({ address, url }: Check): string {
  if (address !== '') return address;
  return /^https?:\/\/([^/:?#]+|\[[^\]]*\])/i.exec(url)?.[1] ?? url;
}
