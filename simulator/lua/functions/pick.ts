/** Functions that pick among values without asking for health: elements are opaque texts. */

import { formatAddress } from '../../../geoip/address.ts';
import { burtle, unorderedMapOrder } from '../../hash.ts';
import { atoi } from '../../health/c-number.ts';
import { type EvaluationContext, Opaque } from '../context.ts';
import {
  candidate,
  completeRingList,
  completeWeightedList,
  integer,
  orderedTexts,
  recordFunction,
  textList,
  weightedList,
} from '../convert.ts';
import { hashOf, nextOnRing, type RingPoint, ringPlace } from '../fact.ts';
import { LuaError } from '../lua-error.ts';
import { itemAt, pickByHash, pickByWeight, pickClosest, pickHashed, pickRandom, weightedInOrder } from './select.ts';

export const pickrandom = recordFunction('pickrandom', [textList], (context, list) => pickRandom(context, list));

/**
 * `count` distinct places in any order, each as likely as any other. Below 0 or beyond the size: all of them, and no less
 * shuffled.
 */
export const pickrandomsample = recordFunction('pickrandomsample', [integer, textList], (context, count, list) => {
  if (list.length === 0) throw new LuaError('cannot pick from an empty list');
  // A C++ `int`: the number wraps at 32 bits.
  const wanted = count | 0;
  const size = wanted < 0 ? list.length : Math.min(wanted, list.length);
  return context.orderCounts ? drawInOrder(context, list, size) : drawSet(context, list, size);
});

function drawInOrder(context: EvaluationContext, list: readonly string[], size: number): string[] {
  const rest = [...list];
  return Array.from({ length: size }, () => {
    const picked = pickRandom(context, rest);
    rest.splice(rest.indexOf(picked), 1);
    return picked;
  });
}

/** Takes or leaves one value after the other, so that no set is drawn twice. */
function drawSet({ chooser }: EvaluationContext, list: readonly string[], size: number): string[] {
  let missing = size;
  return list.filter((_, i) => {
    const isTaken = missing > 0 && chooser.choose([missing, list.length - i - missing]) === 0;
    if (isTaken) missing--;
    return isTaken;
  });
}

export const pickwrandom = recordFunction('pickwrandom', [completeWeightedList], (context, rows) =>
  pickByWeight(context, weightedInOrder(context, rows)),
);

export const pickhashed = recordFunction('pickhashed', [orderedTexts], (context, list) => pickHashed(context, list));

export const pickwhashed = recordFunction('pickwhashed', [weightedList], (context, rows) =>
  pickByHash(context, weightedInOrder(context, rows), 'client'),
);

/** As `pickwhashed`, by the name asked for: wire format, ASCII upper case folded. From 4.9. */
export const picknamehashed = recordFunction('picknamehashed', [weightedList], (context, rows) =>
  pickByHash(context, weightedInOrder(context, rows), 'name'),
);

/** Each one is a hash to compute, anew in every evaluation. */
const MAX_POINTS = 100_000;

/**
 * Consistent hashing: each row owns `weight` points on a ring; the next point at or after the client's wins. Empty text where
 * there is no point. From 4.9.
 */
export const pickchashed = recordFunction('pickchashed', [completeRingList], (context, rows) => {
  const { minimumWeight } = context.profile;
  const weightOf = new Map<string, number>();
  // Of a value that occurs twice the weight counts that comes last in the order of the hash map.
  for (const position of unorderedMapOrder(rows.length)) {
    const { weightText = '', value = '' } = rows[position] ?? {};
    const weight = atoi(weightText);
    if (weight < minimumWeight && minimumWeight > 0) throw tooLight(weightText, value, minimumWeight);
    weightOf.set(value, weight);
  }
  for (const [value, weight] of weightOf) if (weight < 0) throw tooLight(`${weight}`, value, minimumWeight);
  const points = [...weightOf.values()].reduce((sum, weight) => sum + weight, 0);
  if (points > MAX_POINTS) throw new Opaque(`a ring of ${points} points takes too long to walk`);
  const values = [...weightOf.keys()];
  const ring = ringOf(weightOf);
  if (ring.length === 0) return '';
  const owner = itemAt(values, context.read(ringPlace(ring)));
  context.because((query) => {
    const hash = hashOf('client', query);
    const { point } = nextOnRing(ring, hash);
    return {
      step: `the hash of client ${formatAddress(query.bestwho)} is ${hash}; the next point on the ring, ${point}, belongs to ${owner}`,
      detail: { hash, point, value: owner },
    };
  });
  return owner;
});

/** Each value's points, `weight` of them, in ascending order; of equal points the first counts. */
function ringOf(weightOf: ReadonlyMap<string, number>): RingPoint[] {
  const points = [...weightOf].flatMap(([value, weight], place) =>
    Array.from({ length: weight }, (_, i) => ({ point: burtle(asciiBytes(`${value}-${i}`)), place })),
  );
  return points.sort((a, b) => a.point - b.point).filter(({ point }, i) => point !== points[i - 1]?.point);
}

/** The candidate nearest to the client in degrees of latitude and longitude. */
export const pickclosest = recordFunction('pickclosest', [textList], (context, list) =>
  formatAddress(
    pickClosest(
      context,
      list.map((item) => candidate(item).address),
    ),
  ),
);

export const all = recordFunction('all', [textList], (_context, list) => {
  if (list.length === 0) throw new LuaError('cannot pick from an empty list');
  return list;
});

function tooLight(weightText: string, value: string, minimum: number): LuaError {
  return new LuaError(`weight ${weightText} of '${value}' is below ${minimum}`);
}

function asciiBytes(binary: string): Uint8Array {
  return Uint8Array.from(binary, (character) => character.charCodeAt(0));
}
