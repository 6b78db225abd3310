/**
 * A record's data from a zone file in the spelling PowerDNS serves it in: names absolute, addresses and numbers in their
 * one form, strings quoted with their escapes kept.
 *
 * Which names are completed with the origin is PowerDNS's choice (4.7.3): it does so for NS, CNAME, DNAME, PTR, MX, SRV,
 * RP, AFSDB and SOA. In other types (ALIAS, NAPTR, HTTPS, …) `foo` means `foo.`.
 */

import { formatAddress, parseAddress } from '../../geoip/address.ts';
import { UserError } from '../../input/errors.ts';
import { absoluteName, canonicalName } from './name.ts';
import type { SourcePlace } from './record.ts';
import { canonicalType } from './record-type.ts';
import { type Word, zoneError } from './zonefile-text.ts';

/** What is found out on the way. */
interface Found {
  /** The first word that lacks its quotes. */
  unquoted: Word | undefined;
}

/** Data with its quotes, and the first word that was written without them, which PowerDNS forgives since 5.1. */
export interface ReadData {
  readonly rdata: string;
  readonly unquoted: Word | undefined;
}

/**
 * The data of a static record of `type`. `end` is where the record ends, for data that is missing. Throws
 * `E_ZONE_SYNTAX`. PowerDNS itself refuses most of it only when asked: it loads the zone and answers SERVFAIL.
 */
export function staticRdata(type: string, written: readonly Word[], origin: string, end: SourcePlace): ReadData {
  const words = type === 'TXT' ? wholeText(written) : written;
  const [first] = words;
  if (first === undefined) throw zoneError(end, `the ${type} record has no data`, 'Write its data behind the type.');
  const layout = LAYOUTS[type] ?? (type.startsWith('TYPE') ? ['opaque'] : ['words']);
  // A lone @ is the origin for PowerDNS even where it completes no name.
  if (words.length === 1 && first.text === '@' && layout[0] === 'rootName') {
    return { rdata: canonicalName(origin), unquoted: undefined };
  }
  const surplus = takesRest(layout.at(-1)) ? undefined : words[layout.length];
  if (surplus !== undefined) {
    throw zoneError(surplus.place, `'${surplus.text}' is more than a ${type} record holds`, expected(type, layout));
  }
  const fields = layout.slice(0, layout.at(-1) === 'parameters' ? Math.max(words.length, 2) : undefined);
  const found: Found = { unquoted: undefined };
  const texts = fields.map((field, index) => {
    const [word, ...rest] = words.slice(index);
    if (word === undefined) throw zoneError(end, `the ${type} record ends too early`, expected(type, layout));
    return readField(field, [word, ...rest], origin, found);
  });
  return { rdata: texts.join(' '), unquoted: found.unquoted };
}

/** A TXT record that does not begin with a quote is one string to its end, blanks and all. */
function wholeText(words: readonly Word[]): readonly Word[] {
  const [first] = words;
  if (first === undefined || words.some(({ text }) => text.includes('"'))) return words;
  const text = words.reduce(
    (before, word, i) => before + (i === 0 ? '' : gapBetween(words[i - 1], word)) + word.text,
    '',
  );
  return [{ ...first, text: `"${text}"` }];
}

/** The blanks between two words of a line; one where a line ends between them. */
function gapBetween(before: Word | undefined, word: Word): string {
  const isSameLine = before?.place.line === word.place.line;
  return isSameLine && before !== undefined ? ' '.repeat(word.offset - before.offset - before.text.length) : ' ';
}

/** The covered type and the text of a LUA record, as PowerDNS's API shows them. Throws `E_ZONE_SYNTAX`. */
export function luaRdata(
  words: readonly Word[],
  end: SourcePlace,
): { type: string; text: string; unquoted: Word | undefined } {
  const [covered, ...chunks] = words;
  if (covered === undefined || covered.text.startsWith('"')) {
    throw zoneError(covered?.place ?? end, 'the LUA record does not say which type it yields', LUA_EXAMPLE);
  }
  if (covered.text === '\\#') {
    throw zoneError(covered.place, 'PowerDNS does not read LUA records in \\# form', LUA_EXAMPLE);
  }
  const type = canonicalType(covered.text);
  if (type === undefined) throw zoneError(covered.place, `'${covered.text}' is no record type`, LUA_EXAMPLE);
  if (chunks.length === 0) throw zoneError(end, 'the LUA record has no code', LUA_EXAMPLE);
  const found: Found = { unquoted: undefined };
  const text = chunks.map((chunk, index) => quoted(chunk, index === chunks.length - 1, found)).join(' ');
  return { type, text, unquoted: found.unquoted };
}

const LUA_EXAMPLE = `Write it like: www 30 IN LUA A "pickrandom({'192.0.2.1', '192.0.2.2'})"`;

type Field =
  | 'name'
  | 'rootName'
  | 'ipv4'
  | 'ipv6'
  | 'u8'
  | 'u16'
  | 'seconds'
  | 'word'
  | 'string'
  | 'strings'
  | 'words'
  | 'hex'
  | 'base64'
  | 'parameters'
  | 'opaque';

const LAYOUTS: Readonly<Record<string, readonly Field[]>> = {
  A: ['ipv4'],
  AAAA: ['ipv6'],
  NS: ['name'],
  CNAME: ['name'],
  DNAME: ['name'],
  PTR: ['name'],
  MX: ['u16', 'name'],
  SRV: ['u16', 'u16', 'u16', 'name'],
  RP: ['name', 'name'],
  AFSDB: ['u16', 'name'],
  SOA: ['name', 'name', 'seconds', 'seconds', 'seconds', 'seconds', 'seconds'],
  ALIAS: ['rootName'],
  MB: ['rootName'],
  MG: ['rootName'],
  MR: ['rootName'],
  MINFO: ['rootName', 'rootName'],
  KX: ['u16', 'rootName'],
  NAPTR: ['u16', 'u16', 'string', 'string', 'string', 'rootName'],
  SVCB: ['u16', 'rootName', 'parameters'],
  HTTPS: ['u16', 'rootName', 'parameters'],
  TXT: ['strings'],
  SPF: ['strings'],
  HINFO: ['string', 'string'],
  CAA: ['u8', 'word', 'string'],
  URI: ['u16', 'u16', 'string'],
  DS: ['u16', 'u8', 'u8', 'hex'],
  CDS: ['u16', 'u8', 'u8', 'hex'],
  DLV: ['u16', 'u8', 'u8', 'hex'],
  SSHFP: ['u8', 'u8', 'hex'],
  TLSA: ['u8', 'u8', 'u8', 'hex'],
  SMIMEA: ['u8', 'u8', 'u8', 'hex'],
  DNSKEY: ['u16', 'u8', 'u8', 'base64'],
  CDNSKEY: ['u16', 'u8', 'u8', 'base64'],
  CERT: ['word', 'word', 'word', 'base64'],
  OPENPGPKEY: ['base64'],
  DHCID: ['base64'],
  OPT: ['opaque'],
  ANY: ['opaque'],
  AXFR: ['opaque'],
  IXFR: ['opaque'],
};

function expected(type: string, layout: readonly Field[]): string {
  return `PowerDNS expects: ${type} ${layout.map((field) => FIELD_WORDS[field]).join(' ')}`;
}

const FIELD_WORDS: Readonly<Record<Field, string>> = {
  name: '<name>',
  rootName: '<name with its final dot>',
  ipv4: '<IPv4 address>',
  ipv6: '<IPv6 address>',
  u8: '<0-255>',
  u16: '<0-65535>',
  seconds: '<seconds>',
  word: '<word>',
  string: '"<text>"',
  strings: '"<text>" …',
  words: '…',
  hex: '<hex digits>',
  base64: '<base64>',
  parameters: '<key>=<value> …',
  opaque: '\\# <bytes> <hex digits>',
};

function takesRest(field: Field | undefined): boolean {
  return field !== undefined && REST_FIELDS.has(field);
}

const REST_FIELDS: ReadonlySet<Field> = new Set(['strings', 'words', 'hex', 'base64', 'parameters', 'opaque']);

/** The field that starts at the first word of `rest`. */
function readField(field: Field, rest: readonly [Word, ...Word[]], origin: string, found: Found): string {
  const [word] = rest;
  switch (field) {
    case 'name':
      return nameAt(word, origin);
    case 'rootName':
      return rootNameAt(word);
    case 'ipv4':
      return ipv4(word);
    case 'ipv6':
      return ipv6(word);
    case 'u8':
      return integer(word, 0xff);
    case 'u16':
      return integer(word, 0xffff);
    case 'seconds':
      return String(secondsAt(word));
    case 'word':
      return word.text;
    case 'string':
      return quoted(word, rest.length === 1, found);
    case 'strings':
      return rest.map((chunk, index) => quoted(chunk, index === rest.length - 1, found)).join(' ');
    case 'words':
      return rest.map(({ text }) => text).join(' ');
    case 'hex':
      return hexDigits(rest);
    case 'base64':
      return rest.map(({ text }) => text).join('');
    case 'parameters':
      return serviceParameters(rest);
    case 'opaque':
      return opaque(rest);
  }
}

/** A name at a place of a zone file, completed with `origin`. */
export function nameAt(word: Word, origin: string): string {
  try {
    return absoluteName(word.text, origin);
  } catch (error) {
    if (!(error instanceof UserError)) throw error;
    throw zoneError(word.place, error.message, error.hint ?? '');
  }
}

/** A name that PowerDNS completes with nothing but the final dot; `@` is a label like any other. */
export function rootNameAt(word: Word): string {
  return nameAt(word.text === '@' ? { ...word, text: '@.' } : word, '.');
}

/** A number of seconds, with one unit (`5m`, `1h`, `2W`) or without. PowerDNS knows no `1h30m`. */
export function secondsAt(word: Word): number {
  const match = /^(\d+)([smhdwy]?)$/i.exec(word.text);
  const seconds = Number(match?.[1]) * (UNIT_SECONDS[match?.[2]?.toLowerCase() ?? ''] ?? Number.NaN);
  if (seconds <= 0xffffffff) return seconds;
  throw zoneError(word.place, `'${word.text}' is no time that PowerDNS reads`, secondsHint(word.text));
}

const UNIT_SECONDS: Readonly<Record<string, number>> = {
  '': 1,
  s: 1,
  m: 60,
  h: 3600,
  d: 86_400,
  w: 604_800,
  y: 31_536_000,
};

function secondsHint(text: string): string {
  const parts = [...text.matchAll(/(\d+)([smhdwy])/gi)];
  const sum = parts.reduce(
    (seconds, [, count, unit]) => seconds + Number(count) * (UNIT_SECONDS[unit?.toLowerCase() ?? ''] ?? 0),
    0,
  );
  return parts.length > 1 && parts.map(([part]) => part).join('') === text
    ? `It takes one number with at most one unit: write ${sum}.`
    : 'Write seconds up to 4294967295, or one number with one of the units s, m, h, d, w, y.';
}

function ipv4(word: Word): string {
  const parts = /^\d{1,9}(\.\d{1,9}){3}$/.test(word.text) ? word.text.split('.').map(Number) : [];
  if (parts.length === 4 && parts.every((part) => part <= 255)) return parts.join('.');
  throw zoneError(word.place, `'${word.text}' is no IPv4 address`, 'Write four numbers like 192.0.2.1.');
}

function ipv6(word: Word): string {
  const address = parseAddress(word.text);
  if (address?.family === 6) return formatAddress(address);
  throw zoneError(word.place, `'${word.text}' is no IPv6 address`, 'Write it like 2001:db8::1.');
}

function integer(word: Word, maximum: number): string {
  if (/^\d{1,9}$/.test(word.text) && Number(word.text) <= maximum) return String(Number(word.text));
  throw zoneError(
    word.place,
    `'${word.text}' is no number from 0 to ${maximum}`,
    `Write a number from 0 to ${maximum}.`,
  );
}

/** A string with its quotes. Every line of PowerDNS forgives missing ones around letters and digits at the very end of the record. */
function quoted(word: Word, isLast: boolean, found: Found): string {
  if (word.text.startsWith('"')) return word.text;
  if (!isLast || !/^[A-Za-z0-9]+$/.test(word.text)) found.unquoted ??= word;
  return `"${word.text.replaceAll('"', '\\"')}"`;
}

function hexDigits(words: readonly Word[]): string {
  const bad = words.find(({ text }) => !/^[0-9a-f]+$/i.test(text));
  if (bad !== undefined)
    throw zoneError(bad.place, `'${bad.text}' has other characters than hex digits`, 'Write 0-9 and a-f.');
  return words.map(({ text }) => text.toLowerCase()).join('');
}

/** PowerDNS sorts service parameters by their number and drops the quotes it does not need. */
function serviceParameters(words: readonly Word[]): string {
  const rank = ({ text }: Word) => {
    const key = text.split('=', 1)[0]?.toLowerCase() ?? '';
    const known = SERVICE_KEYS.indexOf(key);
    return known === -1 ? Number(/^key(\d+)$/.exec(key)?.[1] ?? SERVICE_KEYS.length) : known;
  };
  return words
    .toSorted((left, right) => rank(left) - rank(right))
    .map(({ text }) => text.replace(/^([^=]+)="([^" \\]+)"$/, '$1=$2'))
    .join(' ');
}

const SERVICE_KEYS: readonly string[] = ['mandatory', 'alpn', 'no-default-alpn', 'port', 'ipv4hint', 'ech', 'ipv6hint'];

function opaque(words: readonly [Word, ...Word[]]): string {
  const [mark, length, data, surplus] = words;
  const hex = data?.text ?? '';
  if (mark.text === '\\#' && length !== undefined && surplus === undefined) {
    if (/^\d{1,5}$/.test(length.text) && /^([0-9a-f]{2})*$/i.test(hex) && hex.length === Number(length.text) * 2) {
      return `\\# ${Number(length.text)} ${hex.toLowerCase()}`.trimEnd();
    }
  }
  const { place } = surplus ?? data ?? length ?? mark;
  throw zoneError(
    place,
    'a type without a name takes \\#, the number of bytes and so many bytes in hex',
    'Write it like \\# 2 ab01, with no blank inside the hex digits.',
  );
}
