import { afterEach, describe, expect, test } from 'vitest';
import { closeDnsServers, dnsServer, replyTo } from './fixtures/dns-server.ts';
import { askVersion, versionIn } from './version-bind.ts';

afterEach(closeDnsServers);

describe('a version is told by', () => {
  test.each([
    ['"PowerDNS Authoritative Server 5.1.5 (built Mar  3 2026 10:11:12 by root@localhost)"', '5.1.5'],
    ['"PowerDNS Authoritative Server 4.9.17-1pdns.bookworm (built by root@1.2.3.4)"', '4.9.17-1pdns.bookworm'],
    ['"PowerDNS Authoritative Server 5.1.0-alpha1 (built …)"', '5.1.0-alpha1'],
    ['"4.9.17"', '4.9.17'],
    ['5.1.5', '5.1.5'],
  ])('%s', (text, version) => {
    expect(versionIn(text)).toBe(version);
  });
});

describe('no version is told by', () => {
  test.each([
    '"Served by PowerDNS - https://www.powerdns.com/"',
    '"unknown"',
    '""',
    '"BIND 9.20.1"',
    '"PowerDNS Recursor 5.1.3"',
  ])('%s', (text) => {
    expect(versionIn(text)).toBeUndefined();
  });
});

test('a server is asked in class CHAOS', async () => {
  const text = 'PowerDNS Authoritative Server 5.1.5 (built today)';
  const rdata = Buffer.concat([Buffer.from([text.length]), Buffer.from(text)]);
  const server = await dnsServer((query) => [replyTo(query, { answers: [{ type: 16, rdata }] })]);
  expect(await askVersion(server, 5000)).toBe('5.1.5');
  const query = server.queries[0]?.bytes ?? Buffer.alloc(0);
  expect(query.includes(Buffer.from('\x07version\x04bind\x00\x00\x10\x00\x03', 'latin1'))).toBe(true);
});

test('a server that says nothing, or refuses, tells no version', async () => {
  const silent = await dnsServer(() => []);
  expect(await askVersion(silent, 100)).toBeUndefined();
  const refusing = await dnsServer((query) => [replyTo(query)]);
  expect(await askVersion(refusing, 5000)).toBeUndefined();
});
