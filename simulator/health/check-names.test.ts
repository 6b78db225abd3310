import { describe, expect, test } from 'vitest';
import { externalCheck, httpCheck, tcpCheck } from './check.ts';
import { allMapped, canonicalName, hostOfUrl, namesOfCheck, noteMapped, withHost } from './check-names.ts';

const URL_TEXT = 'http://hc.test:8080/healthz';

describe('the names of a check', () => {
  test('of a port are its address with the port, and its address', () => {
    expect(namesOfCheck(tcpCheck('2001:db8::1', 443, {}), new Map())).toEqual(['2001:db8::1', '[2001:db8::1]:443']);
  });

  test('of a URL at an address are the address and the URL, but not the host, which nobody asks', () => {
    expect(namesOfCheck(httpCheck('192.0.2.1', 0, URL_TEXT, {}), new Map())).toEqual(['192.0.2.1', URL_TEXT]);
  });

  test('of ifurlextup are the URL, its host, and the addresses that are mapped to it', () => {
    const check = externalCheck(URL_TEXT, {});
    const [one, other] = [new Map<string, Set<string>>(), new Map<string, Set<string>>()];
    noteMapped(one, check, '192.0.2.1');
    noteMapped(other, check, '192.0.2.2');
    noteMapped(other, tcpCheck('192.0.2.3', 80, {}), '192.0.2.3');
    const mapped = allMapped([one, other]);
    expect(namesOfCheck(check, mapped)).toEqual(['192.0.2.1', '192.0.2.2', 'hc.test', URL_TEXT]);
  });

  test('are spelled in one way', () => {
    expect(canonicalName('2001:DB8:0::1')).toBe('2001:db8::1');
    expect(canonicalName('http://HC.test/')).toBe('http://HC.test/');
  });
});

test.each([
  ['http://192.0.2.1:80/', '192.0.2.1'],
  ['HTTPS://hc.test', 'hc.test'],
  ['http://[2001:DB8::1]:80/', '2001:db8::1'],
  ['http://user:secret@hc.test/', 'hc.test'],
  ['http://hc.test?x=@y', 'hc.test'],
  ['hc.test/', undefined],
])('the host of %s is %s', (url, host) => {
  expect(hostOfUrl(url)).toBe(host);
});

test.each([
  ['http://192.0.2.1:80/', 'http://new:80/'],
  ['http://user@[2001:db8::1]/a', 'http://user@[new]/a'],
  ['hc.test/', 'hc.test/'],
])('with another host %s is %s', (url, wanted) => {
  expect(withHost(url, 'new')).toBe(wanted);
});
