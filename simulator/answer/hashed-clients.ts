/**
 * Over many clients the hash of their addresses is spread evenly. Code that picks by it splits clients into groups; code that
 * picks twice by the same hash splits them further, and not independently: of two lists of two, half the clients get both
 * firsts and half both seconds.
 */
import type { Chooser } from '../chooser.ts';
import { Opaque, type RecordQuery } from '../lua/context.ts';
import type { Fact, Grain } from '../lua/fact.ts';

type HashGrain = Extract<Grain, { kind: 'hash' }>;

interface Choice {
  readonly fact: Fact;
  readonly shares: readonly number[];
  readonly place: number;
}

/** One group of clients in the making: each place that their hash comes to is chosen when it is first asked for. */
export class HashedClients {
  readonly #chooser: Chooser;
  readonly #choices: Choice[] = [];

  constructor(chooser: Chooser) {
    this.#chooser = chooser;
  }

  /** Throws `Opaque` where the shares of both picks together are not known. */
  placeIn(fact: Fact, { shares }: HashGrain, query: RecordQuery): number {
    const same = this.#choices.find((choice) => isSamePick(choice, fact, shares, query));
    if (same !== undefined) return same.place;
    const left = sharesLeft(this.#choices, shares);
    if (left === undefined) {
      throw new Opaque("the answer hangs on several picks by the client's hash whose shares together are not known");
    }
    const place = this.#chooser.choose(left);
    this.#choices.push({ fact, shares, place });
    return place;
  }
}

const HASHES = 2 ** 32;
const PROBES = 16;
const MAX_BUCKETS = 1_000_000;

/** Equal shares of `hash mod sum` are the same pick; rings, which share out all hashes, are compared where some clients land. */
function isSamePick(choice: Choice, fact: Fact, shares: readonly number[], query: RecordQuery): boolean {
  if (choice.shares.length !== shares.length || !choice.shares.every((share, i) => share === shares[i])) return false;
  if (sumOf(shares) !== HASHES) return true;
  return Array.from({ length: PROBES }, (_, i) => probe(query, i)).every(
    (client) => placeOf(choice.fact, client) === placeOf(fact, client),
  );
}

function placeOf(fact: Fact, client: RecordQuery) {
  return fact.key(fact.of(client, NOWHERE));
}

const NOWHERE = {
  attribute: () => 'unknown',
  location: () => ({ latitude: 0, longitude: 0, known: false }),
};

function probe(query: RecordQuery, number: number): RecordQuery {
  return { ...query, bestwho: { family: 4, bytes: Uint8Array.of(number, 37 * number, 91, 7 + number) } };
}

/** How the clients that came to these places are shared out by another list; undefined where that cannot be told. */
function sharesLeft(choices: readonly Choice[], shares: readonly number[]): readonly number[] | undefined {
  if (choices.length === 0) return shares;
  const lists = [...choices.map((choice) => choice.shares), shares];
  const buckets = lists.map(sumOf).reduce(leastCommonMultiple);
  if (buckets > MAX_BUCKETS) return undefined;
  const known = choices.map(({ shares: list, place }) => ({ place, placeAt: placesBy(list) }));
  const placeAt = placesBy(shares);
  const left = shares.map(() => 0);
  for (let bucket = 0; bucket < buckets; bucket++) {
    if (!known.every((choice) => choice.placeAt(bucket) === choice.place)) continue;
    const place = placeAt(bucket);
    left[place] = (left[place] ?? 0) + 1;
  }
  return left;
}

function placesBy(shares: readonly number[]): (bucket: number) => number {
  const places = shares.flatMap((share, place) => Array<number>(share).fill(place));
  return (bucket) => places[bucket % places.length] ?? 0;
}

function sumOf(shares: readonly number[]): number {
  return shares.reduce((sum, share) => sum + share, 0);
}

function leastCommonMultiple(a: number, b: number): number {
  let [x, y] = [a, b];
  while (y !== 0) [x, y] = [y, x % y];
  return (a / x) * b;
}
