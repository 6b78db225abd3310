import { presentRdata as presentUncompressed, quoteCharacterString } from '../simulator/answer/rdata.ts';
import { typeName, typeNumber } from '../simulator/zone/record-type.ts';
import type { RawRecord } from './raw-message.ts';
import { MalformedMessage } from './raw-name.ts';
import { rdataBytes } from './rdata-bytes.ts';

export const LUA_TYPE = typeNumber('LUA') ?? 65402;

/**
 * The data of a record in the canonical presentation format that predictions are made in; `\# length hex` for types that
 * have none there, and for data that is not what its type says. A LUA record reads `A "code"`. Throws `MalformedMessage`
 * for a LUA record without code and for names that cannot be read.
 */
export function presentRdata(record: RawRecord): string {
  if (record.type === LUA_TYPE) {
    const { type, text } = readLuaRdata(record);
    return `${type} ${text}`;
  }
  const bytes = rdataBytes(record);
  return presentUncompressed(typeName(record.type), bytes) ?? `\\# ${bytes.length} ${bytes.toString('hex')}`.trimEnd();
}

/**
 * The covered type and the text of a LUA record: two bytes of type, then character-strings to the end (4.7 to 5.1). The
 * text is what a PowerDNS secondary makes of that transfer: each string quoted, `"` and `\` behind a backslash, bytes
 * outside printable ASCII as `\DDD`. Throws `MalformedMessage`.
 */
export function readLuaRdata({ message, rdataStart, rdataEnd }: RawRecord): { type: string; text: string } {
  if (rdataEnd - rdataStart < 3) throw new MalformedMessage('a LUA record has no code');
  const chunks: string[] = [];
  for (let at = rdataStart + 2; at < rdataEnd; ) {
    const end = at + 1 + message.readUInt8(at);
    if (end > rdataEnd) throw new MalformedMessage('the code of a LUA record goes beyond its end');
    chunks.push(quoteCharacterString(message.subarray(at + 1, end)));
    at = end;
  }
  return { type: typeName(message.readUInt16BE(rdataStart)), text: chunks.join(' ') };
}
