/**
 * From the text that code returns (or a zone file holds) to canonical rdata, as PowerDNS's presentation-format parser
 * reads it. One bad text fails the whole response.
 */
import { formatAddress, parseAddress } from '../../geoip/address.ts';
import { pdns51 } from '../profile/pdns-5.1.ts';
import type { TextRules } from '../profile/profile.ts';
import { BadRdata, UnknownRdata } from './rdata/errors.ts';
import type { Field } from './rdata/fields.ts';
import { layoutOf } from './rdata/layouts.ts';
import { TextReader } from './rdata/text-reader.ts';
import { WireReader } from './rdata/wire-reader.ts';

export { quoteCharacterString } from './rdata/character-string.ts';

/** For text of our own making: `key9=` has the bytes behind it. */
const CANONICAL_RULES: TextRules = { ...pdns51.text, numbersAreNames: false };

export type ParsedRdata =
  | { readonly kind: 'rdata'; readonly rdata: string }
  | { readonly kind: 'invalid'; readonly reason: string }
  /** Data whose wire form is not known here. */
  | { readonly kind: 'unsupported'; readonly reason: string };

/** Rdata of `type` from a text that code returned (a binary string), by the rules of a release line. */
export function parseRdata(type: string, text: string, rules: TextRules): ParsedRdata {
  if (type === 'A') return parseA(text);
  if (type === 'AAAA') return parseAaaa(text);
  return parseByLayout(type, type === 'TXT' ? `"${text}"` : text, rules);
}

/**
 * Rdata of a static record, for comparison: canonical where the type is known, else as it was written. Without rules of a
 * release line, by those of the newest.
 */
export function canonicalRdata(type: string, text: string, rules: TextRules = pdns51.text): string {
  const isAddress = type === 'A' || type === 'AAAA';
  const parsed = isAddress ? parseRdata(type, text, rules) : parseByLayout(type, toBinary(text), rules);
  return parsed.kind === 'rdata' ? parsed.rdata : text;
}

/** A piece of record data on its way to a message. */
export interface RdataPart {
  readonly kind: 'bytes' | 'verbatim name' | 'compressible name';
  /** A name is in wire format. */
  readonly bytes: Uint8Array;
}

/**
 * The data of a record in the order it goes out, from its text. Names stand apart, so that a message can compress them or
 * point to them; which ones are compressed is PowerDNS's choice (measured on 4.7.3, 4.9.17 and 5.1.5): those of the types
 * that RFC 1035 defines and no other. Without rules of a release line the text
 * is one that was shown here, or by those of the newest.
 *
 * Throws `E_RDATA_SYNTAX` for a text that PowerDNS refuses, `E_RDATA_UNSUPPORTED` where its bytes are not known here.
 */
export function rdataParts(type: string, text: string, rules: TextRules = CANONICAL_RULES): readonly RdataPart[] {
  return partsOf(type, toBinary(text), rules);
}

/** The bytes of a record's data, names not compressed. Throws as `rdataParts` does. */
export function rdataBytes(type: string, text: string, rules: TextRules = CANONICAL_RULES): Uint8Array {
  return wholeOf(rdataParts(type, text, rules));
}

/**
 * The canonical text of a record's data, from its bytes: the same that predictions hold. Undefined for types without a
 * layout here and for data that breaks it; names in `bytes` must not be compressed.
 */
export function presentRdata(type: string, bytes: Uint8Array): string | undefined {
  try {
    return show(type, bytes);
  } catch (error) {
    if (error instanceof BadRdata) return undefined;
    throw error;
  }
}

function show(type: string, bytes: Uint8Array): string | undefined {
  const layout = layoutOf(type);
  if (layout === undefined) return undefined;
  const reader = new WireReader(bytes);
  const fields = layout.map((field) => field.show(reader)).filter((field) => field !== '');
  return reader.atEnd ? fields.join(' ') : undefined;
}

/** `text` is a binary string. */
function partsOf(type: string, text: string, rules: TextRules): readonly RdataPart[] {
  const layout = layoutOf(type);
  if (layout === undefined) throw new UnknownRdata(`the data of ${type} records is not known here`);
  if (type === 'LOC' && /^\s/.test(text)) throw new UnknownRdata('PowerDNS misreads a location behind a blank');
  const reader = new TextReader(text, rules);
  const parts = layout.map((field) => ({ kind: kindOf(field), bytes: Uint8Array.from(field.parse(reader)) }));
  if (!reader.atEnd) throw new BadRdata(`'${text}' goes on behind the data of a ${type} record`);
  refuseForbidden(type, parts);
  return parts;
}

function kindOf({ name }: Field): RdataPart['kind'] {
  return name === undefined ? 'bytes' : `${name} name`;
}

/** What PowerDNS refuses although every field is right. */
function refuseForbidden(type: string, [first, , third]: readonly RdataPart[]): void {
  const beginsWithZero = first?.bytes.every((byte) => byte === 0);
  if (type === 'CERT' && beginsWithZero) throw new BadRdata('0 is no kind of certificate');
  const hasParameters = (type === 'SVCB' || type === 'HTTPS') && third !== undefined && third.bytes.length > 0;
  if (hasParameters && beginsWithZero) throw new BadRdata('a service record with priority 0 takes no parameters');
}

function wholeOf(parts: readonly RdataPart[]): Uint8Array {
  return Uint8Array.from(parts.flatMap(({ bytes }) => [...bytes]));
}

function parseByLayout(type: string, text: string, rules: TextRules): ParsedRdata {
  if (type === 'ANY') return { kind: 'invalid', reason: 'no record is of type ANY' };
  try {
    const rdata = show(type, wholeOf(partsOf(type, text, rules)));
    return rdata === undefined
      ? { kind: 'unsupported', reason: `'${text}' cannot be shown` }
      : { kind: 'rdata', rdata };
  } catch (error) {
    if (error instanceof BadRdata) return { kind: 'invalid', reason: error.message };
    if (error instanceof UnknownRdata) return { kind: 'unsupported', reason: error.message };
    throw error;
  }
}

/** The commonest type by far, so it has a way of its own. */
function parseA(text: string): ParsedRdata {
  if (PLAIN_QUAD.test(text)) return { kind: 'rdata', rdata: text };
  const parts = text.trim().split('.');
  const isQuad = parts.length === 4 && parts.every((part) => /^\d{1,10}$/.test(part) && Number(part) <= 255);
  if (!isQuad) return { kind: 'invalid', reason: `'${text}' is no IPv4 address` };
  return { kind: 'rdata', rdata: parts.map(Number).join('.') };
}

const PLAIN_QUAD = /^(?:(?:25[0-5]|2[0-4]\d|1\d\d|[1-9]?\d)(?:\.(?=\d)|$)){4}$/;

function parseAaaa(text: string): ParsedRdata {
  const address = parseAddress(text.trim());
  if (address?.family !== 6) return { kind: 'invalid', reason: `'${text}' is no IPv6 address` };
  return { kind: 'rdata', rdata: formatAddress(address) };
}

/** Zone text holds characters; PowerDNS reads bytes. */
function toBinary(text: string): string {
  return /[^ -~]/.test(text) ? Buffer.from(text, 'utf8').toString('latin1') : text;
}
