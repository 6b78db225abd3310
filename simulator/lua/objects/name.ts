/** `DNSName`. Alike from 4.7 to 5.1. */
import { UserError } from '../../../input/errors.ts';
import { absoluteName, canonicalName, isSubdomain, sameName, splitLabels, wireName } from '../../zone/name.ts';
import { LuaError } from '../lua-error.ts';
import { LuaObject, type ObjectType } from '../lua-value.ts';
import { binaryString, method, objectAt, textAt } from './object.ts';

/** A name that `chopOff` may shorten in place. */
interface DnsName {
  name: string;
}

const own = (count: number, call: Parameters<typeof method<DnsName>>[2]) =>
  method<DnsName>(() => dnsNameType, count, call);

const dnsNameType: ObjectType = {
  name: 'DNSName',
  text: (value) => (value as DnsName).name,
  equals: (a, b) => sameName((a as DnsName).name, (b as DnsName).name),
  methods: {
    toString: own(0, ({ name }) => name),
    toStringNoDot: own(0, ({ name }) => name.replace(/\.$/, '')),
    countLabels: own(0, ({ name }) => splitLabels(name).length),
    wireLength: own(0, ({ name }) => wireName(name).length),
    wirelength: own(0, ({ name }) => wireName(name).length),
    getRawLabels: own(0, ({ name }) => rawLabels(name)),
    isPartOf: own(1, ({ name }, stack) => isSubdomain(name, nameAt(stack, 2))),
    makeRelative: own(1, ({ name }, stack) => {
      const relative = relativeLabels(name, nameAt(stack, 2));
      if (relative === undefined) throw new LuaError(`${name} is not below ${nameAt(stack, 2)}`);
      return dnsName(`${relative.join('.')}.`);
    }),
    chopOff: own(0, (value) => {
      const labels = splitLabels(value.name);
      value.name = `${labels.slice(1).join('.')}.`;
      return labels.length > 0;
    }),
    canonCompare: own(1, ({ name }, stack) => canonicallyBefore(name, nameAt(stack, 2))),
    equal: own(1, ({ name }, stack) => sameName(name, parseName(textAt(stack, 2)))),
  },
};

export function dnsName(name: string): LuaObject {
  const value: DnsName = { name };
  return new LuaObject(dnsNameType, value);
}

/** `newDN` */
export function parseNameObject(text: string): LuaObject {
  return dnsName(parseName(text));
}

/** The labels of a name as binary strings, leftmost first, without escapes. */
export function rawLabels(name: string): string[] {
  const wire = wireName(name);
  const labels: string[] = [];
  for (let at = 0; (wire[at] ?? 0) > 0; at += (wire[at] ?? 0) + 1) {
    labels.push(binaryString(wire.subarray(at + 1, at + 1 + (wire[at] ?? 0))));
  }
  return labels;
}

/** The labels of `name` in front of `zone`; undefined for a name that is not below it. */
export function relativeLabels(name: string, zone: string): string[] | undefined {
  if (!isSubdomain(name, zone)) return undefined;
  const labels = splitLabels(name);
  return labels.slice(0, labels.length - splitLabels(zone).length);
}

function parseName(text: string): string {
  try {
    return text === '' ? '.' : canonicalName(absoluteName(text, '.'));
  } catch (error) {
    if (error instanceof UserError) throw new LuaError(error.message);
    throw error;
  }
}

function nameAt(stack: Parameters<typeof objectAt>[0], slot: number): string {
  return objectAt<DnsName>(stack, dnsNameType, slot).name;
}

/** The order of DNSSEC: from the rightmost label, in lower case, byte by byte. */
function canonicallyBefore(left: string, right: string): boolean {
  const [a, b] = [left, right].map((name) => rawLabels(name).reverse().map(lowerCase));
  for (const [i, label] of (a ?? []).entries()) {
    const other = b?.[i];
    if (other === undefined) return false;
    if (label !== other) return label < other;
  }
  return (a?.length ?? 0) < (b?.length ?? 0);
}

function lowerCase(text: string): string {
  return text.replace(/[A-Z]/g, (letter) => letter.toLowerCase());
}
