/**
 * Address text as glibc reads and writes it (2.17 up to today). PowerDNS leaves all address text to these four functions,
 * so their leniency is PowerDNS's leniency. IPv4 values are unsigned 32-bit numbers.
 */

const DOT = 0x2e;
const COLON = 0x3a;
const ZERO = 0x30;
const LOWER_X = 0x78;

/** `inet_pton(AF_INET)` on `text[start, end)`: four decimal octets, no leading zeros. −1 when refused. */
export function readDottedQuad(text: string, start = 0, end = text.length): number {
  let value = 0;
  let octet = -1;
  let octets = 0;
  for (let index = start; index < end; index++) {
    const code = text.charCodeAt(index);
    const digit = code - ZERO;
    if (digit >= 0 && digit <= 9) {
      if (octet === -1) {
        if (++octets > 4) return -1;
        octet = digit;
      } else {
        if (octet === 0) return -1;
        octet = octet * 10 + digit;
        if (octet > 255) return -1;
      }
    } else if (code === DOT && octet !== -1 && octets < 4) {
      value = value * 256 + octet;
      octet = -1;
    } else {
      return -1;
    }
  }
  return octets === 4 && octet !== -1 ? value * 256 + octet : -1;
}

/**
 * `inet_aton`: one to four parts, each decimal, octal (`0…`) or hexadecimal (`0x…`); the last part fills the octets that
 * are left; anything may follow a blank. −1 when refused.
 */
export function readAton(text: string): number {
  const largestLast = [0xffffffff, 0xffffff, 0xffff, 0xff] as const;
  let value = 0;
  let index = 0;
  for (let part = 0; part < 4; part++) {
    const number = readCNumber(text, index);
    if (number === undefined) return -1;
    index = number.end;
    if (text.charCodeAt(index) === DOT) {
      if (number.value > 0xff) return -1;
      value = value * 256 + number.value;
      index++;
      continue;
    }
    if (index < text.length && !isBlank(text.charCodeAt(index))) return -1;
    if (number.value > (largestLast[part] ?? 0)) return -1;
    return value * 256 ** (4 - part) + number.value;
  }
  return -1;
}

/** `inet_pton(AF_INET6)`: 16 bytes in network order, or undefined when refused. */
export function readIpv6(text: string): Uint8Array | undefined {
  const bytes = new Uint8Array(16);
  const end = text.length;
  let filled = 0;
  let gap = -1;
  let group = 0;
  let digits = 0;
  let index = 0;
  if (text.charCodeAt(0) === COLON) {
    if (text.charCodeAt(1) !== COLON) return undefined;
    index = 1;
  }
  let groupStart = index;
  while (index < end) {
    const code = text.charCodeAt(index++);
    const digit = hexDigit(code);
    if (digit >= 0) {
      if (++digits > 4) return undefined;
      group = group * 16 + digit;
      continue;
    }
    if (code === COLON) {
      groupStart = index;
      if (digits === 0) {
        if (gap !== -1) return undefined;
        gap = filled;
        continue;
      }
      if (index === end || filled > 14) return undefined;
      bytes[filled++] = group >> 8;
      bytes[filled++] = group & 0xff;
      digits = 0;
      group = 0;
      continue;
    }
    if (code !== DOT || filled > 12) return undefined;
    const embedded = readDottedQuad(text, groupStart);
    if (embedded === -1) return undefined;
    writeUint32(bytes, filled, embedded);
    filled += 4;
    digits = 0;
    break;
  }
  if (digits > 0) {
    if (filled > 14) return undefined;
    bytes[filled++] = group >> 8;
    bytes[filled++] = group & 0xff;
  }
  if (gap !== -1) {
    if (filled === 16) return undefined;
    bytes.copyWithin(16 - (filled - gap), gap, filled);
    bytes.fill(0, gap, 16 - (filled - gap));
    return bytes;
  }
  return filled === 16 ? bytes : undefined;
}

/** `inet_ntop(AF_INET6)`: longest run of two or more zero groups as `::`, the first of equals; IPv4 tail where glibc does. */
export function writeIpv6(bytes: Uint8Array): string {
  const groups: number[] = [];
  for (let index = 0; index < 16; index += 2) groups.push(((bytes[index] ?? 0) << 8) | (bytes[index + 1] ?? 0));
  const gap = longestZeroRun(groups);
  const embedsIpv4 = gap.start === 0 && (gap.length === 6 || (gap.length === 5 && groups[5] === 0xffff));
  const hex = (from: number, to: number) =>
    groups
      .slice(from, to)
      .map((group) => group.toString(16))
      .join(':');
  if (embedsIpv4) return `::${gap.length === 5 ? 'ffff:' : ''}${bytes.subarray(12, 16).join('.')}`;
  if (gap.length < 2) return hex(0, 8);
  return `${hex(0, gap.start)}::${hex(gap.start + gap.length, 8)}`;
}

/** Puts an unsigned 32-bit number into `bytes` in network order. */
export function writeUint32(bytes: Uint8Array, offset: number, value: number): void {
  bytes[offset] = value >>> 24;
  bytes[offset + 1] = value >>> 16;
  bytes[offset + 2] = value >>> 8;
  bytes[offset + 3] = value;
}

/** C's `isspace` in the C locale. */
export function isBlank(code: number): boolean {
  return code === 0x20 || (code >= 0x09 && code <= 0x0d);
}

/** `strtoul` with base 0 at a digit: undefined if there is no digit at `start`. The value is capped above 32 bits. */
function readCNumber(text: string, start: number): { value: number; end: number } | undefined {
  const first = text.charCodeAt(start) - ZERO;
  if (!(first >= 0 && first <= 9)) return undefined;
  let base = 10;
  let index = start;
  if (first === 0) {
    base = 8;
    if ((text.charCodeAt(start + 1) | 0x20) === LOWER_X && hexDigit(text.charCodeAt(start + 2)) >= 0) {
      base = 16;
      index = start + 2;
    }
  }
  let value = 0;
  for (; index < text.length; index++) {
    const digit = hexDigit(text.charCodeAt(index));
    if (digit < 0 || digit >= base) break;
    value = Math.min(value * base + digit, 2 ** 33);
  }
  return { value, end: index };
}

function hexDigit(code: number): number {
  if (code >= ZERO && code <= ZERO + 9) return code - ZERO;
  const lower = code | 0x20;
  return lower >= 0x61 && lower <= 0x66 ? lower - 0x57 : -1;
}

function longestZeroRun(groups: readonly number[]): { start: number; length: number } {
  let best = { start: -1, length: 0 };
  let start = 0;
  for (let index = 0; index <= groups.length; index++) {
    if (groups[index] === 0) continue;
    if (index - start > best.length) best = { start, length: index - start };
    start = index + 1;
  }
  return best;
}
