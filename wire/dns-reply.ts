/** Replies on the wire, byte for byte as PowerDNS 4.7 to 5.1 writes them when it has the same records in the same order. */
import { UserError } from '../input/errors.ts';
import { rdataParts } from '../simulator/answer/rdata.ts';
import { wireName } from '../simulator/zone/name.ts';
import { typeNumber } from '../simulator/zone/record-type.ts';
import { DnsMessageWriter } from './dns-message-writer.ts';
import type { ClientSubnet, DnsQuery } from './dns-query.ts';
import type { DnsRecord } from './message.ts';

export type ReplyCode = keyof typeof REPLY_CODES;

const REPLY_CODES = {
  NOERROR: 0,
  FORMERR: 1,
  SERVFAIL: 2,
  NXDOMAIN: 3,
  NOTIMP: 4,
  REFUSED: 5,
  NOTAUTH: 9,
  BADVERS: 16,
} as const;

/** What is to be said; how it is said follows from the question. */
export interface DnsReply {
  readonly rcode: ReplyCode;
  /** PowerDNS clears it for other servers' zones, delegations and questions of class ANY, not for refusals in general. */
  readonly authoritative: boolean;
  readonly answers?: readonly DnsRecord[];
  readonly authority?: readonly DnsRecord[];
  readonly additional?: readonly DnsRecord[];
  /** Sends no records, and the client to TCP. Too many bytes for UDP do so by themselves. */
  readonly truncated?: boolean;
  /**
   * Scope of the ECS option; undefined for a reply without one (`edns-subnet-processing=no`). Without effect where the
   * question has no client subnet that PowerDNS understands.
   */
  readonly ecsScope?: number | undefined;
  /** What a client learns that asks which server this is (NSID): PowerDNS's setting `server-id`. */
  readonly serverId?: string | undefined;
}

export interface ReplyLimits {
  readonly transport: 'udp' | 'tcp';
  /** PowerDNS's setting of that name: what UDP replies hold at most, and what every OPT record says. At least 512. */
  readonly udpTruncationThreshold?: number;
}

/** PowerDNS's default (4.7 to 5.1). */
export const UDP_TRUNCATION_THRESHOLD = 1232;

/**
 * The reply to `query`: name, type, class and RD as they were asked, no AD and no CD. A reply that does not fit keeps
 * nothing but question and OPT record, with TC set, over TCP too (beyond 65535 bytes).
 *
 * Throws `E_RDATA_SYNTAX`, `E_RDATA_UNSUPPORTED`, `E_NAME_SYNTAX` or `E_RECORD_TYPE` for a record that it cannot write.
 */
export function encodeReply(query: DnsQuery, reply: DnsReply, limits: ReplyLimits): Buffer {
  const threshold = Math.max(512, limits.udpTruncationThreshold ?? UDP_TRUNCATION_THRESHOLD);
  const opt = query.edns === undefined ? undefined : optRecord(query, query.edns, reply, threshold);
  const recordBytes = sizeLimit(query, limits.transport, threshold) - reservedForOpt(query, reply);
  const sections = reply.truncated === true ? NO_RECORDS : sectionsOf(reply);
  const whole = write(query, reply, sections, recordBytes, opt);
  return whole ?? write(query, { ...reply, truncated: true }, NO_RECORDS, Number.POSITIVE_INFINITY, opt) ?? EMPTY;
}

type Sections = readonly [
  answers: readonly DnsRecord[],
  authority: readonly DnsRecord[],
  additional: readonly DnsRecord[],
];

const NO_RECORDS: Sections = [[], [], []];
const EMPTY = Buffer.alloc(0);
const EXPECTED_BYTES = 512;

function sectionsOf({ answers = [], authority = [], additional = [] }: DnsReply): Sections {
  return [answers, authority, additional];
}

/** `undefined` as soon as the records take more than `recordBytes`, with header and question. */
function write(
  query: DnsQuery,
  reply: DnsReply,
  sections: Sections,
  recordBytes: number,
  opt: Buffer | undefined,
): Buffer | undefined {
  const writer = new DnsMessageWriter(EXPECTED_BYTES);
  writeHeader(writer, query, reply, sections, opt !== undefined);
  writer.questionName(query.nameBytes);
  writer.u16(query.typeNumber);
  writer.u16(query.classNumber);
  const recordClass = query.class === 'CH' ? 3 : 1;
  // Most records of a reply have the same owner, which most often is the name asked for.
  const owners = new Map([[query.name, query.nameBytes]]);
  for (const record of sections.flat()) {
    const owner = owners.get(record.owner) ?? wireName(record.owner);
    owners.set(record.owner, owner);
    writeRecord(writer, record, owner, recordClass);
    if (writer.length > recordBytes) return undefined;
  }
  if (opt !== undefined) writer.append(opt);
  return writer.toBuffer();
}

const OPCODES = { QUERY: 0, NOTIFY: 4, UPDATE: 5 } as const;

function writeHeader(
  writer: DnsMessageWriter,
  query: DnsQuery,
  reply: DnsReply,
  sections: Sections,
  hasOpt: boolean,
): void {
  const [answers, authority, additional] = sections;
  const flags =
    0x8000 |
    (OPCODES[query.opcode] << 11) |
    (reply.authoritative ? 0x0400 : 0) |
    (reply.truncated === true ? 0x0200 : 0) |
    (query.recursionDesired ? 0x0100 : 0) |
    (REPLY_CODES[reply.rcode] & 0xf);
  writer.u16(query.id);
  writer.u16(flags);
  // PowerDNS writes a question, the root's, also where it was asked none.
  writer.u16(1);
  writer.u16(answers.length);
  writer.u16(authority.length);
  writer.u16(additional.length + (hasOpt ? 1 : 0));
}

function writeRecord(writer: DnsMessageWriter, record: DnsRecord, owner: Uint8Array, recordClass: number): void {
  const type = typeNumber(record.type);
  if (type === undefined) {
    throw new UserError('E_RECORD_TYPE', `'${record.type}' at ${record.owner} is no record type`, {
      hint: 'Write a type without a name as TYPEn.',
    });
  }
  writer.owner(owner);
  writer.u16(type);
  writer.u16(recordClass);
  writer.u32(record.ttlSeconds);
  const lengthAt = writer.length;
  writer.u16(0);
  for (const part of rdataParts(record.type, record.rdata)) {
    if (part.kind === 'bytes') writer.append(part.bytes);
    else writer.name(part.bytes, part.kind === 'compressible name');
  }
  writer.patchU16(writer.length - lengthAt - 2, lengthAt);
}

/** RFC 6891: less than 512 means 512. PowerDNS never sends more than its threshold, however much the client takes. */
function sizeLimit(query: DnsQuery, transport: 'udp' | 'tcp', threshold: number): number {
  if (transport === 'tcp') return 0xffff;
  return query.edns === undefined ? 512 : Math.min(Math.max(512, query.edns.udpSize), threshold);
}

const OPT_BYTES = 11;
const OPT_TYPE = 41;
const CLIENT_SUBNET = 8;
const SERVER_ID = 3;

/** What PowerDNS keeps free for the OPT record: more than it needs where the client's network is short. */
function reservedForOpt({ edns }: DnsQuery, reply: DnsReply): number {
  if (edns === undefined) return 0;
  const subnet = subnetInReply(edns.clientSubnet, reply);
  const serverId = edns.wantsServerId ? reply.serverId : undefined;
  return (
    OPT_BYTES +
    (serverId === undefined ? 0 : 4 + Buffer.byteLength(serverId)) +
    (subnet === undefined ? 0 : 8 + subnet.subnet.prefix.address.bytes.length)
  );
}

function optRecord(query: DnsQuery, edns: NonNullable<DnsQuery['edns']>, reply: DnsReply, threshold: number): Buffer {
  const writer = new DnsMessageWriter(64);
  writer.u8(0);
  writer.u16(OPT_TYPE);
  writer.u16(threshold);
  writer.u8(REPLY_CODES[reply.rcode] >> 4);
  writer.u8(0);
  writer.u16(edns.dnssecOk ? 0x8000 : 0);
  const options = [...serverIdOption(query, reply), ...subnetOption(edns.clientSubnet, reply)];
  writer.u16(options.reduce((sum, { data }) => sum + 4 + data.length, 0));
  for (const { code, data } of options) {
    writer.u16(code);
    writer.u16(data.length);
    writer.append(data);
  }
  return writer.toBuffer();
}

interface Option {
  readonly code: number;
  readonly data: Uint8Array;
}

function serverIdOption({ edns }: DnsQuery, { serverId }: DnsReply): readonly Option[] {
  if (edns?.wantsServerId !== true || serverId === undefined) return [];
  return [{ code: SERVER_ID, data: Buffer.from(serverId) }];
}

/** Family, length and address as PowerDNS understood them, so that host bits are gone. */
function subnetOption(sent: ClientSubnet | undefined, reply: DnsReply): readonly Option[] {
  const found = subnetInReply(sent, reply);
  if (found === undefined) return [];
  const { address, length } = found.subnet.prefix;
  const bytes = address.bytes.subarray(0, Math.ceil(length / 8));
  return [{ code: CLIENT_SUBNET, data: Uint8Array.of(0, address.family === 4 ? 1 : 2, length, found.scope, ...bytes) }];
}

function subnetInReply(
  subnet: ClientSubnet | undefined,
  { ecsScope }: DnsReply,
): { subnet: ClientSubnet; scope: number } | undefined {
  return subnet === undefined || ecsScope === undefined ? undefined : { subnet, scope: ecsScope };
}
