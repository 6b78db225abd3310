/** The fields that record data is made of, each from its words to its bytes. A `RangeError` says what is wrong with one. */
import { parseAddress } from '../geoip/address.ts';
import { wireName } from '../simulator/zone/name.ts';
import { typeNumber } from '../simulator/zone/record-type.ts';

/** A piece of record data on its way to a message. */
export type RdataPart =
  | { readonly kind: 'bytes'; readonly bytes: Uint8Array }
  /** In wire format, uncompressed. */
  | { readonly kind: 'name'; readonly name: Uint8Array; readonly compressible: boolean };

/** A run of characters without blanks outside quotes. */
export interface Word {
  readonly text: string;
}

export type Field = (words: WordReader) => RdataPart;

export class WordReader {
  readonly #words: readonly Word[];
  #at = 0;

  constructor(words: readonly Word[]) {
    this.#words = words;
  }

  next(what: string): string {
    const word = this.#words[this.#at];
    if (word === undefined) throw new RangeError(`${what} is missing`);
    this.#at += 1;
    return word.text;
  }

  /** All that is left, maybe nothing. */
  rest(): readonly string[] {
    const rest = this.#words.slice(this.#at);
    this.#at = this.#words.length;
    return rest.map(({ text }) => text);
  }

  isDone(): boolean {
    return this.#at === this.#words.length;
  }
}

/** The fields by name. Those that take all words that are left stand last in their type. */
export const fields = {
  u8: integer(1),
  u16: integer(2),
  u32: integer(4),
  ipv4: address(4),
  ipv6: address(6),
  name: nameField(false),
  compressedName: nameField(true),
  string: bytesField((words) => characterString(stringBytes(words.next('a string')))),
  strings: bytesField((words) => nonEmpty(words.rest(), 'a string').flatMap((text) => longString(stringBytes(text)))),
  tag: bytesField((words) => characterString(stringBytes(words.next('a tag')))),
  restAsString: bytesField((words) => stringBytes(words.next('a string'))),
  hex: bytesField((words) => hexBytes(nonEmpty(words.rest(), 'hex').join(''))),
  base64: bytesField((words) => base64Bytes(nonEmpty(words.rest(), 'base64').join(''))),
  salt: bytesField((words) => characterString(saltBytes(words.next('a salt')))),
  base32Hash: bytesField((words) => characterString(base32Bytes(words.next('a hash')))),
  typeBitmap: bytesField((words) => typeBitmap(words.rest().map(typeOf))),
  coveredType: bytesField((words) => bigEndian(typeOf(words.next('a type')), 2)),
  signatureTime: bytesField((words) => bigEndian(secondsOf(words.next('a time')), 4)),
};

/** `count` hex numbers of so many bytes each with a separator between them, as in `00-00-5e-00-53-2a`. */
export function groups(count: number, separator: string, bytes: number): Field {
  const pattern = new RegExp(`^[0-9a-f]{1,${2 * bytes}}$`, 'i');
  return bytesField((words) => {
    const text = words.next('a number');
    const parts = text.split(separator);
    if (parts.length !== count || !parts.every((part) => pattern.test(part))) {
      throw new RangeError(`'${text}' is not ${count} hex numbers with ${separator} between them`);
    }
    return hexBytes(parts.map((part) => part.padStart(2 * bytes, '0')).join(''));
  });
}

export function bytesField(encode: (words: WordReader) => Iterable<number>): Field {
  return (words) => ({ kind: 'bytes', bytes: Uint8Array.from(encode(words)) });
}

/** `value` in `count` bytes, four at most, the highest first. */
export function bigEndian(value: number, count: 1 | 2 | 4): number[] {
  return Array.from({ length: count }, (_, index) => (value >>> (8 * (count - 1 - index))) & 0xff);
}

/** The bytes that a quoted or bare text stands for: `\DDD` is one byte, `\x` is x, other characters are UTF-8. */
export function stringBytes(text: string): number[] {
  const bare = text.length >= 2 && text.startsWith('"') ? text.slice(1, -1) : text;
  const bytes: number[] = [];
  for (const [unit] of bare.matchAll(/\\\d{3}|\\[\s\S]|[\s\S]/gu)) {
    if (/^\\\d{3}$/.test(unit)) bytes.push(Number(unit.slice(1)) & 0xff);
    else bytes.push(...new TextEncoder().encode(unit.length > 1 && unit.startsWith('\\') ? unit.slice(1) : unit));
  }
  return bytes;
}

export function base64Bytes(text: string): number[] {
  if (!/^[A-Za-z0-9+/]*={0,2}$/.test(text)) throw new RangeError(`'${text}' is no base64`);
  return [...Buffer.from(text, 'base64')];
}

/** A byte of length and the bytes. */
export function characterString(bytes: readonly number[]): number[] {
  if (bytes.length > 255) throw new RangeError('a string has more than 255 bytes');
  return [bytes.length, ...bytes];
}

function integer(bytes: 1 | 2 | 4): Field {
  const maximum = 2 ** (8 * bytes) - 1;
  return bytesField((words) => {
    const text = words.next(`a number up to ${maximum}`);
    if (!/^\d{1,10}$/.test(text) || Number(text) > maximum) {
      throw new RangeError(`'${text}' is no number from 0 to ${maximum}`);
    }
    return bigEndian(Number(text), bytes);
  });
}

function address(family: 4 | 6): Field {
  return bytesField((words) => {
    const text = words.next(`an IPv${family} address`);
    const parsed = parseAddress(text);
    if (parsed?.family !== family) throw new RangeError(`'${text}' is no IPv${family} address`);
    return parsed.bytes;
  });
}

function nameField(compressible: boolean): Field {
  return (words) => ({ kind: 'name', name: wireName(words.next('a name')), compressible });
}

function nonEmpty(texts: readonly string[], what: string): readonly string[] {
  if (texts.length === 0) throw new RangeError(`${what} is missing`);
  return texts;
}

/** PowerDNS sends what does not fit one string as several. */
function longString(bytes: readonly number[]): number[] {
  const parts: number[] = [];
  for (let at = 0; at === 0 || at < bytes.length; at += 255) parts.push(...characterString(bytes.slice(at, at + 255)));
  return parts;
}

function saltBytes(text: string): number[] {
  return text === '-' ? [] : hexBytes(text);
}

function hexBytes(text: string): number[] {
  if (!/^([0-9a-f]{2})*$/i.test(text)) throw new RangeError(`'${text}' is not pairs of hex digits`);
  return [...Buffer.from(text, 'hex')];
}

/** RFC 4648's base32hex without padding, as NSEC3 writes its hashes. */
function base32Bytes(text: string): number[] {
  if (!/^[0-9a-v]+$/i.test(text)) throw new RangeError(`'${text}' is no base32hex`);
  const bits = [...text].map((digit) => Number.parseInt(digit, 32).toString(2).padStart(5, '0')).join('');
  return (bits.match(/.{8}/g) ?? []).map((byte) => Number.parseInt(byte, 2));
}

function typeOf(text: string): number {
  const number = typeNumber(text);
  if (number === undefined) throw new RangeError(`'${text}' is no record type`);
  return number;
}

/** RFC 4034, 4.1.2: windows of 256 types, each with the bytes up to its last type. */
function typeBitmap(types: readonly number[]): number[] {
  const windows = [...new Set(types.map((type) => type >> 8))].sort((a, b) => a - b);
  return windows.flatMap((window) => {
    const low = types.filter((type) => type >> 8 === window).map((type) => type & 0xff);
    const bitmap: number[] = Array.from({ length: (Math.max(...low) >> 3) + 1 }, () => 0);
    for (const type of low) bitmap[type >> 3] = (bitmap[type >> 3] ?? 0) | (0x80 >> (type & 7));
    return [window, bitmap.length, ...bitmap];
  });
}

/** Seconds since 1970, or the moment written `YYYYMMDDHHmmSS` in UTC. */
function secondsOf(text: string): number {
  const match = /^(\d{4})(\d\d)(\d\d)(\d\d)(\d\d)(\d\d)$/.exec(text);
  if (match === null) {
    if (!/^\d{1,10}$/.test(text)) throw new RangeError(`'${text}' is no time`);
    return Number(text);
  }
  const [year = 0, month = 1, day = 1, hour = 0, minute = 0, second = 0] = match.slice(1).map(Number);
  return Math.floor(Date.UTC(year, month - 1, day, hour, minute, second) / 1000);
}
