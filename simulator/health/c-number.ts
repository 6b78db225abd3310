/** How C and C++ read numbers at the start of a text: what options, weights and bodies of health checks go through. */

const LEADING_INTEGER = /^[ \t\n\v\f\r]*([+-]?\d+)/;

/** C's `atoi`: leading blanks, a sign, digits; anything else ends the number; 0 without digits. */
export function atoi(text: string): number {
  const digits = LEADING_INTEGER.exec(text)?.[1];
  return digits === undefined ? 0 : Number(digits);
}

/** C++'s `std::stoi`: as `atoi`, but undefined where there are no digits or the number does not fit 32 bits. */
export function stoi(text: string): number | undefined {
  const digits = LEADING_INTEGER.exec(text)?.[1];
  if (digits === undefined) return undefined;
  const value = Number(digits);
  if (value > 2_147_483_647 || value < -2_147_483_648) return undefined;
  return value === 0 ? 0 : value;
}
