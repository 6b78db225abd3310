/** Pretended targets as the prober sees them that probes like PowerDNS does. */
import { afterEach, expect, test } from 'vitest';
import { MICROS_PER_MILLISECOND } from '../../simulator/clock.ts';
import type { ProbeRequest, ProbeResult } from '../../simulator/health/probe.ts';
import { HEALTHY, type TargetBehaviour } from '../../simulator/world/behaviour.ts';
import { realProber } from '../../wire/prober.ts';
import { freePort } from '../../wire/rig/ports.ts';
import { takeNetwork } from './loopback.ts';
import { PretendedTarget } from './pretended-target.ts';

const TIMEOUT_MS = 400;
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
  const request: ProbeRequest =
    kind === 'tcp'
      ? { kind, address: alias, port: number, timeoutMs: TIMEOUT_MS }
      : {
          kind: 'http',
          url: `${kind}://api.acme.test:${number}/`,
          address: alias,
          timeoutMs: TIMEOUT_MS,
          userAgent: 'test',
          headers: {},
          stringMatch: '',
          bytesLimit: 0,
          expectedStatus: 200,
          redirectLimit: 5,
        };
  const probe = () => new Promise<ProbeResult>((resolve) => prober(request, resolve));
  return { target, probe, become: (change: Partial<TargetBehaviour>) => target.become({ ...HEALTHY, ...change }) };
}

const LATE = { base: 2 * TIMEOUT_MS * MICROS_PER_MILLISECOND, jitter: 0 };

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
  ['answers 503', { httpStatus: 503 }, /503/],
  ['refuses', { tcp: 'refuse' }, /refused/],
  ['resets', { tcp: 'reset' }, /reset|closed|hang up/i],
  ['accepts and says nothing', { tcp: 'accept-only' }, /within/],
  ['swallows packets', { tcp: 'blackhole' }, /within/],
  ['is late', { latency: LATE }, /within/],
  ['has a slow body', { bodyDelay: LATE.base }, /within/],
] as const)('one that %s is down over HTTP, and up again afterwards', async (_, change, reason) => {
  const { probe, become } = await openTarget('http');
  await become(change);
  const result = await probe();
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
  expect(await probe()).toMatchObject({ up: false, reason: expect.stringContaining('within') });
  await become({ tcp: 'refuse' });
  expect(await probe()).toMatchObject({ up: false, reason: expect.stringContaining('refused') });
  await become({});
  await target.setCut(true);
  expect(await probe()).toMatchObject({ up: false });
  await target.setCut(false);
  expect(await probe()).toMatchObject({ up: true });
  // What fills the queue is no probe.
  await expect.poll(() => target.probes.length).toBe(2);
});
