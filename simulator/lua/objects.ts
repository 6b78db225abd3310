/** The C++ objects that records handle: addresses, networks, sets of networks, names. Methods as in PowerDNS 4.7 - 5.1. */
import {
  compareAddresses,
  formatAddress,
  formatPrefix,
  type IpAddress,
  maskAddress,
  type Prefix,
  parseComboAddress,
  parseNetmask,
  prefixContains,
  sameAddress,
} from '../../geoip/address.ts';
import { absoluteName, isSubdomain, lowerCaseName, splitLabels, wireName } from '../zone/name.ts';
import { LuaError, LuaObject, type LuaStack, type ObjectType } from './vm.ts';

/** An address with a port, as PowerDNS's ComboAddress. `truncate` changes it in place. */
interface ComboAddress {
  address: IpAddress;
  readonly port: number;
}

const comboAddressType: ObjectType = {
  name: 'ComboAddress',
  methods: {
    toString: (stack: LuaStack) => formatAddress(self<ComboAddress>(stack, comboAddressType).address),
    toStringWithPort: (stack) => {
      const { address, port } = self<ComboAddress>(stack, comboAddressType);
      return address.family === 4 ? `${formatAddress(address)}:${port}` : `[${formatAddress(address)}]:${port}`;
    },
    getPort: (stack) => self<ComboAddress>(stack, comboAddressType).port,
    isIPv4: (stack) => self<ComboAddress>(stack, comboAddressType).address.family === 4,
    isIPv6: (stack) => self<ComboAddress>(stack, comboAddressType).address.family === 6,
    isMappedIPv4: (stack) => mappedIpv4(self<ComboAddress>(stack, comboAddressType).address) !== undefined,
    mapToIPv4: (stack) => {
      const { address, port } = self<ComboAddress>(stack, comboAddressType);
      const mapped = mappedIpv4(address);
      if (mapped === undefined) throw new LuaError('mapToIPv4: not a v4-mapped address');
      return comboAddress(mapped, port);
    },
    truncate: (stack: LuaStack) => {
      const value = self<ComboAddress>(stack, comboAddressType);
      value.address = maskAddress(value.address, stack.number(2));
      return undefined;
    },
    getRaw: (stack) => binary(self<ComboAddress>(stack, comboAddressType).address.bytes),
    equal: (stack) =>
      sameAddress(
        self<ComboAddress>(stack, comboAddressType).address,
        self<ComboAddress>(stack, comboAddressType, 2).address,
      ),
  },
};

export function comboAddress(address: IpAddress, port: number): LuaObject {
  const value: ComboAddress = { address, port };
  return new LuaObject(comboAddressType, value);
}

/** `newCA`: as the availability functions read addresses. */
export function parseComboAddressObject(text: string): LuaObject {
  const parsed = parseComboAddress(text);
  if (parsed === undefined) throw new LuaError(`Unable to convert presentation address '${text}'`);
  return comboAddress(parsed.address, parsed.port);
}

const netmaskType: ObjectType = {
  name: 'Netmask',
  methods: {
    toString: (stack: LuaStack) => formatPrefix(self<Prefix>(stack, netmaskType)),
    getNetwork: (stack) => comboAddress(self<Prefix>(stack, netmaskType).address, 0),
    getMaskedNetwork: (stack) => comboAddress(self<Prefix>(stack, netmaskType).address, 0),
    getBits: (stack) => self<Prefix>(stack, netmaskType).length,
    isIPv4: (stack) => self<Prefix>(stack, netmaskType).address.family === 4,
    isIpv4: (stack) => self<Prefix>(stack, netmaskType).address.family === 4,
    isIPv6: (stack) => self<Prefix>(stack, netmaskType).address.family === 6,
    isIpv6: (stack) => self<Prefix>(stack, netmaskType).address.family === 6,
    empty: () => false,
    match: (stack) => {
      const parsed = parseComboAddress(stack.string(2));
      if (parsed === undefined) throw new LuaError(`Unable to convert presentation address '${stack.string(2)}'`);
      return prefixContains(self<Prefix>(stack, netmaskType), parsed.address);
    },
  },
  equals: (a, b) => samePrefix(a as Prefix, b as Prefix),
};

export function netmaskObject(prefix: Prefix): LuaObject {
  return new LuaObject(netmaskType, prefix);
}

export function parseNetmaskObject(text: string): LuaObject {
  return netmaskObject(requireNetmask(text));
}

/** Networks, some of them negated by a leading `!`; the most specific one that holds an address decides. */
type NetmaskGroup = { prefix: Prefix; positive: boolean }[];

const netmaskGroupType: ObjectType = {
  name: 'NetmaskGroup',
  methods: {
    addMask: (stack) => {
      addMask(self<NetmaskGroup>(stack, netmaskGroupType), stack.string(2));
      return undefined;
    },
    addMasks: (stack) => {
      const group = self<NetmaskGroup>(stack, netmaskGroupType);
      stack.forEach(2, (_key, value) => addMask(group, stack.string(value)));
      return undefined;
    },
    match: (stack) => {
      const group = self<NetmaskGroup>(stack, netmaskGroupType);
      return groupMatches(group, self<ComboAddress>(stack, comboAddressType, 2).address);
    },
  },
};

export function netmaskGroupObject(masks: readonly string[]): LuaObject {
  const group: NetmaskGroup = [];
  for (const mask of masks) addMask(group, mask);
  return new LuaObject(netmaskGroupType, group);
}

/** A name that `chopOff` may shorten in place. */
interface DnsName {
  name: string;
}

const dnsNameType: ObjectType = {
  name: 'DNSName',
  methods: {
    toString: (stack: LuaStack) => self<DnsName>(stack, dnsNameType).name,
    toStringNoDot: (stack) => self<DnsName>(stack, dnsNameType).name.replace(/\.$/, ''),
    countLabels: (stack) => splitLabels(self<DnsName>(stack, dnsNameType).name).length,
    wireLength: (stack) => wireName(self<DnsName>(stack, dnsNameType).name).length,
    wirelength: (stack) => wireName(self<DnsName>(stack, dnsNameType).name).length,
    getRawLabels: (stack) => splitLabels(self<DnsName>(stack, dnsNameType).name),
    isPartOf: (stack) =>
      isSubdomain(self<DnsName>(stack, dnsNameType).name, self<DnsName>(stack, dnsNameType, 2).name),
    makeRelative: (stack) => {
      const { name } = self<DnsName>(stack, dnsNameType);
      const zone = self<DnsName>(stack, dnsNameType, 2).name;
      if (!isSubdomain(name, zone)) throw new LuaError(`${name} is not below ${zone}`);
      const labels = splitLabels(name);
      return dnsName(`${labels.slice(0, labels.length - splitLabels(zone).length).join('.')}.`);
    },
    chopOff: (stack) => {
      const value = self<DnsName>(stack, dnsNameType);
      const labels = splitLabels(value.name);
      value.name = `${labels.slice(1).join('.')}.`;
      return labels.length > 0;
    },
    equal: (stack) => sameName(self<DnsName>(stack, dnsNameType).name, absoluteName(stack.string(2), '.')),
  },
  equals: (a, b) => sameName((a as DnsName).name, (b as DnsName).name),
};

export function dnsName(name: string): LuaObject {
  const value: DnsName = { name };
  return new LuaObject(dnsNameType, value);
}

function self<T>(stack: LuaStack, type: ObjectType, slot = 1): T {
  const object = stack.object(slot);
  if (object?.type !== type) throw new LuaError(`argument ${slot}: expected a ${type.name}`);
  return object.value as T;
}

function requireNetmask(text: string): Prefix {
  const prefix = parseNetmask(text);
  if (prefix === undefined) throw new LuaError(`'${text}' is no netmask`);
  return prefix;
}

function addMask(group: NetmaskGroup, text: string): void {
  const positive = !text.startsWith('!');
  group.push({ prefix: requireNetmask(positive ? text : text.slice(1)), positive });
}

function groupMatches(group: NetmaskGroup, address: IpAddress): boolean {
  let best: NetmaskGroup[number] | undefined;
  for (const entry of group) {
    if (!prefixContains(entry.prefix, address)) continue;
    if (best === undefined || entry.prefix.length >= best.prefix.length) best = entry;
  }
  return best?.positive ?? false;
}

function samePrefix(a: Prefix, b: Prefix): boolean {
  return a.length === b.length && compareAddresses(a.address, b.address) === 0;
}

function sameName(a: string, b: string): boolean {
  return lowerCaseName(a) === lowerCaseName(b);
}

function mappedIpv4(address: IpAddress): IpAddress | undefined {
  if (address.family !== 6) return undefined;
  const isMapped = address.bytes.subarray(0, 12).every((byte, i) => byte === (i < 10 ? 0 : 0xff));
  return isMapped ? { family: 4, bytes: address.bytes.slice(12) } : undefined;
}

function binary(bytes: Uint8Array): string {
  return Array.from(bytes, (byte) => String.fromCharCode(byte)).join('');
}
