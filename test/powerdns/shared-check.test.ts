/** Checks of `ifurlextup` are told apart by URL and options, not by address or record: the rule of `simulator/health/check-names.ts`. */
import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { expect, it, onTestFinished } from 'vitest';
import { ask } from '../../wire/rig/ask.ts';
import { startPowerDns } from '../../wire/rig/rig.ts';
import { describeForEachServer } from './for-each-server.ts';

const SECONDS = 6;

describeForEachServer('checks of ifurlextup', (binary) => {
  it('are one where addresses, also of several records, have one URL', async () => {
    const probes = { '/shared': 0, '/own': 0 };
    const web = createServer(({ url }, response) => {
      if (url === '/shared' || url === '/own') probes[url]++;
      response.end('ok');
    }).listen(0, '127.0.0.1');
    onTestFinished(() => void web.close());
    await once(web, 'listening');
    const url = (path: string) => `'http://127.0.0.1:${(web.address() as AddressInfo).port}${path}'`;
    const lua = (name: string, table: string) => `${name} 30 IN LUA A "ifurlextup({{${table}}}, {selector='all'})"\n`;
    const zone =
      '@ 60 IN SOA ns1 hostmaster 1 60 60 60 60\n@ 60 IN NS ns1\nns1 60 IN A 127.0.0.1\n' +
      lua('two', `['192.0.2.10']=${url('/shared')},['192.0.2.20']=${url('/shared')}`) +
      lua('other', `['192.0.2.30']=${url('/shared')}`) +
      lua('own', `['192.0.2.40']=${url('/own')}`);
    const server = await startPowerDns({
      binary,
      zones: { 'acme.test': zone },
      api: false,
      settings: { 'cache-ttl': '0', 'query-cache-ttl': '0', 'lua-health-checks-interval': '1' },
    });
    onTestFinished(() => server.stop());
    const askAll = async () => {
      for (const name of ['two', 'other', 'own']) await ask(server, `${name}.acme.test`, 'A');
    };
    // The one asked for first is probed first, and nobody knows how long before the other.
    await askAll();
    await expect.poll(() => Math.min(probes['/shared'], probes['/own'])).toBeGreaterThan(0);
    const before = { ...probes };
    for (let second = 0; second < SECONDS; second++) {
      await askAll();
      await sleep(1000);
    }
    const [shared, own] = [probes['/shared'] - before['/shared'], probes['/own'] - before['/own']];
    // Three checks of `/shared` would make three times as many probes.
    expect(own).toBeGreaterThan(1);
    expect(Math.abs(shared - own)).toBeLessThanOrEqual(2);
  });
});
