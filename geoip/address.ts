import { isBlank, readAton, readDottedQuad, readIpv6, writeIpv6, writeUint32 } from './inet.ts';

/** An IP address. `bytes` holds 4 or 16 octets in network order and is never changed after it was made. */
export interface IpAddress {
  readonly family: 4 | 6;
  readonly bytes: Uint8Array;
}

/** A network: an address whose host bits are clear, and the number of leading bits that count. */
export interface Prefix {
  readonly address: IpAddress;
  readonly length: number;
}

/**
 * An address as the standards write it: `inet_pton`'s dotted quad (no leading zeros, no short forms) or RFC 4291 text with
 * or without an IPv4 tail. Undefined for everything else; see `parseComboAddress` for what PowerDNS's functions take.
 */
export function parseAddress(text: string): IpAddress | undefined {
  const quad = readDottedQuad(text);
  if (quad !== -1) return ipv4Address(quad);
  const bytes = readIpv6(text);
  return bytes && { family: 6, bytes };
}

/**
 * An address with an optional port, as PowerDNS's `ComboAddress(string)` reads it (the same from 4.7 to 5.1): IPv4 through
 * C's `inet_aton` (`203.28929`, `0xcb007101`, octal parts, text after a blank), `a.b.c.d:port`, IPv6, `[v6]` and
 * `[v6]:port`. `port` is 0 if none is given. Undefined where PowerDNS throws: host names, networks, `A 1.2.3.4`.
 *
 * A scoped address (`fe80::1%eth0`) is undefined too: whether PowerDNS takes it hangs on the interfaces of its machine.
 */
export function parseComboAddress(text: string): { address: IpAddress; port: number } | undefined {
  const quad = readDottedQuad(text);
  if (quad !== -1) return { address: ipv4Address(quad), port: 0 };
  return parseLenientIpv4(text) ?? parseBracketedIpv6(text);
}

/**
 * A network as PowerDNS's `Netmask(string)` reads it: host bits are allowed and cleared, a bare address means all bits, a
 * length beyond the address's bits is clamped (`/33` means `/32`). IPv4 must be a strict dotted quad here. Undefined where
 * PowerDNS throws.
 */
export function parseNetmask(text: string): Prefix | undefined {
  const slash = text.indexOf('/');
  const addressText = slash === -1 ? text : text.slice(0, slash);
  const quad = readDottedQuad(addressText);
  const address = quad === -1 ? parseBracketedIpv6(addressText)?.address : ipv4Address(quad);
  if (address === undefined) return undefined;
  const bits = addressBits(address);
  if (slash === -1 || slash === text.length - 1) return { address, length: bits };
  // std::stoull stops at the first character that is no digit, so `/24x` is `/24`.
  const digits = /^[\t-\r ]*\+?(\d+)/.exec(text.slice(slash + 1))?.[1];
  const length = Number(digits);
  if (digits === undefined || length > 255) return undefined;
  return prefixOf(address, Math.min(length, bits));
}

/** A network as people should write it: strict address, `/length` within its bits, host bits clear. */
export function parsePrefix(text: string): Prefix | undefined {
  const match = /^([^/]+)(?:\/(0|[1-9]\d{0,2}))?$/.exec(text);
  const address = parseAddress(match?.[1] ?? '');
  if (address === undefined) return undefined;
  const length = match?.[2] === undefined ? addressBits(address) : Number(match[2]);
  if (length > addressBits(address) || !sameAddress(maskAddress(address, length), address)) return undefined;
  return { address, length };
}

/** Text as glibc's `inet_ntop`, which is what PowerDNS prints: `192.0.2.1`, `2001:db8::1`, `::ffff:192.0.2.1`. */
export function formatAddress(address: IpAddress): string {
  const { bytes } = address;
  return address.family === 4 ? `${bytes[0]}.${bytes[1]}.${bytes[2]}.${bytes[3]}` : writeIpv6(bytes);
}

/** `192.0.2.0/24`. */
export function formatPrefix(prefix: Prefix): string {
  return `${formatAddress(prefix.address)}/${prefix.length}`;
}

/** The IPv4 address whose four octets are the unsigned 32-bit number `value`. */
export function ipv4Address(value: number): IpAddress {
  const bytes = new Uint8Array(4);
  writeUint32(bytes, 0, value);
  return { family: 4, bytes };
}

/** 32 or 128. */
export function addressBits(address: IpAddress): 32 | 128 {
  return address.family === 4 ? 32 : 128;
}

/** The network of `length` bits that holds `address`. */
export function prefixOf(address: IpAddress, length: number): Prefix {
  return { address: maskAddress(address, length), length };
}

/** `address` with everything after its first `length` bits cleared. */
export function maskAddress(address: IpAddress, length: number): IpAddress {
  if (length >= addressBits(address)) return address;
  const bytes = address.bytes.slice();
  const whole = length >> 3;
  bytes[whole] = (bytes[whole] ?? 0) & (0xff00 >> (length & 7));
  bytes.fill(0, whole + 1);
  return { family: address.family, bytes };
}

/** Whether `address` lies in `prefix`. Families never match each other: `0.0.0.0/0` holds no IPv6 address, mapped or not. */
export function prefixContains(prefix: Prefix, address: IpAddress): boolean {
  if (prefix.address.family !== address.family) return false;
  const network = prefix.address.bytes;
  const { bytes } = address;
  const whole = prefix.length >> 3;
  for (let index = 0; index < whole; index++) if (network[index] !== bytes[index]) return false;
  const mask = 0xff00 >> (prefix.length & 7);
  return (((network[whole] ?? 0) ^ (bytes[whole] ?? 0)) & mask & 0xff) === 0;
}

/** IPv4 before IPv6, then numerically. Negative, 0 or positive, for `sort`. */
export function compareAddresses(a: IpAddress, b: IpAddress): number {
  if (a.family !== b.family) return a.family - b.family;
  for (let index = 0; index < a.bytes.length; index++) {
    const difference = (a.bytes[index] ?? 0) - (b.bytes[index] ?? 0);
    if (difference !== 0) return difference;
  }
  return 0;
}

/** Same family, same bits. */
export function sameAddress(a: IpAddress, b: IpAddress): boolean {
  return compareAddresses(a, b) === 0;
}

function parseLenientIpv4(text: string): { address: IpAddress; port: number } | undefined {
  const colon = text.indexOf(':');
  const port = colon === -1 ? 0 : parsePort(text.slice(colon + 1));
  if (port === undefined) return undefined;
  const value = readAton(colon === -1 ? text : text.slice(0, colon));
  return value === -1 ? undefined : { address: ipv4Address(value), port };
}

function parseBracketedIpv6(text: string): { address: IpAddress; port: number } | undefined {
  const close = text.charCodeAt(0) === 0x5b ? text.indexOf(']') : -1;
  const bytes = readIpv6(close === -1 ? text : text.slice(1, close));
  if (bytes === undefined) return undefined;
  const address: IpAddress = { family: 6, bytes };
  if (close === -1 || close === text.length - 1) return { address, port: 0 };
  const port = text.charAt(close + 1) === ':' ? parsePort(text.slice(close + 2)) : undefined;
  return port === undefined ? undefined : { address, port };
}

/** C's `strtol` over the whole text, within 0…65535: blanks and a sign may lead. */
function parsePort(text: string): number | undefined {
  let start = 0;
  while (isBlank(text.charCodeAt(start))) start++;
  const match = /^(?:\+?(\d+)|-0+)$/.exec(text.slice(start));
  const port = Number(match?.[1] ?? 0);
  return match === null || port > 65535 ? undefined : port;
}
