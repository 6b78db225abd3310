/** The ways PowerDNS picks among values: uniform, by the client's hash, by weight, by distance. */
import { formatAddress, type IpAddress } from '../../../geoip/address.ts';
import { degreesSquared } from '../../../geoip/distance.ts';
import { chooseUniformly } from '../../chooser.ts';
import { burtle, unorderedMapOrder } from '../../hash.ts';
import { atoi } from '../../health/c-number.ts';
import type { EvaluationContext } from '../context.ts';
import { Opaque } from '../context.ts';
import type { WeightedItem } from '../convert.ts';
import { LuaError } from '../vm.ts';

export function pickRandom<T>(context: EvaluationContext, list: readonly T[]): T {
  if (list.length === 0) throw new LuaError('cannot pick from an empty list');
  return itemAt(list, chooseUniformly(context.chooser, list.length));
}

/** `list[hash(bestwho) mod n]`, in list order. */
export function pickHashed<T>(context: EvaluationContext, list: readonly T[]): T {
  if (list.length === 0) throw new LuaError('cannot pick from an empty list');
  const hash = clientHash(context);
  const index = hash % list.length;
  context.because({
    step: `the hash of client ${formatAddress(context.query.bestwho)} is ${hash}, mod ${list.length} = place ${index + 1}`,
    detail: { hash, modulus: list.length, index },
  });
  return itemAt(list, index);
}

/** The hash of the address that the server sees as the client. Ports and prefix lengths do not enter. */
export function clientHash(context: EvaluationContext): number {
  return burtle(context.query.bestwho.bytes);
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

/** The row that owns `point mod sum`, walking in the order given. */
export function pickByPoint<T>(context: EvaluationContext, rows: readonly Weighted<T>[], point: number, of: string): T {
  const sum = rows.reduce((total, row) => total + row.weight, 0);
  const bucket = point % sum;
  let end = 0;
  for (const { weight, value } of rows) {
    const start = end;
    end += weight;
    if (bucket < end) {
      context.because({
        step: `the hash of ${of} is ${point}, mod ${sum} = ${bucket}: in ${start}…${end - 1}, the share of ${String(value)}`,
        detail: { hash: point, sum, bucket, from: start, to: end - 1, value },
      });
      return value;
    }
  }
  throw new LuaError('the weights sum to 0');
}

export function pickByWeight<T>(context: EvaluationContext, rows: readonly Weighted<T>[]): T {
  const index = context.chooser.choose(rows.map((row) => row.weight));
  return itemAt(rows, index).value;
}

/** A candidate among those with the smallest distance; equal distances (exact doubles) are drawn among. */
export function pickClosest(context: EvaluationContext, candidates: readonly IpAddress[]): IpAddress {
  if (candidates.length === 0) throw new LuaError('cannot pick from an empty list');
  const client = context.geo.location(context.query.bestwho);
  const distances = candidates.map((address) => degreesSquared(client, context.geo.location(address)));
  const smallest = Math.min(...distances);
  const closest = candidates.filter((_, i) => distances[i] === smallest);
  context.because({
    step: closestSentence(candidates.map(formatAddress), distances, closest.map(formatAddress)),
    detail: {
      client: { address: formatAddress(context.query.bestwho), ...client },
      candidates: candidates.map((address, i) => ({
        address: formatAddress(address),
        ...context.geo.location(address),
        degreesSquared: distances[i],
      })),
    },
  });
  return pickRandom(context, closest);
}

function closestSentence(
  addresses: readonly string[],
  distances: readonly number[],
  closest: readonly string[],
): string {
  const all = addresses.map((address, i) => `${address} at ${Math.sqrt(distances[i] ?? 0).toFixed(3)}°`).join(', ');
  return closest.length === 1
    ? `closest is ${closest[0]} (${all}, measured in degrees as PowerDNS does)`
    : `${closest.length} candidates are equally close, drawn among ${closest.join(', ')} (${all})`;
}

function itemAt<T>(list: readonly T[], index: number): T {
  if (index < 0 || index >= list.length) throw new RangeError(`no item ${index} in a list of ${list.length}`);
  return list[index] as T;
}
