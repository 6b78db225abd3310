import { parseAddress } from '../geoip/address.ts';
import { base64Bytes, bigEndian, bytesField, characterString, stringBytes } from './rdata-wire-field.ts';

/** The parameters of an SVCB or HTTPS record (RFC 9460), in the order of their numbers. */
export const serviceParameters = bytesField((words) => {
  const parameters = words.rest().map(readParameter);
  const numbers = parameters.map(({ key }) => key);
  if (new Set(numbers).size !== numbers.length) throw new RangeError('a service parameter is there twice');
  return parameters
    .toSorted((left, right) => left.key - right.key)
    .flatMap(({ key, value }) => [...bigEndian(key, 2), ...bigEndian(value.length, 2), ...value]);
});

const KEYS: readonly string[] = [
  ...['mandatory', 'alpn', 'no-default-alpn', 'port', 'ipv4hint', 'ech', 'ipv6hint', 'dohpath', 'ohttp'],
  'tls-supported-groups',
];

function readParameter(text: string): { key: number; value: readonly number[] } {
  const equals = text.indexOf('=');
  const name = (equals === -1 ? text : text.slice(0, equals)).toLowerCase();
  const value = stringBytes(equals === -1 ? '' : text.slice(equals + 1));
  return { key: keyNumber(name), value: readValue(name, value) };
}

function keyNumber(name: string): number {
  const known = KEYS.indexOf(name);
  const number = known === -1 ? Number(/^key(\d{1,5})$/.exec(name)?.[1] ?? Number.NaN) : known;
  if (number <= 0xffff) return number;
  throw new RangeError(`'${name}' is no service parameter`);
}

function readValue(name: string, value: readonly number[]): readonly number[] {
  const items = () => listItems(value).map((item) => Buffer.from(item).toString('latin1'));
  switch (name) {
    case 'mandatory':
      return items()
        .map(keyNumber)
        .sort((a, b) => a - b)
        .flatMap((key) => bigEndian(key, 2));
    case 'alpn':
      return listItems(value).flatMap(characterString);
    case 'no-default-alpn':
    case 'ohttp':
      if (value.length > 0) throw new RangeError(`${name} has no value`);
      return [];
    case 'port':
      return bigEndian(portOf(Buffer.from(value).toString('latin1')), 2);
    case 'tls-supported-groups':
      return items().flatMap((group) => bigEndian(portOf(group), 2));
    case 'ipv4hint':
      return items().flatMap((text) => addressBytes(text, 4));
    case 'ipv6hint':
      return items().flatMap((text) => addressBytes(text, 6));
    case 'ech':
      return base64Bytes(Buffer.from(value).toString('latin1'));
    default:
      return value;
  }
}

/** Split at commas; a backslash keeps the comma or backslash behind it. */
function listItems(value: readonly number[]): number[][] {
  const items: number[][] = [[]];
  for (let at = 0; at < value.length; at += 1) {
    const byte = value[at] ?? 0;
    if (byte === COMMA) items.push([]);
    else if (byte === BACKSLASH) items.at(-1)?.push(value[++at] ?? BACKSLASH);
    else items.at(-1)?.push(byte);
  }
  if (items.some((item) => item.length === 0)) throw new RangeError('a list of a service parameter has an empty item');
  return items;
}

const COMMA = 0x2c;
const BACKSLASH = 0x5c;

function portOf(text: string): number {
  if (/^\d{1,5}$/.test(text) && Number(text) <= 0xffff) return Number(text);
  throw new RangeError(`'${text}' is no number from 0 to 65535`);
}

function addressBytes(text: string, family: 4 | 6): number[] {
  const address = parseAddress(text);
  if (address?.family !== family) throw new RangeError(`'${text}' is no IPv${family} address`);
  return [...address.bytes];
}
