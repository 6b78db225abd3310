import { describe, expect, test } from 'vitest';
import { type ParsedUrl, parsePin, parseProbeUrl, pinnedAddress, resolveLocation } from './probe-url.ts';

describe('a URL is read as libcurl 7.88 reads it', () => {
  test.each([
    ['http://svc.test/', 'svc.test', 80, 'svc.test', '/'],
    ['https://svc.test/healthz', 'svc.test', 443, 'svc.test', '/healthz'],
    ['http://svc.test:443/', 'svc.test', 443, 'svc.test:443', '/'],
    ['HTTP://SVC.TEST:8080/Upper', 'SVC.TEST', 8080, 'SVC.TEST:8080', '/Upper'],
    ['http://svc.test.:8080/dot', 'svc.test.', 8080, 'svc.test.:8080', '/dot'],
    ['http://svc.test:80?x=1', 'svc.test', 80, 'svc.test', '/?x=1'],
    ['http://svc.test', 'svc.test', 80, 'svc.test', '/'],
    ['http://svc.test/a#frag?no', 'svc.test', 80, 'svc.test', '/a'],
    ['http://svc.test/a/../b/./c', 'svc.test', 80, 'svc.test', '/b/c'],
    ['http://svc.test/a/..', 'svc.test', 80, 'svc.test', '/'],
    ['http://svc.test/a"{}<>\\z%41%2e%2e/é?é', 'svc.test', 80, 'svc.test', '/a"{}<>\\z%41%2e%2e/%c3%a9?%c3%a9'],
    ['http://svc.test/a%20b%zz', 'svc.test', 80, 'svc.test', '/a%20b%zz'],
    ['http://127.9:8080/', '127.0.0.9', 8080, '127.0.0.9:8080', '/'],
    ['http://[::1]:8080/', '::1', 8080, '[::1]:8080', '/'],
    ['svc.test:8080/', 'svc.test', 8080, 'svc.test:8080', '/'],
    ['http:/svc.test:8080/', 'svc.test', 8080, 'svc.test:8080', '/'],
    ['http://svc.test:/', 'svc.test', 80, 'svc.test', '/'],
  ])('%s', (text, host, port, hostHeader, target) => {
    expect(parseProbeUrl(text)).toMatchObject({ kind: 'url', url: { host, port, hostHeader, target } });
  });

  test.each([
    'http://svc.test/a b',
    'http://svc.test/\ta',
    'http://svc.test:0/',
    'http://svc.test:99999/',
    'http://svc.test:80a/',
    'http:///',
    'http://:80/',
    'http://[::1',
    'http://svc.test\\x/',
    'ftp://svc.test/',
    'file:///etc/passwd',
    '',
  ])('%j is refused', (text) => {
    expect(parseProbeUrl(text)).toMatchObject({ kind: 'unusable' });
  });
});

describe('PowerDNS pins the host and port that it cuts out of the text', () => {
  test.each([
    ['http://svc.test/', 'http://svc.test/', true],
    ['http://svc.test/', 'https://svc.test/', true],
    ['http://svc.test/', 'http://SVC.test/x', true],
    ['http://svc.test/', 'http://svc.test:8080/', false],
    ['http://svc.test/', 'http://svc.test./', false],
    ['http://svc.test:8080/', 'http://svc.test:8080/', true],
    ['http://svc.test:8080/', 'http://svc.test/', false],
    ['http://svc.test:8080?x=1', 'http://svc.test:8080/', true],
    ['http://SVC.TEST:8080/', 'http://svc.test:8080/', true],
    ['http://127.0.0.99:8080/', 'http://127.0.0.99:8080/', true],
    // Cut out as `svc.test?x=1` and `127.9`, which libcurl never connects to.
    ['http://svc.test?x=1', 'http://svc.test?x=1', false],
    ['http://127.9:8080/', 'http://127.9:8080/', false],
  ])('a check of %s asking %s: pinned %s', (checked, asked, pinned) => {
    const pin = parsePin(checked, '192.0.2.1');
    if (pin.kind !== 'pin') throw new Error(pin.reason);
    expect(pinnedAddress(pin.pin, urlOf(parseProbeUrl(asked)))).toBe(pinned ? '192.0.2.1' : undefined);
  });

  test.each([
    'http://[::1]:8080/',
    'http://u@svc.test:8080/',
    'http://u:p@svc.test:8080/',
    'svc.test:8080/',
    'http://svc.test:0/',
    'http://svc.test:99999/',
    'http://svc.test:/',
    'http://svc.test?u=http://x',
    'http://svc.test/a b',
    '',
  ])('%j cannot be pinned', (text) => {
    expect(parsePin(text, '192.0.2.1')).toMatchObject({ kind: 'unusable' });
  });
});

describe('a Location is resolved as libcurl resolves it', () => {
  test.each([
    ['/ok', 'svc.test:81', '/ok'],
    ['ok', 'svc.test:81', '/a/ok'],
    ['../ok', 'svc.test:81', '/ok'],
    ['?q=1#f', 'svc.test:81', '/a/b?q=1'],
    ['#f', 'svc.test:81', '/a/b?x=/y'],
    ['//other.test/z', 'other.test', '/z'],
    ['https://svc.test/', 'svc.test', '/'],
    ['http://127.0.0.60:8080', '127.0.0.60:8080', '/'],
    ['/a b?c d', 'svc.test:81', '/a%20b?c+d'],
  ])('%s', (location, hostHeader, target) => {
    const base = urlOf(parseProbeUrl('http://svc.test:81/a/b?x=/y'));
    expect(resolveLocation(base, location)).toMatchObject({ kind: 'url', url: { hostHeader, target } });
  });

  test.each(['ftp://svc.test/', 'mailto:a@b', '//svc.test:1\\q', 'http://svc.test:0/'])('%s is refused', (location) => {
    const base = urlOf(parseProbeUrl('http://svc.test/'));
    expect(resolveLocation(base, location)).toMatchObject({ kind: 'unusable' });
  });
});

function urlOf(parsed: ParsedUrl) {
  if (parsed.kind !== 'url') throw new Error(parsed.reason);
  return parsed.url;
}
