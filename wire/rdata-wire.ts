/**
 * Data of a record from presentation format to the wire: what `rdata-text` reads, and the types that zones hold besides.
 * The text is what the simulator and a zone file give: names absolute, strings quoted, `\# length hex` for anything.
 */
import { UserError } from '../geoip/errors.ts';
import { typeNumber } from '../simulator/zone/record-type.ts';
import { type Field, fields, groups, type RdataPart, type Word, WordReader } from './rdata-wire-field.ts';
import { location } from './rdata-wire-loc.ts';
import { serviceParameters } from './rdata-wire-svcb.ts';

export type { RdataPart } from './rdata-wire-field.ts';

/**
 * The data of a record of `type` in the order it goes out; names are kept apart so that a message can compress them.
 * Which ones may be compressed is PowerDNS's choice (measured on 4.7.3, 4.9.17 and 5.1.5): those of the types that
 * RFC 1035 defines and no other.
 *
 * Throws `E_RDATA_SYNTAX` for a text that is no data of that type, or of a type that has no presentation format here, and
 * `E_NAME_SYNTAX` for a name in it that no message can hold.
 */
export function rdataParts(type: string, rdata: string): readonly RdataPart[] {
  const words = wordsOf(rdata, type);
  if (words[0]?.text === '\\#') return [opaque(type, words)];
  const layout = LAYOUTS[type];
  if (layout === undefined) {
    const known = typeNumber(type) === undefined ? 'is no record type' : 'has no presentation format here';
    throw rdataError(type, rdata, `${type} ${known}`, 'Write the data as \\# <bytes> <hex digits>.');
  }
  const reader = new WordReader(words);
  try {
    const parts = layout.map((field) => field(reader));
    if (reader.isDone()) return parts;
  } catch (error) {
    if (!(error instanceof RangeError)) throw error;
    throw rdataError(type, rdata, error.message);
  }
  throw rdataError(type, rdata, 'there is more text than the type holds');
}

/** The data of a record without compression, as signatures and `\#` see it. Throws as `rdataParts` does. */
export function rdataBytes(type: string, rdata: string): Buffer {
  return Buffer.concat(rdataParts(type, rdata).map((part) => (part.kind === 'name' ? part.name : part.bytes)));
}

const { u8, u16, u32, ipv4, ipv6, name, compressedName, string, strings, tag, restAsString, hex, base64 } = fields;
const { salt, base32Hash, typeBitmap, coveredType, signatureTime } = fields;

const LAYOUTS: Readonly<Record<string, readonly Field[]>> = {
  A: [ipv4],
  NS: [compressedName],
  CNAME: [compressedName],
  SOA: [compressedName, compressedName, u32, u32, u32, u32, u32],
  MB: [compressedName],
  MG: [compressedName],
  MR: [compressedName],
  PTR: [compressedName],
  HINFO: [string, string],
  MINFO: [compressedName, compressedName],
  MX: [u16, compressedName],
  TXT: [strings],
  RP: [name, name],
  AFSDB: [u16, name],
  KEY: [u16, u8, u8, base64],
  AAAA: [ipv6],
  LOC: [location],
  SRV: [u16, u16, u16, name],
  NAPTR: [u16, u16, string, string, string, name],
  KX: [u16, name],
  CERT: [u16, u16, u8, base64],
  DNAME: [name],
  DS: [u16, u8, u8, hex],
  SSHFP: [u8, u8, hex],
  RRSIG: [coveredType, u8, u8, u32, signatureTime, signatureTime, u16, name, base64],
  NSEC: [name, typeBitmap],
  DNSKEY: [u16, u8, u8, base64],
  DHCID: [base64],
  NSEC3: [u8, u8, u16, salt, base32Hash, typeBitmap],
  NSEC3PARAM: [u8, u8, u16, salt],
  TLSA: [u8, u8, u8, hex],
  SMIMEA: [u8, u8, u8, hex],
  RKEY: [u16, u8, u8, base64],
  CDS: [u16, u8, u8, hex],
  CDNSKEY: [u16, u8, u8, base64],
  OPENPGPKEY: [base64],
  CSYNC: [u32, u16, typeBitmap],
  ZONEMD: [u32, u8, u8, hex],
  SVCB: [u16, name, serviceParameters],
  HTTPS: [u16, name, serviceParameters],
  SPF: [strings],
  NID: [u16, groups(4, ':', 2)],
  L32: [u16, ipv4],
  L64: [u16, groups(4, ':', 2)],
  LP: [u16, name],
  EUI48: [groups(6, '-', 1)],
  EUI64: [groups(8, '-', 1)],
  URI: [u16, u16, restAsString],
  CAA: [u8, tag, restAsString],
  DLV: [u16, u8, u8, hex],
  ALIAS: [name],
  LUA: [coveredType, strings],
};

/** Cut at blanks outside quotes; quotes and escapes are kept, for their meaning hangs on the field. */
function wordsOf(rdata: string, type: string): readonly Word[] {
  const words: Word[] = [];
  const piece = /\s*("(?:\\[\s\S]|[^"\\])*"|(?:\\[\s\S]|[^\s"\\])(?:\\[\s\S]|"(?:\\[\s\S]|[^"\\])*"|[^\s"\\])*)/y;
  let end = 0;
  for (let match = piece.exec(rdata); match !== null; match = piece.exec(rdata)) {
    words.push({ text: match[1] ?? '' });
    end = piece.lastIndex;
  }
  if (rdata.slice(end).trim() === '') return words;
  throw rdataError(type, rdata, 'a string does not end', 'End it with a quote, and no lone backslash before it.');
}

function opaque(type: string, words: readonly Word[]): RdataPart {
  const [, length, ...digits] = words;
  const text = digits.map((word) => word.text).join('');
  if (
    /^\d{1,5}$/.test(length?.text ?? '') &&
    /^([0-9a-f]{2})*$/i.test(text) &&
    text.length === 2 * Number(length?.text)
  ) {
    return { kind: 'bytes', bytes: Buffer.from(text, 'hex') };
  }
  const written = words.map((word) => word.text).join(' ');
  throw rdataError(type, written, 'the length does not fit the hex digits', 'Write it like \\# 2 ab01.');
}

function rdataError(type: string, rdata: string, problem: string, hint?: string): UserError {
  const shown = rdata.length > 80 ? `${rdata.slice(0, 77)}...` : rdata;
  return new UserError('E_RDATA_SYNTAX', `'${shown}' is no data of a ${type} record: ${problem}`, {
    hint: `${hint === undefined ? '' : `${hint} `}PowerDNS answers SERVFAIL for a record that it cannot read.`,
  });
}
