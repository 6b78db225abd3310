import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { freePort } from '../../wire/rig/ports.ts';
import { type ServerBinary, startPowerDns } from '../../wire/rig/rig.ts';
import { describeForEachServer } from '../powerdns/for-each-server.ts';
import { folderWith, run } from './run.ts';
import { wrongRecords, zoneText } from './zone.ts';

const Report = z.object({
  server: z.object({ up: z.boolean().nullable() }),
  records: z.array(z.object({ name: z.string(), client: z.string(), verdict: z.string() })),
  drifts: z.array(
    z.object({ class: z.string(), name: z.string(), diagnosis: z.array(z.object({ explains: z.boolean() })) }),
  ),
});

describe('check', () => {
  it.each([
    [['--server', 'ns1'], '--server ns1: expected ADDRESS:PORT (E_SERVER)'],
    [['--server', '127.0.0.1'], '--server 127.0.0.1: expected ADDRESS:PORT (E_SERVER)'],
    [['--server', '127.0.0.1:99999'], '--server 127.0.0.1:99999: expected ADDRESS:PORT (E_SERVER)'],
    [['--server', '127.0.0.1:1', '--wait', 'soon'], '--wait soon: expected a duration with its unit (E_DURATION)'],
    [['--server', '127.0.0.1:1', '--qps', '0'], '--qps 0: expected a number from 1 to 10000 (E_QPS)'],
    [['--server', '127.0.0.1:1', '--subnet', 'eu'], '--subnet eu: not a network (E_SUBNET)'],
    [[], 'check needs --server (E_USAGE)'],
  ])('refuses %j', async (args, message) => {
    const { code, stderr } = await run(
      await folderWith({ 'acme.test.zone': zoneText }),
      'check',
      '--zone',
      'acme.test.zone',
      ...args,
    );
    expect(code).toBe(2);
    expect(stderr.split('\n')[0]).toBe(message);
    expect(stderr.split('\n')[1]).toMatch(/^ {2}[A-Z]/);
  });

  it('does not say yes where there is nothing to check', async () => {
    const text = zoneText
      .split('\n')
      .filter((line) => !line.includes('LUA'))
      .join('\n');
    const { code, stderr, stdout } = await run(
      await folderWith({ 'acme.test.zone': text }),
      'check',
      '--zone',
      'acme.test.zone',
      '--server',
      '127.0.0.1:1',
    );
    expect(code).toBe(2);
    expect(stdout).toBe('');
    expect(stderr).toMatchInlineSnapshot(`
      "there is nothing to check: none of the zones that were read has a LUA record (E_NO_RECORDS)
        Is that the right file or folder?
      "
    `);
  });

  it('says no where nobody listens', async () => {
    const folder = await folderWith({ 'acme.test.zone': zoneText });
    const server = `127.0.0.1:${await freePort('127.0.0.1')}`;
    const { code, stdout, stderr } = await run(folder, 'check', '--zone', 'acme.test.zone', '--server', server);
    expect(code).toBe(1);
    expect(stderr).toBe('');
    expect(stdout.replaceAll(server, 'SERVER')).toMatchInlineSnapshot(`
      "SERVER: PowerDNS ?, zone files acme.test.zone

      name             type  client  verdict  answered  possible
      any.acme.test.   A     plain   waiting  -         -
      who.acme.test.   TXT   plain   waiting  -         -
      six.acme.test.   AAAA  plain   waiting  -         -
      both.acme.test.  A     plain   waiting  -         -
      web.acme.test.   A     plain   waiting  -         -
      api.acme.test.   A     plain   waiting  -         -

      drift (unreachable): the server SERVER: connection refused: nothing listens on that port

      1 drift.
      "
    `);
  });

  it('says no where nobody listens and no record may be asked for', async () => {
    const text = `${zoneText
      .split('\n')
      .filter((line) => !line.includes('LUA'))
      .join('\n')}loop 30 IN LUA A "; while true do end"\n`;
    const server = `127.0.0.1:${await freePort('127.0.0.1')}`;
    const { code, stdout } = await run(
      await folderWith({ 'acme.test.zone': text }),
      'check',
      '--zone',
      'acme.test.zone',
      '--server',
      server,
    );
    expect(code).toBe(1);
    expect(stdout).toContain(`drift (unreachable): the server ${server}: connection refused`);
  });
});

describeForEachServer(
  'check of a server',
  (binary) => {
    it('says yes to what answers as its files say, with a warning for each record that is wrong', async () => {
      const server = await serverWith(binary, zoneText + wrongRecords);
      try {
        const args = ['check', '--server', `127.0.0.1:${server.port}`, '--config-dir', server.configDir];
        const { code, stdout, stderr } = await run(await folderWith({}), ...args);
        expect(stderr).toBe('');
        expect(stdout).toContain('No drift.');
        expect(stdout).toMatch(/api\.acme\.test\. +A +plain +match/);
        expect(stdout).toMatch(/loop\.acme\.test\. +A +plain +inconclusive/);
        expect(stdout.match(/^warning: /gm)).toHaveLength(4);
        expect(code).toBe(0);
        expect(server.alive()).toBe(true);
      } finally {
        await server.stop();
      }
    });

    it('says no to a record that differs, and which record', async () => {
      const server = await serverWith(binary, zoneText);
      try {
        const folder = await folderWith({
          'acme.test.zone': zoneText.replace("pickrandom({'127.0.2.1', '127.0.2.2'})", "pickrandom({'127.0.2.7'})"),
        });
        const args = [
          'check',
          '--server',
          `127.0.0.1:${server.port}`,
          '--zone',
          'acme.test.zone',
          '--format=json',
          '--wait=10s',
        ];
        const { code, stdout } = await run(folder, ...args);
        expect(Report.parse(JSON.parse(stdout)).drifts).toMatchObject([{ class: 'answer', name: 'any.acme.test.' }]);
        expect(code).toBe(1);
      } finally {
        await server.stop();
      }
    });

    it('does not say yes before it knows', async () => {
      const server = await serverWith(binary, zoneText);
      try {
        const args = ['check', '--server', `127.0.0.1:${server.port}`, '--config-dir', server.configDir, '--wait=1ms'];
        const { code, stdout } = await run(await folderWith({}), ...args);
        expect(stdout).toMatch(/Not settled|No drift/);
        expect(code).toBe(stdout.includes('Not settled') ? 1 : 0);
      } finally {
        await server.stop();
      }
    });
  },
  { lines: ['5.1'] },
);

function serverWith(binary: ServerBinary, text: string) {
  return startPowerDns({
    binary,
    zones: { 'acme.test': text },
    settings: {
      'lua-health-checks-interval': '1',
      'query-cache-ttl': '0',
      'negquery-cache-ttl': '0',
      'cache-ttl': '0',
    },
  });
}
