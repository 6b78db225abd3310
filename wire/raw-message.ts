/**
 * A DNS message taken apart without a loss: header, questions, and records whose data is still where it was in the
 * message, because names in it may point to any earlier byte. `dns-packet` decodes too, but joins labels that hold a dot,
 * garbles bytes above 127, follows any number of pointers and forgets the length of what it knows.
 */
import { MalformedMessage, readName } from './raw-name.ts';

export interface RawMessage {
  readonly id: number;
  readonly isResponse: boolean;
  /** 0 for a query, 4 for NOTIFY. */
  readonly opcode: number;
  readonly authoritative: boolean;
  readonly truncated: boolean;
  /** Of the header only: the upper bits of an extended one are in the OPT record. */
  readonly rcode: number;
  readonly questions: readonly RawQuestion[];
  readonly answers: readonly RawRecord[];
  readonly authority: readonly RawRecord[];
  readonly additional: readonly RawRecord[];
}

export interface RawQuestion {
  /** Canonical, in the case it was sent in. */
  readonly name: string;
  readonly type: number;
  readonly class: number;
}

export interface RawRecord {
  /** Canonical, in the case it was sent in. */
  readonly owner: string;
  readonly type: number;
  readonly class: number;
  readonly ttlSeconds: number;
  readonly message: Buffer;
  /** The data is `message.subarray(rdataStart, rdataEnd)`. */
  readonly rdataStart: number;
  readonly rdataEnd: number;
}

export const HEADER_BYTES = 12;

/** Throws `MalformedMessage` for bytes that are no whole message. Bytes behind the message are ignored. */
export function readMessage(message: Buffer): RawMessage {
  if (message.length < HEADER_BYTES) throw new MalformedMessage('a message ends inside its header');
  const flags = message.readUInt16BE(2);
  let at = HEADER_BYTES;
  const question = (): RawQuestion => {
    const { name, end } = readName(message, at);
    at = end + 4;
    if (at > message.length) throw new MalformedMessage('a question goes beyond the end of the message');
    return { name, type: message.readUInt16BE(end), class: message.readUInt16BE(end + 2) };
  };
  const record = (): RawRecord => {
    const { name: owner, end } = readName(message, at);
    const rdataStart = end + 10;
    const rdataEnd =
      rdataStart > message.length ? Number.POSITIVE_INFINITY : rdataStart + message.readUInt16BE(end + 8);
    if (rdataEnd > message.length) throw new MalformedMessage('a record goes beyond the end of the message');
    at = rdataEnd;
    return {
      owner,
      type: message.readUInt16BE(end),
      class: message.readUInt16BE(end + 2),
      ttlSeconds: message.readUInt32BE(end + 4),
      message,
      rdataStart,
      rdataEnd,
    };
  };
  // A record takes 11 bytes at least, so a count that lies ends at the end of the message.
  const section = <Item>(countOffset: number, read: () => Item): Item[] =>
    Array.from({ length: message.readUInt16BE(countOffset) }, read);
  return {
    id: message.readUInt16BE(0),
    isResponse: (flags & 0x8000) !== 0,
    opcode: (flags >> 11) & 0xf,
    authoritative: (flags & 0x0400) !== 0,
    truncated: (flags & 0x0200) !== 0,
    rcode: flags & 0xf,
    questions: section(4, question),
    answers: section(6, record),
    authority: section(8, record),
    additional: section(10, record),
  };
}

/** `NOERROR`, `REFUSED`, …; `RCODEn` for one without a name. */
export function rcodeName(rcode: number): string {
  return RCODES[rcode] ?? `RCODE${rcode}`;
}

const RCODES: readonly (string | undefined)[] = [
  ...['NOERROR', 'FORMERR', 'SERVFAIL', 'NXDOMAIN', 'NOTIMP', 'REFUSED', 'YXDOMAIN', 'YXRRSET', 'NXRRSET', 'NOTAUTH'],
  ...['NOTZONE', undefined, undefined, undefined, undefined, undefined, 'BADVERS'],
];
