import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { z } from 'zod';
import { PROFILES } from '../profile/index.ts';
import { atoi, stoi } from './c-number.ts';
import {
  type CheckOptions,
  commonIntervalSeconds,
  externalCheck,
  httpCheck,
  ownIntervalSeconds,
  probeRequest,
  tcpCheck,
  timeoutSeconds,
} from './check.ts';

const URL_TEXT = 'http://svc.test:15380/';
const A = '192.0.2.1';

describe('the identity of a check', () => {
  const plain = httpCheck(A, 0, URL_TEXT, {});

  test.each([
    ['selector', { selector: 'all' }],
    ['backupSelector', { backupSelector: 'all' }],
    ['an option that means nothing', { foo: 'x' }],
    ['timeout at its default', { timeout: '2' }],
  ])('an option makes another check: %s', (_name, options: CheckOptions) => {
    expect(httpCheck(A, 0, URL_TEXT, options).id).not.toBe(plain.id);
  });

  test('the order of options does not matter', () => {
    expect(httpCheck(A, 0, URL_TEXT, { a: '1', b: '2' }).id).toBe(httpCheck(A, 0, URL_TEXT, { b: '2', a: '1' }).id);
  });

  test('a port behind the address makes another check', () => {
    expect(httpCheck(A, 1, URL_TEXT, {}).id).not.toBe(plain.id);
  });

  test('the case of the host name makes another check', () => {
    expect(httpCheck(A, 0, 'http://SVC.test:15380/', {}).id).not.toBe(plain.id);
  });

  test('ifurlextup checks the URL alone', () => {
    expect(externalCheck(URL_TEXT, {}).id).not.toBe(plain.id);
    expect(externalCheck(URL_TEXT, {}).target).toBe('');
  });

  test('a text value cannot pass for an option of another name', () => {
    const one = httpCheck(A, 0, URL_TEXT, { a: '1","b":"2' });
    const two = httpCheck(A, 0, URL_TEXT, { a: '1', b: '2' });
    expect(one.id).not.toBe(two.id);
  });

  test('an empty URL is a TCP check of the address’s port', () => {
    expect(httpCheck(A, 80, '', {}).id).toBe(tcpCheck(A, 80, {}).id);
  });

  test('is readable', () => {
    expect(tcpCheck('2001:db8::1', 443, { timeout: '1' }).id).toBe('tcp [2001:db8::1]:443 {"timeout":"1"}');
    expect(plain.id).toBe('http 192.0.2.1 http://svc.test:15380/');
  });

  test('vector: checks/s at one backend after adding records (interval 1), cumulative', () => {
    const id = 'checks/s at one backend after adding records (interval 1), cumulative';
    const Vectors = z.object({ vectors: z.array(z.object({ id: z.string(), observed: z.unknown() })) });
    const text = readFileSync(new URL('../../test/vectors/health-timing.json', import.meta.url), 'utf8');
    const vector = Vectors.parse(JSON.parse(text)).vectors.find((each) => each.id === id);
    const { all } = z.object({ all: z.array(z.tuple([z.string(), z.number()])) }).parse(vector?.observed);
    const added: Readonly<Record<string, string>> = {
      'ifurlup(U,{A})': plain.id,
      'ifurlup(U,{{A}})': plain.id,
      'ifurlup(U,{A},{})': httpCheck(A, 0, URL_TEXT, {}).id,
      'A written in another notation': plain.id,
      "{selector='all'}": httpCheck(A, 0, URL_TEXT, { selector: 'all' }).id,
      "{backupSelector='all'}": httpCheck(A, 0, URL_TEXT, { backupSelector: 'all' }).id,
      "{foo='x'}": httpCheck(A, 0, URL_TEXT, { foo: 'x' }).id,
      "{timeout='2'}": httpCheck(A, 0, URL_TEXT, { timeout: '2' }).id,
      '{timeout=2}': httpCheck(A, 0, URL_TEXT, { timeout: '2' }).id,
      'A:1 (port in address)': httpCheck(A, 1, URL_TEXT, {}).id,
      'host name in other case': httpCheck(A, 0, 'http://SVC.test:15380/', {}).id,
      'ifurlextup {ip1=url}': externalCheck(URL_TEXT, {}).id,
      'ifurlextup {ip2=same url}': externalCheck(URL_TEXT, {}).id,
    };
    const checks = new Set<string>();
    const counted = all.map(([record]) => [record, checks.add(added[record] ?? '').size]);
    expect(counted).toEqual(all);
  });
});

test.each([
  ['2', 2],
  [' 3x', 3],
  ['-4', -4],
  ['+5', 5],
  ['0.5', 0],
  ['abc', 0],
  ['', 0],
])('atoi reads %j as %i', (text, number) => {
  expect(atoi(text)).toBe(number);
});

test.each([
  ['7 apples', 7],
  ['3.9', 3],
  ['0x10', 0],
  ['\t\n12', 12],
  ['2147483647', 2147483647],
  ['2147483648', undefined],
  ['-2147483649', undefined],
  ['abc', undefined],
  ['', undefined],
])('stoi reads %j as %s', (text, number) => {
  expect(stoi(text)).toBe(number);
});

describe('interval', () => {
  test.each([
    ['7', 7],
    ['0', undefined],
    ['often', undefined],
  ])('%j asks for %s seconds from 5.0', (interval, seconds) => {
    expect(ownIntervalSeconds(tcpCheck(A, 80, { interval }), PROFILES['5.0'])).toBe(seconds);
  });

  test('is ignored up to 4.9', () => {
    expect(ownIntervalSeconds(tcpCheck(A, 80, { interval: '7' }), PROFILES['4.9'])).toBeUndefined();
  });

  test.each([
    [5, 7, 1],
    [6, 4, 2],
    [5, 5, 5],
    [5, -10, 5],
    [5, -3, 1],
  ])('the common divisor of %i and %i is %i', (a, b, divisor) => {
    expect(commonIntervalSeconds(a, b)).toBe(divisor);
  });
});

describe('the timeout of a check', () => {
  test('is 2 seconds by default', () => {
    expect(timeoutSeconds(tcpCheck(A, 80, {}))).toBe(2);
  });

  test('of 0 lets an HTTP probe hang for ever and a TCP probe not wait at all', () => {
    expect(timeoutSeconds(httpCheck(A, 0, URL_TEXT, { timeout: '0.5' }))).toBeUndefined();
    expect(timeoutSeconds(tcpCheck(A, 80, { timeout: 'abc' }))).toBe(0);
  });
});

describe('what a probe does', () => {
  const http = (options: CheckOptions) => httpCheck(A, 0, URL_TEXT, options);

  test('TCP: address, port, source, timeout', () => {
    expect(probeRequest(tcpCheck(A, 80, { source: '192.0.2.9', timeout: '1' }), PROFILES['5.1'])).toEqual({
      kind: 'tcp',
      address: A,
      port: 80,
      source: '192.0.2.9',
      timeoutMs: 1000,
    });
  });

  test('HTTP with nothing said', () => {
    expect(probeRequest(http({}), PROFILES['4.9'])).toEqual({
      kind: 'http',
      url: URL_TEXT,
      address: A,
      timeoutMs: 2000,
      userAgent: 'PowerDNS Authoritative Server',
      headers: {},
      stringMatch: '',
      bytesLimit: 0,
      expectedStatus: 200,
      redirectLimit: 30,
    });
  });

  test('ifurlextup leaves the address to the name service', () => {
    expect(probeRequest(externalCheck(URL_TEXT, {}), PROFILES['5.1'])).not.toHaveProperty('address');
  });

  test('httpcode counts from 5.0, and one that is no number fails without a probe', () => {
    expect(probeRequest(http({ httpcode: '204' }), PROFILES['4.9'])).toMatchObject({ expectedStatus: 200 });
    expect(probeRequest(http({ httpcode: '204' }), PROFILES['5.0'])).toMatchObject({ expectedStatus: 204 });
    expect(probeRequest(http({ httpcode: 'ok' }), PROFILES['5.1'])).toMatchObject({ kind: 'failing' });
  });

  test.each([
    ['4.7', '10', { bytesLimit: 0 }],
    ['4.8', '10', { bytesLimit: 10 }],
    ['5.0', 'ten', { bytesLimit: 0 }],
    ['5.1', 'ten', { kind: 'failing' }],
    ['5.1', '10 bytes', { bytesLimit: 10 }],
  ] as const)('byteslimit in %s: %j', (line, byteslimit, request) => {
    expect(probeRequest(http({ byteslimit }), PROFILES[line])).toMatchObject(request);
  });

  test('headers are a table from 5.1, and underscores in their names become hyphens', () => {
    const check = http({ headers: { X_Api_Key: 'a_b' } });
    expect(probeRequest(check, PROFILES['5.1'])).toMatchObject({ headers: { 'X-Api-Key': 'a_b' } });
    expect(probeRequest(check, PROFILES['5.0'])).toMatchObject({ headers: {} });
  });
});
