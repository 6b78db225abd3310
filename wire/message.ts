/**
 * DNS messages on the wire. The codec is `dns-packet`; what it lacks or garbles (bytes in names, presentation format of
 * rdata, types it does not know) is added here, so that nothing else sees a raw packet.
 */
import packet, { type Answer, type DecodedPacket } from 'dns-packet';
import { formatAddress, type IpAddress, parseAddress, type Prefix } from '../geoip/address.ts';
import { canonicalName } from '../simulator/zone/name.ts';
import { quoteCharacterString } from '../simulator/answer/rdata.ts';

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
}

const EDNS_UDP_SIZE = 1232;
const CLIENT_SUBNET = 8;

/** The bytes of a query. With ECS or DO an OPT record is added. */
export function encodeQuery(id: number, question: DnsQuestion): Buffer {
  const { ecs, dnssecOk = false, recursionDesired = false } = question;
  const options =
    ecs === undefined
      ? []
      : [{ code: CLIENT_SUBNET, ip: formatAddress(ecs.address), sourcePrefixLength: ecs.length, scopePrefixLength: 0, family: ecs.address.family === 4 ? 1 : 2 }];
  const opt = {
    type: 'OPT',
    name: '.',
    udpPayloadSize: EDNS_UDP_SIZE,
    flags: dnssecOk ? packet.DNSSEC_OK : 0,
    options,
  };
  return packet.encode({
    type: 'query',
    id,
    flags: recursionDesired ? packet.RECURSION_DESIRED : 0,
    questions: [
      { name: question.name.replace(/\.$/, ''), type: question.type as never, class: question.class ?? 'IN' },
    ],
    additionals: [opt as unknown as Answer],
  });
}

/** Reads a reply. Throws what `dns-packet` throws when the bytes are no message. */
export function decodeResponse(bytes: Buffer): DnsResponse {
  const decoded = packet.decode(bytes);
  const records = (section: DecodedPacket['answers']) =>
    (section ?? []).filter((answer) => answer.type !== 'OPT').map(toRecord);
  return {
    id: decoded.id ?? 0,
    rcode: (decoded as unknown as { rcode: string }).rcode,
    truncated: decoded.flag_tc,
    authoritative: decoded.flag_aa,
    answers: records(decoded.answers),
    authority: records(decoded.authorities),
    ecsScope: scopeOf(decoded),
    questionName: decoded.questions?.[0]?.name ?? '',
  };
}

function scopeOf(decoded: DecodedPacket): number | undefined {
  for (const additional of decoded.additionals ?? []) {
    if (additional.type !== 'OPT') continue;
    for (const option of additional.options) {
      if (option.code === CLIENT_SUBNET) return (option as unknown as { scopePrefixLength: number }).scopePrefixLength;
    }
  }
  return undefined;
}

function toRecord(answer: Answer): DnsRecord {
  const { name, type } = answer;
  const ttlSeconds = 'ttl' in answer && typeof answer.ttl === 'number' ? answer.ttl : 0;
  return { owner: canonicalName(`${name}.`), type, ttlSeconds, rdata: presentRdata(answer) };
}

function presentRdata(answer: Answer): string {
  switch (answer.type) {
    case 'A':
      return answer.data;
    case 'AAAA':
      return canonicalAddress(answer.data);
    case 'CNAME':
    case 'NS':
    case 'PTR':
    case 'DNAME':
      return absolute(answer.data);
    case 'TXT':
      return textStrings(answer.data).map(quoteCharacterString).join(' ');
    case 'MX':
      return `${answer.data.preference ?? 0} ${absolute(answer.data.exchange)}`;
    case 'SRV':
      return `${answer.data.priority ?? 0} ${answer.data.weight ?? 0} ${answer.data.port} ${absolute(answer.data.target)}`;
    case 'SOA': {
      const { mname, rname, serial, refresh, retry, expire, minimum } = answer.data;
      return [absolute(mname), absolute(rname), serial, refresh, retry, expire, minimum].join(' ');
    }
    default:
      return rawRdata('data' in answer ? answer.data : undefined);
  }
}

function absolute(name: string): string {
  return canonicalName(name === '.' ? '.' : `${name}.`);
}

function canonicalAddress(text: string): string {
  const address: IpAddress | undefined = parseAddress(text);
  return address === undefined ? text : formatAddress(address);
}

function textStrings(data: string | Buffer | (string | Buffer)[]): Buffer[] {
  return (Array.isArray(data) ? data : [data]).map((part) => (typeof part === 'string' ? Buffer.from(part) : part));
}

function rawRdata(data: unknown): string {
  const bytes = Buffer.isBuffer(data) ? data : Buffer.from(JSON.stringify(data ?? null));
  return `\\# ${bytes.length} ${bytes.toString('hex')}`;
}
