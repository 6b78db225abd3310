import { describe, expect, test } from 'vitest';
import { type NamedConf, parseNamedConf } from './named-conf.ts';

function parse(text: string, files: Readonly<Record<string, string>> = {}): NamedConf {
  return parseNamedConf(text, { file: 'named.conf', directory: '/etc/bind', include: (path) => files[path] ?? '' });
}

function failure(text: string, files?: Readonly<Record<string, string>>): unknown {
  try {
    parse(text, files);
  } catch (error) {
    return error;
  }
  return undefined;
}

test('reads zones with their type and file, below the directory', () => {
  const text = `
    options { directory "/var/zones/"; version "none"; };
    zone "acme.test" IN { type master; file "acme.zone"; allow-transfer { 10.0.0.0/8; }; };
    zone "Other.TEST" { file "/srv/other.zone"; type Native; };
  `;
  expect(parse(text)).toEqual({
    directory: '/var/zones/',
    zones: [
      {
        name: 'acme.test.',
        type: 'master',
        file: '/var/zones/acme.zone',
        place: { file: 'named.conf', line: 3, column: 5 },
      },
      {
        name: 'Other.TEST.',
        type: 'native',
        file: '/srv/other.zone',
        place: { file: 'named.conf', line: 4, column: 5 },
      },
    ],
  });
});

test('skips every comment and every other statement', () => {
  const text = `
    // zone "a" { };
    # zone "b" { };
    /* zone "c" { };
       still */
    logging { channel x { file "log"; }; };
    acl "mine" { 127.0.0.1; };
    key "k" { algorithm hmac-sha256; secret "x//y#z=="; };
    zone "d.test" { /* here too */ type native; file "d.zone"; // and here
    };
  `;
  expect(parse(text).zones.map(({ name, file }) => [name, file])).toEqual([['d.test.', '/etc/bind/d.zone']]);
});

test('a zone keeps the directory that was known when it was read', () => {
  const text = 'zone "a.test" { file "a"; }; options { directory "/z"; }; zone "b.test" { file "b"; };';
  expect(parse(text).zones.map(({ file }) => file)).toEqual(['/etc/bind/a', '/z/b']);
});

test('includes are below the directory, and places name them', () => {
  const files = { '/z/more.conf': '\nzone "a.test" { file "a"; };' };
  expect(parse('options { directory "/z"; };\ninclude "more.conf";', files).zones).toEqual([
    { name: 'a.test.', type: 'native', file: '/z/a', place: { file: '/z/more.conf', line: 2, column: 1 } },
  ]);
});

describe('refuses with line and column', () => {
  test.each([
    ['zone "a.test" { file "a" };', 1, 17, /no semicolon/],
    ['zone "a.test" { file "a"; }', 1, 1, /no semicolon/],
    ['zone "a.test" {\n file "a";', 1, 15, /never closed/],
    ['zone { file "a"; };', 1, 1, /no value/],
    ['zone "a.test";', 1, 1, /no block/],
    ['zone "a..test" { file "a"; };', 1, 6, /empty label/],
    ['options { directory; };', 1, 11, /no value/],
    ['};', 1, 1, /without a \{/],
    ['{ };', 1, 1, /without a statement/],
    ['options { };\n/* open', 2, 1, /never closed/],
    ['include "a', 1, 9, /does not end on its line/],
    ['view "x" { zone "a.test" { file "a"; }; };', 1, 1, /no views/],
  ])('%j', (text, line, column, message) => {
    expect(failure(text)).toMatchObject({
      code: 'E_NAMED_CONF',
      place: { file: 'named.conf', line, column },
      message: expect.stringMatching(message),
      hint: expect.stringMatching(/./),
    });
  });

  test('a file that includes itself', () => {
    const files = { '/etc/bind/loop.conf': 'include "loop.conf";' };
    expect(failure('include "loop.conf";', files)).toMatchObject({
      code: 'E_NAMED_CONF',
      place: { file: '/etc/bind/loop.conf' },
      message: expect.stringContaining('nested'),
    });
  });
});
