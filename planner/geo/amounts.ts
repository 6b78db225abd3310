/** How many clients: in the ways in which clients can be counted. */

export const MEASURES = ['ipv4Networks', 'ipv4Addresses', 'ipv6Networks', 'ipv6Sites', 'traffic'] as const;

/**
 * `ipv4Networks`, `ipv6Networks`: the largest networks that the databases and the records do not divide. `ipv4Addresses`.
 * `ipv6Sites`: networks of /48, since nobody knows how many addresses of IPv6 are in use. `traffic`: as stated by a traffic
 * file, 0 without one.
 */
export type Measure = (typeof MEASURES)[number];

/** By the place of a measure in `MEASURES`. */
export type Amounts = readonly number[];

export const MEASURE_COUNT = MEASURES.length;

export function noAmounts(): number[] {
  return Array<number>(MEASURE_COUNT).fill(0);
}

/** Adds `share` of `amounts` to `sum`. */
export function addAmounts(sum: number[], amounts: Amounts, share = 1): void {
  for (let i = 0; i < MEASURE_COUNT; i++) sum[i] = (sum[i] ?? 0) + (amounts[i] ?? 0) * share;
}

export function amountOf(amounts: Amounts, measure: Measure): number {
  return amounts[MEASURES.indexOf(measure)] ?? 0;
}

/** What a measure is called where there are many of it. */
export const MEASURE_NAMES: Readonly<Record<Measure, string>> = {
  ipv4Networks: 'IPv4 networks',
  ipv4Addresses: 'IPv4 addresses',
  ipv6Networks: 'IPv6 networks',
  ipv6Sites: 'IPv6 /48s',
  traffic: 'traffic',
};
