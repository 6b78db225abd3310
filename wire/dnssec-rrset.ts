/** One rrset and the signatures over it: RFC 4035 section 5.3. */
import { typeName } from '../simulator/zone/record-type.ts';
import { isKnownAlgorithm, isSignedBy } from './dnssec-key.ts';
import type { SignedRecord } from './dnssec-message.ts';
import { isWithin, type Labels, presentLabels, sameLabels, wireLabels } from './dnssec-name.ts';
import { type Dnskey, maySignZone, type Rrsig, readRrsig } from './dnssec-records.ts';
import { RRSIG } from './dnssec-type.ts';

/** The records of one owner and type in one section, and the RRSIGs over them. */
export interface Rrset {
  readonly owner: Labels;
  readonly type: number;
  /** The lowest. PowerDNS sends a LUA record and a static one of the same name and type each with its own TTL. */
  readonly ttlSeconds: number;
  readonly rdatas: readonly Buffer[];
  readonly signatures: readonly Rrsig[];
}

/** Why something is not signed as it should be. */
export type Flaw =
  | { readonly kind: 'unsigned'; readonly what: string }
  | { readonly kind: 'invalid'; readonly why: string }
  | { readonly kind: 'unknown'; readonly why: string };

export type RrsetVerdict =
  | {
      readonly kind: 'signed';
      readonly keyTag: number;
      readonly expiresAtSeconds: number;
      /** The owner that was signed has this many labels; fewer than the rrset's own owner where a wildcard made it. */
      readonly signedLabels: number;
    }
  | Flaw;

export interface SigningZone {
  readonly zone: Labels;
  readonly keys: readonly Dnskey[];
  readonly nowSeconds: number;
}

const IN = 1;
/** Bounds the work that a reply can ask for with many signatures and many keys of one tag. */
const MAX_SIGNATURES = 16;
const MAX_KEYS_PER_SIGNATURE = 4;

/** The rrsets of a section in class IN, in order of appearance, without the RRSIGs as records of their own. */
export function rrsetsOf(records: readonly SignedRecord[]): readonly Rrset[] {
  const inOwnClass = records.filter((record) => record.class === IN);
  const signatures = Map.groupBy(
    inOwnClass.filter(({ type }) => type === RRSIG),
    ({ owner }) => presentLabels(owner),
  );
  const sets = Map.groupBy(
    inOwnClass.filter(({ type }) => type !== RRSIG),
    ({ owner, type }) => `${type} ${presentLabels(owner)}`,
  );
  return [...sets.values()].flatMap((set) => {
    const [first] = set;
    if (first === undefined) return [];
    const { owner, type } = first;
    const own = (signatures.get(presentLabels(owner)) ?? []).filter(({ rdata }) => rdata.readUInt16BE(0) === type);
    return {
      owner,
      type,
      ttlSeconds: set.reduce((lowest, record) => Math.min(lowest, record.ttlSeconds), first.ttlSeconds),
      rdatas: set.map(({ rdata }) => rdata),
      signatures: own.flatMap(({ rdata }) => readRrsig(rdata) ?? []),
    };
  });
}

/** Signed when one of its RRSIGs holds; otherwise what is wrong with the one that comes nearest to holding. */
export function verifyRrset(rrset: Rrset, zone: SigningZone): RrsetVerdict {
  const verdicts = rrset.signatures.slice(0, MAX_SIGNATURES).map((rrsig) => verifySignature(rrset, rrsig, zone));
  const first = (kind: RrsetVerdict['kind']) => verdicts.find((verdict) => verdict.kind === kind);
  const none: Flaw = { kind: 'unsigned', what: `${describeRrset(rrset)} has no RRSIG` };
  return first('signed') ?? first('invalid') ?? first('unknown') ?? none;
}

/** `the A rrset of www.example.org.` */
export function describeRrset({ owner, type }: Pick<Rrset, 'owner' | 'type'>): string {
  return `the ${typeName(type)} rrset of ${presentLabels(owner)}`;
}

/** The bytes that an RRSIG signs, RFC 4034 section 3.1.8.1; the labels field must fit the owner. */
export function signedData(rrset: Pick<Rrset, 'owner' | 'type' | 'rdatas'>, rrsig: Rrsig): Buffer {
  const owner = wireLabels(signedOwner(rrset.owner, rrsig.labels));
  const head = Buffer.alloc(8);
  head.writeUInt16BE(rrset.type, 0);
  head.writeUInt16BE(IN, 2);
  head.writeUInt32BE(rrsig.originalTtlSeconds, 4);
  const records = sortedWithoutDuplicates(rrset.rdatas).flatMap((rdata) => {
    const length = Buffer.alloc(2);
    length.writeUInt16BE(rdata.length);
    return [owner, head, length, rdata];
  });
  return Buffer.concat([rrsig.signedPart, ...records]);
}

function verifySignature(rrset: Rrset, rrsig: Rrsig, zone: SigningZone): RrsetVerdict {
  const what = describeRrset(rrset);
  if (!sameLabels(rrsig.signer, zone.zone)) return wrongSigner(rrset, rrsig, zone.zone);
  if (rrsig.labels > labelCount(rrset.owner) || rrsig.labels < zone.zone.length) {
    return invalid(`the RRSIG over ${what} is for a name of ${rrsig.labels} labels`);
  }
  const { originalTtlSeconds } = rrsig;
  if (rrset.ttlSeconds > originalTtlSeconds) {
    return invalid(`${what} came with TTL ${rrset.ttlSeconds}, above the ${originalTtlSeconds} that were signed`);
  }
  const untimely = outsideItsTime(what, rrsig, zone.nowSeconds);
  if (untimely !== undefined) return untimely;
  return verifyWithKeys(what, signedData(rrset, rrsig), rrsig, zone);
}

function verifyWithKeys(what: string, data: Buffer, rrsig: Rrsig, zone: SigningZone): RrsetVerdict {
  const { algorithm, keyTag } = rrsig;
  const named = zone.keys.filter((key) => key.keyTag === keyTag && key.algorithm === algorithm);
  const keys = named.filter(maySignZone).slice(0, MAX_KEYS_PER_SIGNATURE);
  const zoneName = presentLabels(zone.zone);
  if (keys.length === 0) {
    const reason = named.length === 0 ? 'is not among the DNSKEYs' : 'is revoked or no zone key';
    return invalid(`the key ${keyTag} (algorithm ${algorithm}) that signed ${what} ${reason} of ${zoneName}`);
  }
  if (!isKnownAlgorithm(algorithm)) {
    return { kind: 'unknown', why: `${what} is signed with algorithm ${algorithm}, which is not checked here` };
  }
  if (!keys.some((key) => isSignedBy(key, data, rrsig.signature))) {
    return invalid(`the signature of key ${keyTag} over ${what} does not verify`);
  }
  const expiresAtSeconds = nearestTime(rrsig.expiration, zone.nowSeconds);
  return { kind: 'signed', keyTag, expiresAtSeconds, signedLabels: rrsig.labels };
}

/** A zone below may be served by the same server; its keys are not at hand. */
function wrongSigner(rrset: Rrset, rrsig: Rrsig, zone: Labels): Flaw {
  const what = describeRrset(rrset);
  const signer = presentLabels(rrsig.signer);
  if (isWithin(rrsig.signer, zone) && isWithin(rrset.owner, rrsig.signer)) {
    return { kind: 'unknown', why: `${what} is signed by ${signer}, a zone below ${presentLabels(zone)}` };
  }
  return invalid(`${what} is signed by ${signer}, not by its zone ${presentLabels(zone)}`);
}

function outsideItsTime(what: string, rrsig: Rrsig, nowSeconds: number): Flaw | undefined {
  const inception = nearestTime(rrsig.inception, nowSeconds);
  const expiration = nearestTime(rrsig.expiration, nowSeconds);
  if (nowSeconds < inception) return invalid(`the signature over ${what} holds from ${isoTime(inception)} on`);
  if (nowSeconds > expiration) return invalid(`the signature over ${what} expired at ${isoTime(expiration)}`);
  return undefined;
}

/** RFC 4034 section 3.1.5: 32 bits, counted in the arithmetic of RFC 1982, stand for the moment nearest to now. */
function nearestTime(serial: number, nowSeconds: number): number {
  const now = Math.floor(nowSeconds);
  return now + ((serial - now) | 0);
}

function isoTime(seconds: number): string {
  return new Date(seconds * 1000).toISOString();
}

/** The owner as the zone has it: behind a wildcard for a name that one made. */
function signedOwner(owner: Labels, labels: number): Labels {
  return labels < labelCount(owner) ? ['*', ...owner.slice(owner.length - labels)] : owner;
}

/** RFC 4034 section 3.1.3: a leading `*` does not count. */
export function labelCount(owner: Labels): number {
  return owner[0] === '*' ? owner.length - 1 : owner.length;
}

function sortedWithoutDuplicates(rdatas: readonly Buffer[]): readonly Buffer[] {
  const sorted = rdatas.toSorted(Buffer.compare);
  return sorted.filter((rdata, index) => index === 0 || !rdata.equals(sorted[index - 1] ?? Buffer.alloc(0)));
}

function invalid(why: string): Flaw {
  return { kind: 'invalid', why };
}
