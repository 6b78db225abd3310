import { readFileSync } from 'node:fs';
import { afterAll, describe, expect, test } from 'vitest';
import { z } from 'zod';
import type { HttpProbeRequest, ProbeResult } from '../simulator/health/probe.ts';
import { startStallMeter } from '../test/soak/stall.ts';
import {
  answers,
  type Behaviour,
  closeListeners,
  type Listener,
  listen,
  nameService,
  redirect,
  response,
} from './fixtures/listeners.ts';
import { realProber } from './prober.ts';

/**
 * HTTP checks recorded from PowerDNS 4.7.3, 4.9.17 and 5.1.5, repeated with this prober: each target is rebuilt from its
 * description, the check's options are turned into a request as that release reads them, and the verdict must be the
 * recorded one. Times are those of the recording.
 */

const Observed = z.object({ state_after_checks: z.enum(['UP', 'DOWN', 'SERVFAIL']) });
const Vector = z.object({
  id: z.string(),
  url: z.string(),
  address: z.string(),
  options: z.string(),
  backend: z.string(),
  observed: z.record(z.string(), Observed),
});
type Vector = z.infer<typeof Vector>;

const { vectors } = z
  .object({ vectors: z.array(Vector) })
  .parse(JSON.parse(readFileSync(new URL('../test/vectors/health-http.json', import.meta.url), 'utf8')));

const RELEASES = ['4.7.3', '4.9.17', '5.1.5'] as const;
type Release = (typeof RELEASES)[number];

/** Decided before a prober is asked: by the reading of options and addresses. */
const NOT_COVERED: Readonly<Record<string, string>> = {
  'opt-httpcode-bad': 'an httpcode that is no number is read by the checker',
  'bl-neg': 'a negative byteslimit is read by the checker',
  'bl-bad': 'a byteslimit that is no number is read by the checker',
  'to-bad': 'a timeout that is no number is read by the checker',
  'to-1-slow1': 'an answer exactly at the timeout: either may win',
  'src-bad': 'SERVFAIL: the record fails before any probe',
  boolopt: 'SERVFAIL: the record fails before any probe',
  tableopt: 'SERVFAIL or an unknown option, read by the checker',
  timeouttable: 'a timeout that is a table is read by the checker',
  'url-empty': 'an empty URL is a TCP check',
  addrport: 'the port in an address is taken off by the checker',
  addrshort: 'the checker gives addresses in canonical form',
};

/** The targets by their description in the recording; `other` is a second target at an address of its own. */
const BACKENDS: Readonly<Record<string, (otherPort: number) => Behaviour>> = {
  '200 body OK': () => answers(response(200, 'OK\n')),
  '200 body OK\\n': () => answers(response(200, 'OK\n')),
  '201': () => answers(response(201)),
  '204': () => answers('HTTP/1.1 204 No Content\r\n\r\n'),
  '206': () => answers(response(206)),
  '301 without Location': () => answers(response(301)),
  '401': () => answers(response(401)),
  '404': () => answers(response(404, 'not found')),
  '500': () => answers(response(500)),
  '503': () => answers(response(503)),
  'accepts, reads the request, never answers': () => ({ on: 'request', act: () => {} }),
  '200 after 1 s': () => late(1000),
  '200 after 3 s': () => late(3000),
  '200 headers at once, body after 3 s': () => late(3000, 'HTTP/1.1 200 OK\r\nContent-Length: 3\r\n\r\n', 'OK\n'),
  'RST right after accept': () => ({ on: 'accept', act: (socket) => socket.resetAndDestroy() }),
  'FIN right after accept': () => ({ on: 'accept', act: (socket) => socket.end() }),
  'non-HTTP text': () => answers('\x16\x03garbage\r\n\r\n'),
  'bare text without status line': () => answers('OK\n'),
  '200 with Content-Length 100 but 5 bytes, then close': () =>
    answers('HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nshort'),
  '200 with 10 MB body': () => answers(TEN_MEGABYTES),
  '10 MB body': () => answers(TEN_MEGABYTES),
  '10 MB body of x': () => answers(TEN_MEGABYTES),
  '200, no length, one byte each 0.2 s for 20 s': trickle,
  trickle,
  '302 Location /ok, always (endless redirect)': () => answers(redirect('/ok')),
  '302 to http://svc.test:15380/ok, always (endless)': endlessToItself,
  '302 to http://svc.test:15380/ok, endless': endlessToItself,
  '302 to same host name, other port (no DNS for that name)': (otherPort) =>
    answers(redirect(`http://svc.test:${otherPort}/`)),
  '302 to http://127.0.0.60:15380/ which answers 200': (otherPort) =>
    answers(redirect(`http://127.0.0.60:${otherPort}/`)),
  '301 to https, same host name, other port': (otherPort) => answers(redirect(`https://svc.test:${otherPort}/`, 301)),
  '302 to ftp URL': () => answers(redirect('ftp://svc.test/')),
  '302 to http://127.0.0.61:15380/ which answers 404': (otherPort) =>
    answers(redirect(`http://127.0.0.60:${otherPort}/missing`)),
};

const TEN_MEGABYTES = response(200, 'x'.repeat(10_000_000));

afterAll(closeListeners);

describe.concurrent('verdicts recorded from PowerDNS', () => {
  test.each(vectors.filter(({ id }) => !(id in NOT_COVERED)).flatMap(eachRelease))(
    '$vector.id on $releases',
    async ({ vector, releases, expected }) => {
      const other = await listen(
        answers((head) => response(head.startsWith('GET /missing') ? 404 : 200)),
        {
          address: '127.0.0.60',
        },
      );
      const behaviour = BACKENDS[vector.backend];
      if (behaviour === undefined) throw new Error(`no target for "${vector.backend}"`);
      const tls = vector.url.startsWith('https:');
      const target = await listen(behaviour(other.port), { address: vector.address, tls });
      const states = await settled(expected, () =>
        Promise.all(releases.map((release) => verdict(request(vector, release, target)))),
      );
      expect(states).toEqual(releases.map(() => expected));
    },
  );
});

test('what is not covered is in the recording', () => {
  const ids = vectors.map(({ id }) => id);
  for (const id of Object.keys(NOT_COVERED)) expect(ids).toContain(id);
  expect(vectors).toHaveLength(80);
});

/** One case for each recorded verdict; a verdict of all releases is tried as the oldest and the newest read it. */
function eachRelease(vector: Vector): { vector: Vector; releases: Release[]; expected: string }[] {
  return Object.entries(vector.observed).flatMap(([key, { state_after_checks: expected }]) => {
    const releases =
      key === 'all' ? RELEASES.filter((release) => release !== '4.9.17') : RELEASES.filter((r) => r === key);
    return expected === 'SERVFAIL' ? [] : [{ vector, releases, expected }];
  });
}

/** The options of the recording (`name='text'` or `name=number`) as `release` reads them. */
function request(vector: Vector, release: Release, target: Listener): HttpProbeRequest {
  const option = (name: string): string | undefined =>
    new RegExp(`\\b${name}='?([^',}]*)`).exec(vector.options)?.[1] ?? undefined;
  const source = option('source');
  return {
    kind: 'http',
    url: vector.url.replace(/15380|15382/, String(target.port)),
    address: vector.address,
    ...(source === undefined ? {} : { source }),
    timeoutMs: Number(option('timeout') ?? 2) * 1000,
    userAgent: option('useragent') ?? 'PowerDNS Authoritative Server',
    headers: vector.id === 'headers' ? { 'X-Test': '1', Host: 'other.example' } : {},
    stringMatch: option('stringmatch') ?? '',
    bytesLimit: release === '4.7.3' ? 0 : Number(option('byteslimit') ?? 0),
    expectedStatus: release === '5.1.5' ? Number(option('httpcode') ?? 200) : 200,
    redirectLimit: release === '4.7.3' ? undefined : 30,
  };
}

const probe = realProber({ version: '0', maxConcurrency: 200, shadowHeader: false, lookup: nameService({}) });
afterAll(() => probe.close());

async function verdict(asked: HttpProbeRequest): Promise<string> {
  const result = await new Promise<ProbeResult>((resolve) => probe(asked, resolve));
  return result.up ? 'UP' : 'DOWN';
}

const STALL_MS = 500;
const ATTEMPTS = 3;

/**
 * Targets and prober share this process. Where it stood still, a timeout may have passed that would not have on a machine
 * with time for it: then, and only then, the question is asked again.
 */
async function settled(expected: string, probeAll: () => Promise<string[]>): Promise<string[]> {
  for (let attempt = 1; ; attempt++) {
    const meter = startStallMeter();
    const states = await probeAll();
    const { togetherMs } = meter.stop();
    if (states.every((state) => state === expected) || togetherMs <= STALL_MS || attempt === ATTEMPTS) return states;
  }
}

function late(delayMs: number, atOnce = '', afterwards = response(200, 'OK\n')): Behaviour {
  return {
    on: 'request',
    act: (socket) => {
      if (atOnce !== '') socket.write(atOnce);
      const timer = setTimeout(() => socket.end(afterwards), delayMs);
      socket.on('close', () => clearTimeout(timer));
    },
  };
}

function trickle(): Behaviour {
  return {
    on: 'request',
    act: (socket) => {
      socket.write('HTTP/1.1 200 OK\r\n\r\n');
      const timer = setInterval(() => socket.write('x'), 200);
      socket.on('close', () => clearInterval(timer));
    },
  };
}

function endlessToItself(): Behaviour {
  return answers((_head, port) => redirect(`http://svc.test:${port}/ok`));
}
