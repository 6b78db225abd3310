/** What people call checks by, where they say how targets are. */
import { formatAddress, parseAddress } from '../../geoip/address.ts';
import type { Check } from './check.ts';

/** By URL, the addresses that records map to it: a check of `ifurlextup` knows none itself. */
export type MappedAddresses = ReadonlyMap<string, ReadonlySet<string>>;

/** Learns from a check that is asked for whom it speaks for. */
export function noteMapped(mapped: Map<string, Set<string>>, { address, url }: Check, speaksFor: string): void {
  if (address !== '') return;
  const known = mapped.get(url);
  if (known === undefined) mapped.set(url, new Set([speaksFor]));
  else known.add(speaksFor);
}

/** What several records, or ways through one, map. */
export function allMapped(maps: Iterable<MappedAddresses>): MappedAddresses {
  const all = new Map<string, Set<string>>();
  for (const mapped of maps) {
    for (const [url, addresses] of mapped) all.set(url, new Set([...(all.get(url) ?? []), ...addresses]));
  }
  return all;
}

/**
 * The most particular last: the address, the target with its port, the URL. A check of `ifurlextup` goes by its URL, by the
 * host of that, and by every address that is mapped to it: these share one check in PowerDNS, so they are up and down together.
 */
export function namesOfCheck({ target, address, url }: Check, mapped: MappedAddresses): readonly string[] {
  const names = address === '' ? [...(mapped.get(url) ?? []), hostOfUrl(url) ?? '', url] : [address, target, url];
  return [...new Set(names)].filter((name) => name !== '');
}

/** A name of checks in the spelling of `namesOfCheck`: addresses can be written in several. */
export function canonicalName(text: string): string {
  const address = parseAddress(text);
  return address === undefined ? text : formatAddress(address);
}

/** The host that a URL names, an address without brackets; undefined for what is no URL of HTTP. */
export function hostOfUrl(url: string): string | undefined {
  const host = HOST.exec(url)?.[2];
  return host === undefined ? undefined : canonicalName(host);
}

/** The same URL of another host; unchanged where it names none. */
export function withHost(url: string, host: string): string {
  return url.replace(HOST, (_, before: string) => before + host);
}

/** What stands before the host, and the host. */
const HOST = /^(https?:\/\/(?:[^/?#]*@)?\[?)((?<=\[)[^\]]*|(?<!\[)[^/:?#[]+)/i;
