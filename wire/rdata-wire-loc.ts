import { bigEndian, bytesField } from './rdata-wire-field.ts';

/** A place on earth (RFC 1876): `52 22 23.000 N 4 53 32.000 E -2.00m 0.00m 10000.00m 10.00m`. */
export const location = bytesField((words) => {
  const text = words.rest().join(' ');
  const match = PATTERN.exec(text);
  if (match === null) throw new RangeError(`'${text}' is no location like '52 22 23.000 N 4 53 32.000 E -2.00m'`);
  const [latitude, longitude] = [arc(match.slice(1, 4)), arc(match.slice(5, 8))];
  if (latitude > 90 * ARC_DEGREE || longitude > 180 * ARC_DEGREE) throw new RangeError(`'${text}' is not on the earth`);
  const [altitude = '0', size = '1', horizontal = '10000', vertical = '10'] = match.slice(9);
  return [
    0,
    ...[size, horizontal, vertical].map((metres) => precision(centimetres(metres))),
    ...bigEndian(EQUATOR + (/s/i.test(match[4] ?? '') ? -latitude : latitude), 4),
    ...bigEndian(EQUATOR + (/w/i.test(match[8] ?? '') ? -longitude : longitude), 4),
    ...bigEndian(centimetres(altitude) + DEEPEST, 4),
  ];
});

/** Thousandths of a second of arc. */
const ARC_DEGREE = 3_600_000;
const EQUATOR = 2 ** 31;
const DEEPEST = 10_000_000;

const ANGLE = String.raw`(\d{1,3})(?: (\d{1,2}))?(?: (\d{1,2}(?:\.\d{1,3})?))?`;
const METRES = String.raw`(-?\d{1,8}(?:\.\d{1,2})?)m?`;
const PATTERN = new RegExp(
  `^${ANGLE} ([NS]) ${ANGLE} ([EW])(?: ${METRES})?(?: ${METRES})?(?: ${METRES})?(?: ${METRES})?$`,
  'i',
);

function arc([degrees, minutes, seconds]: readonly (string | undefined)[]): number {
  return Number(degrees) * ARC_DEGREE + Number(minutes ?? 0) * 60_000 + Math.round(Number(seconds ?? 0) * 1000);
}

function centimetres(metres: string): number {
  return Math.round(Number(metres) * 100);
}

/** One digit and a power of ten, four bits each. */
function precision(value: number): number {
  let exponent = 0;
  let mantissa = value;
  while (mantissa >= 10 && exponent < 9) {
    mantissa = Math.floor(mantissa / 10);
    exponent += 1;
  }
  if (mantissa < 0 || mantissa > 9) throw new RangeError(`${value / 100}m is no size or precision`);
  return (mantissa << 4) | exponent;
}
