/** Clients that are sent far away because PowerDNS measures in degrees. */
import { type Coordinates, degreesSquared, greatCircleKm } from '../../geoip/distance.ts';
import { type Amounts, addAmounts, noAmounts } from './amounts.ts';
import type { FarExample, FarFigures } from './figures.ts';

/** Nearer by less is as near. */
const NOTICED_KM = 1;
const MOST_EXAMPLES = 8;

/** A target that is up, where PowerDNS itself takes it to be. */
export interface Candidate extends Coordinates {
  readonly target: string;
}

export interface FarPlace {
  readonly cause: 'degrees' | 'dateLine';
  readonly km: number;
  readonly nearest: Candidate;
  readonly nearestKm: number;
}

/**
 * Whether a client there goes farther than to the nearest candidate for this reason alone: `sent` is nearest in PowerDNS's measure
 * and not on the earth. `dateLine`: it would not even be in degrees, were they counted the short way around.
 */
export function farPlace(client: Coordinates, sent: Candidate, candidates: readonly Candidate[]): FarPlace | undefined {
  let nearest = sent;
  const km = greatCircleKm(client, sent);
  let nearestKm = km;
  const degrees = degreesSquared(client, sent);
  for (const candidate of candidates) {
    // Another rule than the distance sent the client here.
    if (degreesSquared(client, candidate) < degrees) return undefined;
    const candidateKm = greatCircleKm(client, candidate);
    if (candidateKm >= nearestKm) continue;
    nearestKm = candidateKm;
    nearest = candidate;
  }
  if (km - nearestKm < NOTICED_KM) return undefined;
  const isNearInDegrees = shortWaySquared(client, sent) <= shortWaySquared(client, nearest);
  return { cause: isNearInDegrees ? 'degrees' : 'dateLine', km, nearest, nearestKm };
}

function shortWaySquared(a: Coordinates, b: Coordinates): number {
  const latitude = a.latitude - b.latitude;
  const apart = Math.abs(a.longitude - b.longitude);
  const longitude = Math.min(apart, 360 - apart);
  return latitude * latitude + longitude * longitude;
}

interface Found extends FarPlace {
  readonly kind: number;
  readonly sent: string;
}

/** Adds up who is sent far away, and keeps the worst, one of each place. */
export class FarSums {
  readonly #sums = { degrees: noAmounts(), dateLine: noAmounts() };
  readonly #worst = new Map<number, Found>();

  add(far: FarPlace, kind: number, place: number, sent: string, amounts: Amounts, share: number): void {
    addAmounts(this.#sums[far.cause], amounts, share);
    const known = this.#worst.get(place);
    if (known === undefined) this.#worst.set(place, { ...far, kind, sent });
  }

  figures(describe: (kind: number) => Pick<FarExample, 'network' | 'where'>): FarFigures {
    const worst = [...this.#worst.values()].sort(
      (a, b) => b.km - b.nearestKm - (a.km - a.nearestKm) || a.kind - b.kind,
    );
    return {
      ...this.#sums,
      worst: worst.slice(0, MOST_EXAMPLES).map(({ kind, cause, sent, km, nearest, nearestKm }) => ({
        ...describe(kind),
        cause,
        sentTo: sent,
        km: Math.round(km),
        nearest: nearest.target,
        nearestKm: Math.round(nearestKm),
      })),
    };
  }
}
