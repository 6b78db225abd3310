import { existsSync } from 'node:fs';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { createServer, type Server } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { z } from 'zod';
import { UserError } from '../../input/errors.ts';
import { ask } from '../../wire/rig/ask.ts';
import { type RunningPowerDns, type ServerBinary, startPowerDns } from '../../wire/rig/rig.ts';
import { describeForEachServer } from './for-each-server.ts';

const zone = 'example.org';

describeForEachServer('the rig', (binary) => {
  let server: RunningPowerDns;
  let target: Server;
  let databases: string;

  beforeAll(async () => {
    target = createServer((socket) => socket.end()).listen(0, '127.0.0.1');
    await new Promise((resolve) => target.once('listening', resolve));
    databases = await mkdtemp(join(tmpdir(), 'rig-test-'));
    const geoipFiles = await writeGeoDatabases(databases);
    server = await startPowerDns({
      binary,
      zones: { [zone]: zoneText({ www: '192.0.2.1', port: portOf(target) }) },
      geoipFiles,
      settings: { 'lua-health-checks-interval': '1' },
    });
  });

  afterAll(async () => {
    await server?.stop();
    target.close();
    await rm(databases, { recursive: true });
  });

  it('is of the release line that its version says', () => {
    expect(binary.version.startsWith(`${binary.line}.`)).toBe(true);
    expect(server.log()).toContain(`PowerDNS Authoritative Server ${binary.version} `);
  });

  it('answers plain records over UDP and TCP', async () => {
    for (const tcp of [false, true]) {
      const reply = await ask(server, `www.${zone}`, 'A', { tcp });
      expect(reply).toMatchObject({
        rcode: 'NOERROR',
        authoritative: true,
        answers: [{ data: '192.0.2.1', ttlSeconds: 60 }],
      });
    }
  });

  it('runs the code of a LUA record', async () => {
    const reply = await ask(server, `pick.${zone}`, 'A');
    expect(['192.0.2.11', '192.0.2.12']).toContain(reply.answers[0]?.data);
  });

  it('probes the targets of ifportup and logs the transition', async () => {
    await expect
      .poll(
        async () => (await ask(server, `up.${zone}`, 'A', { timeoutMs: 2_000 })).answers.map(({ data }) => data),
        patient,
      )
      .toEqual(['127.0.0.1']);
    await expect.poll(() => server.log(), patient).toMatch(/Declaring .*127\.0\.0\.1.* UP/i);
  });

  it('looks the client network of a question up in the geoip database', async () => {
    const country = async (ecs: string) => ask(server, `country.${zone}`, 'TXT', { ecs });
    const dutch = await country('203.0.113.0/24');
    expect(dutch.answers[0]?.data).toBe('nl');
    expect(dutch.ecsScope).toBe(24);
    expect((await country('198.51.100.0/24')).answers[0]?.data).toBe('us');
  });

  it('sees the source address of a client', async () => {
    const reply = await ask(server, `client.${zone}`, 'TXT', { from: '127.0.0.77' });
    expect(reply.answers[0]?.data).toBe('127.0.0.77');
  });

  it('answers from a rewritten zone at once, twice within a second', async () => {
    for (const address of ['192.0.2.2', '192.0.2.3']) {
      await server.writeZone(zone, zoneText({ www: address, port: portOf(target) }));
      expect((await ask(server, `www.${zone}`, 'A')).answers[0]?.data).toBe(address);
    }
  });

  it('takes up a new zone that a client has asked for in vain before', async () => {
    expect((await ask(server, 'www.example.net', 'A')).rcode).toBe('REFUSED');
    await server.writeZone('example.net.', zoneText({ www: '192.0.2.4', port: portOf(target) }));
    expect((await ask(server, 'www.example.net', 'A')).answers[0]?.data).toBe('192.0.2.4');
  });

  it('says why a zone is rejected and goes on with the old one', async () => {
    const before = (await ask(server, `www.${zone}`, 'A')).answers;
    await expect(server.writeZone(zone, 'www 60 IN NONSENSE (')).rejects.toMatchObject({
      code: 'E_RIG_ZONE',
      message: expect.stringContaining('line 1'),
    });
    expect((await ask(server, `www.${zone}`, 'A')).answers).toEqual(before);
  });

  it('forgets a new zone that is rejected', async () => {
    await expect(server.writeZone('broken.example', 'www 60 IN NONSENSE (')).rejects.toMatchObject({
      code: 'E_RIG_ZONE',
    });
    expect((await ask(server, 'www.broken.example', 'A')).rcode).toBe('REFUSED');
  });

  it('has an API that knows its zones', async () => {
    const response = await fetch(`${server.apiUrl}/api/v1/servers/localhost/zones`, {
      headers: { 'x-api-key': server.apiKey },
    });
    const zones = z.array(z.object({ name: z.string() })).parse(await response.json());
    expect(zones.map(({ name }) => name)).toContain(`${zone}.`);
  });

  it('leaves a pdns.conf that says where it listens', async () => {
    const conf = await readFile(join(server.configDir, 'pdns.conf'), 'utf8');
    expect(conf).toContain(`local-port=${server.port}\n`);
    expect(conf).toContain(`bind-config=${join(server.configDir, 'named.conf')}\n`);
  });

  it('answers nothing while it is paused', async () => {
    // Often: a signal that has not reached every thread yet lets an answer slip out now and then.
    for (let pause = 0; pause < 30; pause += 1) {
      server.pause();
      await expect(ask(server, `www.${zone}`, 'A', { timeoutMs: 15 })).rejects.toThrow('did not answer');
      server.resume();
      expect((await ask(server, `www.${zone}`, 'A')).rcode).toBe('NOERROR');
    }
  });

  it('keeps its port over a restart', async () => {
    const { pid, port } = server;
    await server.restart();
    expect(server.pid).not.toBe(pid);
    expect(server.port).toBe(port);
    expect((await ask(server, `www.${zone}`, 'A')).rcode).toBe('NOERROR');
  });

  it('leaves neither process nor files behind', async () => {
    const { configDir, pid } = server;
    server.pause();
    await server.stop();
    expect(server.alive()).toBe(false);
    expect(() => process.kill(pid, 0)).toThrow('ESRCH');
    expect(existsSync(configDir)).toBe(false);
  });
});

describeForEachServer('the rig with a database', (binary) => {
  it('serves LUA records that the API may change', async (test) => {
    const server = await startPowerDns({
      binary,
      backend: 'gsqlite3',
      zones: { [zone]: zoneText({ www: '192.0.2.1' }) },
    }).catch((error: unknown) => {
      const withoutSqlite = error instanceof UserError && error.code === 'E_RIG_SCHEMA';
      if (withoutSqlite && binary.origin === 'PDNS_SERVER') return test.skip(error.describe());
      throw error;
    });
    try {
      expect((await ask(server, `pick.${zone}`, 'A')).rcode).toBe('NOERROR');
      expect((await ask(server, zone, 'SOA')).answers[0]?.data).toContain('"serial":7');
      expect(await replaceLuaRecord(server, `new.${zone}.`, `A "pickrandom({'192.0.2.99'})"`)).toBe(204);
      expect((await ask(server, `new.${zone}`, 'A')).answers[0]?.data).toBe('192.0.2.99');
    } finally {
      await server.stop();
    }
  });
});

describeForEachServer('a server that cannot start', (binary) => {
  it('is reported with what PowerDNS says of the zone', async () => {
    const start = startPowerDns({ binary, zones: { [zone]: 'www 60 IN NONSENSE (' } });
    await expect(start).rejects.toMatchObject({ code: 'E_RIG_ZONE', message: expect.stringContaining('line 1') });
  });

  it('is reported with the end of the log where a setting is unknown', async () => {
    const start = startOnLoopback(binary, { 'no-such-setting': 'yes' });
    await expect(start).rejects.toMatchObject({
      code: 'E_RIG_START',
      message: expect.stringContaining('no-such-setting'),
    });
  });

  it('is reported where another server has the port that was asked for', async () => {
    const first = await startOnLoopback(binary, {});
    try {
      const second = startPowerDns({ binary, zones: {}, port: first.port });
      await expect(second).rejects.toMatchObject({ code: 'E_RIG_START' });
    } finally {
      await first.stop();
    }
  });
});

const patient = { timeout: 10_000, interval: 50 };

function startOnLoopback(binary: ServerBinary, settings: Record<string, string>): Promise<RunningPowerDns> {
  return startPowerDns({ binary, zones: { [zone]: zoneText({ www: '192.0.2.1' }) }, settings, api: false });
}

function zoneText(content: { www: string; port?: number }): string {
  return `@ 60 IN SOA ns.example.org. hostmaster.example.org. 7 3600 600 86400 60
@ 60 IN NS ns.example.org.
www 60 IN A ${content.www}
pick 60 IN LUA A "pickrandom({'192.0.2.11', '192.0.2.12'})"
up 60 IN LUA A "ifportup(${content.port ?? 1}, {'127.0.0.1', '127.0.0.2'})"
country 60 IN LUA TXT "countryCode()"
client 60 IN LUA TXT "who:toString()"
`;
}

async function replaceLuaRecord(server: RunningPowerDns, name: string, content: string): Promise<number> {
  const change = { name, type: 'LUA', ttl: 60, changetype: 'REPLACE', records: [{ content, disabled: false }] };
  const response = await fetch(`${server.apiUrl}/api/v1/servers/localhost/zones/${zone}.`, {
    method: 'PATCH',
    headers: { 'x-api-key': server.apiKey, 'content-type': 'application/json' },
    body: JSON.stringify({ rrsets: [change] }),
  });
  return response.status;
}

async function writeGeoDatabases(folder: string): Promise<readonly string[]> {
  const vectors = z
    .object({ meta: z.object({ order: z.array(z.string()) }), mmdb_base64: z.record(z.string(), z.string()) })
    .parse(JSON.parse(await readFile(new URL('../vectors/geodb.json', import.meta.url), 'utf8')));
  const files: string[] = [];
  for (const name of vectors.meta.order) {
    const file = join(folder, name);
    await writeFile(file, Buffer.from(vectors.mmdb_base64[name] ?? '', 'base64'));
    files.push(file);
  }
  return files;
}

function portOf(server: Server): number {
  const address = server.address();
  return address !== null && typeof address === 'object' ? address.port : 0;
}
