/** `Netmask`, and the `NetmaskGroup` that `newNMG` makes. Alike from 4.7 to 5.1. */
import {
  compareAddresses,
  formatPrefix,
  type IpAddress,
  type Prefix,
  parseAddress,
  parseNetmask,
  prefixContains,
} from '../../../geoip/address.ts';
import { LuaError } from '../lua-error.ts';
import { LuaObject, type ObjectType } from '../lua-value.ts';
import { type ComboAddress, comboAddress, comboAddressType } from './address.ts';
import { method, objectAt, textAt, textsAt } from './object.ts';

const own = (count: number, call: Parameters<typeof method<Prefix>>[2]) =>
  method<Prefix>(() => netmaskType, count, call);

const netmaskType: ObjectType = {
  name: 'Netmask',
  text: (value) => formatPrefix(value as Prefix),
  equals: (a, b) => samePrefix(a as Prefix, b as Prefix),
  methods: {
    toString: own(0, formatPrefix),
    getNetwork: own(0, ({ address }) => comboAddress(address, 0)),
    getMaskedNetwork: own(0, ({ address }) => comboAddress(address, 0)),
    getBits: own(0, ({ length }) => length),
    isIPv4: own(0, ({ address }) => address.family === 4),
    isIpv4: own(0, ({ address }) => address.family === 4),
    isIPv6: own(0, ({ address }) => address.family === 6),
    isIpv6: own(0, ({ address }) => address.family === 6),
    empty: own(0, () => false),
    match: own(1, (prefix, stack) => {
      const text = textAt(stack, 2);
      const address = parseAddress(text);
      if (address === undefined) throw new LuaError(`Unable to convert presentation address '${text}'`);
      return prefixContains(prefix, address);
    }),
  },
};

export function netmaskObject(prefix: Prefix): LuaObject {
  return new LuaObject(netmaskType, prefix);
}

/** `newNetmask` */
export function parseNetmaskObject(text: string): LuaObject {
  return netmaskObject(requireNetmask(text));
}

/** Networks, some of them negated by a leading `!`. */
export type NetmaskGroup = { prefix: Prefix; positive: boolean }[];

export const netmaskGroupType: ObjectType = {
  name: 'NetmaskGroup',
  methods: {
    addMask: method<NetmaskGroup>(
      () => netmaskGroupType,
      1,
      (group, stack) => {
        addMask(group, textAt(stack, 2));
        return undefined;
      },
    ),
    addMasks: method<NetmaskGroup>(
      () => netmaskGroupType,
      1,
      (group, stack) => {
        for (const mask of textsAt(stack, 2)) addMask(group, mask);
        return undefined;
      },
    ),
    match: method<NetmaskGroup>(
      () => netmaskGroupType,
      1,
      (group, stack) => groupMatches(group, objectAt<ComboAddress>(stack, comboAddressType, 2).address),
    ),
  },
};

/** `newNMG` */
export function netmaskGroupObject(masks: readonly string[]): LuaObject {
  const group: NetmaskGroup = [];
  for (const mask of masks) addMask(group, mask);
  return new LuaObject(netmaskGroupType, group);
}

/** The most specific network that holds the address decides; among equal ones the last added. */
export function groupMatches(group: NetmaskGroup, address: IpAddress): boolean {
  let best: NetmaskGroup[number] | undefined;
  for (const entry of group) {
    if (!prefixContains(entry.prefix, address)) continue;
    if (best === undefined || entry.prefix.length >= best.prefix.length) best = entry;
  }
  return best?.positive ?? false;
}

function addMask(group: NetmaskGroup, text: string): void {
  const positive = !text.startsWith('!');
  group.push({ prefix: requireNetmask(positive ? text : text.slice(1)), positive });
}

function requireNetmask(text: string): Prefix {
  const prefix = parseNetmask(text);
  if (prefix === undefined) throw new LuaError(`'${text}' is no netmask`);
  return prefix;
}

function samePrefix(a: Prefix, b: Prefix): boolean {
  return a.length === b.length && compareAddresses(a.address, b.address) === 0;
}
