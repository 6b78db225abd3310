import { randomBytes } from 'node:crypto';
import type { Socket } from 'node:net';
import { afterEach, describe, expect, test } from 'vitest';
import { closeDnsServers, dnsServer, overTcp, replyTo } from './fixtures/dns-server.ts';
import { ask } from './transport.ts';

afterEach(closeDnsServers);

const QUESTION = { name: 'www.example.org.', type: 'A' };
const PATIENT = { timeoutMs: 5000 };
const BRIEF = { timeoutMs: 150 };
const A = { type: 1, rdata: Buffer.from([192, 0, 2, 1]) };
const B = { type: 1, rdata: Buffer.from([192, 0, 2, 2]) };

/** The data of the answer, or why there is none. */
async function answerOf(asked: ReturnType<typeof ask>): Promise<string> {
  const reply = await asked;
  return reply.kind === 'failed' ? reply.reason : reply.response.answers.map(({ rdata }) => rdata).join();
}

describe('over UDP', () => {
  test('an answer, and the address that the server saw', async () => {
    const server = await dnsServer((query) => [replyTo(query, { answers: [A] })], undefined, '127.0.0.7');
    const reply = await ask(server, QUESTION, PATIENT);
    expect(reply).toMatchObject({ kind: 'answer', transport: 'udp', localAddress: '127.0.0.1' });
    expect(reply.kind === 'answer' ? reply.response.answers : []).toEqual([
      { owner: 'www.example.org.', type: 'A', ttlSeconds: 30, rdata: '192.0.2.1' },
    ]);
  });

  test('over IPv6 too', async () => {
    const server = await dnsServer((query) => [replyTo(query, { answers: [A] })], undefined, '::1');
    expect(await ask(server, QUESTION, PATIENT)).toMatchObject({ kind: 'answer', localAddress: '::1' });
  });

  test('a reply with another id is not ours', async () => {
    const server = await dnsServer((query) => [
      replyTo(query, { answers: [B], id: query.readUInt16BE(0) ^ 1 }),
      { afterMs: 20, bytes: replyTo(query, { answers: [A] }) },
    ]);
    expect(await answerOf(ask(server, QUESTION, PATIENT))).toBe('192.0.2.1');
  });

  test('a reply to another question is not ours', async () => {
    const server = await dnsServer((query) => {
      const other = Buffer.from(query);
      other.write('xxx', 13);
      return [replyTo(other, { answers: [B] }), { afterMs: 20, bytes: replyTo(query, { answers: [A] }) }];
    });
    expect(await answerOf(ask(server, QUESTION, PATIENT))).toBe('192.0.2.1');
  });

  test('the case of the name in the reply does not matter', async () => {
    const server = await dnsServer((query) => {
      const shouted = Buffer.from(query);
      shouted.write('WWW', 13);
      return [replyTo(shouted, { answers: [A] })];
    });
    expect(await answerOf(ask(server, QUESTION, PATIENT))).toBe('192.0.2.1');
  });

  test('our own query sent back is no reply', async () => {
    const server = await dnsServer((query) => [query]);
    expect(await answerOf(ask(server, QUESTION, BRIEF))).toBe('no answer within 150 ms');
  });

  test('bytes that are no message are as if they had not come', async () => {
    const server = await dnsServer((query) => {
      const reply = replyTo(query, { answers: [A] });
      const loop = Buffer.from(reply);
      loop.writeUInt16BE(0xc000 | (query.indexOf(0, 12) + 5), query.indexOf(0, 12) + 5);
      const cut = Array.from({ length: reply.length }, (_, i) => reply.subarray(0, i));
      const noise = Array.from({ length: 200 }, (_, i) => Buffer.concat([reply.subarray(0, 2), randomBytes(i)]));
      const quiet = noise.filter((bytes) => ((bytes[2] ?? 0) & 0x80) === 0);
      return [loop, ...cut, ...quiet, { afterMs: 50, bytes: reply }];
    });
    expect(await answerOf(ask(server, QUESTION, PATIENT))).toBe('192.0.2.1');
  });

  test('silence ends with the timeout', async () => {
    const server = await dnsServer(() => []);
    expect(await answerOf(ask(server, QUESTION, BRIEF))).toBe('no answer within 150 ms');
  });

  test('a closed port is told at once', async () => {
    const server = await dnsServer(() => []);
    closeDnsServers();
    expect(await answerOf(ask(server, QUESTION, PATIENT))).toMatch(/connection refused/);
  });

  test('a hundred questions at once are not mixed up', async () => {
    const server = await dnsServer((query) => {
      const last = Number(query.toString('latin1', 14, 17));
      return [
        { afterMs: last % 7, bytes: replyTo(query, { answers: [{ type: 1, rdata: Buffer.from([10, 0, 0, last]) }] }) },
      ];
    });
    const numbers = Array.from({ length: 100 }, (_, i) => 100 + i);
    const answers = await Promise.all(
      numbers.map((number) => answerOf(ask(server, { name: `w${number}.example.org.`, type: 'A' }, PATIENT))),
    );
    expect(answers).toEqual(numbers.map((number) => `10.0.0.${number}`));
  });
});

describe('over TCP', () => {
  test('a truncated answer is asked for again', async () => {
    const server = await dnsServer(
      (query) => [replyTo(query, { truncated: true, answers: [B] })],
      (socket, query) => socket.write(overTcp(replyTo(query, { answers: [A] }))),
    );
    expect(await ask(server, QUESTION, PATIENT)).toMatchObject({ kind: 'answer', transport: 'tcp' });
    expect(server.queries.map(({ transport }) => transport)).toEqual(['udp', 'tcp']);
    expect(server.queries[0]?.bytes).toEqual(server.queries[1]?.bytes);
  });

  test('at once when it is wanted', async () => {
    const server = await dnsServer(
      () => [],
      (socket, query) => socket.write(overTcp(replyTo(query, { answers: [A] }))),
    );
    expect(await answerOf(ask(server, QUESTION, { ...PATIENT, tcp: true }))).toBe('192.0.2.1');
    expect(server.queries.map(({ transport }) => transport)).toEqual(['tcp']);
  });

  test('an answer in pieces is put together', async () => {
    const server = await dnsServer(
      () => [],
      (socket, query) => {
        const bytes = overTcp(replyTo(query, { answers: [A] }));
        for (const [i, byte] of bytes.entries()) setTimeout(() => socket.write(Buffer.from([byte])), i);
      },
    );
    expect(await answerOf(ask(server, QUESTION, { ...PATIENT, tcp: true }))).toBe('192.0.2.1');
  });

  test.each<[string, (socket: Socket) => void, { timeoutMs: number }, RegExp]>([
    ['closes without an answer', (socket) => socket.end(), PATIENT, /closed the TCP connection/],
    ['answers half and closes', (socket) => socket.end(Buffer.from([0, 200, 1])), PATIENT, /closed/],
    ['answers nonsense', (socket) => socket.write(overTcp(Buffer.alloc(40, 0xff))), PATIENT, /no reply/],
    ['says nothing', () => {}, BRIEF, /no answer over TCP within 150 ms/],
  ])('a server that %s is a failure', async (_what, act, patience, reason) => {
    const server = await dnsServer(() => [], act);
    expect(await answerOf(ask(server, QUESTION, { ...patience, tcp: true }))).toMatch(reason);
  });

  test('a truncated answer of a server without TCP is a failure', async () => {
    const server = await dnsServer((query) => [replyTo(query, { truncated: true })]);
    expect(await answerOf(ask(server, QUESTION, PATIENT))).toMatch(/^TCP: connection refused/);
  });
});
