import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type Socket } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { connect as connectTls } from 'node:tls';
import { expect, onTestFinished, test } from 'vitest';
import { HEALTHY } from '../../simulator/world/behaviour.ts';
import { PretendedAttempt } from './pretended-attempt.ts';

async function listening() {
  const server = createServer({ pauseOnConnect: true, allowHalfOpen: true }).listen(0, '127.0.0.1');
  onTestFinished(() => void server.close());
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  return { port, taken: once(server, 'connection') };
}

test.each([
  ['HTTP', false],
  ['HTTPS', true],
] as const)('a connection over %s that ends as its target goes away is closed', async (_, isTls) => {
  const { port, taken } = await listening();
  const options = { host: '127.0.0.1', port, rejectUnauthorized: false };
  const client = isTls ? connectTls(options) : connect(options);
  client.on('error', () => {});
  client.write('GET / HTTP/1.1\r\n\r\n');
  const [socket] = (await taken) as [Socket];
  const closed = once(socket, 'close', { signal: AbortSignal.timeout(5000) });
  let looks = 0;
  const attempt = new PretendedAttempt({
    socket,
    isTls,
    reach: () => {
      // The second look is at the request: the answer, and the end of the connection, come in this very turn.
      if (++looks === 2) process.nextTick(() => attempt.reset());
      return { behaviour: { ...HEALTHY, latency: { base: 0, jitter: 0 } }, isCut: false };
    },
    draw: () => 0.5,
    milliseconds: () => 0,
  });
  await closed;
  expect(attempt.answered).toBe('200');
});

test('a connection is reset once its prober says something, who by then knows that it is connected', async () => {
  const { port, taken } = await listening();
  const client = connect({ host: '127.0.0.1', port });
  let error: NodeJS.ErrnoException | undefined;
  client.on('error', (each) => {
    error = each;
  });
  const [socket] = (await taken) as [Socket];
  new PretendedAttempt({
    socket,
    isTls: false,
    reach: () => ({ behaviour: { ...HEALTHY, tcp: 'reset', latency: { base: 0, jitter: 0 } }, isCut: false }),
    draw: () => 0.5,
    milliseconds: () => 0,
  });
  await sleep(100);
  expect(error).toBeUndefined();
  client.write('GET / HTTP/1.1\r\n\r\n');
  await expect.poll(() => error?.code).toBe('ECONNRESET');
});
