/** Numbers as C and LuaJIT write them. */

/** One directive of `printf` for a number: `%-5.2f` is `{flags: '-', width: 5, precision: 2, letter: 'f'}`. */
export interface Directive {
  readonly flags: string;
  readonly width: number;
  readonly precision: number | undefined;
  readonly letter: string;
}

/** A number by a directive of LuaJIT's `string.format`: one of `d i u x X o c f e E g G`. Halves are rounded up, as there. */
export function formatNumber(directive: Directive, value: number): string {
  const { letter, flags, precision } = directive;
  if ('diuxXo'.includes(letter)) return padded(directive, ...integerParts(directive, value));
  if (!Number.isFinite(value)) {
    const name = Number.isNaN(value) ? 'nan' : 'inf';
    const sign = value < 0 ? '-' : signOf(flags, false);
    return padded(
      { ...directive, flags: flags.replace('0', '') },
      sign,
      /[A-Z]/.test(letter) ? name.toUpperCase() : name,
    );
  }
  const negative = value < 0 || Object.is(value, -0);
  const size = Math.abs(value);
  const digits = realDigits(letter.toLowerCase(), size, precision ?? 6, flags.includes('#'));
  return padded(directive, signOf(flags, negative), /[A-Z]/.test(letter) ? digits.toUpperCase() : digits);
}

/** A number as Lua turns it into text: fourteen significant digits. */
export function numberText(value: number): string {
  if (Number.isInteger(value) && Math.abs(value) < 1e14) return Object.is(value, -0) ? '-0' : String(value);
  return formatNumber({ flags: '', width: 0, precision: 14, letter: 'g' }, value);
}

/** C++ streams by default, and `%g`: six significant digits. */
export function formatShortest(value: number): string {
  return formatNumber({ flags: '', width: 0, precision: undefined, letter: 'g' }, value);
}

function signOf(flags: string, negative: boolean): string {
  if (negative) return '-';
  return flags.includes('+') ? '+' : flags.includes(' ') ? ' ' : '';
}

function integerParts({ letter, flags, precision }: Directive, value: number): [sign: string, digits: string] {
  const whole = toInt64(value);
  const signed = letter === 'd' || letter === 'i';
  const size = signed ? (whole < 0n ? -whole : whole) : BigInt.asUintN(64, whole);
  const radix = letter === 'o' ? 8 : letter === 'x' || letter === 'X' ? 16 : 10;
  let digits = size.toString(radix);
  if (letter === 'X') digits = digits.toUpperCase();
  if (precision !== undefined) digits = digits.padStart(precision, '0');
  if (flags.includes('#') && size !== 0n && radix !== 10) digits = `${radix === 8 ? '0' : `0${letter}`}${digits}`;
  return [signed ? signOf(flags, whole < 0n) : '', digits];
}

/** As x86 converts: what does not fit becomes the smallest number; from 2^63 on the upper half is taken as unsigned. */
function toInt64(value: number): bigint {
  if (!Number.isFinite(value)) return -(2n ** 63n);
  const whole = BigInt(Math.trunc(value));
  return whole >= -(2n ** 63n) && whole < 2n ** 63n ? whole : -(2n ** 63n);
}

function realDigits(letter: string, size: number, precision: number, keepZeros: boolean): string {
  if (letter === 'f') return fixed(size, precision);
  if (letter === 'e') return exponential(size, precision);
  const significant = Math.max(1, precision);
  const exponent = size === 0 ? 0 : Number(size.toExponential(significant - 1).split('e')[1]);
  const scientific = exponent < -4 || exponent >= significant;
  const text = scientific ? exponential(size, significant - 1) : fixed(size, significant - 1 - exponent);
  if (keepZeros) return text;
  const [mantissa = '', tail] = text.split('e');
  const short = mantissa.includes('.') ? mantissa.replace(/\.?0+$/, '') : mantissa;
  return tail === undefined ? short : `${short}e${tail}`;
}

function fixed(size: number, decimals: number): string {
  if (size < 1e21) return size.toFixed(decimals);
  return decimals === 0 ? `${BigInt(size)}` : `${BigInt(size)}.${'0'.repeat(decimals)}`;
}

function exponential(size: number, decimals: number): string {
  const [mantissa = '', exponent = '+0'] = size.toExponential(decimals).split('e');
  return `${mantissa}e${exponent.charAt(0)}${exponent.slice(1).padStart(2, '0')}`;
}

function padded({ flags, width, letter, precision }: Directive, sign: string, digits: string): string {
  const missing = Math.max(0, width - sign.length - digits.length);
  if (flags.includes('-')) return sign + digits + ' '.repeat(missing);
  const zeros = flags.includes('0') && !('diuxXo'.includes(letter) && precision !== undefined);
  return zeros ? sign + '0'.repeat(missing) + digits : ' '.repeat(missing) + sign + digits;
}
