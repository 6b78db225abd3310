import dgram from 'node:dgram';
import { once } from 'node:events';
import net from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, describe, expect, it } from 'vitest';
import { type DnsListener, type DnsListenOptions, type DnsPeers, listenDns } from './dns-listener.ts';
import { optBytes, queryBytes } from './fixtures/query-bytes.ts';
import { decodeResponse } from './message.ts';
import { TcpFrames, tcpFrame } from './tcp-frames.ts';
import { ask } from './transport.ts';

const cleanups: (() => unknown)[] = [];
afterEach(async () => {
  for (const cleanup of cleanups.splice(0).reverse()) await cleanup();
});

const answered: DnsListenOptions['answer'] = (query) => ({
  rcode: 'NOERROR',
  authoritative: true,
  answers: [{ owner: query.name, type: 'A', ttlSeconds: 60, rdata: '192.0.2.1' }],
});

async function listen(options: Partial<DnsListenOptions> = {}): Promise<DnsListener & { address: string }> {
  const address = options.address ?? '127.0.0.1';
  const listener = await listenDns({
    address,
    port: 0,
    answer: answered,
    maxTcpConnections: 20,
    idleTimeoutMs: 5_000,
    ...options,
  });
  cleanups.push(() => listener.close());
  return { ...listener, address };
}

async function connect(port: number): Promise<{ socket: net.Socket; messages: Buffer[] }> {
  const socket = net.connect(port, '127.0.0.1');
  const messages: Buffer[] = [];
  const frames = new TcpFrames();
  socket.on('data', (bytes) => messages.push(...frames.push(bytes)));
  socket.on('error', () => undefined);
  cleanups.push(() => socket.destroy());
  await once(socket, 'connect');
  return { socket, messages };
}

describe('a listener', () => {
  it.each(['127.0.0.1', '::1'])('answers over UDP and TCP on one port of %s, and says who asks', async (address) => {
    const peers: DnsPeers[] = [];
    const server = await listen({
      address,
      answer: (query, from) => {
        peers.push(from);
        return answered(query, from);
      },
    });
    for (const tcp of [false, true]) {
      const reply = await ask(server, { name: 'www.example.org.', type: 'A' }, { timeoutMs: 2_000, tcp });
      expect(reply).toMatchObject({ kind: 'answer', response: { answers: [{ rdata: '192.0.2.1' }] } });
    }
    const local = { address, port: server.port };
    expect(peers).toEqual([
      { transport: 'udp', client: { address, port: expect.any(Number) }, local },
      { transport: 'tcp', client: { address, port: expect.any(Number) }, local },
    ]);
  });

  it('sees a client of IPv4 on an IPv6 socket as one of IPv4', async () => {
    const clients: string[] = [];
    const server = await listen({
      address: '::',
      answer: (query, from) => {
        clients.push(from.client.address);
        return answered(query, from);
      },
    });
    for (const tcp of [false, true]) {
      await ask({ address: '127.0.0.1', port: server.port }, { name: 'a.', type: 'A' }, { timeoutMs: 2_000, tcp });
    }
    expect(clients).toEqual(['127.0.0.1', '127.0.0.1']);
  });

  it('sends what the client takes, not what dns2 thinks it takes', async () => {
    const answers = Array.from({ length: 60 }, (_, i) => ({
      owner: 'a.',
      type: 'A',
      ttlSeconds: 1,
      rdata: `192.0.2.${i}`,
    }));
    const server = await listen({ answer: () => ({ rcode: 'NOERROR', authoritative: true, answers }) });
    const reply = await ask(server, { name: 'a.', type: 'A' }, { timeoutMs: 2_000 });
    expect(reply).toMatchObject({ kind: 'answer', transport: 'udp' });
    expect(reply.kind === 'answer' && reply.response.answers.length).toBe(60);
  });

  it('answers all questions of a connection, however they are cut, also when the client has said its last', async () => {
    const server = await listen();
    const { socket, messages } = await connect(server.port);
    const frames = Buffer.concat(Array.from({ length: 50 }, (_, id) => tcpFrame(queryBytes({ id }))));
    for (let at = 0; at < frames.length; at += 333) socket.write(frames.subarray(at, at + 333));
    socket.end();
    await once(socket, 'close');
    expect(messages.map((message) => decodeResponse(message).id)).toEqual(Array.from({ length: 50 }, (_, id) => id));
  });

  it('says nothing over UDP and hangs up over TCP where there is no answer', async () => {
    const server = await listen({ answer: () => undefined });
    const udp = await ask(server, { name: 'a.', type: 'A' }, { timeoutMs: 200 });
    const tcp = await ask(server, { name: 'a.', type: 'A' }, { timeoutMs: 2_000, tcp: true });
    expect(udp).toEqual({ kind: 'failed', reason: 'no answer within 200 ms' });
    expect(tcp).toEqual({ kind: 'failed', reason: 'the server closed the TCP connection without an answer' });
  });

  it('answers SERVFAIL where the answer fails, and passes the error on', async () => {
    const errors: unknown[] = [];
    const broken = new Error('broken');
    const server = await listen({
      onError: (error) => errors.push(error),
      answer: (query) => {
        if (query.type === 'A') throw broken;
        return {
          rcode: 'NOERROR',
          authoritative: true,
          answers: [{ owner: 'a.', type: 'A', ttlSeconds: 1, rdata: 'nonsense' }],
        };
      },
    });
    for (const type of ['A', 'MX']) {
      const reply = await ask(server, { name: 'a.', type }, { timeoutMs: 2_000 });
      expect(reply).toMatchObject({ kind: 'answer', response: { rcode: 'SERVFAIL', answers: [] } });
    }
    expect(errors).toEqual([broken, expect.objectContaining({ code: 'E_RDATA_SYNTAX' })]);
  });

  it('closes connections beyond the limit', async () => {
    const server = await listen({ maxTcpConnections: 2 });
    const [first, second] = [await connect(server.port), await connect(server.port)];
    const third = await connect(server.port);
    await once(third.socket, 'close');
    expect([first.socket.closed, second.socket.closed]).toEqual([false, false]);
  });

  it('closes connections that say nothing, which makes room for others', async () => {
    const server = await listen({ maxTcpConnections: 2, idleTimeoutMs: 300 });
    const silent = [await connect(server.port), await connect(server.port)];
    await Promise.all(silent.map(({ socket }) => socket.closed || once(socket, 'close')));
    // Where this process stands still for as long, the question comes too late as well.
    const kind = async () => (await ask(server, { name: 'a.', type: 'A' }, { timeoutMs: 2_000, tcp: true })).kind;
    await expect.poll(kind).toBe('answer');
  });

  it('ends with its connections open, once', async () => {
    const server = await listen();
    const { socket } = await connect(server.port);
    const closed = once(socket, 'close');
    await Promise.all([server.close(), server.close(), closed]);
    const again = await listen({ port: server.port });
    expect(again.port).toBe(server.port);
  });

  it('says who is in the way where a port is taken', async () => {
    const server = await listen();
    await expect(listen({ port: server.port })).rejects.toMatchObject({
      code: 'E_DNS_LISTEN',
      message: `cannot listen for DNS on 127.0.0.1 port ${server.port}: another program listens there`,
    });
    await expect(listen({ address: '192.0.2.1' })).rejects.toMatchObject({
      code: 'E_DNS_LISTEN',
      message: expect.stringContaining('this machine does not have that address'),
    });
    const onlyUdp = dgram.createSocket('udp4').bind(0, '127.0.0.1');
    cleanups.push(() => onlyUdp.close());
    await once(onlyUdp, 'listening');
    await expect(listen({ port: onlyUdp.address().port })).rejects.toMatchObject({ code: 'E_DNS_LISTEN' });
  });
});

describe('hostile clients', () => {
  let seed = 7;
  const random = (below: number) => {
    seed = (Math.imul(seed, 1_664_525) + 1_013_904_223) >>> 0;
    return Math.floor((seed / 2 ** 32) * below);
  };
  const hostile = () => {
    const bytes =
      random(3) === 0
        ? Buffer.from(Array.from({ length: random(60) }, () => random(256)))
        : queryBytes({ records: [optBytes()] });
    for (let change = random(4); change > 0 && bytes.length > 0; change -= 1) bytes[random(bytes.length)] = random(256);
    return bytes;
  };
  const stillAnswers = async (server: DnsListener & { address: string }) => {
    for (const tcp of [false, true]) {
      // A question may get lost where so many datagrams wait.
      const kind = async () => (await ask(server, { name: 'a.', type: 'A' }, { timeoutMs: 500, tcp })).kind;
      await expect.poll(kind, { timeout: 10_000 }).toBe('answer');
    }
  };

  it('do not stop it with 20,000 datagrams', async () => {
    let seen = 0;
    const server = await listen({
      answer: (query, from) => {
        seen += 1;
        return answered(query, from);
      },
    });
    const socket = dgram.createSocket('udp4');
    cleanups.push(() => socket.close());
    for (let sent = 0; sent < 20_000; sent += 1) {
      socket.send(hostile(), server.port, '127.0.0.1');
      if (sent % 200 === 199) await sleep(1);
    }
    await stillAnswers(server);
    expect(seen).toBeGreaterThan(1_000);
  });

  it('do not stop it with broken connections', async () => {
    const server = await listen({ maxTcpConnections: 1_000 });
    for (let round = 0; round < 200; round += 1) {
      const { socket } = await connect(server.port);
      socket.write(round % 3 === 0 ? hostile() : tcpFrame(hostile()));
      if (round % 2 === 0) socket.resetAndDestroy();
      else socket.end();
    }
    await stillAnswers(server);
  });

  it('cost it no time with a message full of pointers', async () => {
    const server = await listen();
    const { socket } = await connect(server.port);
    const chain = Buffer.alloc(50_000);
    chain.writeUInt16BE(1, 4);
    chain.writeUInt16BE(0xffff, 10);
    for (let at = 18; at + 2 <= chain.length; at += 2) chain.writeUInt16BE(0xc000 | Math.min(at - 2, 0x3ffe), at);
    socket.write(tcpFrame(chain));
    await once(socket, 'close');
    await stillAnswers(server);
  });

  it('are cut off when they ask and ask and read nothing', async () => {
    const answers = Array.from({ length: 3_000 }, () => ({
      owner: 'a.',
      type: 'A',
      ttlSeconds: 1,
      rdata: '192.0.2.1',
    }));
    const server = await listen({ answer: () => ({ rcode: 'NOERROR', authoritative: true, answers }) });
    const socket = net.connect(server.port, '127.0.0.1');
    cleanups.push(() => socket.destroy());
    socket.on('error', () => undefined);
    await once(socket, 'connect');
    socket.pause();
    const closed = new Promise((resolve) => socket.once('close', resolve));
    const questions = Buffer.concat(Array.from({ length: 50 }, () => tcpFrame(queryBytes({ name: 'a.' }))));
    while (!socket.destroyed && socket.writable) {
      socket.write(questions);
      await sleep(5);
    }
    await closed;
    await stillAnswers(server);
  });
});
