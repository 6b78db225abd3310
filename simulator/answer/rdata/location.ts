/** The data of LOC records, as PowerDNS reads and writes it: forgiving, after the sample code of RFC 1876. */
import { BadRdata } from './errors.ts';
import type { Field } from './fields.ts';
import { numberBytes } from './wire-reader.ts';

const EQUATOR = 2 ** 31;
const SEA_LEVEL_CENTIMETRES = 10_000_000;
const DEFAULT_PRECISIONS = [0x12, 0x16, 0x13] as const;

/** Degrees, then minutes and seconds if any, then the hemisphere; whatever sticks to it counts for nothing. */
const ANGLE = /(\d*)(?!\d)\s*(?:(\d+)(?!\d)\s*(?:(\d+)(?!\d)(?:\.(\d{1,3})?)?\S*\s+)?)?([NSEW])\S*\s*/iy;

export const location: Field = {
  parse(reader) {
    const text = reader.take(/[\s\S]+/y, 'a location');
    ANGLE.lastIndex = 0;
    const first = angle(text);
    const second = angle(text);
    if (first.isLatitude === second.isLatitude) throw new BadRdata(`'${text}' has not one latitude and one longitude`);
    const [altitude = '', ...precisions] = text
      .slice(ANGLE.lastIndex)
      .split(/\s+/)
      .filter((word) => word !== '');
    return [
      0,
      ...DEFAULT_PRECISIONS.map((absent, i) => precision(precisions[i]) ?? absent),
      ...numberBytes(first.value, 4),
      ...numberBytes(second.value, 4),
      ...numberBytes(altitudeCentimetres(altitude), 4),
    ];
  },
  show(wire) {
    const [, size = 0, horizontal = 0, vertical = 0] = wire.take(4);
    const latitude = shownAngle(wire.number(4), 'N', 'S');
    const longitude = shownAngle(wire.number(4), 'E', 'W');
    const altitude = (((wire.number(4) | 0) - SEA_LEVEL_CENTIMETRES) / 100).toFixed(2);
    const precisions = [size, horizontal, vertical].map(
      (byte) => `${(((byte >> 4) * 10 ** (byte & 15)) / 100).toFixed(2)}m`,
    );
    return [latitude, longitude, `${altitude}m`, ...precisions].join(' ');
  },
};

function angle(text: string): { value: number; isLatitude: boolean } {
  const match = ANGLE.exec(text);
  if (match === null) throw new BadRdata(`'${text}' is no location`);
  const [, degrees = '', minutes = '', seconds = '', fraction = '', hemisphere = ''] = match;
  const milliseconds =
    ((Number(degrees) * 60 + Number(minutes)) * 60 + Number(seconds)) * 1000 + Number(fraction.padEnd(3, '0'));
  const isPositive = /[NE]/i.test(hemisphere);
  return { value: (EQUATOR + (isPositive ? milliseconds : -milliseconds)) >>> 0, isLatitude: /[NS]/i.test(hemisphere) };
}

function altitudeCentimetres(text: string): number {
  const [, minus, metres = '', fraction = ''] = /^(-)?\+?(\d*)(?:\.(\d{0,2}))?/.exec(text) ?? [];
  const centimetres = Number(metres) * 100 + Number(fraction.padEnd(2, '0'));
  return (SEA_LEVEL_CENTIMETRES + (minus === undefined ? centimetres : -centimetres)) >>> 0;
}

/** One digit and a power of ten, in centimetres. */
function precision(text: string | undefined): number | undefined {
  if (text === undefined) return undefined;
  const [, metres = '', fraction = ''] = /^(\d*)(?:\.(\d{0,2}))?/.exec(text) ?? [];
  // 32 bits, as there.
  const centimetres = (Number(metres) * 100 + Number(fraction.padEnd(2, '0'))) >>> 0;
  const exponent = Math.min(9, Math.max(0, Math.floor(Math.log10(Math.max(1, centimetres)) + 1e-12)));
  return (Math.min(9, Math.floor(centimetres / 10 ** exponent)) << 4) | exponent;
}

function shownAngle(value: number, positive: string, negative: string): string {
  const offset = value - EQUATOR;
  const size = Math.abs(offset);
  const seconds = ((size % 60_000) / 1000).toFixed(3);
  const hemisphere = offset > 0 ? positive : negative;
  return `${Math.floor(size / 3_600_000)} ${Math.floor(size / 60_000) % 60} ${seconds} ${hemisphere}`;
}
