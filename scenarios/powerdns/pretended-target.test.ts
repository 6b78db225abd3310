/** Pretended targets as the prober sees them that probes like PowerDNS does. */
import { setImmediate } from 'node:timers/promises';
import { afterEach, expect, test } from 'vitest';
import { MICROS_PER_MILLISECOND } from '../../simulator/clock.ts';
import type { ProbeRequest, ProbeResult } from '../../simulator/health/probe.ts';
import { HEALTHY, type TargetBehaviour } from '../../simulator/world/behaviour.ts';
import { realProber } from '../../wire/prober.ts';
import { freePort } from '../../wire/rig/ports.ts';
import { takeNetwork } from './loopback.ts';
import { PretendedTarget } from './pretended-target.ts';

/** For probes that must get their answer. */
const PATIENT_MS = 5000;
/** For those whose timeout must pass. */
const BRIEF_MS = 400;
const loopback = takeNetwork();
const opened: PretendedTarget[] = [];
const prober = realProber({ version: '0', maxConcurrency: 8 });

afterEach(() => Promise.all(opened.splice(0).map((target) => target.close())));

async function openTarget(kind: 'http' | 'https' | 'tcp', canGoDeaf = false) {
  const alias = `${loopback.network}.${loopback.block(1)}`;
  const number = await freePort(alias);
  const target = await PretendedTarget.open({
    alias,
    ports: [{ number, isTls: kind === 'https', isBare: kind === 'tcp', canGoDeaf }],
    resting: HEALTHY,
    draw: () => 0.5,
    milliseconds: (time) => time / MICROS_PER_MILLISECOND,
  });
  opened.push(target);
  const requestFor = (timeoutMs: number): ProbeRequest =>
    kind === 'tcp'
      ? { kind, address: alias, port: number, timeoutMs }
      : {
          kind: 'http',
          url: `${kind}://api.acme.test:${number}/`,
          address: alias,
          timeoutMs,
          userAgent: 'test',
          headers: {},
          stringMatch: '',
          bytesLimit: 0,
          expectedStatus: 200,
          redirectLimit: 5,
        };
  const probe = (timeoutMs = PATIENT_MS) =>
    new Promise<ProbeResult>((resolve) => prober(requestFor(timeoutMs), resolve));
  return { target, probe, become: (change: Partial<TargetBehaviour>) => target.become({ ...HEALTHY, ...change }) };
}

const LATE = { base: 2 * BRIEF_MS * MICROS_PER_MILLISECOND, jitter: 0 };

test.each(['http', 'https', 'tcp'] as const)(
  'a target that is well is up over %s, and its probe is seen',
  async (kind) => {
    const { target, probe } = await openTarget(kind);
    expect(await probe()).toMatchObject({ up: true });
    await expect
      .poll(() => target.probes)
      .toMatchObject([{ answered: kind === 'tcp' ? 'connected' : '200', wasWell: true }]);
  },
);

test.each([
  ['answers 503', { httpStatus: 503 }, PATIENT_MS, /503/],
  ['refuses', { tcp: 'refuse' }, PATIENT_MS, /refused/],
  ['resets', { tcp: 'reset' }, PATIENT_MS, /reset|closed|hang up/i],
  ['accepts and says nothing', { tcp: 'accept-only' }, BRIEF_MS, /within/],
  ['swallows packets', { tcp: 'blackhole' }, BRIEF_MS, /within/],
  ['is late', { latency: LATE }, BRIEF_MS, /within/],
  ['has a slow body', { bodyDelay: LATE.base }, BRIEF_MS, /within/],
] as const)('one that %s is down over HTTP, and up again afterwards', async (_, change, timeoutMs, reason) => {
  const { probe, become } = await openTarget('http');
  await become(change);
  const result = await probe(timeoutMs);
  expect(result.up).toBe(false);
  expect(result.reason).toMatch(reason);
  await become({});
  expect(await probe()).toMatchObject({ up: true });
});

test('one whose TLS fails is down', async () => {
  const { probe, become } = await openTarget('https');
  await become({ tls: 'fails' });
  expect(await probe()).toMatchObject({ up: false });
});

test('a port goes deaf, refuses and hears again', async () => {
  const { target, probe, become } = await openTarget('tcp', true);
  expect(await probe()).toMatchObject({ up: true });
  await become({ tcp: 'blackhole' });
  expect(await probe(BRIEF_MS)).toMatchObject({ up: false, reason: expect.stringContaining('within') });
  await become({ tcp: 'refuse' });
  expect(await probe()).toMatchObject({ up: false, reason: expect.stringContaining('refused') });
  await become({});
  await target.setCut(true);
  expect(await probe(BRIEF_MS)).toMatchObject({ up: false });
  await target.setCut(false);
  expect(await probe()).toMatchObject({ up: true });
  // What fills the queue is no probe.
  await expect.poll(() => target.probes.length).toBe(2);
});

test('what fills the queue is no probe either where this process stands still meanwhile', async () => {
  const { target, probe, become } = await openTarget('tcp', true);
  let isDone = false;
  const deaf = become({ tcp: 'blackhole' }).finally(() => {
    isDone = true;
  });
  // Longer than the wait for a connection, each time: its end and the connection are noticed in one turn.
  while (!isDone) {
    await setImmediate();
    standStill(300);
  }
  await deaf;
  await become({});
  expect(await probe()).toMatchObject({ up: true });
  await expect.poll(() => target.probes.length).toBe(1);
  // By then the thread has told of every connection.
  await become({ tcp: 'refuse' });
  expect(target.probes).toHaveLength(1);
});

function standStill(milliseconds: number): void {
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, milliseconds);
}
