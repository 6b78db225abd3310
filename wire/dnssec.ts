/**
 * Is an answer signed as a validating resolver wants it? Checks signatures of an authoritative server's replies against the
 * zone's own DNSKEYs: RFC 4034, 4035, 5155, 6840. The chain above, from the root to the zone's DS at its parent, is out of
 * scope: keys that sign each other are believed.
 */
import { typeNumber } from '../simulator/zone/record-type.ts';
import type { SignedMessage, SignedRecord } from './dnssec-message.ts';
import {
  isWithin,
  type Labels,
  labelsOfName,
  presentLabels,
  readLabels,
  sameLabels,
  sharedLabels,
} from './dnssec-name.ts';
import { denyCloserByNsec, denyNameByNsec, denyTypeByNsec } from './dnssec-nsec.ts';
import { denyCloserByNsec3, denyNameByNsec3, denyTypeByNsec3, type Nsec3Proof } from './dnssec-nsec3.ts';
import { type Dnskey, isEntryPoint, type Nsec, readDnskey, readNsec, readNsec3 } from './dnssec-records.ts';
import {
  describeRrset,
  type Flaw,
  labelCount,
  type Rrset,
  rrsetsOf,
  type SigningZone,
  verifyRrset,
} from './dnssec-rrset.ts';
import { ANY, CNAME, DNAME, DNSKEY, DS, NS, NSEC, NSEC3, RRSIG, SOA } from './dnssec-type.ts';

/** The keys of a zone, after `verifyDnskeys` found that they sign themselves. */
export interface ZoneKeys {
  /** Absolute, in lower case. */
  readonly zone: string;
  readonly keys: readonly Dnskey[];
  /** How long the keys may be kept. */
  readonly ttlSeconds: number;
  /** When the signature over the keys ends, in seconds since 1970. */
  readonly expiresAtSeconds: number;
}

export interface AnswerToVerify {
  readonly message: SignedMessage;
  readonly question: { readonly name: string; readonly type: string };
  readonly dnskeys: ZoneKeys;
  /** The time that counts, in seconds since 1970. There is no tolerance for clocks that differ. */
  readonly nowSeconds: number;
  /** Zones below this one that the same server answers for. What belongs to them is not judged. */
  readonly childZones?: readonly string[];
}

/**
 * `signed`: every rrset of the zone in the reply is signed in time by the zone, and what is absent is proven absent; a
 * validator that trusts the keys believes the reply until `expiresAtSeconds` at the latest (since 1970), when the signature
 * of `keyTag`, the first to end, does. `unsigned`: signatures are missing. `invalid`: a validator refuses the answer, or, for a
 * TTL above the signed one, corrects it.
 * `unknown`: cannot be told here, `why` says why; a validator does not necessarily refuse.
 */
export type Verification =
  | { readonly kind: 'signed'; readonly keyTag: number; readonly expiresAtSeconds: number }
  | Flaw;

/**
 * Checks the reply to a question about a name of a signed zone. Never throws for what a server sends; throws
 * `E_NAME_SYNTAX` for a question that is no name.
 *
 * Checked of a positive answer: each rrset's signature (algorithms 8, 10, 13, 14, 15, 16), CNAMEs and DNAMEs on the way, and
 * for wildcards that no closer name exists. Of a negative one: the SOA, and the NSECs or NSEC3s that must deny the type or the
 * name. Records outside the zone are ignored as a resolver does, so that a CNAME may leave it. A TTL below the signed one is
 * right (a cache may stand before the server), one above it is not. A key that the server began to use after `dnskeys` was
 * fetched makes the answer `invalid`: fetch again before raising an alarm.
 *
 * Mirrors PowerDNS 4.7 to 5.1, which sign the computed answers of LUA records live and always list a record's types in
 * NSEC and NSEC3: a LUA record that returns nothing yields an empty answer whose own proof contradicts it, which is `invalid`.
 * They also sign SVCB and HTTPS records with the target in lower case but send it as it is written, so that capitals in it make
 * the answer `invalid`.
 */
export function verifyAnswer(answer: AnswerToVerify): Verification {
  const { message, dnskeys, question } = answer;
  const zone: SigningZone = { zone: labelsOfName(dnskeys.zone), keys: dnskeys.keys, nowSeconds: answer.nowSeconds };
  const childZones = (answer.childZones ?? []).map(labelsOfName).filter((child) => child.length > zone.zone.length);
  const belongs = (name: Labels) => isWithin(name, zone.zone) && !childZones.some((child) => isWithin(name, child));
  const asked = { name: labelsOfName(question.name), type: typeNumber(question.type) ?? 0 };

  const unanswerable = whyNotJudged(asked, message, dnskeys.zone, belongs);
  if (unanswerable !== undefined) return { kind: 'unknown', why: unanswerable };

  const reply: Reply = {
    zone,
    rcode: message.rcode,
    answers: rrsetsOf(message.answers).filter(({ owner }) => belongs(owner)),
    authority: rrsetsOf(message.authority).filter(({ owner }) => belongs(owner)),
  };
  if (hasNoSignature(reply))
    return { kind: 'unsigned', what: `the answer of zone ${dnskeys.zone} holds no RRSIG at all` };

  const target = endOfChain(asked, reply.answers);
  return worstOf([
    ...verifySignatures(reply),
    ...(belongs(target.name) ? [verifyEnd({ name: target.name, type: asked.type }, target.answered, reply)] : []),
  ]);
}

export type DnskeyVerification = { readonly kind: 'keys'; readonly keys: ZoneKeys } | Flaw;

/**
 * Reads the DNSKEYs of `zone` out of the reply to the question for them. They must be signed by one of themselves, and by one
 * flagged SEP (a KSK or CSK) where there is one: the parent's DS names such a key. Whether it does is not checked.
 */
export function verifyDnskeys(message: SignedMessage, zone: string, nowSeconds: number): DnskeyVerification {
  const labels = labelsOfName(zone);
  const name = presentLabels(labels);
  const rrset = rrsetsOf(message.answers).find(({ type, owner }) => type === DNSKEY && sameLabels(owner, labels));
  if (rrset === undefined) return { kind: 'unsigned', what: `zone ${name} has no DNSKEY` };
  const keys = rrset.rdatas.flatMap((rdata) => readDnskey(rdata) ?? []);
  const entryPoints = keys.filter(isEntryPoint);
  const verdict = verifyRrset(rrset, { zone: labels, keys: entryPoints.length > 0 ? entryPoints : keys, nowSeconds });
  if (verdict.kind !== 'signed') return verdict;
  const { expiresAtSeconds } = verdict;
  return { kind: 'keys', keys: { zone: name, keys, ttlSeconds: rrset.ttlSeconds, expiresAtSeconds } };
}

/** A reply cut down to what belongs to the zone. */
interface Reply {
  readonly zone: SigningZone;
  readonly rcode: number;
  readonly answers: readonly Rrset[];
  readonly authority: readonly Rrset[];
}

interface Asked {
  readonly name: Labels;
  readonly type: number;
}

type Step = Exclude<ReturnType<typeof verifyRrset>, Flaw> | Flaw | { readonly kind: 'proven' };

const NOERROR = 0;
const NXDOMAIN = 3;
const MAX_CHAIN = 32;

function whyNotJudged(
  asked: Asked,
  { rcode, answers, authority }: SignedMessage,
  zone: string,
  belongs: (name: Labels) => boolean,
): string | undefined {
  if (!belongs(asked.name)) return `${presentLabels(asked.name)} is no name of zone ${zone}`;
  if (asked.type === 0) return 'PowerDNS knows no such type';
  if (asked.type === RRSIG) return 'RRSIGs are not signed themselves';
  if (rcode !== NOERROR && rcode !== NXDOMAIN) return `a reply with rcode ${rcode} is never signed`;
  const cut = answers.length === 0 && authority.find(isDelegationBelow(labelsOfName(zone), asked));
  return cut ? `a referral to ${presentLabels(cut.owner)}, which is another zone` : undefined;
}

/** Unsigned by rights: the parent is not the authority for a child's NS. */
function isDelegationBelow(zone: Labels, asked: Asked) {
  return ({ type, owner }: SignedRecord): boolean =>
    type === NS && owner.length > zone.length && isWithin(asked.name, owner) && asked.type !== DS;
}

function hasNoSignature({ answers, authority }: Reply): boolean {
  return [...answers, ...authority].every(({ signatures }) => signatures.length === 0);
}

function verifySignatures(reply: Reply): readonly Step[] {
  const answers = reply.answers.flatMap((rrset) => {
    if (isMadeByDname(rrset, reply.answers)) return [];
    const verdict = verifyRrset(rrset, reply.zone);
    if (verdict.kind !== 'signed' || verdict.signedLabels === labelCount(rrset.owner)) return [verdict];
    return [verdict, orProven(denyCloser(rrset.owner, verdict.signedLabels, reply))];
  });
  return [...answers, ...reply.authority.map((rrset) => verifyAsItStands(rrset, reply.zone))];
}

/** A proof must stand in the zone under its own name: a wildcard's NSEC would deny any name put in the place of `*`. */
function verifyAsItStands(rrset: Rrset, zone: SigningZone): Step {
  const verdict = verifyRrset(rrset, zone);
  if (verdict.kind !== 'signed' || verdict.signedLabels === labelCount(rrset.owner)) return verdict;
  return { kind: 'invalid', why: `${describeRrset(rrset)} in the authority section is made by a wildcard` };
}

function verifyEnd(asked: Asked, answered: boolean, reply: Reply): Step {
  if (!answered) return verifyAbsence(asked, reply);
  if (reply.rcode === NOERROR) return { kind: 'proven' };
  return { kind: 'invalid', why: `NXDOMAIN for ${presentLabels(asked.name)}, which the answer itself holds` };
}

function verifyAbsence(asked: Asked, reply: Reply): Step {
  const soa = reply.authority.find(({ type, owner }) => type === SOA && sameLabels(owner, reply.zone.zone));
  if (soa === undefined) {
    return { kind: 'invalid', why: `an empty answer without the SOA of ${presentLabels(reply.zone.zone)}` };
  }
  const nsec3 = nsec3Proof(reply);
  if (nsec3.records.length > 0) {
    const { name, type } = asked;
    return orProven(reply.rcode === NXDOMAIN ? denyNameByNsec3(name, nsec3) : denyTypeByNsec3(name, type, nsec3));
  }
  const nsecs = nsecsOf(reply);
  if (nsecs.length === 0) {
    return {
      kind: 'invalid',
      why: `no NSEC or NSEC3 proves that ${describeRrset({ owner: asked.name, type: asked.type })} is absent`,
    };
  }
  const { name, type } = asked;
  return invalidOrProven(reply.rcode === NXDOMAIN ? denyNameByNsec(name, nsecs) : denyTypeByNsec(name, type, nsecs));
}

function denyCloser(owner: Labels, encloserLabels: number, reply: Reply): Flaw | undefined {
  const nsec3 = nsec3Proof(reply);
  if (nsec3.records.length > 0) return denyCloserByNsec3(owner, encloserLabels, nsec3);
  const why = denyCloserByNsec(owner, encloserLabels, nsecsOf(reply));
  return why === undefined ? undefined : { kind: 'invalid', why };
}

function nsecsOf({ authority }: Reply): readonly Nsec[] {
  return authority
    .filter(({ type }) => type === NSEC)
    .flatMap(({ owner, rdatas }) => rdatas.flatMap((rdata) => readNsec(owner, rdata) ?? []));
}

/** An NSEC3 stands directly below the apex, at the hash of the name that it is about. */
function nsec3Proof({ authority, zone }: Reply): Nsec3Proof {
  const records = authority
    .filter(({ type, owner }) => type === NSEC3 && owner.length === zone.zone.length + 1)
    .flatMap(({ owner, rdatas }) => rdatas.flatMap((rdata) => readNsec3(owner, rdata) ?? []));
  return { zone: zone.zone, records };
}

/** Follows the CNAMEs of the answer from the name asked for to the name that the rest of the reply is about. */
function endOfChain({ name, type }: Asked, answers: readonly Rrset[]): { name: Labels; answered: boolean } {
  let current = name;
  for (let hop = 0; hop < MAX_CHAIN; hop += 1) {
    const own = answers.filter(({ owner }) => sameLabels(owner, current));
    if (own.some((rrset) => type === ANY || rrset.type === type)) return { name: current, answered: true };
    const target = targetOf(own.find((rrset) => rrset.type === CNAME));
    if (target === undefined) return { name: current, answered: false };
    current = target;
  }
  // A loop: PowerDNS stops somewhere in it, and so does every resolver.
  return { name: current, answered: true };
}

function targetOf(rrset: Rrset | undefined): Labels | undefined {
  const rdata = rrset?.rdatas[0];
  return rdata && readLabels(rdata, 0)?.labels;
}

/** RFC 6672 section 5.3.1: the CNAME that a server makes of a DNAME carries no signature; the DNAME does. */
function isMadeByDname(rrset: Rrset, answers: readonly Rrset[]): boolean {
  if (rrset.type !== CNAME || rrset.signatures.length > 0) return false;
  const target = targetOf(rrset);
  return answers.some((dname) => {
    if (dname.type !== DNAME || !isWithin(rrset.owner, dname.owner) || rrset.owner.length === dname.owner.length)
      return false;
    const end = targetOf(dname);
    const prefix = rrset.owner.slice(0, rrset.owner.length - sharedLabels(rrset.owner, dname.owner));
    return target !== undefined && end !== undefined && sameLabels(target, [...prefix, ...end]);
  });
}

function worstOf(steps: readonly Step[]): Verification {
  const flaw = (kind: Flaw['kind']) =>
    steps.filter((step) => step.kind !== 'signed' && step.kind !== 'proven').find((step) => step.kind === kind);
  const worst = flaw('invalid') ?? flaw('unsigned') ?? flaw('unknown');
  if (worst !== undefined) return worst;
  const [first] = steps
    .filter((step) => step.kind === 'signed')
    .toSorted((left, right) => left.expiresAtSeconds - right.expiresAtSeconds);
  // Nothing of the zone in the reply at all would have been unsigned.
  if (first === undefined) return { kind: 'unknown', why: 'the reply holds nothing of the zone' };
  return { kind: 'signed', keyTag: first.keyTag, expiresAtSeconds: first.expiresAtSeconds };
}

function orProven(flaw: Flaw | undefined): Step {
  return flaw ?? { kind: 'proven' };
}

function invalidOrProven(why: string | undefined): Step {
  return why === undefined ? { kind: 'proven' } : { kind: 'invalid', why };
}
