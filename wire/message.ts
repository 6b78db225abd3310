/**
 * DNS messages on the wire, as whoever asks a server sees them. Queries are encoded by `dns-packet`, but for the bytes of
 * the name; replies are read by `raw-message`, which loses nothing.
 */
import packet, { type Answer } from 'dns-packet';
import { formatAddress, type Prefix } from '../geoip/address.ts';
import { wireName } from '../simulator/zone/name.ts';
import { typeName, typeNumber } from '../simulator/zone/record-type.ts';
import { HEADER_BYTES, type RawRecord, rcodeName, readMessage } from './raw-message.ts';
import { MalformedMessage } from './raw-name.ts';
import { presentRdata } from './rdata-text.ts';

/** One question to a server. */
export interface DnsQuestion {
  readonly name: string;
  readonly type: string;
  /** `CH` for questions about the server itself. */
  readonly class?: 'IN' | 'CH';
  /** Sent as EDNS Client Subnet. */
  readonly ecs?: Prefix;
  readonly dnssecOk?: boolean;
  readonly recursionDesired?: boolean;
}

export interface DnsRecord {
  readonly owner: string;
  readonly type: string;
  readonly ttlSeconds: number;
  /** Canonical presentation format; `\# length hex` for types without one here. */
  readonly rdata: string;
}

export interface DnsResponse {
  readonly id: number;
  readonly rcode: string;
  readonly truncated: boolean;
  readonly authoritative: boolean;
  readonly answers: readonly DnsRecord[];
  readonly authority: readonly DnsRecord[];
  /** Scope of the ECS option; undefined where the reply has none. */
  readonly ecsScope: number | undefined;
  readonly questionName: string;
  /** The reply as it came: signatures are over bytes. */
  readonly bytes: Buffer;
}

const EDNS_UDP_SIZE = 1232;
const CLIENT_SUBNET = 8;
const OPT_TYPE = 41;

/** The bytes of a query, with an OPT record. Throws `E_NAME_SYNTAX` for a name that no message can hold. */
export function encodeQuery(id: number, question: DnsQuestion): Buffer {
  const { ecs, dnssecOk = false, recursionDesired = false } = question;
  const options =
    ecs === undefined
      ? []
      : [
          {
            code: CLIENT_SUBNET,
            ip: formatAddress(ecs.address),
            sourcePrefixLength: ecs.length,
            scopePrefixLength: 0,
            family: ecs.address.family === 4 ? 1 : 2,
          },
        ];
  const opt = {
    type: 'OPT',
    name: '.',
    udpPayloadSize: EDNS_UDP_SIZE,
    flags: dnssecOk ? packet.DNSSEC_OK : 0,
    options,
  };
  const forRoot = packet.encode({
    type: 'query',
    id,
    flags: recursionDesired ? packet.RECURSION_DESIRED : 0,
    questions: [{ name: '.', type: typeWord(question.type) as never, class: question.class ?? 'IN' }],
    additionals: [opt as unknown as Answer],
  });
  // dns-packet cannot encode a label that holds a dot or a byte above 127, so the name is put in here.
  return Buffer.concat([
    forRoot.subarray(0, HEADER_BYTES),
    wireName(question.name),
    forRoot.subarray(HEADER_BYTES + 1),
  ]);
}

/** The spelling that `dns-packet` takes for any type, also for one it has no name for. */
function typeWord(type: string): string {
  return `UNKNOWN_${typeNumber(type) ?? 0}`;
}

/** Reads a reply. Throws `MalformedMessage` when the bytes are no message, or a record's data is not what its type says. */
export function decodeResponse(bytes: Buffer): DnsResponse {
  const message = readMessage(bytes);
  const opt = message.additional.find(({ type }) => type === OPT_TYPE);
  return {
    id: message.id,
    rcode: rcodeName(message.rcode | (opt === undefined ? 0 : (opt.ttlSeconds >>> 24) << 4)),
    truncated: message.truncated,
    authoritative: message.authoritative,
    answers: message.answers.map(toRecord),
    authority: message.authority.map(toRecord),
    ecsScope: opt === undefined ? undefined : scopeOf(opt),
    questionName: message.questions[0]?.name ?? '',
    bytes,
  };
}

function toRecord(record: RawRecord): DnsRecord {
  const { owner, type, ttlSeconds } = record;
  return { owner, type: typeName(type), ttlSeconds, rdata: presentRdata(record) };
}

/** Family, source length, scope length and address follow the code and the length of the option. */
function scopeOf({ message, rdataStart, rdataEnd }: RawRecord): number | undefined {
  for (let at = rdataStart; at < rdataEnd; ) {
    const start = at + 4;
    const end = start > rdataEnd ? Number.POSITIVE_INFINITY : start + message.readUInt16BE(at + 2);
    if (end > rdataEnd) throw new MalformedMessage('an EDNS option goes beyond its record');
    if (message.readUInt16BE(at) === CLIENT_SUBNET && end - start >= 4) return message.readUInt8(start + 3);
    at = end;
  }
  return undefined;
}
