import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createServer, type RequestListener } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import nock from 'nock';
import { afterEach, describe, expect, onTestFinished, test } from 'vitest';
import { powerDnsApi, readApiKeyFile } from './powerdns-api.ts';

const URL_OF_API = 'http://127.0.0.1:8081';
const SERVER = '/api/v1/servers/localhost';

const api = powerDnsApi({ url: URL_OF_API, key: 'secret', keyFile: '/run/pdns.key', timeoutMs: 2000 });
const server = () => nock(URL_OF_API, { reqheaders: { 'x-api-key': 'secret' } });

afterEach(() => {
  const left = nock.pendingMocks();
  nock.cleanAll();
  expect(left).toEqual([]);
});

describe('reading', () => {
  test('the server tells its version and what it is', async () => {
    server()
      .get(SERVER)
      .reply(200, { type: 'Server', id: 'localhost', daemon_type: 'authoritative', version: '4.7.3' });
    expect(await api.serverInfo()).toEqual({ version: '4.7.3', daemonType: 'authoritative' });
  });

  test('settings come as a map', async () => {
    server()
      .get(`${SERVER}/config`)
      .reply(200, [
        { name: 'enable-lua-records', type: 'ConfigSetting', value: 'yes' },
        { name: 'api-key', type: 'ConfigSetting', value: '***' },
      ]);
    expect(await api.config()).toEqual(
      new Map([
        ['enable-lua-records', 'yes'],
        ['api-key', '***'],
      ]),
    );
  });

  test('statistics keep the plain numbers and leave rings and maps out', async () => {
    server()
      .get(`${SERVER}/statistics`)
      .reply(200, [
        { name: 'uptime', type: 'StatisticItem', value: '317' },
        { name: 'response-by-qtype', type: 'MapStatisticItem', value: [{ name: 'A', value: '3' }] },
        { name: 'queries', type: 'RingStatisticItem', size: '10000', value: [] },
      ]);
    expect(await api.statistics()).toEqual(new Map([['uptime', 317]]));
  });

  test('zones are listed with both serials', async () => {
    server()
      .get(`${SERVER}/zones`)
      .reply(200, [
        { id: 'a=5Fb.test.', name: 'a_b.test.', kind: 'Native', serial: 7, edited_serial: 2026112300, dnssec: true },
      ]);
    expect(await api.zones()).toEqual([
      { name: 'a_b.test.', kind: 'Native', serial: 7, editedSerial: 2026112300, dnssec: true },
    ]);
  });

  test('a zone gives static and LUA records and drops what is disabled', async () => {
    server()
      .get(`${SERVER}/zones/acme.test.`)
      .reply(200, {
        name: 'acme.test.',
        rrsets: [
          {
            name: 'api.acme.test.',
            type: 'LUA',
            ttl: 30,
            comments: [],
            records: [
              { content: `A "pickrandom({" "'192.0.2.1'})"`, disabled: false },
              { content: `TYPE28 "'2001:db8::1'"` },
              { content: `A "'192.0.2.9'"`, disabled: true },
            ],
          },
          { name: 'acme.test.', type: 'NS', ttl: 3600, records: [{ content: 'ns1.acme.test.', disabled: false }] },
        ],
      });
    expect(await api.zone('acme.test')).toEqual({
      name: 'acme.test.',
      records: [
        { kind: 'lua', owner: 'api.acme.test.', ttlSeconds: 30, type: 'A', text: `"pickrandom({" "'192.0.2.1'})"` },
        { kind: 'lua', owner: 'api.acme.test.', ttlSeconds: 30, type: 'TYPE28', text: `"'2001:db8::1'"` },
        { kind: 'static', owner: 'acme.test.', ttlSeconds: 3600, type: 'NS', rdata: 'ns1.acme.test.' },
      ],
    });
  });

  test('a zone name is spelled as PowerDNS spells zone ids', async () => {
    server().get(`${SERVER}/zones/128=2F27.2.0.192.in-addr.arpa.`).reply(200, { name: 'x.', rrsets: [] });
    await api.zone('128/27.2.0.192.in-addr.arpa.');
    server().get(`${SERVER}/zones/=2E`).reply(200, { name: '.', rrsets: [] });
    await api.zone('.');
  });

  test('metadata that is not there is no value', async () => {
    server()
      .get(`${SERVER}/zones/acme.test./metadata/ENABLE-LUA-RECORDS`)
      .reply(200, { kind: 'ENABLE-LUA-RECORDS', metadata: ['1'] })
      .get(`${SERVER}/zones/other.test./metadata/ENABLE-LUA-RECORDS`)
      .reply(404, 'Not Found');
    expect(await api.zoneMetadata('acme.test.', 'ENABLE-LUA-RECORDS')).toEqual(['1']);
    expect(await api.zoneMetadata('other.test.', 'ENABLE-LUA-RECORDS')).toEqual([]);
  });
});

describe('writing', () => {
  test('a replaced rrset carries its TTL and every record', async () => {
    server()
      .patch(`${SERVER}/zones/acme.test.`, {
        rrsets: [
          {
            name: 'api.acme.test.',
            type: 'LUA',
            ttl: 30,
            changetype: 'REPLACE',
            records: [{ content: `A "'192.0.2.1'"`, disabled: false }],
          },
        ],
      })
      .reply(204);
    await api.replaceRrset('acme.test.', {
      name: 'api.acme.test.',
      type: 'LUA',
      ttlSeconds: 30,
      records: [`A "'192.0.2.1'"`],
    });
  });

  test('a deleted rrset is named by owner and type', async () => {
    server()
      .patch(`${SERVER}/zones/acme.test.`, { rrsets: [{ name: 'api.acme.test.', type: 'LUA', changetype: 'DELETE' }] })
      .reply(204);
    await api.deleteRrset('acme.test.', 'api.acme.test.', 'LUA');
  });

  test('the refusal of LUA rrsets since 5.1 names the setting', async () => {
    const error = 'RRset api.acme.test. IN LUA: update of Lua records is not allowed';
    server().patch(`${SERVER}/zones/acme.test.`).reply(422, { error });
    await expect(api.deleteRrset('acme.test.', 'api.acme.test.', 'LUA')).rejects.toMatchObject({
      code: 'E_API_STATUS',
      message: expect.stringContaining(error),
      hint: expect.stringContaining('enable-lua-record-updates=yes'),
    });
  });
});

describe('refusals', () => {
  test('a wrong key names the file it came from and the setting', async () => {
    server().get(SERVER).reply(401, 'Unauthorized');
    await expect(api.serverInfo()).rejects.toMatchObject({
      code: 'E_API_KEY',
      message: expect.stringContaining('/run/pdns.key'),
      hint: expect.stringContaining('api-key'),
    });
  });

  test('an unknown zone is a status error', async () => {
    server().get(`${SERVER}/zones/nope.test.`).reply(404, 'Not Found');
    await expect(api.zone('nope.test.')).rejects.toMatchObject({
      code: 'E_API_STATUS',
      message: expect.stringContaining('404: Not Found'),
    });
  });

  test.each([
    ['HTML', '<html>'],
    ['another JSON', { hello: 'world' }],
  ])('%s in place of the answer is a format error', async (_, body) => {
    server().get(SERVER).reply(200, body);
    await expect(api.serverInfo()).rejects.toMatchObject({ code: 'E_API_FORMAT' });
  });

  test.each(['8081', 'ftp://127.0.0.1', 'localhost:8081'])('%s is not the URL of an API', (url) => {
    expect(() => powerDnsApi({ url, key: 'k', timeoutMs: 1 })).toThrow(expect.objectContaining({ code: 'E_API_URL' }));
  });

  test('a key that no header can carry is refused before any call', () => {
    expect(() => powerDnsApi({ url: URL_OF_API, key: 'a\nb', timeoutMs: 1 })).toThrow(
      expect.objectContaining({ code: 'E_API_KEY' }),
    );
  });
});

test.each(['', '/', '/api/v1', '/api/v1/'])('the URL may end in %j', async (end) => {
  server().get(SERVER).reply(200, { daemon_type: 'authoritative', version: '5.1.5' });
  const info = await powerDnsApi({ url: URL_OF_API + end, key: 'secret', timeoutMs: 2000 }).serverInfo();
  expect(info.version).toBe('5.1.5');
});

describe('on a real socket', () => {
  test('a server that refuses is unreachable', async () => {
    const url = await loopback(() => undefined, { closed: true });
    await expect(powerDnsApi({ url, key: 'k', timeoutMs: 2000 }).serverInfo()).rejects.toMatchObject({
      code: 'E_API_UNREACHABLE',
      exitCode: 3,
      message: expect.stringContaining('refused'),
    });
  });

  test('a server that never answers is unreachable once the time is over', async () => {
    const url = await loopback(() => undefined);
    await expect(powerDnsApi({ url, key: 'k', timeoutMs: 50 }).serverInfo()).rejects.toMatchObject({
      code: 'E_API_UNREACHABLE',
      message: expect.stringContaining('within 50 ms'),
    });
  });

  test('a body that stops half-way is unreachable once the time is over', async () => {
    const url = await loopback((_, response) => response.writeHead(200).write('{"version":'));
    await expect(powerDnsApi({ url, key: 'k', timeoutMs: 50 }).serverInfo()).rejects.toMatchObject({
      code: 'E_API_UNREACHABLE',
    });
  });

  test('the caller can give up earlier', async () => {
    const url = await loopback(() => undefined);
    const signal = AbortSignal.abort(new Error('shutting down'));
    await expect(powerDnsApi({ url, key: 'k', timeoutMs: 2000 }).serverInfo(signal)).rejects.toThrow('shutting down');
  });
});

describe('readApiKeyFile', () => {
  test('gives the key without the line break', async () => {
    expect(await readApiKeyFile(await keyFile('secret\n'))).toBe('secret');
  });

  test('refuses an empty file and a missing one', async () => {
    await expect(readApiKeyFile(await keyFile('\n'))).rejects.toMatchObject({ code: 'E_API_KEY' });
    await expect(readApiKeyFile('/nonexistent/key')).rejects.toMatchObject({ code: 'E_API_KEY' });
  });
});

async function keyFile(content: string): Promise<string> {
  const directory = await mkdtemp(join(tmpdir(), 'pdns-api-'));
  onTestFinished(() => rm(directory, { recursive: true }));
  await writeFile(join(directory, 'key'), content);
  return join(directory, 'key');
}

async function loopback(listener: RequestListener, { closed = false } = {}): Promise<string> {
  const http = createServer(listener);
  await new Promise<void>((resolve) => http.listen(0, '127.0.0.1', resolve));
  const address = http.address();
  if (address === null || typeof address === 'string') throw new Error('no port');
  const close = () => new Promise((resolve) => http.close(resolve).closeAllConnections());
  if (closed) await close();
  else onTestFinished(async () => void (await close()));
  return `http://127.0.0.1:${address.port}`;
}
