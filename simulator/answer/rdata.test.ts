import { describe, expect, it } from 'vitest';
import { pdns47 } from '../profile/pdns-4.7.ts';
import { pdns51 } from '../profile/pdns-5.1.ts';
import { canonicalRdata, parseRdata, presentRdata, rdataBytes } from './rdata.ts';

describe('the data of a record', () => {
  it.each([
    ['A', ' 192.0.2.010 ', '192.0.2.10'],
    ['AAAA', '2001:DB8:0:0::1', '2001:db8::1'],
    ['CNAME', 'Foo.example', 'Foo.example.'],
    ['MX', '010  mail', '10 mail.'],
    ['SRV', '1 2 80 srv.', '1 2 80 srv.'],
    ['SOA', 'ns1 host 1 2 3 4 5', 'ns1. host. 1 2 3 4 5'],
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
  ])('of type %s has one spelling', (type, text, canonical) => {
    expect(parseRdata(type, text, pdns51.text)).toEqual({ kind: 'rdata', rdata: canonical });
    expect(canonicalRdata(type, canonical)).toBe(canonical);
    expect(presentRdata(type, rdataBytes(type, canonical, pdns51.text))).toBe(canonical);
  });

  it('may lack quotes from 5.1 on', () => {
    expect(parseRdata('SPF', 'v=spf1 -all', pdns47.text).kind).toBe('invalid');
    expect(parseRdata('SPF', 'v=spf1 -all', pdns51.text)).toEqual({ kind: 'rdata', rdata: '"v=spf1" "-all"' });
  });

  it('is not guessed where its format, or what a release makes of it, is not known', () => {
    expect(parseRdata('IPSECKEY', '10 0 0 .', pdns51.text).kind).toBe('unsupported');
    expect(parseRdata('DNSKEY', '257 3 8 AQI', pdns47.text).kind).toBe('unsupported');
    expect(parseRdata('DNSKEY', '257 3 8 AQI', pdns51.text).kind).toBe('invalid');
  });

  it('cannot be shown from bytes that break its layout', () => {
    expect(presentRdata('MX', Uint8Array.from([0]))).toBeUndefined();
    expect(presentRdata('A', Uint8Array.from([192, 0, 2, 1, 5]))).toBeUndefined();
    expect(presentRdata('APL', Uint8Array.from([0]))).toBeUndefined();
  });
});
