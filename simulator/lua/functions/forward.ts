/** `createForward` and `createForward6`: addresses out of the name asked for. */
import { formatAddress, parseComboAddress } from '../../../geoip/address.ts';
import { parentName } from '../../zone/name.ts';
import type { EvaluationContext } from '../context.ts';
import { recordFunction } from '../convert.ts';
import { qname } from '../fact.ts';
import { LuaError } from '../lua-error.ts';
import { rawLabels, relativeLabels } from '../objects/name.ts';

const ZEROS = '0.0.0.0';
const ZEROS6 = '::';
const OCTET = 255;

/** `1.2.3.4`, `ip-1-2-3-4` or hex digits in the labels before the zone (up to 4.9) or the wildcard's parent (from 5.0). */
export const createForward = recordFunction('createForward', [], (context) => {
  const labels = ownLabels(context);
  if (labels === undefined) return ZEROS;
  if (labels.length >= 4) return address(labels.slice(0, 4).join('.')) ?? ZEROS;
  const [first] = labels;
  return first === undefined ? ZEROS : ofLabel(context, first);
});

function ofLabel({ profile: { forward } }: EvaluationContext, first: string): string {
  const label = forward.skipsWord ? first.replace(/^[^0-9a-f]+/i, '') : first;
  const parts = label.split('-').filter((part) => part !== '');
  if (parts.length >= 4) return dashed(parts.slice(-4), forward.octets) ?? ZEROS;
  if (forward.hexLabel === 'ten characters' ? label.length !== 10 : label.length < 8) return ZEROS;
  const octets = hexOctets(label.slice(-8), forward.bareHexPrefix);
  if (octets === undefined) return ZEROS;
  return forward.octets === 'as written' ? octets.join('.') : (address(octets.join('.')) ?? ZEROS);
}

/** C++'s `stol` stops at the first character that is no digit; later releases want nothing behind the number. */
function dashed(parts: readonly string[], octets: 'as written' | 'rewritten'): string | undefined {
  const numbers = parts.map((part) => {
    const match = /^\s*[+-]?(\d+)(.*)$/s.exec(part);
    return match === null || (octets === 'rewritten' && match[2] !== '') ? Number.NaN : Number(match[1]);
  });
  if (!numbers.every((number) => number <= OCTET)) return undefined;
  return (octets === 'as written' ? parts : numbers).join('.');
}

/** Four times `%02x` of C's `sscanf`: blanks are skipped, a sign counts as one of the two characters. */
function hexOctets(text: string, bareHexPrefix: 'zero' | 'refused'): number[] | undefined {
  const octets: number[] = [];
  let rest = text;
  for (let i = 0; i < 4; i++) {
    rest = rest.trimStart();
    const match = /^(?:0x|[+-]?[0-9a-f])(?:(?<=^[0-9a-f])[0-9a-f])?/i.exec(rest)?.[0];
    if (match === undefined) return undefined;
    if (/^0x$/i.test(match) && bareHexPrefix === 'refused') return undefined;
    octets.push(/^0x$/i.test(match) ? 0 : Number.parseInt(match, 16) >>> 0);
    rest = rest.slice(match.length);
  }
  return octets;
}

/** `2001-db8--1`, eight labels, or 32 hex digits at the end of a label, as IPv6. */
export const createForward6 = recordFunction('createForward6', [], (context) => {
  const labels = ownLabels(context);
  const text = labels && spelled6(context, labels);
  if (text === undefined) return ZEROS6;
  const found = address(text);
  if (found === undefined && context.profile.forward.errors6 === 'fails') throw new LuaError(`'${text}' is no address`);
  return found ?? ZEROS6;
});

function spelled6({ profile: { forward } }: EvaluationContext, labels: readonly string[]): string | undefined {
  if (labels.length === 8) return labels.join(':');
  const [label] = labels;
  if (labels.length !== 1 || label === undefined) return undefined;
  if (!forward.hexLabel6 || label.includes('-')) return label.replaceAll('-', ':');
  return label.length < 32 ? undefined : label.slice(-32).match(/.{4}/gs)?.join(':');
}

/** The labels that belong to the address; undefined where the record is no wildcard and has to be one. */
function ownLabels({ profile, read, zone, owner }: EvaluationContext): string[] | undefined {
  const isWildcard = owner.startsWith('*.');
  if (profile.forward.base === 'wildcard' && !isWildcard) return undefined;
  const base = profile.forward.base === 'wildcard' ? (parentName(owner) ?? '.') : zone;
  const name = read(qname);
  const relative = relativeLabels(name, base);
  if (relative === undefined) throw new LuaError(`${name} is not below ${base}`);
  return rawLabels(name).slice(0, relative.length);
}

function address(text: string): string | undefined {
  const parsed = parseComboAddress(text);
  return parsed && formatAddress(parsed.address);
}
