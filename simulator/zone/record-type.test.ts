import { expect, test } from 'vitest';
import { canonicalType, typeName, typeNumber } from './record-type.ts';

test('a type is known by mnemonic or number, in any case', () => {
  expect(typeNumber('aaaa')).toBe(28);
  expect(typeNumber('type28')).toBe(28);
  expect(typeNumber('LUA')).toBe(65402);
});

test('a mnemonic is preferred over the number', () => {
  expect(canonicalType('TYPE65402')).toBe('LUA');
  expect(canonicalType('TYPE999')).toBe('TYPE999');
  expect(typeName(1)).toBe('A');
  expect(typeName(10)).toBe('TYPE10');
});

test.each(['NULL', 'TYPE65536', 'TYPE', 'TYPEx', ''])('%j is no type that PowerDNS knows', (name) => {
  expect(canonicalType(name)).toBeUndefined();
});
