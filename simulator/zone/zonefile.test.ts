import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { ResourceRecord } from './record.ts';
import { type IncludedFile, parseZoneFile } from './zonefile.ts';

const FILE = 'acme.zone';

function parse(text: string, files: Readonly<Record<string, string>> = {}): ResourceRecord[] {
  const include = (path: string): IncludedFile => ({ file: path, text: files[path] ?? '' });
  return parseZoneFile(text, { file: FILE, origin: 'acme.test.', include });
}

/** `owner ttl type data`, LUA records as PowerDNS's API shows them. */
function lines(text: string, files?: Readonly<Record<string, string>>): string[] {
  return parse(text, files).map((record) => {
    const data = record.kind === 'lua' ? `LUA ${record.type} ${record.text}` : `${record.type} ${record.rdata}`;
    return `${record.owner} ${record.ttlSeconds} ${data}`;
  });
}

const data = (text: string) => lines(text).map((line) => line.split(' ').slice(2).join(' '));

function failure(text: string, files?: Readonly<Record<string, string>>): unknown {
  try {
    parse(text, files);
  } catch (error) {
    return error;
  }
  return undefined;
}

describe('a zone as people write it', () => {
  test('reads every part with its place', () => {
    expect(parse('$TTL 1h\n@ IN SOA ns1 hostmaster 1 3h 1h 1w 60\n   NS ns1\napi 30 LUA A "\'192.0.2.1\'"\n')).toEqual([
      {
        kind: 'static',
        owner: 'acme.test.',
        ttlSeconds: 3600,
        type: 'SOA',
        rdata: 'ns1.acme.test. hostmaster.acme.test. 1 10800 3600 604800 60',
        place: { file: FILE, line: 2, column: 1 },
      },
      {
        kind: 'static',
        owner: 'acme.test.',
        ttlSeconds: 3600,
        type: 'NS',
        rdata: 'ns1.acme.test.',
        place: { file: FILE, line: 3, column: 4 },
      },
      {
        kind: 'lua',
        owner: 'api.acme.test.',
        ttlSeconds: 30,
        type: 'A',
        text: `"'192.0.2.1'"`,
        place: { file: FILE, line: 4, column: 1 },
      },
    ]);
  });

  test('skips blank lines, comments, carriage returns and the end mark of old editors', () => {
    expect(lines('; zone\r\n\r\n  ; more\r\na A 192.0.2.1 ; why\r\nb A 192.0.2.2\r\n\x1a')).toEqual([
      'a.acme.test. 3600 A 192.0.2.1',
      'b.acme.test. 3600 A 192.0.2.2',
    ]);
  });

  test('keeps the case of names', () => {
    expect(lines('API.Acme.TEST. CNAME Foo')).toEqual(['API.Acme.TEST. 3600 CNAME Foo.acme.test.']);
  });
});

describe('owner names', () => {
  test.each([
    ['@', 'acme.test.'],
    ['www', 'www.acme.test.'],
    ['www.acme.test.', 'www.acme.test.'],
    ['*', '*.acme.test.'],
    ['a.@', 'a.@.acme.test.'],
    ['wei\\.rd', 'wei\\.rd.acme.test.'],
    ['\\097', 'a.acme.test.'],
    ['a\\032b', 'a\\032b.acme.test.'],
    ['ü', '\\195\\188.acme.test.'],
    ['a;b', 'a;b.acme.test.'],
    ['MX', 'MX.acme.test.'],
    ['60', '60.acme.test.'],
  ])('%s is %s', (written, owner) => {
    expect(parse(`${written} A 192.0.2.1`).map((record) => record.owner)).toEqual([owner]);
  });

  test('a line that starts with a blank takes the name before it, also across $ORIGIN', () => {
    expect(lines('a A 192.0.2.1\n$ORIGIN sub.acme.test.\n\tA 192.0.2.2')).toEqual([
      'a.acme.test. 3600 A 192.0.2.1',
      'a.acme.test. 3600 A 192.0.2.2',
    ]);
  });
});

describe('TTL and class', () => {
  test.each([
    ['a 60 IN A 192.0.2.1', 60],
    ['a IN 60 A 192.0.2.1', 60],
    ['a in a 192.0.2.1', 3600],
    ['a A IN 192.0.2.1', 3600],
    ['a 5m A 192.0.2.1', 300],
    ['a 1H A 192.0.2.1', 3600],
    ['a 1y A 192.0.2.1', 31_536_000],
    ['a 0 A 192.0.2.1', 0],
    ['a 4294967295 A 192.0.2.1', 4_294_967_295],
  ])('%s lives %d seconds', (text, ttlSeconds) => {
    expect(parse(text)).toMatchObject([{ ttlSeconds }]);
  });

  test('without $TTL an explicit TTL holds for the records behind it', () => {
    expect(lines('a A 192.0.2.1\nb 7 A 192.0.2.1\nc A 192.0.2.1\n$TTL 9\nd 8 A 192.0.2.1\ne A 192.0.2.1')).toEqual([
      'a.acme.test. 3600 A 192.0.2.1',
      'b.acme.test. 7 A 192.0.2.1',
      'c.acme.test. 7 A 192.0.2.1',
      'd.acme.test. 8 A 192.0.2.1',
      'e.acme.test. 9 A 192.0.2.1',
    ]);
  });

  test('the SOA minimum is no default TTL', () => {
    expect(lines('@ SOA ns1 hm 1 2 3 4 55\na A 192.0.2.1').at(1)).toBe('a.acme.test. 3600 A 192.0.2.1');
  });

  test('the default before any TTL is an option', () => {
    const options = { file: FILE, origin: 'acme.test', defaultTtlSeconds: 5 };
    expect(parseZoneFile('a A 192.0.2.1', options)).toMatchObject([{ ttlSeconds: 5 }]);
  });
});

describe('LUA records', () => {
  test.each([
    [`LUA a ( "pickrandom({" ; comment\n  "'192.0.2.1'"   "})" )`, `LUA A "pickrandom({" "'192.0.2.1'" "})"`],
    [`LUA ( A "x" )`, 'LUA A "x"'],
    [`LUA\tA\t"x"\t"y"`, 'LUA A "x" "y"'],
    [`TYPE65402 A "'192.0.2.1'"`, `LUA A "'192.0.2.1'"`],
    ['LUA TYPE28 "x"', 'LUA AAAA "x"'],
    ['LUA TYPE999 "x"', 'LUA TYPE999 "x"'],
    ['LUA A "a""b"', 'LUA A "a" "b"'],
    ['LUA A "" "x"', 'LUA A "" "x"'],
    ['LUA A foo', 'LUA A "foo"'],
    ['LUA A "a" b', 'LUA A "a" "b"'],
    ['LUA A ";x" ; "y"', 'LUA A ";x"'],
    [`LUA TXT "'a\\065b; \\"x\\"'"`, `LUA TXT "'a\\065b; \\"x\\"'"`],
    [`LUA A "${'y'.repeat(300)}"`, `LUA A "${'y'.repeat(300)}"`],
  ])('%j is stored as %j', (written, stored) => {
    expect(data(`a ${written}`)).toEqual([stored]);
  });

  test.each([
    ['LUA', 1, 6, /which type it yields/],
    [`LUA "'192.0.2.1'"`, 1, 7, /which type it yields/],
    ['LUA FOO "x"', 1, 7, /'FOO' is no record type/],
    ['LUA A', 1, 8, /no code/],
    [`LUA A '192.0.2.1'`, 1, 9, /not quoted/],
    ['LUA A "a" , "b"', 1, 13, /not quoted/],
    ['LUA A "a"b"c"', 1, 12, /not quoted/],
    ['LUA A "x', 1, 9, /does not end on its line/],
    ['LUA A ( "x\n y" )', 1, 11, /does not end on its line/],
    ['LUA \\# 4 00010178', 1, 7, /\\# form/],
    ['LUA A ( "x"\n', 1, 9, /never closed/],
  ])('%j is refused', (written, line, column, message) => {
    expect(failure(`a ${written}`)).toMatchObject({
      code: 'E_ZONE_SYNTAX',
      place: { file: FILE, line, column },
      message: expect.stringMatching(message),
      hint: expect.stringMatching(/./),
    });
  });
});

describe('record data', () => {
  test.each([
    ['A 192.0.2.010', 'A 192.0.2.10'],
    ['A (192.0.2.1)', 'A 192.0.2.1'],
    ['TYPE1 192.0.2.1', 'A 192.0.2.1'],
    ['AAAA 2001:DB8:0:0::0001', 'AAAA 2001:db8::1'],
    ['AAAA ::ffff:192.0.2.1', 'AAAA ::ffff:192.0.2.1'],
    ['CNAME @', 'CNAME acme.test.'],
    ['CNAME .', 'CNAME .'],
    ['NS foo\\.bar', 'NS foo\\.bar.acme.test.'],
    ['MX 010 mail', 'MX 10 mail.acme.test.'],
    ['MX ( 10\n) mail', 'MX 10 mail.acme.test.'],
    ['SRV 1 2 3 .', 'SRV 1 2 3 .'],
    ['RP foo bar', 'RP foo.acme.test. bar.acme.test.'],
    ['TXT foo', 'TXT "foo"'],
    ['TXT "a b" "c;d" "q\\"x" "\\195\\164" "ä"', 'TXT "a b" "c;d" "q\\"x" "\\195\\164" "ä"'],
    ['TXT ( "a ( b" \n ; a comment\n\n "c" ) "d" ; end', 'TXT "a ( b" "c" "d"'],
    ['CAA 0 issue letsencrypt', 'CAA 0 issue "letsencrypt"'],
    ['DS 12345 8 2 ABCDEF01 23456789', 'DS 12345 8 2 abcdef0123456789'],
    ['HTTPS 1 . port=443 alpn="h2,h3"', 'HTTPS 1 . alpn=h2,h3 port=443'],
    ['SVCB 0 foo', 'SVCB 0 foo.'],
    ['ALIAS foo', 'ALIAS foo.'],
    ['ALIAS @', 'ALIAS acme.test.'],
    [
      'NAPTR 100 10 "u" "sip+E2U" "!^.*$!sip:x@example.org!" foo',
      'NAPTR 100 10 "u" "sip+E2U" "!^.*$!sip:x@example.org!" foo.',
    ],
    ['type999 \\# 3 ABCDEF', 'TYPE999 \\# 3 abcdef'],
    ['TYPE65534 \\# 0', 'TYPE65534 \\# 0'],
    ['LOC 51 56 0.123 N 5 54 0.000 E 4.00m', 'LOC 51 56 0.123 N 5 54 0.000 E 4.00m'],
  ])('%j is served as %j', (written, served) => {
    expect(data(`a ${written}`)).toEqual([served]);
  });

  test.each([
    ['A 192.0.2', 5, /no IPv4 address/],
    ['A 192.0.2.1 192.0.2.2', 15, /more than a A record holds/],
    ['A \\# 4 c0000201', 8, /more than/],
    ['A ;none', 10, /no data/],
    ['AAAA 192.0.2.1', 8, /no IPv6 address/],
    ['MX 70000 b', 6, /no number from 0 to 65535/],
    ['MX 10', 8, /ends too early/],
    ['MX 10 a..b', 9, /empty label/],
    ['CNAME b c', 11, /more than/],
    ['TXT "foo" b-r', 13, /not quoted/],
    ['HINFO foo bar', 9, /not quoted/],
    ['SOA ns1 hm 1 2 3 4 1h30m', 22, /no time/],
    ['TYPE999 \\# 3 ab cd ef', 19, /in hex/],
    ['TYPE999 \\# 2 ab', 16, /in hex/],
    ['A 192.0.2.1 )', 15, /without an opening/],
    ['MX ( 10 ( b ) )', 11, /second opening/],
    ['TXT caf\ufffd', 7, /not UTF-8/],
  ])('%j is refused at its word', (written, column, message) => {
    expect(failure(`a ${written}`)).toMatchObject({
      code: 'E_ZONE_SYNTAX',
      place: { line: 1, column },
      message: expect.stringMatching(message),
    });
  });
});

describe('lines that PowerDNS refuses', () => {
  test.each([
    ['a FOO bar', 3, /no record type/],
    ['a CH A 192.0.2.1', 3, /'CH'/],
    ['a 60 60 A 192.0.2.1', 6, /'60'/],
    ['a -1 A 192.0.2.1', 3, /'-1'/],
    ['a 99999999999 A 192.0.2.1', 3, /no time/],
    ['a (A 192.0.2.1)', 3, /no record type/],
    ['a', 2, /no type/],
    ['a 60;c A 192.0.2.1', 19, /no type/],
    [' A 192.0.2.1', 1, /no record before/],
    ['other.test. A 192.0.2.1', 1, /not in the zone 'acme.test.'/],
    [`${'x'.repeat(64)} A 192.0.2.1`, 1, /63 bytes/],
    ['$FOO x', 1, /no directive/],
    ['$TTL', 1, /no value/],
    ['$TTL 5x', 6, /no time/],
    ['$ORIGIN sub', 9, /not in the zone/],
  ])('%j', (text, column, message) => {
    expect(failure(text)).toMatchObject({
      code: 'E_ZONE_SYNTAX',
      place: { file: FILE, line: 1, column },
      message: expect.stringMatching(message),
      hint: expect.stringMatching(/./),
    });
  });

  test('a TTL with several units says what to write', () => {
    expect(failure('a 1h30m A 192.0.2.1')).toMatchObject({
      place: { column: 3 },
      hint: expect.stringContaining('5400'),
    });
  });

  test('a byte order mark', () => {
    expect(failure('\ufeffa A 192.0.2.1')).toMatchObject({ message: expect.stringContaining('byte order mark') });
  });

  test('a file that is not UTF-8 in a comment is none of them', () => {
    expect(data('a A 192.0.2.1 ; caf\ufffd')).toEqual(['A 192.0.2.1']);
  });
});

describe('$ORIGIN and $TTL', () => {
  test('are known in any case', () => {
    expect(lines('$ttl 5 ; short\n$origin x.acme.test\na A 192.0.2.1\n@ CNAME @')).toEqual([
      'a.x.acme.test. 5 A 192.0.2.1',
      'x.acme.test. 5 CNAME x.acme.test.',
    ]);
  });

  test('an origin above the zone serves files that spell out everything', () => {
    expect(lines('$ORIGIN .\nacme.test A 192.0.2.1')).toEqual(['acme.test. 3600 A 192.0.2.1']);
  });
});

describe('$INCLUDE', () => {
  test('leaves origin, TTL and name behind as PowerDNS does, and ignores an origin of its own', () => {
    const files = { 'inc.zone': ' A 192.0.2.2\n$ORIGIN sub.acme.test.\n$TTL 77\nb A 192.0.2.3' };
    expect(lines('a A 192.0.2.1\n$INCLUDE inc.zone other.acme.test.\n A 192.0.2.4\nc A 192.0.2.5', files)).toEqual([
      'a.acme.test. 3600 A 192.0.2.1',
      'a.acme.test. 3600 A 192.0.2.2',
      'b.sub.acme.test. 77 A 192.0.2.3',
      'b.sub.acme.test. 77 A 192.0.2.4',
      'c.sub.acme.test. 77 A 192.0.2.5',
    ]);
  });

  test('places name the included file', () => {
    expect(failure('$INCLUDE "inc.zone"', { 'inc.zone': '\na A x' })).toMatchObject({
      place: { file: 'inc.zone', line: 2, column: 5 },
    });
  });

  test('refuses a loop', () => {
    const files = { 'a.zone': '$INCLUDE b.zone', 'b.zone': '$INCLUDE a.zone' };
    expect(failure('$INCLUDE a.zone', files)).toMatchObject({
      place: { file: 'b.zone', line: 1, column: 10 },
      message: expect.stringContaining('includes itself'),
    });
  });

  test('may take one file twice', () => {
    expect(lines('$INCLUDE i\n$INCLUDE i', { i: 'a A 192.0.2.1' })).toHaveLength(2);
  });

  test('is refused where no files can be read', () => {
    expect(() => parseZoneFile('$INCLUDE x', { file: FILE, origin: 'acme.test.' })).toThrow(
      expect.objectContaining({ code: 'E_ZONE_SYNTAX' }),
    );
  });
});

describe('$GENERATE', () => {
  /** The modifiers stand in angle brackets here, since the linter takes them for template strings. */
  const braces = (text: string) => text.replaceAll('<', '{').replaceAll('>', '}');

  test.each([
    ['1-3 g$ A 10.0.0.$', ['g1 10.0.0.1', 'g2 10.0.0.2', 'g3 10.0.0.3']],
    ['1-5/2 g$<10,3,x> A 10.0.0.$', ['g00b 10.0.0.1', 'g00d 10.0.0.3', 'g00f 10.0.0.5']],
    ['10-11 g$<0,0,X> A 10.0.0.$<-5>', ['gA 10.0.0.5', 'gB 10.0.0.6']],
    ['1-1 g$<0,2,o>b$$ A 10.0.0.1', ['g01b11 10.0.0.1']],
    ['1-1 g$<0,3,n> A 10.0.0.1', ['g001 10.0.0.1']],
    ['1-1 g\\$$ A 10.0.0.1 ; $', ['g$1 10.0.0.1']],
    ['01-02 g$ 60 IN A 10.0.0.$', ['g1 10.0.0.1', 'g2 10.0.0.2']],
  ])('%j', (range, expected) => {
    const found = parse(`$GENERATE ${braces(range)}`).map((record) =>
      record.kind === 'static' ? `${record.owner.replace('.acme.test.', '')} ${record.rdata}` : 'lua',
    );
    expect(found).toEqual(expected);
  });

  test('makes LUA records, placed at the directive', () => {
    expect(parse(`\n$GENERATE 7-7 g$ 5 LUA A "'10.0.0.$'"`)).toEqual([
      {
        kind: 'lua',
        owner: 'g7.acme.test.',
        ttlSeconds: 5,
        type: 'A',
        text: `"'10.0.0.7'"`,
        place: { file: FILE, line: 2, column: 1 },
      },
    ]);
  });

  test('loses one level of backslashes and every run of blanks, as in PowerDNS', () => {
    expect(data('$GENERATE 1-1 g$ TXT "a   \\\\b"')).toEqual(['TXT "a \\b"']);
  });

  test.each([
    '3-1 g$ A 1.1.1.1',
    '1 g$ A 1.1.1.1',
    '1-2/0 g$ A 1.1.1.1',
    'a-b g$ A 1.1.1.1',
    '1-2',
    '1-2 g$<> A 1.1.1.1',
    '0-99999999 g$ A 1.1.1.1',
  ])('%j is refused', (range) => {
    expect(failure(`$GENERATE ${braces(range)}`)).toMatchObject({ code: 'E_ZONE_SYNTAX', place: { line: 1 } });
  });

  test('a record in parentheses must end on the generated line', () => {
    expect(failure('$GENERATE 1-2 g$ TXT ( "x"\n"y" )')).toMatchObject({
      message: expect.stringContaining('never closed'),
    });
  });
});

test('whatever the text, the answer is records or E_ZONE_SYNTAX', () => {
  const piece = fc.constantFrom(
    'a',
    '@',
    ' ',
    '\t',
    '\n',
    '"',
    '\\',
    ';',
    '(',
    ')',
    '$',
    '{',
    '}',
    '60',
    'A',
    'LUA',
    'TXT',
    'IN',
    '1.2.3.4',
    '$TTL',
    '$GENERATE',
    '1-2',
    '\\#',
    '.',
  );
  fc.assert(
    fc.property(fc.array(piece, { maxLength: 30 }), (pieces) => {
      const error = failure(pieces.join(''));
      expect(error).toSatisfy(
        (value) => value === undefined || (value instanceof Error && 'code' in value && value.code === 'E_ZONE_SYNTAX'),
      );
    }),
    { numRuns: 2000 },
  );
});

test('a LUA text read back from the zone file that holds it is the same text', () => {
  const character = fc.constantFrom('a', "'", '(', ')', ';', ' ', '{', '}', '\\\\', '\\"', '\\065', 'é');
  const chunk = fc.array(character, { maxLength: 12 }).map((parts) => `"${parts.join('')}"`);
  fc.assert(
    fc.property(fc.array(chunk, { minLength: 1, maxLength: 4 }), (chunks) => {
      expect(data(`a LUA A ${chunks.join(' ')}`)).toEqual([`LUA A ${chunks.join(' ')}`]);
    }),
  );
});
