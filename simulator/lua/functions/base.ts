/** Functions that PowerDNS gives to all its Lua code: constructors of its objects, the log, random numbers. */
import { chooseUniformly } from '../../chooser.ts';
import { Opaque } from '../context.ts';
import { integer, optional, recordFunction, text, textList } from '../convert.ts';
import { LuaError } from '../lua-error.ts';
import { addressSetObject, parseComboAddressObject, rawComboAddress } from '../objects/address.ts';
import { parseNameObject } from '../objects/name.ts';
import { netmaskGroupObject, parseNetmaskObject } from '../objects/netmask.ts';
import { queryTypeObject } from '../objects/query-type.ts';

/** Draws among more numbers than these are not worth a branch each. */
const MAX_DRAWN = 256;

export const newCA = recordFunction('newCA', [text], (_context, address) => parseComboAddressObject(address));
export const newCAFromRaw = recordFunction('newCAFromRaw', [text, optional(integer)], (_context, raw, port = 0) =>
  rawComboAddress(raw, port & 0xffff),
);
export const newCAS = recordFunction('newCAS', [], () => addressSetObject());
export const newDN = recordFunction('newDN', [text], (_context, name) => parseNameObject(name));
export const newNetmask = recordFunction('newNetmask', [text], (context, mask) => {
  const length = Number(/\/(\d+)$/.exec(mask)?.[1] ?? 0);
  if (length > (mask.includes(':') ? 128 : 32) && context.profile.netmaskLength === 'as written') {
    throw new Opaque(`this release keeps the impossible length of ${mask}`);
  }
  return parseNetmaskObject(mask);
});
export const newNMG = recordFunction('newNMG', [optional(textList)], (_context, masks = []) =>
  netmaskGroupObject(masks),
);
export const newQType = recordFunction('newQType', [text], (context, name) => queryTypeObject(name, context.profile));

/** Writes to the server's log, which no answer shows. */
export const pdnslog = recordFunction('pdnslog', [text, optional(integer)], (_context, _message, _level) => undefined);

/** A number below `maximum`, each as likely as any other; 0 for a maximum of 0; any 32-bit number without one. */
export const pdnsrandom = recordFunction('pdnsrandom', [optional(integer)], (context, maximum) => {
  const below = maximum === undefined ? 2 ** 32 : maximum >>> 0;
  if (below <= 1) return 0;
  if (below > MAX_DRAWN) throw new Opaque(`pdnsrandom draws one of ${below} numbers: too many to follow each`);
  return chooseUniformly(context.chooser, below);
});

/** The hook of the instruction limit, which code can call too. */
export const report = recordFunction('report', [text, optional(text)], (_context, _event, _line) => {
  throw new LuaError('Script took too long');
});
