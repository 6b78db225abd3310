import { getEventListeners } from 'node:events';
import { Socket } from 'node:net';
import { afterEach, expect, test } from 'vitest';
import type { TcpProbeRequest } from '../simulator/health/probe.ts';
import { blackHole, closedPort, closeListeners, listen } from './fixtures/listeners.ts';
import { probeTcp } from './probe-tcp.ts';

afterEach(closeListeners);

const never = new AbortController().signal;

function tcp(overrides: Partial<TcpProbeRequest>): TcpProbeRequest {
  return { kind: 'tcp', address: '127.0.0.1', port: 0, timeoutMs: 5000, ...overrides };
}

test('an open port is up; nothing is sent and the connection is closed', async () => {
  let received = '';
  let ended = (): void => {};
  const end = new Promise<void>((resolve) => {
    ended = resolve;
  });
  const target = await listen({
    on: 'accept',
    act: (socket) => {
      socket.on('data', (chunk) => {
        received += chunk.toString();
      });
      socket.on('end', ended);
    },
  });
  expect(await probeTcp(tcp({ port: target.port }), never)).toMatchObject({ up: true });
  await end;
  expect(received).toBe('');
  expect(target.sources).toHaveLength(1);
});

test('IPv6 targets are probed', async () => {
  const target = await listen({ on: 'accept', act: () => {} }, { address: '::1' });
  expect(await probeTcp(tcp({ address: '::1', port: target.port }), never)).toMatchObject({ up: true });
});

test('a closed port is down', async () => {
  const port = await closedPort();
  expect(await probeTcp(tcp({ port }), never)).toEqual({ up: false, reason: 'connection refused' });
});

test('a black hole is down after the timeout', async () => {
  const hole = await blackHole();
  const result = await probeTcp(tcp({ port: hole.port, timeoutMs: 150 }), never);
  await hole.close();
  expect(result).toEqual({ up: false, reason: 'no connection within 150 ms' });
});

test('with a timeout of 0 a closed port and a black hole are up', async () => {
  const hole = await blackHole();
  const port = await closedPort();
  const results = [
    await probeTcp(tcp({ port: hole.port, timeoutMs: 0 }), never),
    await probeTcp(tcp({ port, timeoutMs: 0 }), never),
  ];
  await hole.close();
  expect(results.map((result) => result.up)).toEqual([true, true]);
});

test('with a timeout of 0 an attempt that cannot start is still down', async () => {
  const source = '192.0.2.7';
  expect(await probeTcp(tcp({ port: 9, source, timeoutMs: 0 }), never)).toMatchObject({ up: false });
});

test('the connection comes from the source address', async () => {
  const target = await listen({ on: 'accept', act: () => {} });
  expect(await probeTcp(tcp({ port: target.port, source: '127.0.0.50' }), never)).toMatchObject({ up: true });
  expect(target.sources).toEqual(['127.0.0.50']);
});

test.each([
  ['a source of the other family', { source: '::1' }],
  ['a source that is no address', { source: 'bogus' }],
  ['a source that this machine does not have', { source: '192.0.2.7' }],
  ['a target that is no address', { address: 'localhost' }],
  ['port 65536', { port: 65536 }],
  ['port -1', { port: -1 }],
])('%s is down', async (_what, overrides) => {
  const target = await listen({ on: 'accept', act: () => {} });
  expect(await probeTcp(tcp({ port: target.port, ...overrides }), never)).toMatchObject({ up: false });
  expect(target.sources).toEqual([]);
});

test('cancelling destroys the socket and leaves no listener on the signal', async () => {
  const cancelling = new AbortController();
  const socket = new Socket();
  const probing = probeTcp(tcp({ port: 9 }), cancelling.signal, () => socket);
  cancelling.abort();
  await probing;
  expect(socket.destroyed).toBe(true);
  expect(getEventListeners(cancelling.signal, 'abort')).toEqual([]);
});
