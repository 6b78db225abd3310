/** `dblookup` and `filterForward`. `include` is part of the environment, since it runs code. */
import { formatAddress, parseComboAddress } from '../../../geoip/address.ts';
import { UserError } from '../../../input/errors.ts';
import { absoluteName } from '../../zone/name.ts';
import { typeName } from '../../zone/record-type.ts';
import { integer, optional, type Reader, recordFunction, text } from '../convert.ts';
import { LuaError } from '../lua-error.ts';
import { groupMatches, type NetmaskGroup, netmaskGroupType } from '../objects/netmask.ts';
import { objectAt } from '../objects/object.ts';

const ANY = 255;

/** The data of records at exactly that name, in any zone of the server, without running code. From 4.9. */
export const dblookup = recordFunction('dblookup', [text, integer], (context, name, typeNumber) => {
  const absolute = nameOf(name);
  if (absolute === undefined) return [];
  const number = typeNumber & 0xffff;
  const found = context.recordsAt(absolute).filter(({ type }) => number === ANY || type === typeName(number));
  context.because(() => ({
    step: `dblookup finds ${found.length} ${typeName(number)} records at ${absolute}`,
    detail: { name: absolute, type: typeName(number), records: found },
  }));
  return found.map(({ content }) => content);
});

/** A malformed name is logged and finds nothing. */
function nameOf(name: string): string | undefined {
  try {
    return absoluteName(name === '' || name.endsWith('.') ? name || '.' : `${name}.`, '.');
  } catch (error) {
    if (error instanceof UserError) return undefined;
    throw error;
  }
}

const netmaskGroup: Reader<NetmaskGroup> = (stack, slot) => objectAt<NetmaskGroup>(stack, netmaskGroupType, slot);

/** The address where the networks hold it, else the fallback, else all zeros of its family. A list from 4.9 on. */
export const filterForward = recordFunction(
  'filterForward',
  [text, netmaskGroup, optional(text)],
  (context, address, group, fallback) => {
    const parsed = parseComboAddress(address);
    if (parsed === undefined) throw new LuaError(`Unable to convert presentation address '${address}'`);
    const isInside = groupMatches(group, parsed.address);
    context.because(() => ({
      step: `${formatAddress(parsed.address)} is ${isInside ? 'in' : 'in none of'} the networks of filterForward`,
      detail: { address, isInside },
    }));
    const chosen = isInside ? address : (fallback ?? (parsed.address.family === 4 ? '0.0.0.0' : '::'));
    if (context.profile.filterForward === 'text') return chosen;
    return chosen === '' ? [] : [chosen];
  },
);
