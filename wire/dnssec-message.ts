/**
 * A reply as a validator needs it: signatures are over bytes, so every record has its data as bytes, in the one form that
 * is signed. Knows no more of a type than where its data holds names.
 */
import { type Labels, labelsOfName, readLabels, wireLabels } from './dnssec-name.ts';
import { type RawRecord, readMessage } from './raw-message.ts';
import { MalformedMessage } from './raw-name.ts';

/** A record in the canonical form of RFC 4034 section 6.2. */
export interface SignedRecord {
  readonly owner: Labels;
  readonly type: number;
  readonly class: number;
  /** As received. */
  readonly ttlSeconds: number;
  /** Names expanded, and in lower case for the types that RFC 6840 section 5.1 leaves in the list. */
  readonly rdata: Buffer;
}

export interface SignedMessage {
  /** The four bits of the header: 0 NOERROR, 3 NXDOMAIN. */
  readonly rcode: number;
  /** RRSIGs stand among the records that they cover, as they came. */
  readonly answers: readonly SignedRecord[];
  readonly authority: readonly SignedRecord[];
}

/** Reads a reply. Throws `MalformedMessage` for bytes that are no DNS message, or a record shorter than its type demands. */
export function readSignedMessage(bytes: Buffer): SignedMessage {
  const { rcode, answers, authority } = readMessage(bytes);
  return { rcode, answers: answers.map(canonicalRecord), authority: authority.map(canonicalRecord) };
}

function canonicalRecord(record: RawRecord): SignedRecord {
  const { owner, type, ttlSeconds } = record;
  return { owner: labelsOfName(owner), type, class: record.class, ttlSeconds, rdata: canonicalRdata(record) };
}

/** What an rdata begins with: so many bytes, a name, or a string with its length before it. Bytes may follow. */
type Field = number | 'name' | 'string';

/**
 * Where names stand that are folded to lower case: RFC 4034 section 6.2 without the types that RFC 6840 takes out (NSEC, and
 * HINFO, which has none) or that nobody serves (SIG, NXT, A6).
 */
const NAME_FIELDS: ReadonlyMap<number, readonly Field[]> = new Map<number, readonly Field[]>([
  [2, ['name']], // NS
  [3, ['name']], // MD
  [4, ['name']], // MF
  [5, ['name']], // CNAME
  [6, ['name', 'name']], // SOA
  [7, ['name']], // MB
  [8, ['name']], // MG
  [9, ['name']], // MR
  [12, ['name']], // PTR
  [14, ['name', 'name']], // MINFO
  [15, [2, 'name']], // MX
  [17, ['name', 'name']], // RP
  [18, [2, 'name']], // AFSDB
  [21, [2, 'name']], // RT
  [26, [2, 'name', 'name']], // PX
  [33, [6, 'name']], // SRV
  [35, [4, 'string', 'string', 'string', 'name']], // NAPTR
  [36, [2, 'name']], // KX
  [39, ['name']], // DNAME
  [46, [18, 'name']], // RRSIG
]);

function canonicalRdata({ message, type, rdataStart, rdataEnd }: RawRecord): Buffer {
  const parts: Buffer[] = [];
  let at = rdataStart;
  for (const field of NAME_FIELDS.get(type) ?? []) {
    const name = field === 'name' ? readLabels(message, at) : undefined;
    const end = field === 'name' ? name?.end : at + (field === 'string' ? 1 + (message[at] ?? 0) : field);
    if (end === undefined || end > rdataEnd) throw new MalformedMessage('the data of a record ends too early');
    parts.push(name === undefined ? message.subarray(at, end) : wireLabels(name.labels));
    at = end;
  }
  return Buffer.concat([...parts, message.subarray(at, rdataEnd)]);
}
