import { describe, expect, test } from 'vitest';
import { headProblem, probeHead } from './probe-head.ts';
import { type ProbeUrl, parseProbeUrl } from './probe-url.ts';

const plain = { userAgent: 'PowerDNS Authoritative Server', headers: {} };

test('a plain probe is what libcurl writes, and the shadow header', () => {
  const url = urlOf('http://svc.test/healthz?x=1');
  expect(probeHead(plain, { url, first: url }, '1.2.3')).toBe(
    'GET /healthz?x=1 HTTP/1.1\r\nHost: svc.test\r\nUser-Agent: PowerDNS Authoritative Server\r\nAccept: */*\r\n' +
      'X-Pdns-Shadow: 1.2.3\r\n\r\n',
  );
  expect(probeHead(plain, { url, first: url }, undefined)).not.toContain('Shadow');
});

describe('configured headers', () => {
  const headers = { Host: 'other.example', accept: 'text/x', Authorization: 'secret', 'X-Test': '1', 'X-Empty': '' };
  const first = urlOf('http://svc.test:81/');

  test('replace those of the same name; empty ones are not sent', () => {
    expect(probeHead({ userAgent: 'ua', headers }, { url: first, first }, undefined)).toBe(
      'GET / HTTP/1.1\r\nHost: other.example\r\nUser-Agent: ua\r\naccept: text/x\r\nAuthorization: secret\r\n' +
        'X-Test: 1\r\n\r\n',
    );
  });

  test('after a redirect Host stays with its host name and Authorization with its origin', () => {
    const otherPort = { url: urlOf('http://svc.test:82/'), first };
    expect(probeHead({ userAgent: 'ua', headers }, otherPort, undefined)).toBe(
      'GET / HTTP/1.1\r\nHost: other.example\r\nUser-Agent: ua\r\naccept: text/x\r\nX-Test: 1\r\n\r\n',
    );
    const otherHost = { url: urlOf('http://other.test:81/'), first };
    expect(probeHead({ userAgent: 'ua', headers }, otherHost, undefined)).toBe(
      'GET / HTTP/1.1\r\nHost: other.test:81\r\nUser-Agent: ua\r\naccept: text/x\r\nX-Test: 1\r\n\r\n',
    );
  });

  test('can take User-Agent and Accept away', () => {
    const request = { userAgent: 'ua', headers: { 'User-Agent': '', Accept: ' ' } };
    expect(probeHead(request, { url: first, first }, undefined)).toBe('GET / HTTP/1.1\r\nHost: svc.test:81\r\n\r\n');
    expect(probeHead({ userAgent: '', headers: {} }, { url: first, first }, undefined)).not.toContain('User-Agent');
  });

  test('with a line break are refused', () => {
    expect(headProblem({ userAgent: 'ua', headers: { 'X-A': '1\r\nX-B: 2' } })).toBeDefined();
    expect(headProblem({ userAgent: 'ua\n', headers: {} })).toBeDefined();
    expect(headProblem({ userAgent: 'ua', headers })).toBeUndefined();
  });
});

test('user info becomes basic credentials', () => {
  const url = urlOf('http://u:p%40@svc.test/');
  expect(probeHead(plain, { url, first: url }, undefined)).toContain('\r\nAuthorization: Basic dTpwQA==\r\n');
});

function urlOf(text: string): ProbeUrl {
  const parsed = parseProbeUrl(text);
  if (parsed.kind !== 'url') throw new Error(parsed.reason);
  return parsed.url;
}
