import { afterEach, describe, expect, test } from 'vitest';
import type { HttpProbeRequest, ProbeRequest, ProbeResult, Prober } from '../simulator/health/probe.ts';
import { answers, type Behaviour, closeListeners, listen, redirect, response } from './fixtures/listeners.ts';
import { type RealProber, realProber } from './prober.ts';

const probers: RealProber[] = [];

afterEach(async () => {
  await Promise.all(probers.splice(0).map((prober) => prober.close()));
  await closeListeners();
});

function prober(overrides: Partial<Parameters<typeof realProber>[0]> = {}): RealProber {
  const made = realProber({ version: '0.1.0', maxConcurrency: 10, ...overrides });
  probers.push(made);
  return made;
}

function http(port: number, overrides: Partial<HttpProbeRequest> = {}): HttpProbeRequest {
  return {
    kind: 'http',
    url: `http://svc.test:${port}/`,
    address: '127.0.0.1',
    timeoutMs: 10_000,
    userAgent: 'ua',
    headers: {},
    stringMatch: '',
    bytesLimit: 0,
    expectedStatus: 200,
    redirectLimit: 30,
    ...overrides,
  };
}

function once(probe: Prober, request: ProbeRequest): Promise<ProbeResult> {
  return new Promise((resolve) => probe(request, resolve));
}

const silence: Behaviour = { on: 'request', act: () => {} };

test('every kind of request is reported, after the call has returned', async () => {
  const target = await listen(answers(response(200, '7')));
  const probe = prober();
  const requests: ProbeRequest[] = [
    http(target.port),
    { kind: 'tcp', address: '127.0.0.1', port: target.port, timeoutMs: 5000 },
    { kind: 'failing', reason: 'httpcode is not a number' },
  ];
  for (const request of requests) {
    let returned = false;
    const result = await new Promise<ProbeResult>((resolve) => {
      probe(request, (reported) => {
        expect(returned).toBe(true);
        resolve(reported);
      });
      returned = true;
    });
    expect(result).toMatchObject(
      request.kind === 'failing' ? { up: false, reason: 'httpcode is not a number' } : { up: true },
    );
  }
});

test('a probe is reported once, whatever its target does later', async () => {
  const target = await listen({
    on: 'request',
    act: (socket) => {
      socket.write(response(200));
      setTimeout(() => socket.resetAndDestroy(), 20);
    },
  });
  const reports: ProbeResult[] = [];
  const probe = prober();
  await new Promise<void>((resolve) => {
    probe(http(target.port, { timeoutMs: 40 }), (result) => {
      reports.push(result);
      setTimeout(resolve, 100);
    });
  });
  expect(reports).toHaveLength(1);
});

test('targets are told the version, unless the header is turned off', async () => {
  const target = await listen(answers((head) => (head.startsWith('GET /ok') ? response(200) : redirect('/ok'))));
  await once(prober(), http(target.port));
  await once(prober({ shadowHeader: false }), http(target.port));
  const shadows = target.heads.map((head) => /X-Pdns-Shadow: (.*)\r\n/.exec(head)?.[1]);
  expect(shadows).toEqual(['0.1.0', '0.1.0', undefined, undefined]);
});

test('the observer is told kind, result and duration before the report', async () => {
  const target = await listen(answers(response(200)));
  const events: unknown[] = [];
  const probe = prober({
    onProbe: (kind, result, durationSeconds) => {
      expect(durationSeconds).toBeGreaterThanOrEqual(0);
      events.push([kind, result.up]);
    },
  });
  await once(probe, http(target.port));
  events.push('reported');
  await once(probe, { kind: 'failing', reason: 'no' });
  expect(events).toEqual([['http', true], 'reported', ['failing', false]]);
});

describe('concurrency', () => {
  test('never exceeds its bound, and every probe gets its turn', async () => {
    let unanswered = 0;
    let most = 0;
    const target = await listen({
      on: 'request',
      act: (socket) => {
        unanswered++;
        most = Math.max(most, unanswered);
        setTimeout(() => {
          unanswered--;
          socket.end(response(200));
        }, 20);
      },
    });
    const probe = prober({ maxConcurrency: 3 });
    const results = await Promise.all(Array.from({ length: 12 }, () => once(probe, http(target.port))));
    expect(results.every((result) => result.up)).toBe(true);
    expect(target.sources).toHaveLength(12);
    expect(most).toBe(3);
  });

  test('the bound holds exactly while targets stay silent', async () => {
    const target = await listen(silence);
    const probe = prober({ maxConcurrency: 2 });
    const cancels = Array.from({ length: 5 }, () => probe(http(target.port), () => {}));
    await expect.poll(() => target.heads.length).toBe(2);
    expect(target.sources).toHaveLength(2);
    cancels[0]?.cancel();
    await expect.poll(() => target.heads.length).toBe(3);
    expect(target.sources).toHaveLength(3);
  });

  test('waiting for a place does not count against the timeout', async () => {
    const target = await listen({
      on: 'request',
      act: (socket) => setTimeout(() => socket.end(response(200)), 200),
    });
    const probe = prober({ maxConcurrency: 1 });
    // The last of them waits for longer than that, each takes much less.
    const request = http(target.port, { timeoutMs: 5000 });
    const results = await Promise.all(Array.from({ length: 30 }, () => once(probe, request)));
    expect(results.filter(({ up }) => !up)).toEqual([]);
  });
});

describe('cancel', () => {
  test('ends a running probe without a report and frees its place', async () => {
    const silent = await listen(silence);
    const target = await listen(answers(response(200)));
    const probe = prober({ maxConcurrency: 1 });
    const reports: string[] = [];
    const first = probe(http(silent.port, { timeoutMs: 0 }), () => reports.push('cancelled one'));
    const second = once(probe, http(target.port));
    await expect.poll(() => silent.heads.length).toBe(1);
    first.cancel();
    first.cancel();
    expect(await second).toMatchObject({ up: true });
    await expect.poll(() => silent.open.size).toBe(0);
    expect(reports).toEqual([]);
  });

  test('of a waiting probe keeps it off the network', async () => {
    const silent = await listen(silence);
    const target = await listen(answers(response(200)));
    const probe = prober({ maxConcurrency: 1 });
    const first = probe(http(silent.port), () => {});
    const second = probe(http(target.port), () => expect.unreachable());
    const third = once(probe, http(target.port));
    second.cancel();
    first.cancel();
    await third;
    expect(target.sources).toHaveLength(1);
  });

  test('after the report does nothing', async () => {
    const target = await listen(answers(response(200)));
    let reports = 0;
    await new Promise<void>((resolve) => {
      const running = prober()(http(target.port), () => {
        reports++;
        running.cancel();
        resolve();
      });
    });
    expect(reports).toBe(1);
  });
});

describe('close', () => {
  test('ends everything without reports and leaves no connection', async () => {
    const target = await listen(silence);
    const probe = prober({ maxConcurrency: 2 });
    for (let count = 0; count < 5; count++) probe(http(target.port, { timeoutMs: 0 }), () => expect.unreachable());
    await expect.poll(() => target.heads.length).toBe(2);
    await probe.close();
    await expect.poll(() => target.open.size).toBe(0);
    expect(target.sources).toHaveLength(2);
  });

  test('makes later probes fail', async () => {
    const target = await listen(answers(response(200)));
    const probe = prober();
    await probe.close();
    expect(await once(probe, http(target.port))).toEqual({ up: false, reason: 'the prober is closed' });
    expect(target.sources).toEqual([]);
  });
});
