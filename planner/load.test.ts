import { describe, expect, test } from 'vitest';
import { httpCheck, tcpCheck } from '../simulator/health/check.ts';
import { PROFILES } from '../simulator/profile/index.ts';
import { planFor } from './fixtures/plans.ts';
import { DEFAULT_TARGETS } from './fleet.ts';
import { overlapOf } from './overlap.ts';
import { probeBytes } from './traffic.ts';

describe('volleys of several servers at one target', () => {
  const volley = { probes: 10, periodSeconds: 5, lastsSeconds: 0.01 };

  test('all meet when rounds are aligned, and hardly ever otherwise', () => {
    const { worst, expected } = overlapOf([volley, volley, volley]);
    expect(worst).toBe(30);
    expect(expected).toBeGreaterThanOrEqual(10);
    expect(expected).toBeLessThan(11);
  });

  test('meet every time where they last as long as the period', () => {
    expect(overlapOf([volley, { ...volley, lastsSeconds: 5 }]).expected).toBe(20);
  });
});

describe('bytes of a probe', () => {
  const profile = PROFILES['5.1'];
  const bytes = (check: Parameters<typeof probeBytes>[0], state: 'answers' | 'refuses' | 'hangs' = 'answers') =>
    probeBytes(check, state, DEFAULT_TARGETS, profile);

  test('of a port are those of a connection', () => {
    expect(bytes(tcpCheck('192.0.2.1', 443, {}))).toBe(60 + 60 + 4 * 52);
    expect(bytes(tcpCheck('192.0.2.1', 443, {}), 'refuses')).toBe(100);
  });

  test('grow with the request, the answer, TLS and the address', () => {
    const plain = bytes(httpCheck('192.0.2.1', 0, 'http://svc.test/', {}));
    expect(bytes(httpCheck('192.0.2.1', 0, 'http://svc.test/health', {})) - plain).toBe(6);
    expect(bytes(httpCheck('192.0.2.1', 0, 'https://svc.test/', {})) - plain).toBeGreaterThan(DEFAULT_TARGETS.tlsBytes);
    expect(bytes(httpCheck('2001:db8::1', 0, 'http://svc.test/', {})) - plain).toBe(20 * 10);
  });

  test('are none where options refuse the probe', () => {
    expect(bytes(httpCheck('192.0.2.1', 0, 'http://svc.test/', { httpcode: 'ok' }))).toBe(0);
  });
});

test('a target gets the probes of every server, every name and every spelling', () => {
  const { targets, total, servers } = planFor(
    [
      "a A ifurlup('http://svc.test/',{'192.0.2.1','192.0.2.2'})",
      "b A ifurlup('http://svc.test/',{'192.0.2.1'},{timeout=1})",
      "c A ifurlup('http://svc.test/',{'192.0.2.1'})",
    ],
    { line: '4.9', servers: 3 },
  );
  expect(targets.map(({ target, checks, names, probesPerSecond }) => [target, checks, names, probesPerSecond])).toEqual(
    [
      ['192.0.2.1', 2, 3, expect.closeTo(1.2, 6)],
      ['192.0.2.2', 1, 1, expect.closeTo(0.6, 6)],
    ],
  );
  expect(targets[0]?.connectionsAtOnce.worst).toBe(6);
  expect(total.probesPerSecond).toBeCloseTo(1.8, 6);
  expect(servers[0]?.distinctChecks).toBe(3);
});
