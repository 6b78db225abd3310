/**
 * A reply as a validator needs it: signatures are over bytes, so every record has its data as bytes, in the one form that
 * is signed. Knows no more of a type than where its data holds names.
 */
import { lowerCaseName } from '../simulator/zone/name.ts';
import { type Labels, labelsOfName } from './dnssec-name.ts';
import { type RawRecord, readMessage } from './raw-message.ts';
import { rdataBytes } from './rdata-bytes.ts';

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
  return {
    owner: labelsOfName(owner),
    type,
    class: record.class,
    ttlSeconds,
    rdata: rdataBytes(record, lowerCaseName),
  };
}
