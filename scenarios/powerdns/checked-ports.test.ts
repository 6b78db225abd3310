import { expect, test } from 'vitest';
import { checkedPorts, portsInCode } from './checked-ports.ts';

test('ports are those of ifportup, of addresses and of URLs', () => {
  const code = `ifportup(5432, {'192.0.2.1', '192.0.2.2:5433'})
    ifurlup('https://a.test/x', {}) ifurlup("http://b.test:8080", {}) ifurlup('https://c.test/', {})`;
  expect(portsInCode(code)).toEqual({
    tcp: [5432, 5433],
    http: [
      { number: 443, isTls: true },
      { number: 8080, isTls: false },
    ],
  });
});

test('a port that is checked both ways answers requests, and only bare ones go deaf', () => {
  const ports = checkedPorts({ tcp: [80, 5432], http: [{ number: 80, isTls: false }] }, true);
  expect(ports).toEqual([
    { number: 80, isTls: false, isBare: true, canGoDeaf: false },
    { number: 5432, isTls: false, isBare: true, canGoDeaf: true },
  ]);
});
