import { wireName } from '../simulator/zone/name.ts';
import { typeNumber } from '../simulator/zone/record-type.ts';
import type { RawRecord } from './raw-message.ts';
import { MalformedMessage, readName } from './raw-name.ts';

/**
 * The data of a record on its own: names that point elsewhere into the message are written out, spelled as `spell` has it;
 * by default in the case they were sent in. Throws `MalformedMessage` where the data ends before such a name does.
 */
export function rdataBytes(record: RawRecord, spell: (name: string) => string = (name) => name): Buffer {
  const { message, type, rdataStart, rdataEnd } = record;
  const fields = NAMES.get(type);
  if (fields === undefined) return message.subarray(rdataStart, rdataEnd);
  const parts: Uint8Array[] = [];
  let at = rdataStart;
  for (const field of fields) {
    const name = field === 'name' ? readName(message, at) : undefined;
    const end = name?.end ?? at + (field === 'string' ? 1 + (message[at] ?? 0) : Number(field));
    if (end > rdataEnd) throw new MalformedMessage('the data of a record ends too early');
    parts.push(name === undefined ? message.subarray(at, end) : wireName(spell(name.name)));
    at = end;
  }
  return Buffer.concat([...parts, message.subarray(at, rdataEnd)]);
}

/** What an rdata begins with: a name, a string with its length before it, or so many bytes. Bytes may follow. */
type Field = 'name' | 'string' | number;

/**
 * The types in which senders compress names (RFC 3597, section 4), and those whose names are signed in lower case: RFC 4034,
 * section 6.2, without the types that RFC 6840 takes out (NSEC, and HINFO, which has none) or that nobody serves (SIG, NXT,
 * A6). The former are among the latter.
 */
const NAMES: ReadonlyMap<number | undefined, readonly Field[]> = new Map(
  Object.entries({
    NS: ['name'],
    TYPE3: ['name'], // MD
    TYPE4: ['name'], // MF
    CNAME: ['name'],
    SOA: ['name', 'name'],
    MB: ['name'],
    MG: ['name'],
    MR: ['name'],
    PTR: ['name'],
    MINFO: ['name', 'name'],
    MX: [2, 'name'],
    RP: ['name', 'name'],
    AFSDB: [2, 'name'],
    TYPE21: [2, 'name'], // RT
    TYPE26: [2, 'name', 'name'], // PX
    SRV: [6, 'name'],
    NAPTR: [4, 'string', 'string', 'string', 'name'],
    KX: [2, 'name'],
    DNAME: ['name'],
    RRSIG: [18, 'name'],
  } satisfies Record<string, readonly Field[]>).map(([type, fields]) => [typeNumber(type), fields]),
);
