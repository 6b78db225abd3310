import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { z } from 'zod';
import { parseAddress } from '../geoip/address.ts';
import { burtle, unorderedMapOrder } from './hash.ts';

function read<T>(file: string, shape: z.ZodType<T>): T {
  return shape.parse(JSON.parse(readFileSync(new URL(`../test/vectors/${file}`, import.meta.url), 'utf8')));
}

const Raw = z.object({ vectors: z.array(z.object({ hashed_address: z.string(), hash_uint32: z.number() })) });

test.each(read('hash-raw.json', Raw).vectors)(
  'vector hash-raw: $hashed_address is $hash_uint32',
  ({ hashed_address, hash_uint32 }) => {
    const address = parseAddress(hashed_address);
    expect(address === undefined ? undefined : burtle(address.bytes)).toBe(hash_uint32);
  },
);

const Order = z.object({
  meta: z.object({ derived_permutations: z.record(z.string(), z.array(z.number())) }),
  vectors: z.array(z.tuple([z.number(), z.string(), z.string()])),
});
const order = read('hash-list-order.json', Order);

test.each(Object.entries(order.meta.derived_permutations))(
  'vector hash-list-order: the order of a weighted list of %s entries',
  (count, positions) => {
    expect(unorderedMapOrder(Number(count)).map((position) => position + 1)).toEqual(positions);
  },
);

test('vector hash-list-order: each client lands on the recorded entry of a list of equal weights', () => {
  const landed = order.vectors.map(([count, ecs]) => {
    const address = parseAddress(ecs.replace(/\/.*/, ''));
    const bucket = address === undefined ? Number.NaN : burtle(address.bytes) % count;
    return [count, ecs, `192.0.2.${(unorderedMapOrder(count)[bucket] ?? Number.NaN) + 1}`];
  });
  expect(landed).toEqual(order.vectors);
});

test('the order of every list is a permutation', () => {
  for (const count of [0, 1, 2, 100, 258, 541, 542, 1109, 5000]) {
    const positions = [...unorderedMapOrder(count)].sort((a, b) => a - b);
    expect(positions).toEqual(Array.from({ length: count }, (_, i) => i));
  }
});
