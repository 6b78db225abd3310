/**
 * What NSEC records prove. Each function says what is missing from a proof, and nothing where it is complete. The records'
 * signatures are checked elsewhere.
 */
import { typeName } from '../simulator/zone/record-type.ts';
import { compareLabels, isWithin, type Labels, presentLabels, sameLabels, sharedLabels } from './dnssec-name.ts';
import type { Nsec } from './dnssec-records.ts';
import { CNAME, DNAME, DS, NS, SOA } from './dnssec-type.ts';

/** That `name` exists, or a wildcard that answers for it does, without `type`: RFC 4035 section 5.4. */
export function denyTypeByNsec(name: Labels, type: number, nsecs: readonly Nsec[]): string | undefined {
  const exact = nsecs.find((nsec) => sameLabels(nsec.owner, name));
  if (exact !== undefined) return deniedByTypes(`the NSEC of ${presentLabels(name)}`, exact.types, type);
  const cover = covering(name, nsecs);
  if (cover === undefined) return `no NSEC shows whether ${presentLabels(name)} exists`;
  // A name without records of its own, above one that has some.
  if (isWithin(cover.next, name)) return undefined;
  const wildcard = wildcardAt(closestEncloser(name, cover));
  const source = nsecs.find((nsec) => sameLabels(nsec.owner, wildcard));
  if (source === undefined) {
    return `the NSECs prove that ${presentLabels(name)} does not exist, but the rcode says that it does`;
  }
  return deniedByTypes(`the NSEC of ${presentLabels(wildcard)}`, source.types, type);
}

/** That neither `name` nor a wildcard in its place exists. */
export function denyNameByNsec(name: Labels, nsecs: readonly Nsec[]): string | undefined {
  const cover = covering(name, nsecs);
  if (cover === undefined) return `no NSEC proves that ${presentLabels(name)} does not exist`;
  if (isWithin(cover.next, name)) {
    return `an NSEC proves that ${presentLabels(name)} exists: ${presentLabels(cover.next)} is below it`;
  }
  const wildcard = wildcardAt(closestEncloser(name, cover));
  if (covering(wildcard, nsecs) === undefined) return `no NSEC proves that ${presentLabels(wildcard)} does not exist`;
  return undefined;
}

/** That nothing between a wildcard, below the last `encloserLabels` labels, and `name` exists: RFC 4035 section 5.3.4. */
export function denyCloserByNsec(name: Labels, encloserLabels: number, nsecs: readonly Nsec[]): string | undefined {
  const cover = covering(name, nsecs);
  if (cover === undefined) return `no NSEC proves that the wildcard may answer for ${presentLabels(name)}`;
  if (closestEncloser(name, cover).length !== encloserLabels) {
    return `an NSEC proves that a name closer to ${presentLabels(name)} than the wildcard exists`;
  }
  return undefined;
}

/** What the types of a name that exists leave to say against the absence of `type`; shared with NSEC3. */
export function deniedByTypes(record: string, types: ReadonlySet<number>, type: number): string | undefined {
  if (types.has(type)) return `${record} lists ${typeName(type)}: a validator takes the empty answer for forged`;
  if (types.has(CNAME)) return `${record} lists CNAME: the answer should hold it`;
  if (isDelegation(types) && type !== DS) return `${record} is that of a delegation, which says nothing of other types`;
  return undefined;
}

/** A name with NS and no SOA is the parent's side of a zone cut. */
export function isDelegation(types: ReadonlySet<number>): boolean {
  return types.has(NS) && !types.has(SOA);
}

/** The NSEC in whose gap `name` lies. One above a zone cut or a DNAME has no say below it: RFC 6840 section 4.1. */
function covering(name: Labels, nsecs: readonly Nsec[]): Nsec | undefined {
  return nsecs.find(({ owner, next, types }) => {
    if (isWithin(name, owner) && (isDelegation(types) || types.has(DNAME))) return false;
    if (compareLabels(owner, name) >= 0) return false;
    const isLast = compareLabels(next, owner) <= 0;
    return isLast || compareLabels(name, next) < 0;
  });
}

/** The longest name above `name` that exists, as the ends of a gap show it. */
function closestEncloser(name: Labels, { owner, next }: Nsec): Labels {
  const shared = Math.max(sharedLabels(name, owner), sharedLabels(name, next));
  return name.slice(name.length - shared);
}

function wildcardAt(encloser: Labels): Labels {
  return ['*', ...encloser];
}
