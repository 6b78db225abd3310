import { describe, expect, it } from 'vitest';
import { typeNumber } from '../simulator/zone/record-type.ts';
import { presentRdata } from './rdata-text.ts';
import { rdataBytes, rdataParts } from './rdata-wire.ts';

describe('data of records goes out', () => {
  const cases: readonly (readonly [type: string, rdata: string, hex: string])[] = [
    ['A', '192.0.2.1', 'c0000201'],
    ['AAAA', '2001:db8::1', '20010db8000000000000000000000001'],
    ['CNAME', 'a\\.b.\\255.', '03612e6201ff00'],
    ['SOA', 'n. h. 7 3600 600 86400 60', '016e00016800000000070000 0e10000002580001518 00000003c'],
    ['MX', '10 m.', '000a016d00'],
    ['SRV', '1 2 5060 .', '0001000213c400'],
    ['TXT', '"a b" "c\\"d\\\\e\\001" ""', '0361206206632264 5c650100'],
    ['TXT', '"ü"', '02c3bc'],
    ['CAA', '128 issue "x; y"', '80056973737565783b2079'],
    ['NAPTR', '100 10 "u" "" "!^.*$!x!" .', '0064000a017500 08215e2e2a24217821 00'],
    ['DS', '12345 13 2 0aff', '30390d020aff'],
    ['DS', '12345 13 2 0a ff', '30390d020aff'],
    ['DNSKEY', '257 3 13 AQID', '0101030d010203'],
    ['SSHFP', '1 1 00ff', '010100ff'],
    ['TLSA', '3 1 1 00ff', '03010100ff'],
    ['HTTPS', '1 . port=443 alpn=h2,h3', '000100 00010006 026832026833 00030002 01bb'],
    ['SVCB', '1 . mandatory=port,alpn key9999="a b"', '000100 00000004 00010003 270f0003 612062'],
    ['SVCB', '1 . alpn="a\\\\,b"', '000100 00010004 03612c62'],
    ['LOC', '42 21 54 N 71 6 18 W -24m 30m', '0033161389 17 2d d0 70 be 15 f0 00 98 8d 20'],
    ['NSEC', 'b. A MX TYPE1234', '016200 00024001 0 41b 000000000000000000000000000000000000000000000000000020'],
    ['NSEC3', '1 0 2 ab 00000000000000000000000000000000 A', '0100000201ab14'.concat('00'.repeat(20), '000140')],
    ['NSEC3PARAM', '1 0 0 -', '0100000000'],
    ['RRSIG', 'A 13 2 60 20200101000000 1577836800 7 o. AQ==', '00010d020000003c5e0be1005e0be1000007016f0001'],
    ['EUI48', '00-00-5e-00-53-2a', '00005e00532a'],
    ['L64', '10 2001:db8:1:2', '000a20010db800010002'],
    ['LUA', 'A "x"', '00010178'],
    ['TYPE65500', '\\# 3 0102ff', '0102ff'],
    ['A', '\\# 4 c0000201', 'c0000201'],
    ['TYPE65500', '\\# 0', ''],
  ];
  it.each(cases)('%s %s', (type, rdata, hex) => {
    expect(rdataBytes(type, rdata).toString('hex')).toBe(hex.replaceAll(' ', ''));
  });

  it('cut into strings of 255 bytes where a text is longer', () => {
    const bytes = rdataBytes('TXT', `"${'x'.repeat(300)}"`);
    expect([bytes.length, bytes[0], bytes[256]]).toEqual([302, 255, 45]);
  });

  it('and comes back as it was', () => {
    const texts: readonly (readonly [string, string])[] = [
      ['MX', '10 Mail.Example.org.'],
      ['SOA', 'n. h\\.x. 7 3600 600 86400 60'],
      ['TXT', '"a\\"b" "\\255" ""'],
      ['CAA', '0 issue "ca.example; x=\\"y\\""'],
      ['SRV', '1 2 3 \\000.x.'],
      ['AAAA', '::ffff:192.0.2.1'],
    ];
    for (const [type, rdata] of texts) {
      const message = rdataBytes(type, rdata);
      const record = { owner: '.', class: 1, ttlSeconds: 0, rdataStart: 0, rdataEnd: message.length };
      expect(presentRdata({ ...record, message, type: typeNumber(type) ?? 0 })).toBe(rdata);
    }
  });
});

describe('names in data', () => {
  const compressible = (type: string, rdata: string) =>
    rdataParts(type, rdata).flatMap((part) => (part.kind === 'name' ? [part.compressible] : []));

  it('may be compressed in the types of RFC 1035', () => {
    expect(compressible('MX', '1 a.')).toEqual([true]);
    expect(compressible('SOA', 'a. b. 1 2 3 4 5')).toEqual([true, true]);
  });

  it('may not be compressed in later types', () => {
    for (const [type, rdata] of [
      ['SRV', '1 2 3 a.'],
      ['DNAME', 'a.'],
      ['NAPTR', '1 2 "" "" "" a.'],
      ['HTTPS', '1 a.'],
    ] as const) {
      expect(compressible(type, rdata)).toEqual([false]);
    }
  });
});

describe('what is no data is refused', () => {
  const cases: readonly (readonly [type: string, rdata: string, problem: string])[] = [
    ['A', '192.0.2', 'no IPv4 address'],
    ['A', '::1', 'no IPv4 address'],
    ['A', '', 'an IPv4 address is missing'],
    ['A', '192.0.2.1 192.0.2.2', 'more text'],
    ['MX', '65536 a.', '0 to 65535'],
    ['MX', '10', 'a name is missing'],
    ['TXT', '"a', 'a string does not end'],
    ['CAA', `0 ${'x'.repeat(256)} "a"`, 'more than 255 bytes'],
    ['DS', '1 2 3 abc', 'pairs of hex digits'],
    ['DNSKEY', '1 2 3 a-b', 'base64'],
    ['NSEC', 'a. NONSENSE', 'no record type'],
    ['HTTPS', '1 . port=99999', '0 to 65535'],
    ['HTTPS', '1 . port=1 port=2', 'twice'],
    ['HTTPS', '1 . nonsense=1', 'no service parameter'],
    ['LOC', '91 N 0 E 0m', 'not on the earth'],
    ['LOC', 'here', 'no location'],
    ['EUI48', '00-00', '6 hex numbers'],
    ['TYPE65500', '\\# 2 00', 'does not fit'],
    ['TYPE65500', 'abc', 'no presentation format here'],
    ['NONSENSE', 'abc', 'is no record type'],
  ];
  it.each(cases)('%s %s', (type, rdata, problem) => {
    expect(() => rdataParts(type, rdata)).toThrow(
      expect.objectContaining({ code: 'E_RDATA_SYNTAX', message: expect.stringContaining(problem) }),
    );
  });

  it('also a name that no message can hold', () => {
    expect(() => rdataParts('CNAME', 'a..b.')).toThrow(expect.objectContaining({ code: 'E_NAME_SYNTAX' }));
  });
});
