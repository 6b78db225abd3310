/**
 * From the text that code returns (or a zone file holds) to canonical rdata, as PowerDNS's presentation-format parser
 * reads it. One bad text fails the whole response.
 */
import { formatAddress, parseAddress } from '../../geoip/address.ts';
import { UserError } from '../../geoip/errors.ts';
import { canonicalName } from '../zone/name.ts';

export type ParsedRdata =
  | { readonly kind: 'rdata'; readonly rdata: string }
  | { readonly kind: 'invalid'; readonly reason: string }
  /** A type whose presentation format is not known here. */
  | { readonly kind: 'unsupported'; readonly reason: string };

/** Rdata of `type` from a text that code returned (a binary string). */
export function parseRdata(type: string, text: string): ParsedRdata {
  switch (type) {
    case 'A':
      return parseA(text);
    case 'AAAA':
      return parseAaaa(text);
    case 'TXT':
      return parseTxt(`"${text}"`);
    case 'CNAME':
    case 'NS':
    case 'PTR':
    case 'DNAME':
      return parseFields(text, ['name']);
    case 'MX':
      return parseFields(text, ['number', 'name']);
    case 'SRV':
      return parseFields(text, ['number', 'number', 'number', 'name']);
    default:
      return { kind: 'unsupported', reason: `records of type ${type} made by code are not simulated` };
  }
}

/** Rdata of a static record, for comparison: canonical where the type is known, else as it was written. */
export function canonicalRdata(type: string, text: string): string {
  const parsed = type === 'TXT' ? parseTxt(text) : parseRdata(type, text);
  return parsed.kind === 'rdata' ? parsed.rdata : text;
}

/** One character-string as text: printable ASCII as it is, quotes and backslashes escaped, other bytes as `\DDD`. */
export function quoteCharacterString(bytes: Uint8Array): string {
  let text = '"';
  for (const byte of bytes) {
    if (byte === 0x22 || byte === 0x5c) text += `\\${String.fromCharCode(byte)}`;
    else if (byte < 0x20 || byte > 0x7e) text += `\\${byte.toString().padStart(3, '0')}`;
    else text += String.fromCharCode(byte);
  }
  return `${text}"`;
}

const MAX_CHARACTER_STRING = 255;

function parseA(text: string): ParsedRdata {
  const parts = text.trim().split('.');
  const isQuad = parts.length === 4 && parts.every((part) => /^\d{1,10}$/.test(part) && Number(part) <= 255);
  if (!isQuad) return { kind: 'invalid', reason: `'${text}' is no IPv4 address` };
  return { kind: 'rdata', rdata: parts.map(Number).join('.') };
}

function parseAaaa(text: string): ParsedRdata {
  const address = parseAddress(text.trim());
  if (address?.family !== 6) return { kind: 'invalid', reason: `'${text}' is no IPv6 address` };
  return { kind: 'rdata', rdata: formatAddress(address) };
}

function parseTxt(text: string): ParsedRdata {
  const strings: Uint8Array[] = [];
  const rest = /\s*"((?:[^"\\]|\\[\s\S])*)"/y;
  let end = 0;
  for (let match = rest.exec(text); match !== null; match = rest.exec(text)) {
    end = rest.lastIndex;
    strings.push(...splitLong(unescape(match[1] ?? '')));
  }
  if (strings.length === 0 || text.slice(end).trim() !== '') {
    return { kind: 'invalid', reason: `${text} is not a sequence of quoted strings` };
  }
  return { kind: 'rdata', rdata: strings.map(quoteCharacterString).join(' ') };
}

function splitLong(bytes: Uint8Array): Uint8Array[] {
  const parts: Uint8Array[] = [];
  for (let at = 0; at === 0 || at < bytes.length; at += MAX_CHARACTER_STRING) {
    parts.push(bytes.subarray(at, at + MAX_CHARACTER_STRING));
  }
  return parts;
}

function unescape(text: string): Uint8Array {
  const bytes: number[] = [];
  for (let i = 0; i < text.length; i++) {
    if (text[i] !== '\\') {
      bytes.push(text.charCodeAt(i) & 0xff);
      continue;
    }
    const digits = /^\d{3}/.exec(text.slice(i + 1, i + 4))?.[0];
    bytes.push(digits === undefined ? text.charCodeAt(i + 1) & 0xff : Number(digits) & 0xff);
    i += digits === undefined ? 1 : 3;
  }
  return Uint8Array.from(bytes);
}

function parseFields(text: string, kinds: readonly ('number' | 'name')[]): ParsedRdata {
  const fields = text.trim().split(/\s+/);
  if (fields.length !== kinds.length) return { kind: 'invalid', reason: `'${text}' does not have ${kinds.length} fields` };
  const canonical: string[] = [];
  for (const [i, kind] of kinds.entries()) {
    const field = fields[i] ?? '';
    const value = kind === 'name' ? nameField(field) : numberField(field);
    if (value === undefined) return { kind: 'invalid', reason: `'${field}' in '${text}' is no ${kind}` };
    canonical.push(value);
  }
  return { kind: 'rdata', rdata: canonical.join(' ') };
}

function numberField(field: string): string | undefined {
  return /^\d+$/.test(field) && Number(field) <= 65_535 ? `${Number(field)}` : undefined;
}

/** A missing final dot makes no difference; nothing is relative to the zone. */
function nameField(field: string): string | undefined {
  if (field === '') return undefined;
  try {
    return canonicalName(field);
  } catch (error) {
    if (error instanceof UserError) return undefined;
    throw error;
  }
}
