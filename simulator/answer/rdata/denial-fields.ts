/** The fields of the records that say what there is at a name (NSEC, NSEC3, CSYNC), as PowerDNS reads them. */
import { typeName, typeNumber } from '../../zone/record-type.ts';
import { UnknownRdata } from './errors.ts';
import type { Field } from './fields.ts';
import type { WireReader } from './wire-reader.ts';

/** Types up to the end, in any order (RFC 4034, 4.1.2): windows of 256, each with the bytes up to its last type. */
export const typeBitmap: Field = {
  parse(text) {
    const types: number[] = [];
    while (!text.atEnd) types.push(typeOf(text.take(/[^ \t\n\r]+/y, 'a type')));
    const windows = [...new Set(types.map((type) => type >> 8))].sort((a, b) => a - b);
    return windows.flatMap((window) => windowBytes(window, types));
  },
  show(wire) {
    const types: string[] = [];
    while (!wire.atEnd) types.push(...windowTypes(wire).map(typeName));
    return types.join(' ');
  },
};

/** Bytes in hex with their length before them, `-` for none. */
export const salt: Field = {
  parse(text) {
    const bytes = text.hexWord();
    return [bytes.length, ...bytes];
  },
  show: (wire) => Buffer.from(wire.string()).toString('hex') || '-',
};

/** The hash of a name in base32hex, which PowerDNS takes at any length, with its length before it. */
export const hash: Field = {
  parse(text) {
    const bytes = base32Bytes(text.take(/[^ \t\n\r]+/y, 'a hash'));
    return [bytes.length, ...bytes];
  },
  show: (wire) => base32Text(wire.string()) || '-',
};

/** What PowerDNS reads over at the end of an NSEC3PARAM record. */
export const ignoredRest: Field = {
  parse(text) {
    if (!text.atEnd) text.take(/[\s\S]+/y, 'anything');
    return [];
  },
  show: () => '',
};

/** Releases differ in the names they know, so that a name which is not known here says nothing. */
function typeOf(text: string): number {
  const number = typeNumber(text);
  if (number === undefined) throw new UnknownRdata(`'${text}' is no record type that is known here`);
  return number;
}

function windowBytes(window: number, types: readonly number[]): number[] {
  const low = types.filter((type) => type >> 8 === window).map((type) => type & 0xff);
  const bitmap: number[] = Array.from({ length: (Math.max(...low) >> 3) + 1 }, () => 0);
  for (const type of low) bitmap[type >> 3] = (bitmap[type >> 3] ?? 0) | (0x80 >> (type & 7));
  return [window, bitmap.length, ...bitmap];
}

function windowTypes(wire: WireReader): number[] {
  const first = wire.number(1) << 8;
  return [...wire.string()].flatMap((byte, at) =>
    [0, 1, 2, 3, 4, 5, 6, 7].flatMap((bit) => ((byte & (0x80 >> bit)) === 0 ? [] : [first | (8 * at + bit)])),
  );
}

function base32Bytes(text: string): number[] {
  const digits = text === '-' ? '' : text.replace(/=+$/, '');
  if (/[^0-9a-v]/i.test(digits)) throw new UnknownRdata(`what PowerDNS makes of the hash '${text}' is not known`);
  const bits = [...digits].map((digit) => Number.parseInt(digit, 32).toString(2).padStart(5, '0')).join('');
  return (bits.match(/.{8}/g) ?? []).map((byte) => Number.parseInt(byte, 2));
}

function base32Text(bytes: Uint8Array): string {
  const bits = Array.from(bytes, (byte) => byte.toString(2).padStart(8, '0')).join('');
  return (bits.match(/.{1,5}/g) ?? []).map((digit) => Number.parseInt(digit.padEnd(5, '0'), 2).toString(32)).join('');
}
