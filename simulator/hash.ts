/**
 * The hash behind `pickhashed`, `pickwhashed`, `picknamehashed`, `pickchashed` and `selector='hashed'`:
 * Bob Jenkins' "lookup2" of 1996, as PowerDNS (all releases) runs it over addresses and names.
 */

const GOLDEN_RATIO = 0x9e3779b9;

/** Unsigned 32-bit hash of `bytes`. */
export function burtle(bytes: Uint8Array, init = 0): number {
  let a = GOLDEN_RATIO | 0;
  let b = GOLDEN_RATIO | 0;
  let c = init | 0;
  const size = bytes.length;
  const byte = (i: number): number => (i < size ? (bytes[i] ?? 0) : 0);
  const word = (i: number): number => byte(i) | (byte(i + 1) << 8) | (byte(i + 2) << 16) | (byte(i + 3) << 24);

  let at = 0;
  for (let rest = size; ; rest -= 12) {
    const last = rest < 12;
    a = (a + word(at)) | 0;
    b = (b + word(at + 4)) | 0;
    // The lowest byte of the last word belongs to the length.
    c = last ? (c + size + (word(at + 7) & ~0xff)) | 0 : (c + word(at + 8)) | 0;

    a = (a - b - c) ^ (c >>> 13);
    b = (b - c - a) ^ (a << 8);
    c = (c - a - b) ^ (b >>> 13);
    a = (a - b - c) ^ (c >>> 12);
    b = (b - c - a) ^ (a << 16);
    c = (c - a - b) ^ (b >>> 5);
    a = (a - b - c) ^ (c >>> 3);
    b = (b - c - a) ^ (a << 10);
    c = (c - a - b) ^ (b >>> 15);
    if (last) return c >>> 0;
    at += 12;
  }
}

/** Sizes at which libstdc++'s `std::unordered_map` grows when it is filled one by one. */
const BUCKET_COUNTS = [
  13, 29, 59, 127, 257, 541, 1109, 2357, 5087, 10273, 20753, 42043, 85229, 172933, 351061, 712697, 1447153, 2938679,
];

/**
 * The order in which PowerDNS walks a weighted list of `count` entries: it keeps the list in a
 * `std::unordered_map<int, …>` keyed by position, and libstdc++ puts a new entry in front and reverses on growth.
 * Positions count from 0.
 */
export function unorderedMapOrder(count: number): readonly number[] {
  const known = orders.get(count);
  if (known !== undefined) return known;
  let order: number[] = [];
  let capacity = 1;
  let growth = 0;
  for (let position = 0; position < count; position++) {
    if (position + 1 > capacity) {
      capacity = BUCKET_COUNTS[growth++] ?? Number.POSITIVE_INFINITY;
      order.reverse();
    }
    order.push(position);
  }
  // Kept with the front at the end while growing, since appending is cheap.
  order = order.reverse();
  orders.set(count, order);
  return order;
}

const orders = new Map<number, readonly number[]>();
