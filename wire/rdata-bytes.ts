import { wireName } from '../simulator/zone/name.ts';
import { typeNumber } from '../simulator/zone/record-type.ts';
import type { RawRecord } from './raw-message.ts';
import { MalformedMessage, readName } from './raw-name.ts';

/**
 * The data of a record on its own: names that point elsewhere into the message are written out, in the case they were
 * sent in. Throws `MalformedMessage` where the data ends before such a name does.
 */
export function rdataBytes({ message, type, rdataStart, rdataEnd }: RawRecord): Buffer {
  const fields = NAMES.get(type);
  if (fields === undefined) return message.subarray(rdataStart, rdataEnd);
  const parts: Uint8Array[] = [];
  let at = rdataStart;
  for (const field of fields) {
    const start = at;
    const name = field === 'name' ? readName(message, at) : undefined;
    at = name?.end ?? at + Number(field);
    if (at > rdataEnd) throw new MalformedMessage('the data of a record ends too early');
    parts.push(name === undefined ? message.subarray(start, at) : wireName(name.name));
  }
  return Buffer.concat([...parts, message.subarray(at, rdataEnd)]);
}

/** A name, or so many bytes before one. */
type Field = 'name' | number;

/** The types in which senders compress names (RFC 3597, section 4; SRV by some), and what leads to their last name. */
const NAMES: ReadonlyMap<number | undefined, readonly Field[]> = new Map(
  Object.entries({
    NS: ['name'],
    CNAME: ['name'],
    DNAME: ['name'],
    PTR: ['name'],
    MB: ['name'],
    MG: ['name'],
    MR: ['name'],
    MINFO: ['name', 'name'],
    RP: ['name', 'name'],
    SOA: ['name', 'name'],
    MX: [2, 'name'],
    AFSDB: [2, 'name'],
    KX: [2, 'name'],
    SRV: [6, 'name'],
  } satisfies Record<string, readonly Field[]>).map(([type, fields]) => [typeNumber(type), fields]),
);
