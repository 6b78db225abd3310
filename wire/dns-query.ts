/**
 * A question as the server that answers it reads it. What PowerDNS overlooks is overlooked here, and what it drops without
 * a word is dropped: it sends no FORMERR for broken bytes. Measured on 4.7.3, 4.9.17 and 5.1.5, which agree; they go on
 * only where a TSIG, a TKEY or the SOA of an IXFR lies about its own length, and drop some more broken TSIGs.
 */
import { type Prefix, prefixOf } from '../geoip/address.ts';
import { typeName } from '../simulator/zone/record-type.ts';
import { HEADER_BYTES, type RawMessage, type RawRecord, readMessage } from './raw-message.ts';
import { MalformedMessage, readName } from './raw-name.ts';

export interface DnsQuery {
  readonly id: number;
  readonly opcode: 'QUERY' | 'NOTIFY' | 'UPDATE';
  readonly recursionDesired: boolean;
  readonly checkingDisabled: boolean;
  /** False for a message without a question, which only TCP lets through: name, type and class then mean nothing. */
  readonly hasQuestion: boolean;
  /** Canonical, in the case it was sent in. */
  readonly name: string;
  /** The name as it was sent: length bytes, labels, final zero. */
  readonly nameBytes: Uint8Array;
  /** `A`; `TYPEn` for a type without a name. */
  readonly type: string;
  readonly typeNumber: number;
  /** `IN`, `CH`, `ANY`; `CLASSn` for any other. */
  readonly class: string;
  readonly classNumber: number;
  /** What the OPT record says; undefined without one. */
  readonly edns: QueryEdns | undefined;
  /** It carries a transaction signature (TSIG). Nobody here checks it. */
  readonly hasTsig: boolean;
  /** It brings a record to agree on a key with (TKEY). */
  readonly hasTkey: boolean;
}

export interface QueryEdns {
  /** As sent; PowerDNS takes less than 512 for 512. */
  readonly udpSize: number;
  readonly version: number;
  readonly dnssecOk: boolean;
  /** It asks for the name of the server (NSID). */
  readonly wantsServerId: boolean;
  /** EDNS Client Subnet as PowerDNS reads it; undefined without the option, and where PowerDNS takes it for nonsense. */
  readonly clientSubnet: ClientSubnet | undefined;
  /** There was such an option, good or bad. */
  readonly sentClientSubnet: boolean;
}

export interface ClientSubnet {
  /** Host bits are clear, whatever was sent. */
  readonly prefix: Prefix;
  /** The byte that was sent: a question should say 0, and it may be beyond the bits of an address. */
  readonly scope: number;
}

export type DecodedQuery =
  | { readonly kind: 'query'; readonly query: DnsQuery }
  /** No reply: silence over UDP, the end of the connection over TCP. */
  | { readonly kind: 'drop'; readonly reason: string };

/** Reads a message that came to a server. Never throws, whatever the bytes are. */
export function decodeQuery(bytes: Buffer, transport: 'udp' | 'tcp'): DecodedQuery {
  try {
    return readQuery(bytes, transport);
  } catch (error) {
    if (error instanceof MalformedMessage) return drop(error.message);
    throw error;
  }
}

const OPCODES: ReadonlyMap<number, DnsQuery['opcode']> = new Map([
  [0, 'QUERY'],
  [4, 'NOTIFY'],
  [5, 'UPDATE'],
]);

const CLASSES: ReadonlyMap<number, string> = new Map([
  [1, 'IN'],
  [3, 'CH'],
  [255, 'ANY'],
]);
const CLASS_ANY = 255;

const [SOA, OPT, TKEY, TSIG, IXFR] = [6, 41, 249, 250, 251];
const CLIENT_SUBNET = 8;
const SERVER_ID = 3;

function readQuery(bytes: Buffer, transport: 'udp' | 'tcp'): DecodedQuery {
  const message = readMessage(bytes);
  const opcode = OPCODES.get(message.opcode);
  if (message.isResponse) return drop('it is a response');
  if (message.truncated) return drop('it says that it is cut short');
  if (opcode === undefined) return drop(`PowerDNS does not know the operation ${message.opcode}`);
  if (message.questions.length > 1) return drop('it has more than one question');
  const [question] = message.questions;
  if (question === undefined && transport === 'udp') return drop('it has no question');
  const questionEnd = question === undefined ? HEADER_BYTES : checkedNameEnd(bytes, HEADER_BYTES) + 4;
  checkRecords(message, bytes, questionEnd);
  const opt = message.additional.find(({ type }) => type === OPT);
  return {
    kind: 'query',
    query: {
      id: message.id,
      opcode,
      recursionDesired: (bytes.readUInt8(2) & 0x01) !== 0,
      checkingDisabled: (bytes.readUInt8(3) & 0x10) !== 0,
      hasQuestion: question !== undefined,
      name: question?.name ?? '.',
      nameBytes: question === undefined ? new Uint8Array(1) : bytes.subarray(HEADER_BYTES, questionEnd - 4),
      type: typeName(question?.type ?? 0),
      typeNumber: question?.type ?? 0,
      class: CLASSES.get(question?.class ?? 0) ?? `CLASS${question?.class ?? 0}`,
      classNumber: question?.class ?? 0,
      edns: opt === undefined ? undefined : readEdns(opt),
      hasTsig: message.additional.some(isSignature),
      hasTkey: message.additional.some(({ type, class: recordClass }) => type === TKEY && recordClass === CLASS_ANY),
    },
  };
}

/**
 * What PowerDNS checks of the records behind the question, most of which it does not look into: their names, that a
 * signature comes last and alone, and the data of the few that it reads.
 */
function checkRecords(message: RawMessage, bytes: Buffer, start: number): void {
  let at = start;
  for (const record of [...message.answers, ...message.authority, ...message.additional]) {
    checkedNameEnd(bytes, at);
    at = record.rdataEnd;
  }
  if ([...message.answers, ...message.authority].some(isSignature)) {
    throw new MalformedMessage('a signature is not in the additional section');
  }
  const signed = message.additional.findIndex(isSignature);
  if (signed !== -1 && signed !== message.additional.length - 1) {
    throw new MalformedMessage('a signature is not the last record');
  }
  const isTransfer = message.questions[0]?.type === IXFR;
  for (const record of message.authority)
    if (isTransfer && record.type === SOA) checkFields(record, ['name', 'name', 20]);
  for (const record of message.additional) {
    if (record.class !== CLASS_ANY) continue;
    if (record.type === TSIG) checkFields(record, ['name', 8, 'blob', 4, 'blob']);
    if (record.type === TKEY) checkFields(record, ['name', 12, 'blob', 'blob']);
  }
}

function isSignature({ type, class: recordClass }: RawRecord): boolean {
  return type === TSIG && recordClass === CLASS_ANY;
}

/**
 * Where the name at `start` ends. PowerDNS takes a pointer to an earlier byte behind the header and no other; `readMessage`
 * has seen already that the name is whole.
 */
function checkedNameEnd(bytes: Buffer, start: number): number {
  let end: number | undefined;
  let chunkStart = start;
  for (let at = start; ; ) {
    const length = bytes.readUInt8(at);
    if (length === 0) return end ?? at + 1;
    if (length < 0xc0) {
      at += length + 1;
      continue;
    }
    const target = bytes.readUInt16BE(at) & 0x3fff;
    if (target < HEADER_BYTES || target >= chunkStart) throw new MalformedMessage('a name points to no earlier name');
    end ??= at + 2;
    chunkStart = target;
    at = target;
  }
}

/** Numbers are bytes to skip; a blob has its length before it, in two bytes. */
function checkFields(record: RawRecord, layout: readonly ('name' | 'blob' | number)[]): void {
  const { message, rdataEnd } = record;
  let at = record.rdataStart;
  for (const field of layout) {
    if (field === 'name') at = readName(message, at).end;
    else if (field === 'blob') at += at + 2 > rdataEnd ? 2 : 2 + message.readUInt16BE(at);
    else at += field;
    if (at > rdataEnd) throw new MalformedMessage(`the data of a ${typeName(record.type)} record ends too early`);
  }
}

/** The first OPT record of the additional section counts, whatever its owner is. */
function readEdns(opt: RawRecord): QueryEdns {
  const options = readOptions(opt.message.subarray(opt.rdataStart, opt.rdataEnd));
  const subnets = options.filter(({ code }) => code === CLIENT_SUBNET);
  return {
    udpSize: opt.class,
    version: (opt.ttlSeconds >>> 16) & 0xff,
    dnssecOk: (opt.ttlSeconds & 0x8000) !== 0,
    wantsServerId: options.some(({ code }) => code === SERVER_ID),
    clientSubnet: subnets.map(({ data }) => readClientSubnet(data)).findLast((subnet) => subnet !== undefined),
    sentClientSubnet: subnets.length > 0,
  };
}

/** The options up to the first that is longer than the record. */
function readOptions(data: Buffer): { code: number; data: Buffer }[] {
  const options: { code: number; data: Buffer }[] = [];
  for (let at = 0; at + 4 <= data.length; ) {
    const end = at + 4 + data.readUInt16BE(at + 2);
    if (end > data.length) break;
    options.push({ code: data.readUInt16BE(at), data: data.subarray(at + 4, end) });
    at = end;
  }
  return options;
}

/** As many bytes as the prefix needs, no more and no less; a family that has so many; host bits do not count. */
function readClientSubnet(data: Buffer): ClientSubnet | undefined {
  if (data.length < 4) return undefined;
  const length = data.readUInt8(2);
  const family = data.readUInt16BE(0) === 1 ? 4 : data.readUInt16BE(0) === 2 ? 6 : undefined;
  if (family === undefined || data.length !== 4 + Math.ceil(length / 8)) return undefined;
  const bytes = new Uint8Array(family === 4 ? 4 : 16);
  if (length > 8 * bytes.length) return undefined;
  bytes.set(data.subarray(4));
  return { prefix: prefixOf({ family, bytes }, length), scope: data.readUInt8(3) };
}

function drop(reason: string): DecodedQuery {
  return { kind: 'drop', reason };
}
