import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { connect, createServer } from 'node:net';
import packet from 'dns-packet';
import fc from 'fast-check';
import { afterEach, describe, expect, it } from 'vitest';
import { describeForEachServer } from '../test/powerdns/for-each-server.ts';
import { listenForNotify, type NotifyListener, readNotify } from './notify.ts';
import { freePort } from './rig/ports.ts';
import { startPowerDns } from './rig/rig.ts';
import { TcpFrames, tcpFrame } from './tcp-frames.ts';

const listeners: NotifyListener[] = [];
afterEach(async () => {
  for (const listener of listeners.splice(0)) await listener.close();
});

describe('a NOTIFY', () => {
  it('is answered with the same id and question, QR, opcode 4 and AA, and nothing else', () => {
    const notify = readNotify(notifyFor('Acme.test', { id: 4711 }));
    expect(notify?.zone).toBe('Acme.test.');
    const answer = packet.decode(notify?.answer ?? Buffer.alloc(0));
    expect(answer).toMatchObject({ id: 4711, type: 'response', opcode: 'NOTIFY', flag_aa: true, rcode: 'NOERROR' });
    expect(answer.questions).toMatchObject([{ name: 'Acme.test', type: 'SOA', class: 'IN' }]);
    expect([answer.answers, answer.authorities, answer.additionals]).toEqual([[], [], []]);
  });

  it('may bring the new SOA and EDNS along', () => {
    const soa = { mname: 'a', rname: 'b', serial: 8, refresh: 1, retry: 1, expire: 1, minimum: 1 };
    const message = notifyFor('acme.test', {
      answers: [{ name: 'acme.test', type: 'SOA', data: soa }],
      additionals: [
        {
          type: 'OPT',
          name: '.',
          udpPayloadSize: 1232,
          extendedRcode: 0,
          ednsVersion: 0,
          flags: 0,
          flag_do: false,
          options: [],
        },
      ],
    });
    expect(readNotify(message)?.zone).toBe('acme.test.');
  });

  it.each([
    ['a query', packet.encode({ type: 'query', questions: [{ name: 'acme.test', type: 'SOA' }] })],
    ['the answer to one', notifyFor('acme.test', { type: 'response' })],
    ['one without a question', notifyFor('acme.test', { questions: [] })],
    ['one for a type that no zone is notified of', notifyFor('acme.test', { questions: [{ name: 'a', type: 'A' }] })],
    ['one in another class', notifyFor('acme.test', { questions: [{ name: 'a', type: 'SOA', class: 'CH' }] })],
    ['one for two zones', notifyFor('a.test', { questions: ['a', 'b'].map((name) => ({ name, type: 'SOA' })) })],
    ['nothing', Buffer.alloc(0)],
    ['one that is cut off', notifyFor('acme.test').subarray(0, 20)],
  ])('is not %s', (_what, message) => {
    expect(readNotify(message)).toBeUndefined();
  });

  it('is looked for in any bytes without failing', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 60 }), (bytes) => {
        const found = readNotify(Buffer.from([0, 1, 0x20, 0, 0, 1, 0, 0, 0, 0, 0, 0, ...bytes]));
        return found === undefined || found.answer.length <= 12 + bytes.length;
      }),
      { numRuns: 2000 },
    );
  });
});

describe.each(['127.0.0.1', '::1'])('a listener on %s', (address) => {
  it('tells the zone and the sender, and answers over UDP', async () => {
    const { port, heard } = await listen(address);
    const socket = createSocket(address === '::1' ? 'udp6' : 'udp4');
    try {
      for (const message of [Buffer.from('noise'), notifyFor('acme.test', { id: 1 }), notifyFor('b.test', { id: 2 })]) {
        socket.send(message, port, address);
      }
      const ids: number[] = [];
      while (ids.length < 2) {
        const [answer]: Buffer[] = await once(socket, 'message');
        if (answer !== undefined) ids.push(answer.readUInt16BE(0));
      }
      expect(ids).toEqual([1, 2]);
    } finally {
      socket.close();
    }
    expect(heard).toEqual([`acme.test. from ${address}`, `b.test. from ${address}`]);
  });

  it('does the same over TCP, and hangs up on anything else', async () => {
    const { port, heard } = await listen(address);
    const socket = connect({ host: address, port });
    const frames = new TcpFrames();
    const ids: number[] = [];
    socket.on('data', (bytes) => ids.push(...frames.push(bytes).map((answer) => answer.readUInt16BE(0))));
    for (const byte of tcpFrame(notifyFor('acme.test', { id: 1 }))) socket.write(Buffer.from([byte]));
    socket.write(tcpFrame(notifyFor('b.test', { id: 2 })));
    await expect.poll(() => ids).toEqual([1, 2]);
    socket.write(tcpFrame(Buffer.from('noise')));
    await once(socket, 'close');
    expect(heard).toEqual([`acme.test. from ${address}`, `b.test. from ${address}`]);
  });

  it('leaves its port and its connections when it is closed', async () => {
    const { port, listener } = await listen(address);
    const socket = connect({ host: address, port });
    await once(socket, 'connect');
    await listener.close();
    if (!socket.closed) await once(socket, 'close');
    listeners.splice(0);
    listeners.push(await listenForNotify({ address, port }, () => {}));
  });

  async function listen(host: string) {
    const port = await freePort(host);
    const heard: string[] = [];
    const listener = await listenForNotify({ address: host, port }, (zone, from) => heard.push(`${zone} from ${from}`));
    listeners.push(listener);
    return { port, heard, listener };
  }
});

describe('a listener that cannot listen', () => {
  it('says so where another program has the port, over TCP only too', async () => {
    const port = await freePort('127.0.0.1');
    const other = createServer().listen(port, '127.0.0.1');
    await once(other, 'listening');
    try {
      await expect(listenForNotify({ address: '127.0.0.1', port }, () => {})).rejects.toMatchObject({
        code: 'E_NOTIFY_LISTEN',
        message: expect.stringMatching(/127\.0\.0\.1:\d+ \(TCP\): another program listens there/),
      });
    } finally {
      other.close();
    }
    // The UDP half has been given back.
    listeners.push(await listenForNotify({ address: '127.0.0.1', port }, () => {}));
    await expect(listenForNotify({ address: '127.0.0.1', port }, () => {})).rejects.toMatchObject({
      message: expect.stringContaining('(UDP): another program'),
    });
  });

  it('says so where the address is not of this machine', async () => {
    await expect(listenForNotify({ address: '192.0.2.1', port: 5399 }, () => {})).rejects.toMatchObject({
      code: 'E_NOTIFY_LISTEN',
      message: expect.stringContaining('that is no address of this machine'),
    });
  });
});

describeForEachServer('a NOTIFY from a real primary', (binary) => {
  it('reaches the listener, and the primary takes the answer', async () => {
    const port = await freePort('127.0.0.1');
    const heard: string[] = [];
    listeners.push(await listenForNotify({ address: '127.0.0.1', port }, (zone) => heard.push(zone)));
    const server = await startPowerDns({
      binary,
      backend: 'gsqlite3',
      zones: { 'acme.test': '@ 60 IN SOA ns hostmaster 7 3600 600 86400 60\n@ 60 IN NS ns\nns 60 IN A 127.0.0.1\n' },
      settings: { primary: 'yes', 'also-notify': `127.0.0.1:${port}`, 'only-notify': '', loglevel: '7' },
    });
    try {
      const put = async (path: string, body: object) => {
        const response = await fetch(`${server.apiUrl}/api/v1/servers/localhost/zones/acme.test.${path}`, {
          method: 'PUT',
          headers: { 'x-api-key': server.apiKey, 'content-type': 'application/json' },
          body: JSON.stringify(body),
        });
        expect(response.ok, await response.text()).toBe(true);
      };
      await put('', { kind: 'Master' });
      await put('/notify', {});
      await expect.poll(() => heard.length, { timeout: 10_000 }).toBeGreaterThan(0);
      expect(new Set(heard)).toEqual(new Set(['acme.test.']));
      await expect
        .poll(() => server.log(), { timeout: 10_000 })
        .toMatch(/removed from notification list.*acme\.test|Removed.*acme\.test/i);
    } finally {
      await server.stop();
    }
  });
});

function notifyFor(name: string, other: packet.Packet = {}): Buffer {
  const flags = (4 << 11) | packet.AUTHORITATIVE_ANSWER;
  return packet.encode({ type: 'query', flags, questions: [{ name, type: 'SOA' }], ...other });
}
