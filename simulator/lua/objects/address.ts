/** `ComboAddress`, an address with a port, and the set of them that `newCAS` makes. Alike from 4.7 to 5.1. */
import { formatAddress, type IpAddress, maskAddress, parseComboAddress, sameAddress } from '../../../geoip/address.ts';
import { LuaError } from '../lua-error.ts';
import { LUA_TYPE, LuaObject, type ObjectType } from '../lua-value.ts';
import { binaryString, method, objectAt, textAt, textsAt } from './object.ts';

/** `truncate` changes the address in place. */
export interface ComboAddress {
  address: IpAddress;
  readonly port: number;
}

const own = (count: number, call: Parameters<typeof method<ComboAddress>>[2]) =>
  method<ComboAddress>(() => comboAddressType, count, call);

export const comboAddressType: ObjectType = {
  name: 'ComboAddress',
  text: (value) => formatAddress((value as ComboAddress).address),
  methods: {
    toString: own(0, ({ address }) => formatAddress(address)),
    toStringWithPort: own(0, ({ address, port }) =>
      address.family === 4 ? `${formatAddress(address)}:${port}` : `[${formatAddress(address)}]:${port}`,
    ),
    getPort: own(0, ({ port }) => port),
    isIPv4: own(0, ({ address }) => address.family === 4),
    isIPv6: own(0, ({ address }) => address.family === 6),
    isMappedIPv4: own(0, ({ address }) => mappedIpv4(address) !== undefined),
    mapToIPv4: own(0, ({ address, port }) => {
      const mapped = mappedIpv4(address);
      if (mapped === undefined) throw new LuaError('mapToIPv4: not a v4-mapped address');
      return comboAddress(mapped, port);
    }),
    truncate: own(1, (value, stack) => {
      if (stack.type(2) !== LUA_TYPE.number) throw new LuaError('truncate: expected a number of bits');
      value.address = maskAddress(value.address, Math.trunc(stack.number(2)));
      return undefined;
    }),
    getRaw: own(0, ({ address }) => binaryString(address.bytes)),
    // Ports do not count here. `==` on the other hand is never true for two objects.
    equal: own(1, ({ address }, stack) =>
      sameAddress(address, objectAt<ComboAddress>(stack, comboAddressType, 2).address),
    ),
  },
};

export function comboAddress(address: IpAddress, port: number): LuaObject {
  const value: ComboAddress = { address, port };
  return new LuaObject(comboAddressType, value);
}

/** `newCA`: as the availability functions read addresses. */
export function parseComboAddressObject(text: string): LuaObject {
  const { address, port } = requireAddress(text);
  return comboAddress(address, port);
}

/** `newCAFromRaw`: 4 or 16 bytes; anything else is 0.0.0.0. */
export function rawComboAddress(raw: string, port: number): LuaObject {
  const bytes = Uint8Array.from(raw, (character) => character.charCodeAt(0));
  if (bytes.length === 4) return comboAddress({ family: 4, bytes }, port);
  if (bytes.length === 16) return comboAddress({ family: 6, bytes }, port);
  return comboAddress({ family: 4, bytes: new Uint8Array(4) }, 0);
}

/** Addresses without their ports. */
type AddressSet = Set<string>;

const addressSetType: ObjectType = {
  name: 'ComboAddress set',
  methods: {
    add: method<AddressSet>(
      () => addressSetType,
      1,
      (set, stack) => {
        const addresses =
          stack.type(2) === LUA_TYPE.userdata
            ? [objectAt<ComboAddress>(stack, comboAddressType, 2).address]
            : (stack.type(2) === LUA_TYPE.table ? textsAt(stack, 2) : [textAt(stack, 2)]).map(
                (text) => requireAddress(text).address,
              );
        for (const address of addresses) set.add(formatAddress(address));
        return undefined;
      },
    ),
    check: method<AddressSet>(
      () => addressSetType,
      1,
      (set, stack) => set.has(formatAddress(objectAt<ComboAddress>(stack, comboAddressType, 2).address)),
    ),
  },
};

/** `newCAS` */
export function addressSetObject(): LuaObject {
  const value: AddressSet = new Set();
  return new LuaObject(addressSetType, value);
}

function requireAddress(text: string): { address: IpAddress; port: number } {
  const parsed = parseComboAddress(text);
  if (parsed === undefined) throw new LuaError(`Unable to convert presentation address '${text}'`);
  return parsed;
}

function mappedIpv4(address: IpAddress): IpAddress | undefined {
  if (address.family !== 6) return undefined;
  const isMapped = address.bytes.subarray(0, 12).every((byte, i) => byte === (i < 10 ? 0 : 0xff));
  return isMapped ? { family: 4, bytes: address.bytes.slice(12) } : undefined;
}
