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
const MAX_KEY = 0xffff;

/** Everything behind the priority: the target is read here too, since an alias (priority 0) takes no parameters. */
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

function parameter(text: TextReader): [key: number, value: readonly number[]] {
  const [, name = '', equals, written = ''] =
    /^([^=]*)(=)?([\s\S]*)$/.exec(
      text.take(/[a-z0-9-]+(?:=(?:"(?:\\[\s\S]|[^"\\])*"|(?:\\[\s\S]|[^ \t\n\r"\\])*))?/y, 'a parameter'),
    ) ?? [];
  const { rules } = text;
  const isQuoted = written.startsWith('"');
  const value = isQuoted ? written.slice(1, -1) : written;
  const numbered = /^key(\d{1,5})$/.exec(name)?.[1];
  if (numbered !== undefined)
    return [keyNumber(name, rules), genericValue(Number(numbered), equals === undefined ? undefined : value, rules)];
  const key = keyNumber(name, rules);
  if (name === 'no-default-alpn' || name === 'ohttp') {
    if (equals !== undefined) throw new BadRdata(`${name} takes no value`);
    return [key, []];
  }
  if (value === '') throw new BadRdata(`${name} has no value`);
  if (isQuoted && name === 'port' && !rules.quotedPort)
    throw new BadRdata('this release takes no quotes around a port');
  return [key, namedValue(name, value, rules)];
}

function genericValue(key: number, value: string | undefined, rules: TextRules): number[] {
  if (NOT_BY_NUMBER.has(key)) throw new BadRdata(`PowerDNS takes parameter ${key} by its name only`);
  if (value === undefined && key !== NO_DEFAULT_ALPN && !rules.emptyServiceKeys)
    throw new BadRdata(`key${key} has no value`);
  return [...characterStringBytes(value ?? '', rules)];
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
      return value.split(',').flatMap((key) => numberBytes(keyNumber(key, rules), 2));
    case 'alpn':
      if (value.includes('\\')) throw new UnknownRdata('alpn with escapes is not simulated');
      return value.split(',').flatMap((protocol) => {
        if (protocol === '') throw new BadRdata('alpn has an empty protocol');
        return withLengths(characterStringBytes(protocol, rules));
      });
    case 'port':
    case 'tls-supported-groups':
      return (name === 'port' ? [value] : value.split(',')).flatMap((number) => {
        if (!/^\d{1,5}$/.test(number) || Number(number) > 0xffff)
          throw new BadRdata(`'${number}' is no number of 16 bits`);
        return numberBytes(Number(number), 2);
      });
    case 'ipv4hint':
    case 'ipv6hint':
      if (value === 'auto') throw new UnknownRdata('automatic hints are taken from other records');
      return value.split(',').flatMap((hint) => hintBytes(hint, name === 'ipv4hint' ? 4 : 6));
    case 'ech':
      return [...base64Bytes(value, rules)];
    default:
      return [...characterStringBytes(value, rules)];
  }
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
      return all(() => quoteCharacterString(wire.string()).slice(1, -1));
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
