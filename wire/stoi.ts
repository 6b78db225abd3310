/**
 * The integer at the start of `text` as C++ `std::stoi` reads it in base ten: leading blanks, a sign, digits, then
 * anything. Undefined where there is none or it does not fit 32 bits; there PowerDNS catches an exception.
 */
export function stoi(text: string): number | undefined {
  const match = /^[ \t\n\v\f\r]*([+-]?\d+)/.exec(text);
  if (match === null) return undefined;
  const value = Number(match[1]);
  if (value > 2_147_483_647 || value < -2_147_483_648) return undefined;
  return value === 0 ? 0 : value;
}
