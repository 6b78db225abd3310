import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  absoluteName,
  canonicalName,
  isAbsolute,
  isSubdomain,
  lowerCaseName,
  nameFromWireLabels,
  parentName,
  sameName,
  splitLabels,
  wireName,
} from './name.ts';

describe('splitLabels', () => {
  test('splits at dots, with or without the final one', () => {
    expect(splitLabels('api.acme.test.')).toEqual(['api', 'acme', 'test']);
    expect(splitLabels('api.acme.test')).toEqual(['api', 'acme', 'test']);
  });

  test('gives no label for the root', () => {
    expect(splitLabels('.')).toEqual([]);
  });

  test('keeps an escaped dot inside its label', () => {
    expect(splitLabels('wei\\.rd.test.')).toEqual(['wei\\.rd', 'test']);
  });

  test('spells escapes in one way', () => {
    expect(splitLabels('\\097\\b\\046\\092\\ .test.')).toEqual(['ab\\.\\\\\\032', 'test']);
  });

  test('spells bytes outside printable ASCII as decimal escapes', () => {
    expect(splitLabels('zürich.test.')).toEqual(['z\\195\\188rich', 'test']);
  });

  test.each([
    ['a..b.', /empty label/],
    ['.a.', /empty label/],
    [`${'x'.repeat(64)}.test.`, /more than 63 bytes/],
    [`${'abcdefg.'.repeat(32)}`, /longer than 255 bytes/],
    ['a\\256.', /is no byte/],
    ['a\\', /lone backslash/],
  ])('refuses %j', (name, message) => {
    expect(() => splitLabels(name)).toThrow(
      expect.objectContaining({ code: 'E_NAME_SYNTAX', message: expect.stringMatching(message) }),
    );
  });

  test('accepts the longest name there is', () => {
    expect(splitLabels(`${'a'.repeat(63)}.`.repeat(3) + 'b'.repeat(61))).toHaveLength(4);
  });
});

describe('absoluteName', () => {
  test('puts a relative name below the origin', () => {
    expect(absoluteName('api', 'acme.test.')).toBe('api.acme.test.');
    expect(absoluteName('api', '.')).toBe('api.');
  });

  test('leaves an absolute name and its case alone', () => {
    expect(absoluteName('API.Other.test.', 'acme.test.')).toBe('API.Other.test.');
  });

  test('reads @ as the origin', () => {
    expect(absoluteName('@', 'acme.test')).toBe('acme.test.');
  });

  test('does not take an escaped final dot for the end of the name', () => {
    expect(absoluteName('a\\.', 'test.')).toBe('a\\..test.');
    expect(isAbsolute('a\\\\.')).toBe(true);
  });

  test('refuses a name that becomes too long', () => {
    const long = `${'a'.repeat(60)}.`.repeat(4);
    expect(() => absoluteName('b'.repeat(20), long)).toThrow(expect.objectContaining({ code: 'E_NAME_SYNTAX' }));
  });
});

test('the parent of a name is the name without its first label', () => {
  expect(parentName('wei\\.rd.acme.test.')).toBe('acme.test.');
  expect(parentName('test.')).toBe('.');
  expect(parentName('.')).toBeUndefined();
});

test('a subdomain ends in the labels of its ancestor, in any case', () => {
  expect(isSubdomain('a.ACME.test.', 'acme.Test.')).toBe(true);
  expect(isSubdomain('acme.test.', 'acme.test.')).toBe(true);
  expect(isSubdomain('xacme.test.', 'acme.test.')).toBe(false);
  expect(isSubdomain('x\\.acme.test.', 'acme.test.')).toBe(false);
  expect(isSubdomain('test.', 'acme.test.')).toBe(false);
  expect(isSubdomain('anything.', '.')).toBe(true);
});

test('lower case touches ASCII letters only', () => {
  expect(lowerCaseName('API.Zürich.ÄB.')).toBe('api.zürich.Äb.');
});

test('two spellings of one name are the same name', () => {
  expect(sameName('\\065PI.test', 'api.TEST.')).toBe(true);
  expect(sameName('a.test.', 'b.test.')).toBe(false);
});

test('the wire form counts each label and ends in zero', () => {
  expect([...wireName('aB.c.')]).toEqual([2, 0x61, 0x42, 1, 0x63, 0]);
  expect([...wireName('.')]).toEqual([0]);
});

test('any labels of the wire survive the way through presentation format', () => {
  const label = fc.uint8Array({ minLength: 1, maxLength: 40 });
  fc.assert(
    fc.property(fc.array(label, { maxLength: 6 }), (labels) => {
      const name = nameFromWireLabels(labels);
      expect(canonicalName(name)).toBe(name);
      expect([...wireName(name)]).toEqual([...labels.flatMap((bytes) => [bytes.length, ...bytes]), 0]);
    }),
  );
});
