/** `plan` of servers that run: over their API, and of their configuration. */
import { expect, test } from 'vitest';
import { z } from 'zod';
import { startPowerDns } from '../../wire/rig/rig.ts';
import { folderWith, run } from '../cli/run.ts';
import { describeForEachServer } from '../powerdns/for-each-server.ts';

/** Written in the order of its names, in which those come that an API hands out. */
const ZONE = `$ORIGIN acme.test.
@ 60 IN SOA ns1 hostmaster 1 3600 600 86400 60
@ 60 IN NS ns1
api 30 IN LUA A "ifurlup('https://api.acme.test/healthz', {{'192.0.2.1', '192.0.2.2'}, {'198.51.100.1'}})"
db 10 IN LUA A "ifportup(5432, {'192.0.2.1', '192.0.2.2'}, {selector='hashed'})"
www 30 IN LUA A "ifurlup('http://www.acme.test/', {'192.0.2.1'})"
www 30 IN LUA AAAA "ifurlup('http://www.acme.test/', {'2001:db8::1'})"
`;

const measuredJson = z.object({
  measured: z.array(
    z.object({ luaRecords: z.string(), version: z.string(), perCpuSecond: z.number(), names: z.number() }),
  ),
});

describeForEachServer('plan', (binary) => {
  test('says the same of a server over its API as of its configuration and of its zone', {
    timeout: 60_000,
  }, async () => {
    const interval = 3;
    const settings = { 'lua-health-checks-interval': `${interval}` };
    const server = await startPowerDns({ binary, zones: { 'acme.test': ZONE }, settings });
    try {
      const folder = await folderWith({
        key: `${server.apiKey}\n`,
        'acme.test.zone': ZONE,
        'fleet.yaml': `servers: [{ name: pdns, vantage: here, settings: { lua-health-checks-interval: ${interval} } }]\n`,
      });
      const plan = async (...source: readonly string[]) => {
        const { code, stdout, stderr } = await run(folder, 'plan', '--format', 'json', ...source);
        expect([code, stderr]).toEqual([0, '']);
        return stdout;
      };
      const live = await plan('--api', server.apiUrl, '--api-key-file', 'key');
      expect(JSON.parse(live)).toMatchObject({ servers: [{ profile: binary.line, intervalSeconds: interval }] });
      expect(await plan('--config-dir', server.configDir, '--pdns', binary.line)).toBe(live);
      expect(await plan('--zone', 'acme.test.zone', '--fleet', 'fleet.yaml', '--pdns', binary.line)).toBe(live);
    } finally {
      await server.stop();
    }
  });
});

describeForEachServer(
  'plan --measure',
  (binary) => {
    test('counts answers of a server with a Lua state for each record, and with a shared one', {
      timeout: 60_000,
    }, async () => {
      const folder = await folderWith({ 'acme.test.zone': ZONE });
      const args = ['--zone', 'acme.test.zone', '--pdns', binary.line, '--measure', '--format', 'json'];
      const { code, stdout } = await run(folder, 'plan', ...args);
      expect(code).toBe(0);
      const { measured } = measuredJson.parse(JSON.parse(stdout));
      expect(measured.map(({ luaRecords, names }) => [luaRecords, names])).toEqual([
        ['yes', 4],
        ['shared', 4],
      ]);
      for (const { perCpuSecond } of measured) expect(perCpuSecond).toBeGreaterThan(10);
    });
  },
  { lines: ['5.1'] },
);
