import { getEventListeners } from 'node:events';
import type { Socket } from 'node:net';
import { afterEach, describe, expect, test } from 'vitest';
import type { HttpProbeRequest } from '../simulator/health/probe.ts';
import {
  answers,
  type Behaviour,
  blackHole,
  closedPort,
  closeListeners,
  listen,
  nameService,
  redirect,
  response,
} from './fixtures/listeners.ts';
import { probeHttp } from './probe-http.ts';

afterEach(closeListeners);

const never = new AbortController().signal;
const lookup = nameService({ 'named.test': '127.0.0.1', 'elsewhere.test': '127.0.0.8' });

function http(url: string, overrides: Partial<HttpProbeRequest> = {}): HttpProbeRequest {
  return {
    kind: 'http',
    url,
    address: '127.0.0.1',
    timeoutMs: 5000,
    userAgent: 'PowerDNS Authoritative Server',
    headers: {},
    stringMatch: '',
    bytesLimit: 0,
    expectedStatus: 200,
    redirectLimit: 30,
    ...overrides,
  };
}

/** Accepts and answers with these bytes whether it was asked or not, then ends. */
function blurts(bytes: string): Behaviour {
  return { on: 'accept', act: (socket) => socket.end(bytes) };
}

function trickles(start: string): Behaviour {
  return {
    on: 'request',
    act: (socket) => {
      socket.write(start);
      const timer = setInterval(() => socket.write('x'), 10);
      socket.on('close', () => clearInterval(timer));
    },
  };
}

const silence: Behaviour = { on: 'request', act: () => {} };
const headersOnly: Behaviour = {
  on: 'request',
  act: (socket) => socket.write('HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\n'),
};
const truncated = 'HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nshort';
const chunkedCut = 'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n';
const big = response(200, 'x'.repeat(10_000_000));
const short = { timeoutMs: 250 };

describe('verdicts', () => {
  test.each<[string, Behaviour, Partial<HttpProbeRequest>, boolean]>([
    ['200', answers(response(200, 'OK\n')), {}, true],
    ['200 without a length, ended by closing', answers('HTTP/1.1 200 OK\r\n\r\nOK'), {}, true],
    ['200 from HTTP/1.0', answers('HTTP/1.0 200 OK\r\n\r\nOK'), {}, true],
    ['200 in chunks', answers(`${chunkedCut}0\r\n\r\n`), {}, true],
    ['200 after early hints', answers(`HTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\n${response(200)}`), {}, true],
    ['200 with 100 kB of headers', answers(response(200, 'OK', [`X-Long: ${'a'.repeat(100_000)}`])), {}, true],
    ['200 with a gzip body that is none', answers(response(200, 'OK', ['Content-Encoding: gzip'])), {}, true],
    ['201', answers(response(201)), {}, false],
    ['204', answers('HTTP/1.1 204 No Content\r\n\r\n'), {}, false],
    ['206', answers(response(206, 'x')), {}, false],
    ['301 without Location', answers(response(301)), {}, false],
    ['302 with an empty Location', answers(redirect('')), {}, false],
    ['401', answers(response(401)), {}, false],
    ['404', answers(response(404)), {}, false],
    ['500', answers(response(500)), {}, false],
    ['503 whose body never comes', answers('HTTP/1.1 503 No\r\nContent-Length: 5\r\n\r\n'), {}, false],
    ['404 where 404 is expected', answers(response(404)), { expectedStatus: 404 }, true],
    ['204 where 204 is expected', answers('HTTP/1.1 204 No Content\r\n\r\n'), { expectedStatus: 204 }, true],
    ['301 without Location where 301 is expected', answers(response(301)), { expectedStatus: 301 }, true],
    ['200 where 404 is expected', answers(response(200)), { expectedStatus: 404 }, false],
    ['no answer', silence, short, false],
    ['headers at once, body too late', headersOnly, short, false],
    ['a trickling body', trickles('HTTP/1.1 200 OK\r\n\r\n'), short, false],
    ['trickling headers', trickles('HTTP/1.1 200 OK\r\nX: '), short, false],
    ['truncated body', answers(truncated), {}, false],
    ['chunked body without its end', answers(chunkedCut), {}, false],
    ['garbage', blurts('\0\x01garbage\r\n\r\n'), {}, false],
    ['HTTP/0.9', answers('just text\n'), {}, false],
    ['headers without an end', answers('HTTP/1.1 200 OK\r\nContent-Le'), {}, false],
    ['reset on accept', { on: 'accept', act: (socket) => socket.resetAndDestroy() }, {}, false],
    ['reset after the request', { on: 'request', act: (socket) => socket.resetAndDestroy() }, {}, false],
    ['immediate close', { on: 'accept', act: (socket) => socket.end() }, {}, false],
    ['close after the request', { on: 'request', act: (socket) => socket.end() }, {}, false],
    ['10 MB body', answers(big), {}, true],
    ['10 MB body, byte limit 10', answers(big), { bytesLimit: 10 }, true],
    ['10 MB body, byte limit 1000, matching text', answers(big), { bytesLimit: 1000, stringMatch: 'xxxx' }, true],
    ['10 MB body, byte limit 1000, other text', answers(big), { bytesLimit: 1000, stringMatch: 'y' }, false],
    [
      'text that the last buffer of the byte limit still holds',
      answers(response(200, `${'x'.repeat(5000)}OK${'x'.repeat(9_000_000)}`)),
      { bytesLimit: 10, stringMatch: 'OK' },
      true,
    ],
    [
      'text far behind the byte limit',
      answers(response(200, `${'x'.repeat(9_000_000)}OK`)),
      { bytesLimit: 10, stringMatch: 'OK' },
      false,
    ],
    ['trickling body, byte limit 3', trickles('HTTP/1.1 200 OK\r\n\r\n'), { bytesLimit: 3 }, true],
    ['truncated body past the byte limit', answers(truncated), { bytesLimit: 3 }, true],
    ['body shorter than the byte limit', answers(response(200, 'OK')), { bytesLimit: 10, stringMatch: 'OK' }, true],
    ['404, byte limit 1', answers(response(404, 'none')), { bytesLimit: 1 }, false],
    ['matching text', answers(response(200, 'OK\n')), { stringMatch: 'OK' }, true],
    ['text in other case', answers(response(200, 'OK\n')), { stringMatch: 'ok' }, false],
    ['text meant as a pattern', answers(response(200, 'OK\n')), { stringMatch: 'O.' }, false],
    ['text wanted of an empty body', answers(response(200)), { stringMatch: 'OK' }, false],
  ])('%s', async (_what, behaviour, overrides, up) => {
    const target = await listen(behaviour);
    const result = await probeHttp(http(`http://svc.test:${target.port}/`, overrides), never);
    expect(result).toMatchObject({ up });
    // A probe's short timeout may pass before its target has run.
    await expect.poll(() => target.sources, { message: 'connections made' }).toHaveLength(1);
  });

  test('a self-signed certificate for another name is up', async () => {
    const target = await listen(answers(response(200)), { tls: true });
    expect(await probeHttp(http(`https://svc.test:${target.port}/`), never)).toMatchObject({ up: true });
  });

  test.each<[string, Behaviour, string]>([
    ['http asked of a TLS port', answers(response(200)), 'http'],
    ['https asked of a plain port', blurts('HTTP/1.1 400 Bad Request\r\n\r\n'), 'https'],
  ])('%s is down', async (_what, behaviour, scheme) => {
    const target = await listen(behaviour, { tls: scheme === 'http' });
    expect(await probeHttp(http(`${scheme}://svc.test:${target.port}/`), never)).toMatchObject({ up: false });
  });

  test('a closed port is down', async () => {
    const port = await closedPort();
    const result = await probeHttp(http(`http://svc.test:${port}/`), never);
    expect(result).toEqual({ up: false, reason: 'connection refused' });
  });

  test('a black hole is down after the timeout, over TLS too', async () => {
    const hole = await blackHole();
    const results = await Promise.all(
      ['http', 'https'].map((scheme) => probeHttp(http(`${scheme}://svc.test:${hole.port}/`, short), never)),
    );
    await hole.close();
    const reason = 'no complete answer within 250 ms';
    expect(results).toEqual([
      { up: false, reason },
      { up: false, reason },
    ]);
  });

  test('a TLS handshake that never comes is down after the timeout', async () => {
    const target = await listen({ on: 'accept', act: () => {} });
    expect(await probeHttp(http(`https://svc.test:${target.port}/`, short), never)).toMatchObject({ up: false });
  });

  test('the reason tells when it is the parser that is stricter than libcurl', async () => {
    for (const bytes of ['HTTP/1.1 200 OK\nContent-Length: 0\n\n', `HTTP/1.1 100 Continue\r\n\r\n${response(200)}`]) {
      const target = await listen(answers(bytes));
      const result = await probeHttp(http(`http://svc.test:${target.port}/`), never);
      expect(result).toMatchObject({ up: false, reason: expect.stringContaining('libcurl may accept it') });
    }
  });
});

describe('number of the body', () => {
  test.each([
    ['80', 80],
    [' 3.9 apples', 3],
    ['-1', -1],
    ['OK', undefined],
    ['99999999999', undefined],
  ])('%j', async (body, bodyNumber) => {
    const target = await listen(answers(response(200, body)));
    const result = await probeHttp(http(`http://svc.test:${target.port}/`), never);
    expect(result).toMatchObject({ up: true });
    expect(result.bodyNumber).toBe(bodyNumber);
  });

  test('a target that is down has none', async () => {
    const target = await listen(answers(response(500, '80')));
    const result = await probeHttp(http(`http://svc.test:${target.port}/`), never);
    expect(result.bodyNumber).toBeUndefined();
  });
});

describe('what the target sees', () => {
  test('exactly the bytes of PowerDNS and one header', async () => {
    const target = await listen(answers(response(200)));
    const url = `http://svc.test:${target.port}/healthz?a=b`;
    await probeHttp(http(url), never, { shadowVersion: '0.1.0' });
    await probeHttp(http(url, { userAgent: 'my agent/1', headers: { 'X-Test': '1', Host: 'other.example' } }), never);
    expect(target.heads).toEqual([
      `GET /healthz?a=b HTTP/1.1\r\nHost: svc.test:${target.port}\r\nUser-Agent: PowerDNS Authoritative Server\r\n` +
        'Accept: */*\r\nX-Pdns-Shadow: 0.1.0\r\n\r\n',
      'GET /healthz?a=b HTTP/1.1\r\nHost: other.example\r\nUser-Agent: my agent/1\r\nAccept: */*\r\nX-Test: 1\r\n\r\n',
    ]);
  });

  test('the same bytes over TLS, and the host of the URL as server name', async () => {
    const target = await listen(answers(response(200)), { tls: true });
    await probeHttp(http(`https://Svc.Test.:${target.port}/`, { headers: { Host: 'other.example' } }), never);
    expect(target.heads).toEqual([
      'GET / HTTP/1.1\r\nHost: other.example\r\nUser-Agent: PowerDNS Authoritative Server\r\nAccept: */*\r\n\r\n',
    ]);
    expect(target.serverNames).toEqual(['svc.test']);
  });

  test('no server name for an address', async () => {
    const target = await listen(answers(response(200)), { tls: true });
    await probeHttp(http(`https://127.0.0.99:${target.port}/`), never);
    expect(target.heads[0]).toContain(`\r\nHost: 127.0.0.99:${target.port}\r\n`);
    expect(target.serverNames).toEqual([false]);
  });

  test('the source address', async () => {
    const target = await listen(answers(response(200)));
    const url = `http://svc.test:${target.port}/`;
    expect(await probeHttp(http(url, { source: '127.0.0.50' }), never)).toMatchObject({ up: true });
    expect(target.sources).toEqual(['127.0.0.50']);
    for (const source of ['::1', 'bogus', '192.0.2.7']) {
      expect(await probeHttp(http(url, { source }), never), source).toMatchObject({ up: false });
    }
    expect(target.sources).toHaveLength(1);
  });

  test('no connection outlives its probe', async () => {
    const target = await listen({ on: 'request', act: (socket) => socket.write(response(200)) });
    const url = `http://svc.test:${target.port}/`;
    for (let count = 0; count < 3; count++) await probeHttp(http(url), never);
    expect(target.sources).toHaveLength(3);
    await expect.poll(() => target.open.size).toBe(0);
  });
});

describe('where the connection goes', () => {
  test('an IPv6 address, for a name and for an IPv4 literal', async () => {
    const target = await listen(answers(response(200)), { address: '::1' });
    for (const host of ['svc.test', 'SVC.TEST', 'svc.test.', '127.0.0.99']) {
      const request = http(`http://${host}:${target.port}/`, { address: '::1' });
      expect(await probeHttp(request, never), host).toMatchObject({ up: true });
    }
  });

  test('without an address the host is resolved', async () => {
    const target = await listen(answers(response(200)));
    const v6 = await listen(answers(response(200)), { address: '::1' });
    const unpinned = async (url: string): Promise<boolean> => {
      const { address: _, ...request } = http(url);
      return (await probeHttp(request, never, { lookup })).up;
    };
    expect(await unpinned(`http://named.test:${target.port}/`)).toBe(true);
    expect(await unpinned(`http://127.0.0.1:${target.port}/`)).toBe(true);
    expect(await unpinned(`http://[::1]:${v6.port}/`)).toBe(true);
    expect(await unpinned(`http://missing.test:${target.port}/`)).toBe(false);
  });

  test('a URL that pins another host than it names is resolved', async () => {
    const target = await listen(answers(response(200)));
    const request = http(`http://127.1:${target.port}/`, { address: '127.0.0.9' });
    expect(await probeHttp(request, never)).toMatchObject({ up: true });
  });

  test.each([
    'http://[::1]:PORT/',
    'http://u@svc.test:PORT/',
    'http://u:p@svc.test:PORT/',
    'svc.test:PORT/',
    'ftp://svc.test:PORT/',
    'http://svc.test:0/',
    'http://svc.test:99999/',
    'http://svc.test:/',
    'http://svc.test:PORT/a b',
    '',
  ])('%j is down without a connection', async (url) => {
    const target = await listen(answers(response(200)));
    const request = http(url.replace('PORT', String(target.port)));
    expect(await probeHttp(request, never, { lookup })).toMatchObject({ up: false });
    expect(target.sources).toEqual([]);
  });
});

describe('redirects', () => {
  const toOk = (location: (port: number) => string, status?: number): Behaviour =>
    answers((head, port) => (head.startsWith('GET /ok') ? response(200, 'OK') : redirect(location(port), status)));

  test.each<[string, (port: number) => string, number | undefined]>([
    ['relative', () => '/ok', undefined],
    ['relative to the path', () => 'ok', 307],
    ['to the same host and port', (port) => `http://svc.test:${port}/ok`, 301],
    ['to the same host in other case', (port) => `http://SVC.test:${port}/ok`, 308],
    ['with any 3xx', () => '/ok', 300],
    ['with blanks', () => '/ok or not?a b', undefined],
  ])('%s are followed to the same address', async (_what, location, status) => {
    const target = await listen(toOk(location, status), { address: '127.0.0.7' });
    const request = http(`http://svc.test:${target.port}/`, { address: '127.0.0.7' });
    expect(await probeHttp(request, never, { lookup })).toMatchObject({ up: true });
    expect(target.heads).toHaveLength(2);
  });

  test('to an address go there, whatever it answers', async () => {
    const other = await listen(
      answers((head) => response(head.startsWith('GET /ok') ? 200 : 404)),
      {
        address: '127.0.0.60',
      },
    );
    for (const [path, up] of [
      ['/ok', true],
      ['/other', false],
    ] as const) {
      const target = await listen(answers(redirect(`http://127.0.0.60:${other.port}${path}`)));
      expect(await probeHttp(http(`http://svc.test:${target.port}/`), never)).toMatchObject({ up });
    }
    expect(other.heads).toHaveLength(2);
    expect(other.heads[0]).toContain(`\r\nHost: 127.0.0.60:${other.port}\r\n`);
  });

  test('to another port or name are resolved as usual', async () => {
    const other = await listen(answers(response(200)), { address: '127.0.0.8' });
    const probeRedirect = async (location: string): Promise<boolean> => {
      const target = await listen(answers(redirect(location)));
      return (await probeHttp(http(`http://svc.test:${target.port}/`), never, { lookup })).up;
    };
    expect(await probeRedirect(`http://elsewhere.test:${other.port}/`)).toBe(true);
    expect(await probeRedirect(`http://svc.test:${other.port}/`)).toBe(false);
    expect(await probeRedirect(`https://elsewhere.test:${other.port}/`)).toBe(false);
    expect(await probeRedirect('ftp://127.0.0.8/')).toBe(false);
    expect(await probeRedirect('http://')).toBe(false);
  });

  test('an endless one makes one request more than the limit', async () => {
    const target = await listen(answers(redirect('/again')));
    const url = `http://svc.test:${target.port}/`;
    const result = await probeHttp(http(url, { redirectLimit: 30 }), never);
    expect(result).toEqual({ up: false, reason: 'more than 30 redirects' });
    expect(target.heads).toHaveLength(31);
    expect(await probeHttp(http(url, { redirectLimit: 0, expectedStatus: 302 }), never)).toMatchObject({ up: false });
  });

  test('an endless one without a limit is followed until the timeout', async () => {
    const followed = async (timeoutMs: number): Promise<number> => {
      const target = await listen(answers(redirect('/again')));
      const request = http(`http://svc.test:${target.port}/`, { redirectLimit: undefined, timeoutMs });
      const result = await probeHttp(request, never);
      expect(result).toEqual({ up: false, reason: `no complete answer within ${timeoutMs} ms` });
      return target.heads.length;
    };
    const soon = await followed(1500);
    // A busy machine does not get so far in so short a time.
    expect(soon > 31 ? soon : await followed(5000)).toBeGreaterThan(31);
  });

  test('the body of a redirect is read before the next request, however it ends', async () => {
    const body = 'HTTP/1.1 302 Found\r\nLocation: /ok\r\nContent-Length: 100\r\n\r\nshort';
    const cut = await listen(answers((head) => (head.startsWith('GET /ok') ? response(200) : body)));
    expect(await probeHttp(http(`http://svc.test:${cut.port}/`), never)).toMatchObject({ up: true });
    const stuck = await listen({ on: 'request', act: (socket) => socket.write(body) });
    const request = http(`http://svc.test:${stuck.port}/`, { timeoutMs: 1500 });
    expect(await probeHttp(request, never)).toMatchObject({ up: false });
    expect(stuck.heads).toHaveLength(1);
  });

  test('the byte limit ends the transfer at the redirect already', async () => {
    const target = await listen(answers(response(302, 'x'.repeat(100), ['Location: /ok'])));
    const request = http(`http://svc.test:${target.port}/`, { bytesLimit: 10 });
    expect(await probeHttp(request, never)).toEqual({ up: false, reason: '302, expected 200' });
    expect(target.heads).toHaveLength(1);
  });
});

describe('cancelling', () => {
  test.each<[string, Behaviour]>([
    ['before the answer', silence],
    ['amid the body', headersOnly],
    ['amid a redirect without end', answers(redirect('/again'))],
  ])('%s closes the connection, even without a timeout', async (_what, behaviour) => {
    const sockets: Socket[] = [];
    const target = await listen({
      on: 'request',
      act: (socket, head, port) => {
        sockets.push(socket);
        if (behaviour.on === 'request') behaviour.act(socket, head, port);
      },
    });
    const cancelling = new AbortController();
    const unlimited = { timeoutMs: 0, redirectLimit: undefined };
    const probing = probeHttp(http(`http://svc.test:${target.port}/`, unlimited), cancelling.signal);
    await expect.poll(() => sockets.length).toBeGreaterThan(0);
    cancelling.abort();
    expect(await probing).toMatchObject({ up: false, reason: 'cancelled' });
    await expect.poll(() => target.open.size).toBe(0);
    expect(getEventListeners(cancelling.signal, 'abort')).toEqual([]);
  });

  test('before the start makes no connection', async () => {
    const target = await listen(answers(response(200)));
    await probeHttp(http(`http://svc.test:${target.port}/`), AbortSignal.abort());
    expect(target.sources).toEqual([]);
  });
});
