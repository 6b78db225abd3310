/** Clients by what they are answered in two states: how many there are of each pair. */
import { type Amounts, MEASURE_COUNT } from './amounts.ts';
import type { Asked } from './asked.ts';
import { type Atlas, type HashedNetworks, networkAmounts } from './atlas.ts';

/** `before` and `after` are numbers of answers; `amounts` is only good during the call. */
export type PairVisitor = (kind: number, before: number, after: number, amounts: Amounts) => void;

/** Visits kinds in their order; of a kind that hashes divide, each pair of answers once. */
export function forEachPair(atlas: Atlas, before: Asked, after: Asked, visit: PairVisitor): void {
  const amounts = new Array<number>(MEASURE_COUNT).fill(0);
  for (let kind = 0; kind < atlas.kinds; kind++) {
    const first = before.numbers[kind] ?? 0;
    const second = after.numbers[kind] ?? 0;
    if (first < 0 || second < 0) {
      const old = numberBy(before, first);
      forEachHash(atlas, kind, old, before === after ? old : numberBy(after, second), visit);
      continue;
    }
    for (let i = 0; i < MEASURE_COUNT; i++) amounts[i] = atlas.amounts[kind * MEASURE_COUNT + i] as number;
    visit(kind, first, second, amounts);
  }
}

function numberBy({ byHash }: Asked, number: number): (hash: number) => number {
  return number >= 0 ? () => number : (byHash[-1 - number] ?? (() => 0));
}

type NumberBy = ReturnType<typeof numberBy>;

function forEachHash(atlas: Atlas, kind: number, before: NumberBy, after: NumberBy, visit: PairVisitor): void {
  const { hashed, families } = atlas;
  if (hashed === undefined) throw new TypeError('the atlas was made without hashes, and a record looks at them');
  const sums = new Map<number, { before: number; after: number; amounts: number[] }>();
  const sumFor = (hash: number) => {
    const first = before(hash);
    const second = before === after ? first : after(hash);
    const key = first * MOST_ANSWERS + second;
    let sum = sums.get(key);
    if (sum === undefined) {
      sum = { before: first, after: second, amounts: new Array<number>(MEASURE_COUNT).fill(0) };
      sums.set(key, sum);
    }
    return sum.amounts;
  };
  addNetworks(hashed, kind, families[kind] ?? 4, sumFor);
  for (let i = hashed.trafficStarts[kind] ?? 0; i < (hashed.trafficStarts[kind + 1] ?? 0); i++) {
    const sum = sumFor(hashed.trafficHashes[i] ?? 0);
    sum[TRAFFIC] = (sum[TRAFFIC] ?? 0) + (hashed.traffic[i] ?? 0);
  }
  for (const sum of sums.values()) visit(kind, sum.before, sum.after, sum.amounts);
}

const MOST_ANSWERS = 2 ** 26;
const TRAFFIC = MEASURE_COUNT - 1;
const BY_LENGTH = [4, 6].map((family) => Array.from({ length: 129 }, (_, length) => networkAmounts(family, length)));

function addNetworks(hashed: HashedNetworks, kind: number, family: number, sumFor: (hash: number) => number[]): void {
  const { starts, hashes, lengths } = hashed;
  const byLength = BY_LENGTH[family === 4 ? 0 : 1] ?? [];
  const [networks, size] = family === 4 ? [0, 1] : [2, 3];
  for (let i = starts[kind] ?? 0; i < (starts[kind + 1] ?? 0); i++) {
    const sum = sumFor(hashes[i] as number);
    sum[networks] = (sum[networks] as number) + 1;
    sum[size] = (sum[size] as number) + (byLength[lengths[i] as number]?.[size] as number);
  }
}
