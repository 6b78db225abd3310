/**
 * What NSEC3 records prove: RFC 5155 section 8. Each function says what is missing from a proof, and nothing where it is
 * complete; `unknown` where a validator would neither believe nor refuse. The records' signatures are checked elsewhere.
 */
import { createHash } from 'node:crypto';
import { type Labels, presentLabels, wireLabels } from './dnssec-name.ts';
import { deniedByTypes, isDelegation } from './dnssec-nsec.ts';
import type { Nsec3 } from './dnssec-records.ts';
import type { Flaw } from './dnssec-rrset.ts';
import { DNAME, DS } from './dnssec-type.ts';

const SHA1 = 1;
const OPT_OUT = 0x01;
/** RFC 9276 section 3.2: beyond, validators may take the zone for unsigned. */
const MAX_ITERATIONS = 150;

/** The NSEC3s of one zone in one reply. */
export interface Nsec3Proof {
  readonly zone: Labels;
  readonly records: readonly Nsec3[];
}

export function denyTypeByNsec3(name: Labels, type: number, proof: Nsec3Proof): Flaw | undefined {
  const unusable = unusableProof(proof);
  if (unusable !== undefined) return unusable;
  const exact = matching(name, proof);
  if (exact !== undefined) {
    return invalidUnlessProven(deniedByTypes(`the NSEC3 of ${presentLabels(name)}`, exact.types, type));
  }
  const encloser = closestEncloser(name, proof);
  if (encloser.kind === 'flaw') return encloser.flaw;
  const wildcard = ['*', ...encloser.name];
  const source = matching(wildcard, proof);
  if (source !== undefined) {
    return invalidUnlessProven(deniedByTypes(`the NSEC3 of ${presentLabels(wildcard)}`, source.types, type));
  }
  if (!isOptOut(encloser.cover)) {
    return invalid(`the NSEC3s prove that ${presentLabels(name)} does not exist, but the rcode says that it does`);
  }
  // Unsigned delegations may lie in the gap, and empty names above them.
  if (type === DS) return undefined;
  return { kind: 'unknown', why: `${presentLabels(name)} lies in an opt-out gap, of which NSEC3 proves nothing` };
}

/** That neither `name` nor a wildcard in its place exists. */
export function denyNameByNsec3(name: Labels, proof: Nsec3Proof): Flaw | undefined {
  const unusable = unusableProof(proof);
  if (unusable !== undefined) return unusable;
  if (matching(name, proof) !== undefined) return invalid(`an NSEC3 proves that ${presentLabels(name)} exists`);
  const encloser = closestEncloser(name, proof);
  if (encloser.kind === 'flaw') return encloser.flaw;
  const wildcard = ['*', ...encloser.name];
  if (covering(wildcard, proof) !== undefined) return undefined;
  return invalid(`no NSEC3 proves that ${presentLabels(wildcard)} does not exist`);
}

/** That nothing between a wildcard, below the last `encloserLabels` labels, and `name` exists. */
export function denyCloserByNsec3(name: Labels, encloserLabels: number, proof: Nsec3Proof): Flaw | undefined {
  const unusable = unusableProof(proof);
  if (unusable !== undefined) return unusable;
  const nextCloser = name.slice(name.length - encloserLabels - 1);
  if (covering(nextCloser, proof) !== undefined) return undefined;
  return invalid(`no NSEC3 proves that the wildcard may answer for ${presentLabels(name)}`);
}

/** RFC 5155 section 5, in hex. */
export function nsec3Hash(name: Labels, salt: Buffer, iterations: number): string {
  let hash: Buffer = wireLabels(name);
  for (let round = 0; round <= iterations; round += 1) {
    hash = createHash('sha1').update(hash).update(salt).digest();
  }
  return hash.toString('hex');
}

type Encloser =
  | { readonly kind: 'found'; readonly name: Labels; readonly cover: Nsec3 }
  | { readonly kind: 'flaw'; readonly flaw: Flaw };

/** RFC 5155 section 8.3: the longest name above that exists, and the proof that the one below it does not. */
function closestEncloser(name: Labels, proof: Nsec3Proof): Encloser {
  for (let above = 1; above <= name.length - proof.zone.length; above += 1) {
    const candidate = name.slice(above);
    const match = matching(candidate, proof);
    if (match === undefined) continue;
    if (isDelegation(match.types) || match.types.has(DNAME)) {
      return flaw(`the NSEC3 of ${presentLabels(candidate)} is that of a zone cut or DNAME: it has no say below`);
    }
    const nextCloser = name.slice(above - 1);
    const cover = covering(nextCloser, proof);
    if (cover === undefined) return flaw(`no NSEC3 proves that ${presentLabels(nextCloser)} does not exist`);
    return { kind: 'found', name: candidate, cover };
  }
  return flaw(`no NSEC3 shows a name above ${presentLabels(name)} that exists`);
}

function matching(name: Labels, proof: Nsec3Proof): Nsec3 | undefined {
  const hash = hashFor(name, proof);
  return proof.records.find((record) => record.hash === hash);
}

function covering(name: Labels, proof: Nsec3Proof): Nsec3 | undefined {
  const hash = hashFor(name, proof);
  return proof.records.find(({ hash: owner, next }) => {
    const isLast = next <= owner;
    return isLast ? hash > owner || hash < next : owner < hash && hash < next;
  });
}

function hashFor(name: Labels, { records: [first] }: Nsec3Proof): string {
  return first === undefined ? '' : nsec3Hash(name, first.salt, first.iterations);
}

function unusableProof({ records }: Nsec3Proof): Flaw | undefined {
  const [first] = records;
  if (first === undefined) return invalid('no NSEC3 is there');
  if (records.some(({ algorithm }) => algorithm !== SHA1)) {
    return { kind: 'unknown', why: 'an NSEC3 uses a hash that is not checked here' };
  }
  if (records.some(({ flags }) => (flags & ~OPT_OUT) !== 0)) {
    return { kind: 'unknown', why: 'an NSEC3 has flags that validators ignore it for' };
  }
  if (records.some(({ salt, iterations }) => iterations !== first.iterations || !salt.equals(first.salt))) {
    return invalid('the NSEC3s differ in salt or iterations');
  }
  if (first.iterations > MAX_ITERATIONS) {
    return { kind: 'unknown', why: `NSEC3 with ${first.iterations} iterations: validators may ignore the proof` };
  }
  return undefined;
}

function isOptOut({ flags }: Nsec3): boolean {
  return (flags & OPT_OUT) !== 0;
}

function invalidUnlessProven(why: string | undefined): Flaw | undefined {
  return why === undefined ? undefined : invalid(why);
}

function invalid(why: string): Flaw {
  return { kind: 'invalid', why };
}

function flaw(why: string): Encloser {
  return { kind: 'flaw', flaw: invalid(why) };
}
