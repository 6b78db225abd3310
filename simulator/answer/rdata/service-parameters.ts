/** The parameters of SVCB and HTTPS records (RFC 9460), as PowerDNS reads them: sorted, the first of two equal keys counts. */
import { formatAddress, parseAddress, parseComboAddress } from '../../../geoip/address.ts';
import type { TextRules } from '../../profile/profile.ts';
import { characterStringBytes, quoteCharacterString, withLengths } from './character-string.ts';
import { BadRdata, UnknownRdata } from './errors.ts';
import type { Field } from './fields.ts';
import { base64Bytes, type TextReader } from './text-reader.ts';
import { numberBytes, WireReader } from './wire-reader.ts';

/** Names by number. */
const KEYS: ReadonlyMap<string, number> = new Map(
  ['mandatory', 'alpn', 'no-default-alpn', 'port', 'ipv4hint', 'ech', 'ipv6hint'].map((key, i) => [key, i]),
);
/** Known keys that PowerDNS does not take by their number. */
const NOT_BY_NUMBER: ReadonlySet<number> = new Set([1, 3, 4, 6]);
const NO_DEFAULT_ALPN = 2;
/** Known keys whose value may not be missing under their number either. */
const NEVER_EMPTY: ReadonlySet<number> = new Set([0, 5]);
const MAX_KEY = 0xffff;
const COMMA = 0x2c;
const BACKSLASH = 0x5c;

/** Everything behind the target. */
export const serviceParameters: Field = {
  parse(text) {
    const parameters = new Map<number, readonly number[]>();
    while (!text.atEnd) {
      const [key, value] = parameter(text);
      if (!parameters.has(key)) parameters.set(key, value);
    }
    return [...parameters]
      .sort(([a], [b]) => a - b)
      .flatMap(([key, value]) => [...numberBytes(key, 2), ...numberBytes(value.length, 2), ...value]);
  },
  show(wire) {
    const shown: string[] = [];
    while (!wire.atEnd) {
      const key = wire.number(2);
      shown.push(showParameter(key, wire.take(wire.number(2))));
    }
    return shown.join(' ');
  },
};

/** A backslash in front of a blank, or at the very end, is part of the value and stands for nothing. */
const PARAMETER = /[a-z0-9-]+(?:=(?:"(?:\\[\s\S]|[^"\\])*"|(?:\\[^ \t\n\r]|[^ \t\n\r"\\])*(?:\\(?=[ \t\n\r]|$))?))?/y;
/** Whatever follows the digits of a port is the next parameter where it is read as a number. */
const PARAMETER_OR_PORT = new RegExp(`port=\\d+|${PARAMETER.source}`, 'y');

function parameter(text: TextReader): [key: number, value: readonly number[]] {
  const { rules } = text;
  const taken = text.take(rules.portIsString ? PARAMETER : PARAMETER_OR_PORT, 'a parameter');
  const [, name = '', equals, written = ''] = /^([^=]*)(=)?([\s\S]*)$/.exec(taken) ?? [];
  const isQuoted = written.startsWith('"');
  const value = isQuoted ? written.slice(1, -1) : written;
  const key = keyNumber(name, rules);
  const known = (rules.numbersAreNames && nameOf(key, rules)) || name;
  const meant = isQuoted || known === 'ech' ? value : value.replace(/(?<!\\)((?:\\\\)*)\\$/, '$1');
  if (/^key\d/.test(known)) return [key, genericValue(key, equals === undefined ? undefined : meant, rules)];
  if (known === 'no-default-alpn' || known === 'ohttp') {
    if (equals !== undefined) throw new BadRdata(`${name} takes no value`);
    return [key, []];
  }
  if (value === '') throw new BadRdata(`${name} has no value`);
  if (meant === '') throw new UnknownRdata(`${name} with a backslash alone is not simulated`);
  if (isQuoted && known === 'port' && !rules.portIsString)
    throw new BadRdata('this release takes no quotes around a port');
  return [key, namedValue(known, meant, rules)];
}

function nameOf(key: number, { furtherServiceKeys }: TextRules): string | undefined {
  return [...furtherServiceKeys].find(([, number]) => number === key)?.[0];
}

function genericValue(key: number, value: string | undefined, rules: TextRules): number[] {
  if (NOT_BY_NUMBER.has(key)) throw new BadRdata(`PowerDNS takes parameter ${key} by its name only`);
  if (key === NO_DEFAULT_ALPN) {
    if (value !== undefined) throw new BadRdata('key2 takes no value');
    return [];
  }
  const mayBeEmpty = rules.emptyServiceKeys && !NEVER_EMPTY.has(key) && value === undefined;
  if ((value ?? '') === '' && !mayBeEmpty) throw new BadRdata(`key${key} has no value`);
  return [...valueBytes(value ?? '')];
}

function keyNumber(name: string, { furtherServiceKeys }: TextRules): number {
  const numbered = /^key(\d{1,5})$/.exec(name)?.[1];
  const key = numbered === undefined ? (KEYS.get(name) ?? furtherServiceKeys.get(name)) : Number(numbered);
  if (key === undefined || key > MAX_KEY) throw new BadRdata(`'${name}' is no service parameter`);
  return key;
}

function namedValue(name: string, value: string, rules: TextRules): number[] {
  switch (name) {
    case 'mandatory':
      return [...new Set(value.split(',').map((key) => keyNumber(key, rules)))]
        .sort((a, b) => a - b)
        .flatMap((key) => numberBytes(key, 2));
    case 'alpn':
      return protocols(value).flatMap((protocol) => withLengths(Uint8Array.from(protocol)));
    case 'port':
      return sixteenBits(rules.portIsString ? (/^\+?(\d+)/.exec(value)?.[1] ?? value) : value);
    case 'tls-supported-groups':
      return value.split(',').flatMap(sixteenBits);
    case 'ipv4hint':
    case 'ipv6hint':
      if (value === 'auto') throw new UnknownRdata('automatic hints are taken from other records');
      return value.split(',').flatMap((hint) => hintBytes(hint, name === 'ipv4hint' ? 4 : 6));
    case 'ech':
      return [...base64Bytes(value, rules)];
    default:
      return [...valueBytes(value)];
  }
}

function sixteenBits(number: string): number[] {
  if (!/^\d+$/.test(number) || Number(number) > 0xffff) throw new BadRdata(`'${number}' is no number of 16 bits`);
  return [...numberBytes(Number(number), 2)];
}

/** Split at commas once the escapes of the string are gone; a backslash then keeps a comma or a backslash. */
function protocols(value: string): readonly number[][] {
  if (/(?<!\\)(?:\\\\)*\\,/.test(value))
    throw new UnknownRdata('a comma of alpn behind one backslash is not simulated');
  const bytes = [...valueBytes(value)];
  const list: number[][] = [[]];
  for (let at = 0; at < bytes.length; at += 1) {
    const byte = bytes[at] ?? 0;
    const escaped = bytes[at + 1];
    if (byte === COMMA) list.push([]);
    else if (byte !== BACKSLASH) list.at(-1)?.push(byte);
    else if (escaped === COMMA || escaped === BACKSLASH) list.at(-1)?.push(bytes[++at] ?? 0);
    else throw new BadRdata(`alpn '${value}' escapes what is neither comma nor backslash`);
  }
  if (list.some((protocol) => protocol.length === 0)) throw new BadRdata('alpn has an empty protocol');
  return list;
}

/** In quotes only where there is a blank. */
function shownProtocols(wire: WireReader): string {
  const bytes: number[] = [];
  while (!wire.atEnd) {
    if (bytes.length > 0) bytes.push(COMMA);
    for (const byte of wire.string()) bytes.push(...(byte === COMMA || byte === BACKSLASH ? [BACKSLASH] : []), byte);
  }
  const quoted = quoteCharacterString(Uint8Array.from(bytes));
  return quoted.includes(' ') ? quoted : quoted.slice(1, -1);
}

/** PowerDNS takes no byte beyond ASCII here unless it is escaped, and no escape that is no byte. */
function valueBytes(value: string): Uint8Array {
  if (/[^\t -~]/.test(value)) throw new BadRdata(`'${value}' holds other characters than printable ASCII`);
  return characterStringBytes(value, { strictEscapes: true });
}

function hintBytes(hint: string, family: 4 | 6): number[] {
  const address = family === 4 ? parseComboAddress(hint)?.address : parseAddress(hint);
  if (address?.family !== family) throw new BadRdata(`'${hint}' is no IPv${family} address`);
  return [...address.bytes];
}

function showParameter(key: number, value: Uint8Array): string {
  const name = [...KEYS].find(([, number]) => number === key)?.[0] ?? `key${key}`;
  const wire = new WireReader(value);
  const all = (show: () => string): string => {
    const shown: string[] = [];
    while (!wire.atEnd) shown.push(show());
    return `${name}=${shown.join(',')}`;
  };
  switch (name) {
    case 'mandatory':
      return all(() => keyName(wire.number(2)));
    case 'alpn':
      return `${name}=${shownProtocols(wire)}`;
    case 'port':
      return all(() => `${wire.number(2)}`);
    case 'ipv4hint':
      return all(() => formatAddress({ family: 4, bytes: wire.take(4) }));
    case 'ipv6hint':
      return all(() => formatAddress({ family: 6, bytes: wire.take(16) }));
    case 'ech':
      return `${name}=${Buffer.from(value).toString('base64')}`;
    default:
      return value.length === 0 ? name : `${name}=${quoteCharacterString(value)}`;
  }
}

function keyName(key: number): string {
  return [...KEYS].find(([, number]) => number === key)?.[0] ?? `key${key}`;
}
