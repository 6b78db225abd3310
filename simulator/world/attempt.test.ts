import { describe, expect, test } from 'vitest';
import { sampler, seededUint32 } from '../chooser.ts';
import { MICROS_PER_SECOND, type Micros } from '../clock.ts';
import type { HttpProbeRequest, ProbeRequest, TcpProbeRequest } from '../health/probe.ts';
import { VirtualClock } from '../virtual-clock.ts';
import { HEALTHY, type TargetBehaviour } from './behaviour.ts';
import { WorldNetwork } from './network.ts';

const ADDRESS = '192.0.2.10';
const MS = 1000;

const http: HttpProbeRequest = {
  kind: 'http',
  url: 'https://api.acme.test/healthz',
  address: ADDRESS,
  timeoutMs: 2000,
  userAgent: 'test',
  headers: {},
  stringMatch: '',
  bytesLimit: 0,
  expectedStatus: 200,
  redirectLimit: undefined,
};
const tcp: TcpProbeRequest = { kind: 'tcp', address: ADDRESS, port: 443, timeoutMs: 2000 };
const UP_AFTER_5 = { latency: { base: 5 * MS, jitter: 0 } };

interface Told {
  readonly up: boolean;
  readonly seconds: number;
  readonly reason: string;
  readonly bodyNumber?: number;
}

/** The result of one probe at 0; `changes` happen to the target meanwhile. Undefined: none within two minutes. */
function probe(
  request: ProbeRequest,
  behaviour: Partial<TargetBehaviour>,
  changes: readonly { at: Micros; behaviour: Partial<TargetBehaviour> }[] = [],
  prepare: (network: WorldNetwork) => void = () => {},
): Told | undefined {
  const clock = new VirtualClock();
  const network = new WorldNetwork(clock, sampler(seededUint32(1)));
  network.add('fsn', ADDRESS, 'there', { ...HEALTHY, ...behaviour });
  prepare(network);
  for (const change of changes) {
    clock.at(change.at, () => network.setBehaviour(ADDRESS, { ...HEALTHY, ...change.behaviour }));
  }
  const told: Told[] = [];
  network.prober('here')(request, ({ up, reason, bodyNumber }) => {
    const seconds = clock.now() / MICROS_PER_SECOND;
    told.push({ up, seconds, reason, ...(bodyNumber === undefined ? {} : { bodyNumber }) });
  });
  clock.run(130 * MICROS_PER_SECOND);
  expect(told.length).toBeLessThanOrEqual(1);
  return told[0];
}

describe('an HTTP probe', () => {
  test('of a healthy target is up after its latency', () => {
    expect(probe(http, UP_AFTER_5)).toMatchObject({ up: true, seconds: 0.005, reason: '200 in 5 ms' });
  });

  test.each([
    ['a status other than the expected', { httpStatus: 503 }, 0, '503, expected 200'],
    ['a refused connection', { tcp: 'refuse' }, 0, 'connection refused'],
    ['a reset connection', { tcp: 'reset' }, 0, 'connection reset'],
    ['a failed handshake', { tls: 'fails' }, 0, 'the TLS handshake failed'],
    ['silence after the connection', { tcp: 'accept-only' }, 2, 'no complete answer within 2000 ms'],
    ['vanishing packets', { tcp: 'blackhole' }, 2, 'no complete answer within 2000 ms'],
    [
      'an answer that takes too long',
      { latency: { base: 2_500_000, jitter: 0 } },
      2,
      'no complete answer within 2000 ms',
    ],
    ['a body that takes too long', { bodyDelay: 2_500_000 }, 2, 'no complete answer within 2000 ms'],
    [
      'an answer in the last moment',
      { latency: { base: 2_000_000, jitter: 0 } },
      2,
      'no complete answer within 2000 ms',
    ],
  ] as const)('is down by %s', (_, behaviour, seconds, reason) => {
    expect(probe(http, behaviour)).toMatchObject({ up: false, seconds, reason });
  });

  test('asks for the text and reads the number of the body', () => {
    expect(probe({ ...http, stringMatch: 'fine' }, { httpBody: 'all is fine' })?.up).toBe(true);
    expect(probe({ ...http, stringMatch: 'fine' }, { httpBody: 'nothing' })?.up).toBe(false);
    expect(probe(http, { httpBody: '42 apples' })?.bodyNumber).toBe(42);
  });

  test('without TLS does not mind a failing handshake', () => {
    expect(probe({ ...http, url: 'http://api.acme.test/' }, { tls: 'fails' })?.up).toBe(true);
  });

  test('gets through when its packet is sent again after the target came back', () => {
    const back = [{ at: 400 * MS, behaviour: UP_AFTER_5 }];
    expect(probe(http, { tcp: 'blackhole' }, back)).toMatchObject({ up: true, seconds: 1.005 });
  });

  test('is cut off when the target that was to answer goes away', () => {
    const gone = [{ at: 700 * MS, behaviour: { tcp: 'refuse' } as const }];
    expect(probe(http, { tcp: 'accept-only' }, gone)).toMatchObject({ seconds: 0.7, reason: 'connection reset' });
  });

  test('waits for an answer that got lost until its timeout, and for ever without one', () => {
    const lost = [{ at: 100 * MS, behaviour: { tcp: 'blackhole' } as const }];
    const slow = { latency: { base: 500 * MS, jitter: 0 } };
    expect(probe(http, slow, lost)).toMatchObject({ up: false, seconds: 2 });
    expect(probe({ ...http, timeoutMs: 0 }, slow, lost)).toBeUndefined();
  });

  test('without a timeout gives up a connection when the kernel does', () => {
    const untimed = { ...http, timeoutMs: 0 };
    expect(probe(untimed, { tcp: 'blackhole' })).toMatchObject({ up: false, seconds: 127 });
  });

  test('that is not pinned goes to the target that its host names, or to nobody', () => {
    const { address: _, ...unpinned } = http;
    expect(probe({ ...unpinned, url: 'http://fsn/' }, {})?.up).toBe(true);
    expect(probe({ ...unpinned, url: `http://${ADDRESS}:8080/` }, {})?.up).toBe(true);
    expect(probe({ ...unpinned, url: 'http://elsewhere/' }, {})).toMatchObject({ up: false, seconds: 2 });
  });
});

describe('a TCP probe', () => {
  test.each([
    ['a healthy target', {}, true, 0],
    ['a target that accepts and is silent', { tcp: 'accept-only' }, true, 0],
    ['a target that answers 503', { httpStatus: 503 }, true, 0],
    ['a target that resets what it has accepted', { tcp: 'reset' }, true, 0],
    ['a closed port', { tcp: 'refuse' }, false, 0],
    ['vanishing packets', { tcp: 'blackhole' }, false, 2],
  ] as const)('of %s', (_, behaviour, up, seconds) => {
    expect(probe(tcp, behaviour)).toMatchObject({ up, seconds });
  });

  test('with a timeout of 0 is up without waiting, whatever is there', () => {
    expect(probe({ ...tcp, timeoutMs: 0 }, { tcp: 'blackhole' })).toMatchObject({ up: true, seconds: 0 });
  });
});

describe('between vantages', () => {
  test('a cut makes packets vanish in the direction that is cut', () => {
    expect(probe(tcp, {}, [], (network) => network.setReach('here', 'there', false))?.up).toBe(false);
    expect(probe(tcp, {}, [], (network) => network.setReach('there', 'here', false))?.up).toBe(true);
  });

  test('lost packets are sent again after 1 and 3 seconds', () => {
    const patient = { ...tcp, timeoutMs: 10_000 };
    const seconds = new Set<number | undefined>();
    for (let seed = 0; seed < 60; seed++) {
      const clock = new VirtualClock();
      const network = new WorldNetwork(clock, sampler(seededUint32(seed)));
      network.add('fsn', ADDRESS, undefined, { ...HEALTHY, loss: 0.5 });
      network.prober('here')(patient, () => seconds.add(clock.now() / MICROS_PER_SECOND));
      clock.run(20 * MICROS_PER_SECOND);
    }
    expect([...seconds].sort()).toEqual([0, 1, 10, 3, 7]);
  });
});
