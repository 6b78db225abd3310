import { isIPv4, isIPv6 } from 'node:net';
import { domainToASCII } from 'node:url';
import { stoi } from '../simulator/health/c-number.ts';

/** A URL taken apart as libcurl takes it apart: nothing is normalised that libcurl would send as it is written. */
export interface ProbeUrl {
  readonly secure: boolean;
  /** Name or address to connect to and to put into SNI; an IPv6 literal is without brackets. */
  readonly host: string;
  readonly port: number;
  /** Value of the `Host` header: the host as written, with the port unless it is the scheme's own. */
  readonly hostHeader: string;
  /** Request target: path without dot segments, and query. Never a fragment. */
  readonly target: string;
  /** `user` or `user:password`, still percent-encoded. */
  readonly userInfo: string | undefined;
}

/** The one host and the ports for which a connection goes to the check's address. */
export interface Pin {
  readonly host: string;
  readonly ports: readonly number[];
  readonly address: string;
}

export interface Unusable {
  readonly kind: 'unusable';
  readonly reason: string;
}

export type ParsedUrl = { readonly kind: 'url'; readonly url: ProbeUrl } | Unusable;
export type ParsedPin = { readonly kind: 'pin'; readonly pin: Pin } | Unusable;

/** A URL as libcurl reads it, or why it refuses. A missing scheme is `http`, as libcurl guesses. */
export function parseProbeUrl(text: string): ParsedUrl {
  if (hasBlankOrControl(text)) return unusable('the URL has a blank or a control character');
  const { scheme, rest } = splitScheme(text);
  if (scheme !== 'http' && scheme !== 'https') return unusable(`scheme ${scheme}: only http and https are probed`);
  const authorityEnd = rest.search(/[/?#]|$/);
  const authority = splitAuthority(rest.slice(0, authorityEnd));
  if (authority === undefined) return unusable('the URL has no usable host and port');
  const defaultPort = scheme === 'https' ? 443 : 80;
  const port = authority.port ?? defaultPort;
  const written = isIPv6(authority.host) ? `[${authority.host}]` : authority.host;
  return {
    kind: 'url',
    url: {
      secure: scheme === 'https',
      host: authority.host,
      port,
      hostHeader: port === defaultPort ? written : `${written}:${port}`,
      target: requestTarget(rest.slice(authorityEnd)),
      userInfo: authority.userInfo,
    },
  };
}

/**
 * What PowerDNS pins for a check with an address (all of 4.7 to 5.1): it cuts the host out of the URL's text by itself,
 * more crudely than libcurl. The host with its explicit port, else with 80 and 443. A host followed by `?` or `#`
 * without a port is pinned under a name that libcurl never asks for, so the probe goes where the name resolves.
 */
export function parsePin(text: string, address: string): ParsedPin {
  const parsed = parseProbeUrl(text);
  if (parsed.kind === 'unusable') return parsed;
  if (!text.includes('://')) return unusable('the URL has no scheme: PowerDNS finds no host to pin');
  if (parsed.url.userInfo !== undefined) return unusable('user info in the URL: PowerDNS cannot pin its host');
  if (isIPv6(parsed.url.host)) return unusable('an IPv6 literal in the URL: PowerDNS cannot pin it');
  const [authority = ''] = text.slice(text.indexOf('://') + 3).split('/', 1);
  const colon = authority.indexOf(':');
  if (colon === -1) return { kind: 'pin', pin: { host: authority.toLowerCase(), ports: [80, 443], address } };
  const port = stoi(authority.slice(colon + 1));
  if (port === undefined || port <= 0 || port > 65535) return unusable('PowerDNS reads no valid port in the URL');
  return { kind: 'pin', pin: { host: authority.slice(0, colon).toLowerCase(), ports: [port], address } };
}

/** The address that a connection for `url` goes to, or undefined where the host is resolved as usual. */
export function pinnedAddress(pin: Pin | undefined, url: ProbeUrl): string | undefined {
  if (pin === undefined || pin.host !== url.host.toLowerCase()) return undefined;
  return pin.ports.includes(url.port) ? pin.address : undefined;
}

/** Where a `Location` leads from `base`; blanks in it are encoded as libcurl does, not refused. */
export function resolveLocation(base: ProbeUrl, location: string): ParsedUrl {
  const reference = encodeLocation(location);
  if (/^[a-z][a-z0-9+.-]*:/i.test(reference)) {
    return /^[^:]*:\//.test(reference) ? parseProbeUrl(reference) : unusable('the location names no host');
  }
  const scheme = base.secure ? 'https' : 'http';
  if (reference.startsWith('//')) return parseProbeUrl(`${scheme}:${reference}`);
  const userInfo = base.userInfo === undefined ? '' : `${base.userInfo}@`;
  const origin = `${scheme}://${userInfo}${base.hostHeader}`;
  const [path = '/'] = base.target.split('?', 1);
  if (reference.startsWith('/')) return parseProbeUrl(`${origin}${reference}`);
  if (reference.startsWith('#')) return parseProbeUrl(`${origin}${base.target}`);
  if (reference.startsWith('?')) return parseProbeUrl(`${origin}${path}${reference}`);
  return parseProbeUrl(`${origin}${path.slice(0, path.lastIndexOf('/') + 1)}${reference}`);
}

const HOST_REFUSED = /[\s/:#?!@{}[\]\\$'"^`*<>=;,+&()%]/;

function hasBlankOrControl(text: string): boolean {
  return Array.from(text).some((character) => character <= ' ' || character === '\x7f');
}

function unusable(reason: string): Unusable {
  return { kind: 'unusable', reason };
}

function splitScheme(text: string): { scheme: string; rest: string } {
  const match = /^([a-z][a-z0-9+.-]*):\/{1,3}(.*)$/is.exec(text);
  return match === null
    ? { scheme: 'http', rest: text }
    : { scheme: (match[1] ?? '').toLowerCase(), rest: match[2] ?? '' };
}

function splitAuthority(
  authority: string,
): { host: string; port: number | undefined; userInfo: string | undefined } | undefined {
  const at = authority.lastIndexOf('@');
  const userInfo = at === -1 ? undefined : authority.slice(0, at);
  const match = /^(\[[^\]]*\]|[^:]*)(?::(\d*))?$/s.exec(authority.slice(at + 1));
  if (match === null) return undefined;
  const host = connectableHost(match[1] ?? '');
  const digits = match[2] ?? '';
  const port = digits === '' ? undefined : Number(digits);
  if (host === undefined || (port !== undefined && (port < 1 || port > 65535))) return undefined;
  return { host, port, userInfo };
}

function connectableHost(written: string): string | undefined {
  if (written.startsWith('[')) {
    const literal = written.slice(1, -1);
    return isIPv6(literal) ? literal : undefined;
  }
  if (written === '' || HOST_REFUSED.test(written)) return undefined;
  const ascii = domainToASCII(written);
  // libcurl turns `127.1` and `0x7f.1` into four decimal parts, and international names into ASCII; other names keep
  // their case.
  if (isIPv4(ascii) || /[^ -~]/.test(written)) return ascii === '' ? undefined : ascii;
  return written;
}

function requestTarget(afterAuthority: string): string {
  const [beforeFragment = ''] = afterAuthority.split('#', 1);
  const question = beforeFragment.indexOf('?');
  const path = question === -1 ? beforeFragment : beforeFragment.slice(0, question);
  const query = question === -1 ? '' : beforeFragment.slice(question);
  return encodeHighBytes(`${removeDotSegments(path === '' ? '/' : path)}${query}`);
}

function removeDotSegments(path: string): string {
  const kept: string[] = [];
  const segments = path.split('/').slice(1);
  for (const [index, segment] of segments.entries()) {
    const last = index === segments.length - 1;
    if (segment === '..') kept.pop();
    else if (segment !== '.') kept.push(segment);
    if (last && (segment === '.' || segment === '..')) kept.push('');
  }
  return `/${kept.join('/')}`;
}

function encodeLocation(location: string): string {
  const [path = '', ...query] = location.split('?');
  const rest = query.length === 0 ? '' : `?${query.join('?').replaceAll(' ', '+')}`;
  return `${path.replaceAll(' ', '%20')}${rest}`;
}

function encodeHighBytes(text: string): string {
  return text.replace(/[^ -~]+/g, (run) =>
    Array.from(Buffer.from(run), (byte) => `%${byte.toString(16).padStart(2, '0')}`).join(''),
  );
}
