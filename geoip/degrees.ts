/**
 * A number as C's `printf("%f")` writes it: six decimals, halves to even, the sign of −0 kept. PowerDNS passes coordinates
 * around in this form, so it is also their precision.
 */
export function formatSixDecimals(value: number): string {
  if (Number.isNaN(value)) return 'nan';
  const sign = value < 0 || Object.is(value, -0) ? '-' : '';
  const size = Math.abs(value);
  if (size === Number.POSITIVE_INFINITY) return `${sign}inf`;
  if (size >= 1e21) return `${sign}${BigInt(size)}.000000`;
  return sign + (isTie(size) ? evenMillionths(size) : size).toFixed(6);
}

/** What `atof` makes of `formatSixDecimals`. */
export function roundToSixDecimals(value: number): number {
  return Number.isFinite(value) ? Number(formatSixDecimals(value)) : value;
}

/** Only odd multiples of 1/128 lie exactly between two numbers of six decimals. */
function isTie(size: number): boolean {
  return (size * 128) % 2 === 1;
}

function evenMillionths(size: number): number {
  const lower = Math.floor(size * 1e6);
  return (lower % 2 === 0 ? lower : lower + 1) / 1e6;
}
