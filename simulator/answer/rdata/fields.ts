/** The kinds of fields that record data is made of: how each is read from text and written from bytes. */
import { formatAddress, parseAddress } from '../../../geoip/address.ts';
import { wireName } from '../../zone/name.ts';
import { quoteCharacterString, withLengths } from './character-string.ts';
import { BadRdata } from './errors.ts';
import { hexBytes, type TextReader } from './text-reader.ts';
import { numberBytes, type WireReader } from './wire-reader.ts';

export interface Field {
  /** Not given for a field that is no name. PowerDNS compresses names in messages where RFC 1035 defines the type. */
  readonly name?: 'compressible' | 'verbatim';
  /** The bytes of the field that the text holds next. Throws `BadRdata` and `UnknownRdata`. */
  parse(text: TextReader): Iterable<number>;
  /** The canonical text of the field that the bytes hold next. */
  show(wire: WireReader): string;
}

const unsigned = (size: 1 | 2 | 4): Field => ({
  parse: (text) => numberBytes(text.number(256 ** size - 1), size),
  show: (wire) => `${wire.number(size)}`,
});

export const u8 = unsigned(1);
export const u16 = unsigned(2);
export const u32 = unsigned(4);

export const name: Field = {
  name: 'verbatim',
  parse: (text) => wireName(text.name()),
  show: (wire) => wire.name(),
};

export const compressibleName: Field = { ...name, name: 'compressible' };

/** One string of at most 255 bytes. */
export const string: Field = {
  parse: (text) => withLengths(text.string()),
  show: (wire) => quoteCharacterString(wire.string()),
};

/** All strings up to the end; none is one empty string. */
export const strings: Field = {
  parse(text) {
    const wire: number[] = [];
    do wire.push(...withLengths(text.string()));
    while (!text.atEnd);
    return wire;
  },
  show(wire) {
    const shown: string[] = [];
    while (!wire.atEnd) shown.push(quoteCharacterString(wire.string()));
    return shown.join(' ');
  },
};

/** Strings up to the end, joined and without length bytes. PowerDNS makes a zero byte of none at all. */
export const plainText: Field = {
  parse(text) {
    if (text.atEnd) return [0];
    const wire: number[] = [];
    while (!text.atEnd) wire.push(...text.string());
    return wire;
  },
  show: (wire) => quoteCharacterString(wire.rest()),
};

/** A word with its length byte. Quotes are part of it. */
export const tag: Field = {
  parse(text) {
    const word = text.take(/[^ ]+/y, 'a word');
    return withLengths(Uint8Array.from(word, (character) => character.charCodeAt(0)));
  },
  show: (wire) => String.fromCharCode(...wire.string()),
};

export const hex: Field = {
  parse: (text) => text.hex(),
  show: (wire) => Buffer.from(wire.rest()).toString('hex') || '-',
};

export const base64: Field = {
  parse: (text) => text.base64(),
  show: (wire) => Buffer.from(wire.rest()).toString('base64'),
};

export const ipv4: Field = {
  parse: (text) => address(text.take(/[\d.]+/y, 'an IPv4 address'), 4),
  show: (wire) => formatAddress({ family: 4, bytes: wire.take(4) }),
};

export const ipv6: Field = {
  parse: (text) => address(text.take(/[\da-fA-F:.]+/y, 'an IPv6 address'), 6),
  show: (wire) => formatAddress({ family: 6, bytes: wire.take(16) }),
};

function address(text: string, family: 4 | 6): Uint8Array {
  // Leading zeros are decimal here.
  const parsed = parseAddress(family === 4 ? text.replace(/(?<![\d])0+(?=\d)/g, '') : text);
  if (parsed?.family !== family) throw new BadRdata(`'${text}' is no IPv${family} address`);
  return parsed.bytes;
}

/** Bytes in hex with dashes between them; what follows the last counts for nothing. */
export const dashedBytes = (count: number): Field => ({
  parse(text) {
    const parts = text
      .take(/[\s\S]+/y, 'bytes in hex')
      .split('-')
      .slice(0, count);
    if (parts.length < count || !parts.every((part) => /^[0-9a-f]{1,2}$/i.test(part))) {
      throw new BadRdata(`${count} bytes in hex with dashes were expected`);
    }
    return hexBytes(parts.map((part) => part.padStart(2, '0')).join(''));
  },
  show: (wire) => Array.from(wire.take(count), (byte) => byte.toString(16).padStart(2, '0')).join('-'),
});

/** Half an IPv6 address, as identifier-locator records hold it. PowerDNS reads it as the front half of a whole one. */
export const halfAddress: Field = {
  parse(text) {
    const half = text.take(/[\da-fA-F:]+/y, 'four hex numbers');
    const whole = parseAddress(`${half}:0:0:0:0`);
    if (whole?.family !== 6) throw new BadRdata(`'${half}' is not four hex numbers with colons between them`);
    return whole.bytes.subarray(0, 8);
  },
  show: (wire) => Array.from({ length: 4 }, () => wire.number(2).toString(16).toUpperCase().padStart(4, '0')).join(':'),
};

/** Any data by its bytes: `\# 2 ab01`, the digits in one word. */
export const opaqueData: Field = {
  parse(text) {
    text.take(/\\#/y, '\\#');
    const size = text.number(0xffff);
    const digits = text.atEnd ? '' : text.take(/[0-9a-fA-F]+/y, 'hex digits');
    if (digits.length !== size * 2) throw new BadRdata(`${size} bytes were announced, ${digits.length / 2} follow`);
    return hexBytes(digits);
  },
  show(wire) {
    const rest = wire.rest();
    return `\\# ${rest.length} ${Buffer.from(rest).toString('hex')}`.trimEnd();
  },
};
