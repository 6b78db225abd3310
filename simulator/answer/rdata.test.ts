import { describe, expect, it } from 'vitest';
import { pdns47 } from '../profile/pdns-4.7.ts';
import { pdns51 } from '../profile/pdns-5.1.ts';
import { canonicalRdata, parseRdata, presentRdata, rdataBytes, rdataParts } from './rdata.ts';

describe('the data of a record', () => {
  it.each([
    ['A', ' 192.0.2.010 ', '192.0.2.10'],
    ['AAAA', '2001:DB8:0:0::1', '2001:db8::1'],
    ['CNAME', 'Foo.example', 'Foo.example.'],
    ['MX', '010  mail', '10 mail.'],
    ['SRV', '1 2 80 srv.', '1 2 80 srv.'],
    ['SOA', 'ns1 host 1 2 3 4 5', 'ns1. host. 1 2 3 4 5'],
    ['SRV', '1 2 3 \\000.X', '1 2 3 \\000.X.'],
    ['SOA', 'n. h\\.x. 7 3600 600 86400 60', 'n. h\\.x. 7 3600 600 86400 60'],
    ['CAA', '0 issue "ca.example; x=\\"y\\""', '0 issue "ca.example; x=\\"y\\""'],
    ['TXT', 'a" "b', '"a" "b"'],
    ['CAA', '0 issue ca', '0 issue "ca"'],
    ['NAPTR', '100 50 "s" "SIP+D2U" "" _sip._udp.example.com', '100 50 "s" "SIP+D2U" "" _sip._udp.example.com.'],
    ['DS', '12345 8 2 AA bb', '12345 8 2 aabb'],
    ['SSHFP', '1 1 -', '1 1 -'],
    ['TLSA', '3 1 1 AABB', '3 1 1 aabb'],
    ['DNSKEY', '257 3 8 AQ ID', '257 3 8 AQID'],
    ['LOC', '51 59 0 N 5 55 0 E 4m', '51 59 0.000 N 5 55 0.000 E 4.00m 1.00m 10000.00m 10.00m'],
    ['HTTPS', '1 . port=443 alpn="h2,h3"', '1 . alpn=h2,h3 port=443'],
    ['SVCB', '0 foo', '0 foo.'],
    ['EUI48', '0-0-5E-0-53-2a', '00-00-5e-00-53-2a'],
    ['TYPE65400', '\\# 2 ABCD', '\\# 2 abcd'],
    ['SVCB', '1 . mandatory="port,alpn,port" alpn=a\\\\,b port=1', '1 . mandatory=alpn,port alpn=a\\\\,b port=1'],
    ['SVCB', '1 . alpn="a b,\\000\\200"', '1 . alpn="a b,\\000\\200"'],
    ['NID', '10 1::4', '10 0001:0000:0000:0004'],
    ['L64', '10 2001:db8:1:2', '10 2001:0DB8:0001:0002'],
    ['ZONEMD', '1 1 1 AB cd', '1 1 1 abcd'],
    ['CSYNC', '66 3 AAAA a TYPE1234', '66 3 A AAAA TYPE1234'],
    ['NSEC', 'b A', 'b. A'],
    ['NSEC3', '1 0 2 - 0P9MHAVE== MX', '1 0 2 - 0p9mhave MX'],
    ['NSEC3', '1 0 2 AB - A', '1 0 2 ab - A'],
    ['NSEC3PARAM', '1 0 10 ab cd', '1 0 10 ab'],
  ])('of type %s has one spelling', (type, text, canonical) => {
    expect(parseRdata(type, text, pdns51.text)).toEqual({ kind: 'rdata', rdata: canonical });
    expect(canonicalRdata(type, canonical)).toBe(canonical);
    expect(presentRdata(type, rdataBytes(type, canonical, pdns51.text))).toBe(canonical);
  });

  it('may lack quotes from 5.1 on', () => {
    expect(parseRdata('SPF', 'v=spf1 -all', pdns47.text).kind).toBe('invalid');
    expect(parseRdata('SPF', 'v=spf1 -all', pdns51.text)).toEqual({ kind: 'rdata', rdata: '"v=spf1" "-all"' });
  });

  it.each([
    ['key9=29', '1 . key9="29"', '1 . key9="\\000\\029"'],
    ['key9=abc', '1 . key9="abc"', undefined],
    ['key8=abc', '1 . key8="abc"', undefined],
    ['key8', undefined, '1 . key8'],
    ['key7', undefined, undefined],
    ['key10', undefined, '1 . key10'],
    ['key10=', undefined, undefined],
    ['key2=abc', undefined, undefined],
    ['key5', undefined, undefined],
    ['key0', undefined, undefined],
  ])('of a service parameter under its number is that of its name where a release knows it: %s', (text, on47, on51) => {
    const parsed = [pdns47, pdns51].map((profile) => parseRdata('HTTPS', `1 . ${text}`, profile.text));
    expect(parsed.map((data) => (data.kind === 'rdata' ? data.rdata : undefined))).toEqual([on47, on51]);
    for (const shown of [on47, on51]) {
      if (shown !== undefined) expect(presentRdata('HTTPS', rdataBytes('HTTPS', shown))).toBe(shown);
    }
  });

  it('is not guessed where its format, or what a release makes of it, is not known', () => {
    expect(parseRdata('IPSECKEY', '10 0 0 .', pdns51.text).kind).toBe('unsupported');
    expect(parseRdata('DNSKEY', '257 3 8 AQI', pdns47.text).kind).toBe('unsupported');
    expect(parseRdata('DNSKEY', '257 3 8 AQI', pdns51.text).kind).toBe('invalid');
    expect(parseRdata('CSYNC', '66 3 HHIT', pdns51.text).kind).toBe('unsupported');
    expect(parseRdata('NSEC3', '1 0 2 - zz A', pdns51.text).kind).toBe('unsupported');
  });

  it('cannot be shown from bytes that break its layout', () => {
    expect(presentRdata('MX', Uint8Array.from([0]))).toBeUndefined();
    expect(presentRdata('A', Uint8Array.from([192, 0, 2, 1, 5]))).toBeUndefined();
    expect(presentRdata('APL', Uint8Array.from([0]))).toBeUndefined();
  });
});

describe('the bytes of a record', () => {
  const cases: readonly (readonly [type: string, rdata: string, hex: string])[] = [
    ['A', '192.0.2.1', 'c0000201'],
    ['AAAA', '2001:db8::1', '20010db8000000000000000000000001'],
    ['CNAME', 'a\\.b.\\255.', '03612e6201ff00'],
    ['SOA', 'n. h. 7 3600 600 86400 60', '016e00 016800 00000007 00000e10 00000258 00015180 0000003c'],
    ['MX', '10 m.', '000a 016d00'],
    ['SRV', '1 2 5060 .', '0001 0002 13c4 00'],
    ['TXT', '"a b" "c\\"d\\\\e\\001" ""', '03612062 066322645c6501 00'],
    ['TXT', '"ü"', '02c3bc'],
    ['CAA', '128 issue "x; y"', '80 056973737565 783b2079'],
    ['CAA', '0 issue "a" "b"', '00 056973737565 6162'],
    ['NAPTR', '100 10 "u" "" "!^.*$!x!" .', '0064 000a 0175 00 08215e2e2a24217821 00'],
    ['DS', '12345 13 2 0a ff', '3039 0d 02 0aff'],
    ['DNSKEY', '257 3 13 AQID', '0101 03 0d 010203'],
    ['HTTPS', '1 . port=443 alpn=h2,h3', '0001 00 0001 0006 026832 026833 0003 0002 01bb'],
    ['SVCB', '1 . mandatory=port,alpn key9999="a b"', '0001 00 0000 0004 0001 0003 270f 0003 612062'],
    ['SVCB', '1 . alpn="a\\\\,b"', '0001 00 0001 0004 03612c62'],
    ['SVCB', '1 . alpn="a\\\\\\\\b"', '0001 00 0001 0004 03615c62'],
    ['SVCB', '1 . key9999="a\tb"', '0001 00 270f 0003 610962'],
    ['SVCB', '1 . port=1 port=2', '0001 00 0003 0002 0001'],
    ['LOC', '42 21 54 N 71 6 18 W -24m 30m', '00 33 16 13 89172dd0 70be15f0 00988d20'],
    ['LOC', '91 N 0 E 0m', '00 12 16 13 9386c780 80000000 00989680'],
    ['NSEC', 'b. A MX TYPE1234', `016200 00024001 041b${'00'.repeat(26)}20`],
    ['NSEC3', '1 0 2 ab 00000000000000000000000000000000 A', `01 00 0002 01ab 14${'00'.repeat(20)} 000140`],
    ['NSEC3PARAM', '1 0 0 -', '01 00 0000 00'],
    ['CSYNC', '66 3 A NS AAAA', '00000042 0003 000460000008'],
    ['EUI48', '00-00-5e-00-53-2a', '00005e00532a'],
    ['L64', '10 2001:db8:1:2', '000a 20010db800010002'],
    ['NID', '10 ::1', '000a 0000000000000001'],
    ['TYPE65500', '\\# 3 0102ff', '0102ff'],
    ['TYPE65500', '\\# 0', ''],
  ];
  it.each(cases)('%s %s', (type, rdata, hex) => {
    expect(Buffer.from(rdataBytes(type, rdata)).toString('hex')).toBe(hex.replaceAll(' ', ''));
  });

  it('are of characters in UTF-8 also where a static record is compared', () => {
    expect(canonicalRdata('TXT', '"ü"')).toBe('"\\195\\188"');
  });

  it('hold strings of 255 bytes at most, several where a text is longer', () => {
    const bytes = rdataBytes('TXT', `"${'x'.repeat(300)}"`);
    expect([bytes.length, bytes[0], bytes[256]]).toEqual([302, 255, 45]);
  });
});

describe('names in the data of a record', () => {
  const kinds = (type: string, rdata: string) =>
    rdataParts(type, rdata).flatMap(({ kind }) => (kind === 'bytes' ? [] : [kind]));

  it('are compressed in the types of RFC 1035', () => {
    expect(kinds('MX', '1 a.')).toEqual(['compressible name']);
    expect(kinds('SOA', 'a. b. 1 2 3 4 5')).toEqual(['compressible name', 'compressible name']);
  });

  it.each([
    ['SRV', '1 2 3 a.'],
    ['DNAME', 'a.'],
    ['NAPTR', '1 2 "" "" "" a.'],
    ['HTTPS', '1 a.'],
  ])('are written out in later ones: %s', (type, rdata) => {
    expect(kinds(type, rdata)).toEqual(['verbatim name']);
  });
});

describe('PowerDNS refuses', () => {
  const cases: readonly (readonly [type: string, rdata: string, problem: string])[] = [
    ['A', '192.0.2', 'no IPv4 address'],
    ['A', '::1', 'an IPv4 address was expected'],
    ['A', '', 'ends too early'],
    ['A', '192.0.2.1 192.0.2.2', 'goes on'],
    ['A', '\\# 4 c0000201', 'an IPv4 address was expected'],
    ['MX', '65536 a.', 'larger than 65535'],
    ['MX', '10', 'ends too early'],
    ['CNAME', 'a..b.', 'an empty label'],
    ['TXT', '"a', 'a string in quotes'],
    ['DS', '1 2 3 abc', 'odd number of hex digits'],
    ['DNSKEY', '1 2 3 a-b', 'no base64'],
    ['HTTPS', '1 . port=99999', 'no number of 16 bits'],
    ['HTTPS', '1 . nonsense=1', 'no service parameter'],
    ['HTTPS', '0 a. port=1', 'priority 0 takes no parameters'],
    ['HTTPS', '1 . alpn=a,,b', 'an empty protocol'],
    ['HTTPS', '1 . alpn="a\\\\b"', 'neither comma nor backslash'],
    ['HTTPS', '1 . alpn="\\300"', 'no byte'],
    ['HTTPS', '1 . alpn="é"', 'printable ASCII'],
    ['CERT', '0 1 2 AQID', 'no kind of certificate'],
    ['HTTPS', '1 . alpn=a\\ b', "'b' is no service parameter"],
    ['LOC', 'here', 'no location'],
    ['EUI48', '00-00', '6 bytes in hex'],
    ['NID', '10 1:2:3', 'four hex numbers'],
    ['L64', '10 2001:db8::', 'four hex numbers'],
    ['TYPE65500', '\\# 2 00', 'announced'],
    ['TYPE65500', 'abc', '\\# was expected'],
  ];
  it.each(cases)('%s %s', (type, rdata, problem) => {
    expect(() => rdataParts(type, rdata)).toThrow(
      expect.objectContaining({ code: 'E_RDATA_SYNTAX', message: expect.stringContaining(problem) }),
    );
  });
});
