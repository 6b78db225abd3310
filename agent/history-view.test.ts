import { createSocket, type Socket } from 'node:dgram';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { decode, encode } from 'dns-packet';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { Agent } from './agent.ts';
import { parseConfig } from './config.ts';
import type { AgentEvent } from './events.ts';
import { explain } from './explain.ts';
import { driftsSince } from './history-view.ts';

const ZONE = `$ORIGIN acme.test.
@ 30 IN SOA ns1 root 7 3600 600 86400 30
@ 30 IN NS ns1
api 30 IN LUA A "'192.0.2.1'"
`;
const API = 'name=api.acme.test&type=A';

let folder = '';
let server: Socket;
let answer = '192.0.2.1';
let agent: Agent | undefined;
let events: AgentEvent[] = [];

beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'pdns-shadow-past-'));
  writeFileSync(join(folder, 'acme.test.zone'), ZONE);
  answer = '192.0.2.1';
  server = createSocket('udp4', reply);
  server.bind(0, '127.0.0.1');
  await once(server, 'listening');
});

afterEach(async () => {
  await agent?.stop();
  agent = undefined;
  server.close();
  rmSync(folder, { recursive: true });
});

/** A server that knows one name. */
function reply(question: Buffer, from: AddressInfo): void {
  const { id = 0, questions = [] } = decode(question);
  const [asked] = questions;
  const isApi = asked?.name.toLowerCase() === 'api.acme.test' && asked.type === 'A';
  const soa = {
    mname: 'ns1.acme.test',
    rname: 'root.acme.test',
    serial: 7,
    refresh: 3600,
    retry: 600,
    expire: 86400,
    minimum: 30,
  };
  const answers = isApi
    ? [{ type: 'A' as const, name: asked.name, ttl: 30, data: answer }]
    : [{ type: 'SOA' as const, name: 'acme.test', ttl: 30, data: soa }];
  server.send(encode({ id, type: 'response', flags: 1 << 10, questions, answers }), from.port, from.address);
}

async function startAgent(history: string): Promise<Agent> {
  const text = `
servers:
  - name: ns1
    address: 127.0.0.1:${server.address().port}
    profile: "5.1"
    source: { zoneFiles: [${JSON.stringify(join(folder, 'acme.test.zone'))}] }
crossCheck: { interval: 50ms }
sourceRefresh: 50ms
${history}`;
  events = [];
  agent = new Agent({
    config: parseConfig(text, 'test.yaml'),
    version: 'test',
    onEvent: (event) => events.push(event),
  });
  await agent.start();
  return agent;
}

async function happened(wanted: (event: AgentEvent) => boolean): Promise<void> {
  await expect.poll(() => events.some(wanted), { timeout: 10_000, interval: 10 }).toBe(true);
}

const isAnswered = (text: string) => (event: AgentEvent) => event.kind === 'answer judged' && event.text === text;
const isDrift = (event: AgentEvent) => event.kind === 'drift opened';

describe('an agent with a history', () => {
  it('tells what was answered and possible at a moment, also after it was started anew', async () => {
    const history = `history: { path: ${JSON.stringify(join(folder, 'history.db'))} }`;
    const first = await startAgent(history);
    await happened(isAnswered('192.0.2.1'));
    const rightMs = Date.now();
    answer = '192.0.2.9';
    await happened(isDrift);
    const wrongMs = Date.now();
    await first.stop();
    answer = '192.0.2.1';
    const second = await startAgent(history);
    await happened(isAnswered('192.0.2.1'));

    const at = (ms: number) => explain(second, new URLSearchParams(`${API}&at=${ms / 1000}`));
    expect(at(rightMs)).toMatchObject({
      status: 200,
      value: {
        server: 'ns1',
        client: 'plain',
        verdict: 'match',
        observed: '192.0.2.1',
        admissible: ['192.0.2.1'],
        wasWatched: true,
      },
    });
    expect(at(wrongMs)).toMatchObject({
      status: 200,
      value: {
        verdict: 'outside',
        observed: '192.0.2.9',
        admissible: ['192.0.2.1'],
        drifts: [{ class: 'answer', wasLeftOpen: true }],
        changes: expect.arrayContaining([
          expect.objectContaining({ kind: 'serials', serials: [{ zone: 'acme.test.', serial: 7 }] }),
          expect.objectContaining({ kind: 'answer', text: '192.0.2.9', verdict: 'outside' }),
        ]),
      },
    });
    expect(at(rightMs - 3_600_000)).toMatchObject({
      status: 200,
      value: { verdict: null, observed: null, wasWatched: false },
    });
    expect(at(Date.now() + 3_600_000)).toMatchObject({ status: 400, value: { code: 'E_EXPLAIN_AT' } });
    expect(explain(second, new URLSearchParams(`${API}&at=noon`))).toMatchObject({
      status: 400,
      value: { code: 'E_EXPLAIN_AT' },
    });
    expect(driftsSince(second, rightMs)).toMatchObject([
      { class: 'answer', name: 'api.acme.test.', resolvedAt: null, wasLeftOpen: true },
    ]);
    expect(driftsSince(second, Date.now() + 1000)).toEqual([]);
  });

  it('tells a drift once that it knows of itself as well', async () => {
    const running = await startAgent(`history: { path: ${JSON.stringify(join(folder, 'history.db'))} }`);
    answer = '192.0.2.9';
    await happened(isDrift);
    expect(driftsSince(running, 0)).toHaveLength(1);
  });

  it('goes on without one that cannot be had, and says so once', async () => {
    const running = await startAgent(`history: { path: ${JSON.stringify(join(folder, 'missing', 'history.db'))} }`);
    await happened(isAnswered('192.0.2.1'));
    const failures = events.filter(({ kind }) => kind === 'history failed');
    expect(failures).toMatchObject([{ code: 'E_HISTORY' }]);
    expect(() => explain(running, new URLSearchParams(`${API}&at=1`))).toThrow(
      expect.objectContaining({ code: 'E_HISTORY' }),
    );
    expect(explain(running, new URLSearchParams(API))).toMatchObject({ status: 200 });
  });
});

describe('an agent without a history', () => {
  it('refuses to tell the past, and says what to write', async () => {
    const running = await startAgent('');
    await happened(isAnswered('192.0.2.1'));
    const { status, value } = explain(running, new URLSearchParams(`${API}&at=1`));
    expect({ status, value }).toMatchObject({ status: 400, value: { message: expect.stringContaining('history: {') } });
    expect(driftsSince(running, 0)).toEqual([]);
  });

  it.each([
    ['history: { path: "" }', 'expected the path of a file'],
    ['history: { keep: 7d }', 'history.path'],
    ['history: { path: a.db, keep: 7 }', 'duration with its unit'],
    ['history: { path: a.db, keep: 1s }', 'at least 1m'],
    ['history: { path: a.db, keeps: 7d }', 'keeps'],
  ])('%s is no configuration', async (text, message) => {
    await expect(startAgent(text)).rejects.toThrow(
      expect.objectContaining({ code: 'E_CONFIG', message: expect.stringContaining(message) }),
    );
  });
});
