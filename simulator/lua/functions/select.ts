/** The ways PowerDNS picks among values: uniform, by the client's hash, by weight, by distance. */
import { formatAddress, type IpAddress } from '../../../geoip/address.ts';
import { degreesSquared, greatCircleKm } from '../../../geoip/distance.ts';
import { chooseUniformly } from '../../chooser.ts';
import { unorderedMapOrder } from '../../hash.ts';
import { atoi } from '../../health/c-number.ts';
import type { EvaluationContext } from '../context.ts';
import { Opaque } from '../context.ts';
import type { WeightedItem } from '../convert.ts';
import { closestPlaces, type Hashed, hashOf, weightedPlace } from '../fact.ts';
import { LuaError } from '../lua-error.ts';

export function pickRandom<T>(context: EvaluationContext, list: readonly T[]): T {
  if (list.length === 0) throw new LuaError('cannot pick from an empty list');
  return itemAt(list, chooseUniformly(context.chooser, list.length));
}

/** `list[hash(bestwho) mod n]`, in list order. */
export function pickHashed<T>(context: EvaluationContext, list: readonly T[]): T {
  if (list.length === 0) throw new LuaError('cannot pick from an empty list');
  const index = context.read(weightedPlace('client', Array<number>(list.length).fill(1)));
  context.because((query) => {
    const hash = hashOf('client', query);
    return {
      step: `the hash of client ${formatAddress(query.bestwho)} is ${hash}, mod ${list.length} = place ${index + 1}`,
      detail: { hash, modulus: list.length, index },
    };
  });
  return itemAt(list, index);
}

export interface Weighted<T> {
  readonly weight: number;
  readonly value: T;
}

/**
 * The rows of a weighted list in the order in which PowerDNS walks them, their weights checked as the release line does:
 * up to 5.0 a weight of 0 is allowed and never chosen, from 5.1 it is an error.
 */
export function weightedInOrder(context: EvaluationContext, rows: readonly WeightedItem[]): Weighted<string>[] {
  const { minimumWeight, maximumWeightSum } = context.profile;
  let sum = 0;
  const weights = rows.map(({ weightText, value }) => {
    const weight = atoi(weightText);
    if (weight < 0 && minimumWeight === 0) throw new Opaque(`weight ${weight} is negative: odd results before 5.1`);
    if (weight < minimumWeight) throw new LuaError(`weight ${weightText} of '${value}' is below ${minimumWeight}`);
    sum += weight;
    return { weight, value };
  });
  if (sum === 0) throw new LuaError('the weights sum to 0');
  if (sum > maximumWeightSum) throw new Opaque(`the weights sum to ${sum}, which overflows in this release`);
  return unorderedMapOrder(rows.length).map((position) => itemAt(weights, position));
}

/** The row that owns `hash mod sum`, walking in the order given. */
export function pickByHash<T>(context: EvaluationContext, rows: readonly Weighted<T>[], hashed: Hashed): T {
  const weights = rows.map((row) => row.weight);
  const place = context.read(weightedPlace(hashed, weights));
  const { value } = itemAt(rows, place);
  context.because((query) => {
    const hash = hashOf(hashed, query);
    const sum = weights.reduce((total, weight) => total + weight, 0);
    const from = weights.slice(0, place).reduce((total, weight) => total + weight, 0);
    const to = from + itemAt(weights, place) - 1;
    const of = hashed === 'client' ? `client ${formatAddress(query.bestwho)}` : `name ${query.qname}`;
    return {
      step: `the hash of ${of} is ${hash}, mod ${sum} = ${hash % sum}: in ${from}…${to}, the share of ${String(value)}`,
      detail: { hash, sum, bucket: hash % sum, from, to, value },
    };
  });
  return value;
}

export function pickByWeight<T>(context: EvaluationContext, rows: readonly Weighted<T>[]): T {
  const index = context.chooser.choose(rows.map((row) => row.weight));
  return itemAt(rows, index).value;
}

/** A candidate among those with the smallest distance; equal distances (exact doubles) are drawn among. */
export function pickClosest(context: EvaluationContext, candidates: readonly IpAddress[]): IpAddress {
  if (candidates.length === 0) throw new LuaError('cannot pick from an empty list');
  const locations = candidates.map((address) => context.geo.location(address));
  const places = context.read(closestPlaces(locations));
  const closest = places.split(',').map((place) => itemAt(candidates, Number(place)));
  context.because(({ bestwho }) => {
    const client = context.geo.location(bestwho);
    const distances = candidates.map((address, i) => ({
      address: formatAddress(address),
      ...itemAt(locations, i),
      degrees: Math.sqrt(degreesSquared(client, itemAt(locations, i))),
      kilometres: Math.round(greatCircleKm(client, itemAt(locations, i))),
    }));
    return {
      step: closestSentence(distances, closest.map(formatAddress)),
      detail: { client: { address: formatAddress(bestwho), ...client }, candidates: distances },
    };
  });
  return pickRandom(context, closest);
}

interface Distance {
  readonly address: string;
  readonly known: boolean;
  readonly degrees: number;
  readonly kilometres: number;
}

function closestSentence(distances: readonly Distance[], closest: readonly string[]): string {
  const all = distances
    .map(({ address, known, degrees, kilometres }) => {
      const place = known ? `${kilometres} km` : 'of unknown place, so taken to be at 0°N 0°E';
      return `${address}: ${degrees.toFixed(3)}° as PowerDNS measures, ${place}`;
    })
    .join('; ');
  return closest.length === 1
    ? `closest is ${closest[0]} (${all})`
    : `${closest.length} candidates are equally close, drawn among ${closest.join(', ')} (${all})`;
}

export function itemAt<T>(list: readonly T[], index: number): T {
  if (index < 0 || index >= list.length) throw new RangeError(`no item ${index} in a list of ${list.length}`);
  return list[index] as T;
}
