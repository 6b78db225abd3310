import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { createServer, type Socket } from 'node:net';
import packet, { type Answer } from 'dns-packet';
import { afterEach, describe, expect, it } from 'vitest';
import { describeForEachServer } from '../test/powerdns/for-each-server.ts';
import { readMessage } from '../wire/raw-message.ts';
import { freePort } from '../wire/rig/ports.ts';
import { startPowerDns } from '../wire/rig/rig.ts';
import { TcpFrames, tcpFrame } from '../wire/tcp-frames.ts';
import { Agent } from './agent.ts';
import { axfrSource } from './axfr-source.ts';
import { type Endpoint, parseConfig } from './config.ts';
import type { AgentEvent } from './events.ts';
import { openSource } from './source.ts';

const cleanUp: (() => unknown)[] = [];
afterEach(async () => {
  for (const action of cleanUp.splice(0).reverse()) await action();
});

const never = new AbortController().signal;

describe('a source by zone transfer', () => {
  it('transfers a zone once and again when its serial changes', async () => {
    const primary = await startPrimary();
    const source = axfrSource({ axfr: primary.endpoint, zones: ['acme.test'] });
    const first = await source.read(false, never);
    expect(first.zones.map(({ name, records }) => [name, records.length])).toEqual([['acme.test.', 2]]);
    expect(first.serials).toEqual(new Map([['acme.test.', 1]]));
    expect(first.settings.get('enable-lua-records')).toBe('yes');
    expect((await source.read(false, never)).zones[0]).toBe(first.zones[0]);
    expect(primary.transfers()).toBe(1);

    primary.change({ serial: 2, told: 2 });
    const next = await source.read(false, never);
    expect(next.serials).toEqual(new Map([['acme.test.', 2]]));
    expect(next.zones[0]).not.toBe(first.zones[0]);
    expect(primary.transfers()).toBe(2);
  });

  it('transfers again when asked for everything, and keeps a zone that is the same', async () => {
    const primary = await startPrimary();
    const source = axfrSource({ axfr: primary.endpoint, zones: ['acme.test'] });
    const first = await source.read(true, never);
    expect((await source.read(true, never)).zones[0]).toBe(first.zones[0]);
    expect(primary.transfers()).toBe(2);
  });

  it('transfers where the server does not tell the serial', async () => {
    const primary = await startPrimary();
    const source = axfrSource({ axfr: primary.endpoint, zones: ['acme.test'] });
    await source.read(false, never);
    primary.change({ told: undefined });
    await source.read(false, never);
    expect(primary.transfers()).toBe(2);
  });

  it('fails with the reason of the zone that cannot be had', async () => {
    const primary = await startPrimary();
    const source = axfrSource({ axfr: primary.endpoint, zones: ['acme.test', 'other.test'] });
    await expect(source.read(false, never)).rejects.toMatchObject({
      code: 'E_AXFR',
      message: expect.stringContaining('other.test.'),
      hint: expect.stringContaining('allow-axfr-ips'),
    });
  });

  it('warns where the transfer may have cut a chunk', async () => {
    const code = Buffer.concat([Buffer.from([0, 1, 255]), Buffer.alloc(255, 97), Buffer.from([1, 98])]);
    const primary = await startPrimary(code);
    const { warnings } = await axfrSource({ axfr: primary.endpoint, zones: ['acme.test'] }).read(false, never);
    expect(warnings).toEqual([expect.stringContaining('www.acme.test. LUA A: a chunk of 255 bytes')]);
  });

  it('warns where the transfer leaves open how a blank is written', async () => {
    const primary = await startPrimary(Buffer.from([0, 1, 2, 97, 9]));
    const { warnings } = await axfrSource({ axfr: primary.endpoint, zones: ['acme.test'] }).read(false, never);
    expect(warnings).toEqual([expect.stringContaining('www.acme.test. LUA A: a tab or line break')]);
  });

  it('is not to be watched without an address for NOTIFY', () => {
    expect(openSource({ axfr: { address: '127.0.0.1', port: 53 }, zones: ['acme.test'] }).watch).toBeUndefined();
  });
});

describe('a source that listens for NOTIFY', () => {
  it('has news of its own zones only, and transfers them even if the serial that is told is the old one', async () => {
    const primary = await startPrimary();
    const { source, heard, notify } = await watched(primary.endpoint);
    await source.read(false, never);
    primary.change({ serial: 2, told: 1 });
    await notify('stranger.test');
    await notify('ACME.test');
    await expect.poll(heard).toBe(1);
    expect((await source.read(false, never)).serials).toEqual(new Map([['acme.test.', 2]]));
    primary.change({ told: 2 });
    await source.read(false, never);
    expect(primary.transfers()).toBe(2);
  });

  it('tells many NOTIFY as one, and the last of them too', async () => {
    const { heard, notify } = await watched({ address: '127.0.0.1', port: 1 });
    await notify('acme.test');
    await expect.poll(heard).toBe(1);
    for (let i = 0; i < 20; i++) await notify('acme.test');
    await expect.poll(heard, { timeout: 5000 }).toBe(2);
  });

  it('transfers after a NOTIFY until it once succeeds', async () => {
    const primary = await startPrimary();
    const { source, heard, notify } = await watched(primary.endpoint);
    await source.read(false, never);
    primary.change({ refuses: true });
    await notify('acme.test');
    await expect.poll(heard).toBe(1);
    await expect(source.read(false, never)).rejects.toMatchObject({ code: 'E_AXFR' });
    primary.change({ refuses: false, serial: 2, told: 1 });
    expect((await source.read(false, never)).serials).toEqual(new Map([['acme.test.', 2]]));
  });

  it('says where it cannot listen', async () => {
    const port = await freePort('127.0.0.1');
    const other = createSocket('udp4').bind(port, '127.0.0.1');
    cleanUp.push(() => other.close());
    await once(other, 'listening');
    const notify = { address: '127.0.0.1', port };
    const source = axfrSource({ axfr: notify, zones: ['acme.test'], notify });
    await expect(source.watch?.(() => {}, never)).rejects.toMatchObject({ code: 'E_NOTIFY_LISTEN' });
  });

  async function watched(axfr: Endpoint) {
    const endpoint = { address: '127.0.0.1', port: await freePort('127.0.0.1') };
    const source = axfrSource({ axfr, zones: ['acme.test'], notify: endpoint });
    const stop = new AbortController();
    let news = 0;
    const watching = source.watch?.(() => news++, stop.signal);
    cleanUp.push(() => {
      stop.abort();
      return watching;
    });
    const socket = createSocket('udp4');
    cleanUp.push(() => socket.close());
    const notify = async (name: string) => {
      const question = { name, type: 'SOA' as const };
      socket.send(packet.encode({ flags: 4 << 11, questions: [question] }), endpoint.port, endpoint.address);
      await once(socket, 'message');
    };
    return { source, heard: () => news, notify };
  }
});

describe('the configuration of a zone transfer', () => {
  const config = (source: string) =>
    parseConfig(`servers:\n  - { name: ns1, address: 127.0.0.1:53, source: ${source} }\n`, 'agent.yaml');

  it('has a server, zones and an address for NOTIFY', () => {
    const [server] = config('{ axfr: 127.0.0.1:53, zones: [acme.test], notify: "[::1]:5399" }').servers;
    expect(server?.source).toEqual({
      axfr: { address: '127.0.0.1', port: 53 },
      zones: ['acme.test'],
      notify: { address: '::1', port: 5399 },
    });
  });

  it.each([
    ['{ axfr: 127.0.0.1:53, zones: ["*"] }', /name of a zone/],
    ['{ axfr: 127.0.0.1:53, zones: [a..test] }', /name of a zone/],
    ['{ axfr: 127.0.0.1:53 }', /source\.zones is missing/],
    ['{ axfr: localhost, zones: [acme.test] }', /ADDRESS:PORT/],
    ['{ axfr: 127.0.0.1:53, zones: [acme.test], notify: 5399 }', /source\.notify: expected ADDRESS:PORT/],
  ])('is not %s', (source, message) => {
    expect(() => config(source)).toThrow(message);
  });
});

describeForEachServer('an agent that is notified', (binary) => {
  it('reads a record as soon as the server tells of it, though the serial is the same', async () => {
    const port = await freePort('127.0.0.1');
    const record = `LUA A "pickrandom({'192.0.2.1', '192.0.2.2'})"`;
    const server = await startPowerDns({
      binary,
      backend: 'gsqlite3',
      zones: {
        'acme.test': `@ 60 IN SOA ns hostmaster 7 3600 600 86400 60\n@ 60 IN NS ns.test.\nwww 60 IN ${record}\n`,
      },
      settings: { primary: 'yes', 'also-notify': `127.0.0.1:${port}`, 'only-notify': '' },
    });
    cleanUp.push(() => server.stop());
    const at = `127.0.0.1:${server.port}`;
    const source = `{ axfr: "${at}", zones: [acme.test], notify: "127.0.0.1:${port}" }`;
    const events: AgentEvent[] = [];
    const agent = new Agent({
      config: parseConfig(
        `servers: [{ name: ns1, address: "${at}", source: ${source} }]\nsourceRefresh: 1h\ncrossCheck: { interval: 1h }\n`,
        'agent.yaml',
      ),
      version: 'test',
      onEvent: (event) => events.push(event),
    });
    cleanUp.push(() => agent.stop());
    await agent.start();
    const read = () => events.filter((event) => event.kind === 'source read' || event.kind === 'source failed');
    await expect
      .poll(read, { timeout: 10_000 })
      .toEqual([{ kind: 'source read', server: 'ns1', zones: 1, names: 1, checks: 0, profile: binary.line }]);

    const call = async (method: string, path: string, body: object) => {
      const response = await fetch(`${server.apiUrl}/api/v1/servers/localhost/zones/acme.test.${path}`, {
        method,
        headers: { 'x-api-key': server.apiKey, 'content-type': 'application/json' },
        body: JSON.stringify(body),
      });
      expect(response.ok, await response.text()).toBe(true);
    };
    const records = [{ content: `A "pickrandom({'192.0.2.3'})"`, disabled: false }];
    await call('PUT', '', { kind: 'Master' });
    await call('PATCH', '', {
      rrsets: [{ name: 'new.acme.test.', type: 'LUA', ttl: 60, changetype: 'REPLACE', records }],
    });
    await call('PUT', '/notify', {});
    await expect.poll(() => read().at(-1), { timeout: 10_000 }).toMatchObject({ kind: 'source read', names: 2 });
    expect([...(agent.servers[0]?.content?.reading.serials ?? [])]).toEqual([['acme.test.', 7]]);
  });
});

/** A primary for acme.test: one serial in the zone, another that it tells over UDP. */
async function startPrimary(lua: Buffer = Buffer.from([0, 1, 1, 97])) {
  let state: { serial: number; told: number | undefined; refuses: boolean } = { serial: 1, told: 1, refuses: false };
  let transfers = 0;
  const name = 'acme.test';
  const soa = (serial: number): Answer => ({
    name,
    type: 'SOA',
    ttl: 60,
    data: { mname: 'ns.test', rname: 'h.test', serial, refresh: 1, retry: 1, expire: 1, minimum: 1 },
  });
  const reply = (query: Buffer, answers: Answer[], rcode = 0) =>
    packet.encode({
      type: 'response',
      id: query.readUInt16BE(0),
      flags: rcode,
      questions: packet.decode(query).questions ?? [],
      answers,
    });
  const www = { name: `www.${name}`, type: 'UNKNOWN_65402', ttl: 60, data: lua } as unknown as Answer;

  const tcp = createServer((socket: Socket) => {
    const frames = new TcpFrames();
    socket.on('error', () => {});
    socket.on('data', (bytes) => {
      for (const query of frames.push(bytes)) {
        const isKnown = readMessage(query).questions[0]?.name === `${name}.`;
        transfers++;
        const answers = [soa(state.serial), www, soa(state.serial)];
        socket.write(tcpFrame(isKnown && !state.refuses ? reply(query, answers) : reply(query, [], 9)));
      }
    });
  });
  const port = await freePort('127.0.0.1');
  const udp = createSocket('udp4', (query, { port: from, address }) => {
    udp.send(reply(query, state.told === undefined ? [] : [soa(state.told)]), from, address);
  });
  tcp.listen(port, '127.0.0.1');
  udp.bind(port, '127.0.0.1');
  await Promise.all([once(tcp, 'listening'), once(udp, 'listening')]);
  cleanUp.push(() => {
    tcp.close();
    udp.close();
  });
  return {
    endpoint: { address: '127.0.0.1', port },
    transfers: () => transfers,
    change: (change: Partial<typeof state>) => {
      state = { ...state, ...change };
    },
  };
}
