/** The records that DNSSEC adds, out of their canonical rdata. Every reader returns `undefined` for rdata that breaks off. */
import { type Labels, readLabels } from './dnssec-name.ts';

/** RFC 4034 section 3. */
export interface Rrsig {
  readonly typeCovered: number;
  readonly algorithm: number;
  /** Labels of the owner as the zone has it, without the root and without a leading `*`. */
  readonly labels: number;
  readonly originalTtlSeconds: number;
  /** Seconds since 1970 modulo 2^32, as `inception`. */
  readonly expiration: number;
  readonly inception: number;
  readonly keyTag: number;
  readonly signer: Labels;
  readonly signature: Buffer;
  /** The rdata without the signature: the first part of what is signed. */
  readonly signedPart: Buffer;
}

/** RFC 4034 section 2. */
export interface Dnskey {
  readonly flags: number;
  readonly protocol: number;
  readonly algorithm: number;
  readonly keyTag: number;
  readonly publicKey: Buffer;
}

/** RFC 4034 section 4. */
export interface Nsec {
  readonly owner: Labels;
  readonly next: Labels;
  readonly types: ReadonlySet<number>;
}

/** RFC 5155 section 3; hashes in hex. */
export interface Nsec3 {
  readonly hash: string;
  readonly next: string;
  readonly types: ReadonlySet<number>;
  readonly algorithm: number;
  readonly flags: number;
  readonly iterations: number;
  readonly salt: Buffer;
}

const ZONE_KEY = 0x0100;
const REVOKED = 0x0080;
const SECURE_ENTRY_POINT = 0x0001;

export function readRrsig(rdata: Buffer): Rrsig | undefined {
  const signer = readLabels(rdata, 18);
  if (signer === undefined) return undefined;
  return {
    typeCovered: rdata.readUInt16BE(0),
    algorithm: rdata.readUInt8(2),
    labels: rdata.readUInt8(3),
    originalTtlSeconds: rdata.readUInt32BE(4),
    expiration: rdata.readUInt32BE(8),
    inception: rdata.readUInt32BE(12),
    keyTag: rdata.readUInt16BE(16),
    signer: signer.labels,
    signature: rdata.subarray(signer.end),
    signedPart: rdata.subarray(0, signer.end),
  };
}

export function readDnskey(rdata: Buffer): Dnskey | undefined {
  if (rdata.length < 5) return undefined;
  return {
    flags: rdata.readUInt16BE(0),
    protocol: rdata.readUInt8(2),
    algorithm: rdata.readUInt8(3),
    keyTag: keyTagOf(rdata),
    publicKey: rdata.subarray(4),
  };
}

export function readNsec(owner: Labels, rdata: Buffer): Nsec | undefined {
  const next = readLabels(rdata, 0);
  const types = next && readTypes(rdata.subarray(next.end));
  return next && types && { owner, next: next.labels, types };
}

/** `owner` is the hash and the zone; `undefined` also where its first label is no hash. */
export function readNsec3(owner: Labels, rdata: Buffer): Nsec3 | undefined {
  const saltEnd = 5 + (rdata[4] ?? 0);
  const hashEnd = saltEnd + 1 + (rdata[saltEnd] ?? 0);
  const hash = fromBase32Hex(owner[0] ?? '');
  const types = hashEnd > rdata.length ? undefined : readTypes(rdata.subarray(hashEnd));
  if (hash === undefined || types === undefined) return undefined;
  return {
    hash,
    next: rdata.toString('hex', saltEnd + 1, hashEnd),
    types,
    algorithm: rdata.readUInt8(0),
    flags: rdata.readUInt8(1),
    iterations: rdata.readUInt16BE(2),
    salt: rdata.subarray(5, saltEnd),
  };
}

/** Whether a key may sign records of its zone: RFC 4034 section 2.1, RFC 5011 section 2.1. */
export function maySignZone(key: Dnskey): boolean {
  return (key.flags & ZONE_KEY) !== 0 && (key.flags & REVOKED) === 0 && key.protocol === 3;
}

/** Whether a key is meant to be the one that the parent names: a KSK or CSK. */
export function isEntryPoint(key: Dnskey): boolean {
  return (key.flags & SECURE_ENTRY_POINT) !== 0;
}

/** RFC 4034 appendix B. */
function keyTagOf(rdata: Buffer): number {
  let sum = 0;
  rdata.forEach((byte, index) => {
    sum += index % 2 === 0 ? byte << 8 : byte;
  });
  return (sum + (sum >>> 16)) & 0xffff;
}

/** RFC 4034 section 4.1.2: windows of 256 types. */
function readTypes(bitmap: Buffer): ReadonlySet<number> | undefined {
  const types = new Set<number>();
  let offset = 0;
  while (offset < bitmap.length) {
    const window = bitmap[offset] ?? 0;
    const size = bitmap[offset + 1] ?? 0;
    const bytes = bitmap.subarray(offset + 2, offset + 2 + size);
    if (size === 0 || bytes.length < size) return undefined;
    bytes.forEach((byte, index) => {
      for (let bit = 0; bit < 8; bit += 1) {
        if ((byte & (0x80 >> bit)) !== 0) types.add(window * 256 + index * 8 + bit);
      }
    });
    offset += 2 + size;
  }
  return types;
}

/** 32 characters are the 20 bytes of a SHA-1 hash; the only length in use. */
function fromBase32Hex(text: string): string | undefined {
  if (!/^[0-9a-v]{32}$/.test(text)) return undefined;
  const bits = [...text].map((digit) => Number.parseInt(digit, 32).toString(2).padStart(5, '0')).join('');
  return BigInt(`0b${bits}`).toString(16).padStart(40, '0');
}
