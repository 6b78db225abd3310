/** `QType`, which `newQType` makes, and PowerDNS's own list of type names. */

import { atoi } from '../../health/c-number.ts';
import type { Profile } from '../../profile/profile.ts';
import { namedTypes } from '../../zone/record-type.ts';
import { LuaObject, type ObjectType } from '../lua-value.ts';
import { method } from './object.ts';

interface QueryType {
  readonly code: number;
  readonly name: string;
}

const queryTypeType: ObjectType = {
  name: 'QType',
  text: (value) => (value as QueryType).name,
  equals: (a, b) => (a as QueryType).code === (b as QueryType).code,
  methods: {
    getCode: method<QueryType>(
      () => queryTypeType,
      0,
      ({ code }) => code,
    ),
    getName: method<QueryType>(
      () => queryTypeType,
      0,
      ({ name }) => name,
    ),
  },
};

/** `newQType`: a name in any case, `#n` or `TYPEn`; everything else is type 0. */
export function queryTypeObject(text: string, profile: Profile): LuaObject {
  const names = typeNames(profile);
  const upper = text.toUpperCase();
  const numbered = /^(?:#|TYPE)(.*)/s.exec(upper);
  const code = names.get(upper) ?? (numbered === null ? 0 : atoi(numbered[1] ?? '') & 0xffff);
  const name = [...names].find(([, number]) => number === code)?.[0] ?? `TYPE${code}`;
  const value: QueryType = { code, name };
  return new LuaObject(queryTypeType, value);
}

/** Names of types that zones cannot hold but code can ask for, beside those of records. */
const FURTHER_TYPES: readonly (readonly [string, number])[] = [
  ['SIG', 24],
  ['A6', 38],
  ['TKEY', 249],
  ['MAILB', 253],
  ['MAILA', 254],
  ['ADDR', 65_400],
];

/** Number by name of every type that a release line has a name for. */
export function typeNames(profile: Profile): ReadonlyMap<string, number> {
  return new Map([...namedTypes(), ...FURTHER_TYPES, ...profile.furtherTypes]);
}
