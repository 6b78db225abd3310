/**
 * A record's data from a zone file in the spelling PowerDNS serves it in: names absolute, addresses and numbers in their
 * one form, strings quoted with their escapes kept.
 *
 * Which names are completed with the origin is PowerDNS's choice (4.7.3): it does so for NS, CNAME, DNAME, PTR, MX, SRV,
 * RP, AFSDB and SOA. In other types (ALIAS, NAPTR, HTTPS, …) `foo` means `foo.`.
 */

import { formatAddress, parseAddress } from '../../geoip/address.ts';
import { UserError } from '../../geoip/errors.ts';
import { absoluteName, canonicalName } from './name.ts';
import type { SourcePlace } from './record.ts';
import { canonicalType } from './record-type.ts';
import { type Word, zoneError } from './zonefile-text.ts';

/**
 * The data of a static record of `type`. `end` is where the record ends, for data that is missing. Throws
 * `E_ZONE_SYNTAX`. PowerDNS itself refuses most of it only when asked: it loads the zone and answers SERVFAIL.
 */
export function staticRdata(type: string, words: readonly Word[], origin: string, end: SourcePlace): string {
  const [first] = words;
  if (first === undefined) throw zoneError(end, `the ${type} record has no data`, 'Write its data behind the type.');
  if (words.length === 1 && first.text === '@') return canonicalName(origin);
  const layout = LAYOUTS[type] ?? (type.startsWith('TYPE') ? ['opaque'] : ['words']);
  return layout.map((field, index) => read(field, { type, words, index, origin, end })).join(' ');
}

/** The covered type and the text of a LUA record, as PowerDNS's API shows them. Throws `E_ZONE_SYNTAX`. */
export function luaRdata(words: readonly Word[], end: SourcePlace): { type: string; text: string } {
  const [covered, ...chunks] = words;
  if (covered === undefined || covered.text.startsWith('"')) {
    throw zoneError(covered?.place ?? end, 'the LUA record does not say which type it yields', LUA_EXAMPLE);
  }
  if (covered.text === '\\#') throw zoneError(covered.place, 'PowerDNS does not read LUA records in \\# form', LUA_EXAMPLE);
  const type = canonicalType(covered.text);
  if (type === undefined) throw zoneError(covered.place, `'${covered.text}' is no record type`, LUA_EXAMPLE);
  if (chunks.length === 0) throw zoneError(end, 'the LUA record has no code', LUA_EXAMPLE);
  return { type, text: chunks.map((chunk, index) => quoted(chunk, index === chunks.length - 1, 'code')).join(' ') };
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
  SVCB: ['u16', 'rootName', 'words'],
  HTTPS: ['u16', 'rootName', 'words'],
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
  OPENPGPKEY: ['base64'],
  DHCID: ['base64'],
};

interface Position {
  readonly type: string;
  readonly words: readonly Word[];
  readonly index: number;
  readonly origin: string;
  readonly end: SourcePlace;
}
