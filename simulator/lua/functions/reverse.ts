/** `createReverse` and `createReverse6`: names out of the address that the name asked for spells backwards. */
import { formatAddress, type IpAddress, parseComboAddress, sameAddress } from '../../../geoip/address.ts';
import { atoi } from '../../health/c-number.ts';
import type { CheckOptions } from '../../health/check.ts';
import { BadFormat, boostFormat } from '../boost-format.ts';
import { type EvaluationContext, Opaque } from '../context.ts';
import { optional, options, recordFunction, text } from '../convert.ts';
import { qname } from '../fact.ts';
import { LuaError } from '../lua-error.ts';
import { rawLabels } from '../objects/name.ts';

/** Something that is no address where one is needed. */
class BadAddress extends Error {}

/** Names for addresses that are exceptions, by address in any spelling. */
const exceptionTable = optional(options);

export const createReverse = recordFunction('createReverse', [text, exceptionTable], (context, format, exceptions) => {
  const labels = rawLabels(context.read(qname)).slice(0, 4);
  if (labels.length < 4) return 'unknown';
  const parts = labels.reverse();
  const hex = parts.map((part) => (atoi(part) >>> 0).toString(16).padStart(2, '0')).join('');
  try {
    const exception = exceptions && exceptionFor(context, parts.join('.'), exceptions);
    return exception ?? boostFormat(format, [...parts, parts.join('-'), hex]);
  } catch (error) {
    if (error instanceof BadFormat) return 'error';
    if (!(error instanceof BadAddress)) throw error;
    if (context.profile.reverse.badAddress === 'fails') throw new LuaError(error.message);
    return 'error';
  }
});

export const createReverse6 = recordFunction(
  'createReverse6',
  [text, exceptionTable],
  (context, format, exceptions) => {
    const { reverse } = context.profile;
    const labels = rawLabels(context.read(qname)).slice(0, 32);
    if (labels.length < 32) return 'unknown';
    const nibbles = labels.reverse();
    const quads = Array.from({ length: 8 }, (_, i) =>
      nibbles
        .slice(i * 4, i * 4 + 4)
        .map((nibble) => nibble.charAt(0))
        .join(''),
    );
    try {
      const spelled = quads.join(':');
      const exception = exceptions && exceptionFor(context, spelled, exceptions);
      const dashed = formatAddress(requireAddress(spelled)).replaceAll(':', '-');
      return exception ?? boostFormat(format, [...nibbles, reverse.padded ? padded(dashed) : dashed, ...quads]);
    } catch (error) {
      if (error instanceof BadFormat || error instanceof BadAddress) return reverse.errorText6;
      throw error;
    }
  },
);

function padded(dashed: string): string {
  const end = dashed.endsWith('-') ? `${dashed}0` : dashed;
  return end.startsWith('-') || end.slice(2, 4) === '--' ? `0${end}` : end;
}

/**
 * The name for an address. Up to 5.0 the table is walked in the order of its hash, so with a bad address in it nobody knows
 * whether the good one is found before.
 */
function exceptionFor(context: EvaluationContext, wanted: string, exceptions: CheckOptions): string | undefined {
  const address = requireAddress(wanted);
  const entries = Object.entries(exceptions).sort(([a], [b]) => (a < b ? -1 : 1));
  const isBad = ([key]: readonly [string, unknown]) => parseComboAddress(key) === undefined;
  const inHashOrder = context.profile.extOrder === 'hash';
  if (inHashOrder && entries.some(isBad) && entries.some(([key]) => matches(key, address))) {
    throw new Opaque('which exception of createReverse is tried first hangs on a hash');
  }
  for (const [key, name] of entries) {
    requireAddress(key);
    if (!matches(key, address)) continue;
    if (typeof name === 'string') return name;
    throw new BadFormat('an exception must be a text');
  }
  return undefined;
}

/** Ports count: `1.2.3.4:53` is no exception for 1.2.3.4. */
function matches(text: string, address: IpAddress): boolean {
  const parsed = parseComboAddress(text);
  return parsed !== undefined && parsed.port === 0 && sameAddress(parsed.address, address);
}

function requireAddress(text: string): IpAddress {
  const parsed = parseComboAddress(text);
  if (parsed === undefined) throw new BadAddress(`'${text}' is no address`);
  return parsed.address;
}
