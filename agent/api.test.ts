import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { z } from 'zod';
import { UserError } from '../input/errors.ts';
import { Agent } from './agent.ts';
import { closeApi, serveApi } from './api.ts';
import { parseConfig } from './config.ts';

const zoneText = `$ORIGIN acme.test.
@ 60 IN SOA ns host 1 3600 600 86400 60
ns 60 IN A 127.0.0.1
api 30 IN LUA A "pickrandom({'127.0.0.1', '127.0.0.2'})"
api 30 IN LUA AAAA "pickrandom({'::1'})"
*.apps 30 IN LUA A "pickrandom({'127.0.0.3'})"
near 30 IN LUA A "netmask({'80.0.0.0/8'}) and '127.0.0.1' or '127.0.0.2'"
`;

describe('the HTTP API', () => {
  let folder: string;
  let agent: Agent;
  let api: Awaited<ReturnType<typeof serveApi>>;
  let url: string;
  let reload = async (): Promise<void> => undefined;

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'pdns-shadow-api-'));
    await writeFile(join(folder, 'acme.test.zone'), zoneText);
    const config = parseConfig(
      `servers:
  - { name: ns1, address: '127.0.0.1:1', source: { zoneFiles: ['${folder}/acme.test.zone'] } }
  - { name: ns2, address: '127.0.0.2:1', source: { zoneFiles: ['${folder}/acme.test.zone'] } }
clients: [{ name: plain }, { name: eu, subnet: 80.81.82.0/24 }]
crossCheck: { interval: 100ms }
`,
      'agent.yaml',
    );
    agent = new Agent({ config, version: '1.2.3', onEvent: () => undefined });
    await agent.start();
    api = await serveApi({ address: '127.0.0.1', port: 0 }, { agent: () => agent, reload: () => reload() });
    const address = api.address();
    url = `http://127.0.0.1:${address !== null && typeof address === 'object' ? address.port : 0}`;
    await vi.waitFor(() => expect(agent.isReady).toBe(true), { timeout: 10_000 });
  });

  afterAll(async () => {
    closeApi(api);
    await agent.stop();
    await rm(folder, { recursive: true });
  });

  const get = async (path: string, init?: RequestInit) => {
    const response = await fetch(url + path, init);
    return { status: response.status, headers: response.headers, text: await response.text() };
  };
  const message = async (path: string, init?: RequestInit) => {
    const { status, text } = await get(path, init);
    return { status, ...JSON.parse(text) };
  };

  it('serves one page that loads nothing from elsewhere', async () => {
    const { status, headers, text } = await get('/');
    expect(status).toBe(200);
    expect(headers.get('content-type')).toBe('text/html; charset=utf-8');
    expect(headers.get('content-security-policy')).toContain("default-src 'none'");
    expect(text).not.toMatch(/(?:src|href)="(?!data:|\/api\/)|@import|url\(|https?:/);
    expect(text).not.toContain('innerHTML');
  });

  it('answers HEAD like GET, without the body', async () => {
    const { status, headers, text } = await get('/-/healthy', { method: 'HEAD' });
    expect([status, headers.get('content-length'), text]).toEqual([200, '8', '']);
  });

  it('has the state in JSON, with a drift for each server that is silent', async () => {
    await expect.poll(() => agent.book.open().length, { timeout: 10_000 }).toBe(2);
    const state = await message('/api/v1/state');
    expect(state).toMatchObject({
      status: 200,
      version: '1.2.3',
      servers: [
        { name: 'ns1', up: false },
        { name: 'ns2', up: false },
      ],
    });
    expect(state.records).toHaveLength(16);
    const { text } = await get('/api/v1/drifts');
    const drifts = z.array(z.looseObject({ server: z.string() })).parse(JSON.parse(text));
    // Either may have been found silent first.
    expect(drifts.sort((a, b) => a.server.localeCompare(b.server))).toMatchObject([
      {
        class: 'unreachable',
        server: 'ns1',
        name: '',
        resolvedAt: null,
        message: 'connection refused: nothing listens on that port',
      },
      { class: 'unreachable', server: 'ns2' },
    ]);
  });

  it('says which path was meant, or which there are', async () => {
    expect(await message('/api/v1/sate')).toEqual({
      status: 404,
      code: 'E_NOT_FOUND',
      message: '/api/v1/sate does not exist; did you mean /api/v1/state?',
    });
    const other = await message('/nothing/like/this');
    expect(other.message).toContain('there is /, /metrics, /-/healthy, /-/ready, /-/reload, /api/v1/state');
  });

  it('says which method a path takes', async () => {
    expect(await message('/-/reload')).toEqual({
      status: 405,
      code: 'E_METHOD',
      message: '/-/reload takes POST, not GET',
    });
    const posted = await get('/metrics', { method: 'POST' });
    expect([posted.status, posted.headers.get('allow')]).toEqual([405, 'GET']);
  });

  it.each(['GET // HTTP/1.1', 'GET //:1/ HTTP/1.1', 'GET http://[/ HTTP/1.1', 'GET /%zz HTTP/1.1', 'GET * HTTP/1.1'])(
    'survives the request %s',
    async (line) => {
      const socket = connect({ host: '127.0.0.1', port: Number(new URL(url).port) });
      socket.write(`${line}\r\nHost: x\r\nConnection: close\r\n\r\n`);
      let said = '';
      socket.setEncoding('utf8').on('data', (text: string) => {
        said += text;
      });
      await once(socket, 'close');
      expect(said).toMatch(/^HTTP\/1\.1 40[04] /);
      expect((await get('/-/healthy')).status).toBe(200);
    },
  );

  it('reloads on POST, and says why it does not', async () => {
    expect(await get('/-/reload', { method: 'POST' })).toMatchObject({ status: 200, text: 'reloaded\n' });
    reload = async () => {
      throw new UserError('E_CONFIG', 'it is wrong', { place: { file: 'agent.yaml', line: 3 }, hint: 'Mend it.' });
    };
    expect(await get('/-/reload', { method: 'POST' })).toMatchObject({
      status: 400,
      text: 'agent.yaml:3: it is wrong (E_CONFIG)\n  Mend it.\nThe old configuration goes on.\n',
    });
  });

  describe('/api/v1/explain', () => {
    it('explains the one cross-check that is meant, however its name is written', async () => {
      const one = await message('/api/v1/explain?name=API.acme.test&type=a&server=ns2&client=eu');
      expect(one).toMatchObject({ status: 200, name: 'api.acme.test.', type: 'A', server: 'ns2', client: 'eu' });
      expect(
        one.prediction.outcomes.map(({ probabilityExact }: { probabilityExact: string }) => probabilityExact),
      ).toEqual(['1/2', '1/2']);
    });

    it('says what would change the answer, where one is meant', async () => {
      const one = await message('/api/v1/explain?name=near.acme.test&server=ns2&client=eu');
      expect(one.prediction.outcomes).toMatchObject([{ answers: ['127.0.0.1'] }]);
      expect(one.prediction.changes).toMatchObject([
        { kind: 'clientNetwork', change: "the client's network is ignored", outcomes: [{ answers: ['127.0.0.2'] }] },
      ]);
      const many = JSON.parse((await get('/api/v1/explain?name=near.acme.test.')).text);
      expect(many[0].prediction.changes).toBeNull();
      expect(many[0].note).toContain('add type, server and client');
      expect(one.note).toBeUndefined();
    });

    it('explains all that fit where more than one does', async () => {
      const many = JSON.parse((await get('/api/v1/explain?name=api.acme.test.')).text);
      expect(many).toHaveLength(8);
    });

    it('finds a wildcard by its own name', async () => {
      const found = await message('/api/v1/explain?name=*.apps.acme.test&server=ns1&client=plain');
      expect(found).toMatchObject({ status: 200, name: '*.apps.acme.test.' });
    });

    it.each([
      [
        '',
        400,
        'E_EXPLAIN_NAME',
        'name is missing; write /api/v1/explain?name=api.acme.test&type=A&client=eu&server=ns1',
      ],
      ['nmae=x', 400, 'E_EXPLAIN_PARAMETER', "unknown parameter 'nmae'; did you mean name?"],
      [
        'name=appi.acme.test',
        404,
        'E_EXPLAIN_UNKNOWN',
        "nothing is watched with name 'appi.acme.test'; did you mean api.acme.test.?",
      ],
      [
        'name=api.acme.test&type=TXT',
        404,
        'E_EXPLAIN_UNKNOWN',
        "nothing is watched with type 'TXT'; known here: AAAA, A",
      ],
      [
        'name=api.acme.test&server=ns9',
        404,
        'E_EXPLAIN_UNKNOWN',
        "nothing is watched with server 'ns9'; did you mean ns1?",
      ],
      [
        'name=api.acme.test&client=moon',
        404,
        'E_EXPLAIN_UNKNOWN',
        "nothing is watched with client 'moon'; known here: plain, eu",
      ],
      [
        'name=api.acme.test&at=12:00',
        400,
        'E_EXPLAIN_AT',
        expect.stringContaining('at= needs a history, which this agent does not keep'),
      ],
    ])('refuses %j', async (query, status, code, text) => {
      expect(await message(`/api/v1/explain?${query}`)).toEqual({ status, code, message: text });
    });
  });
});

describe('an address that cannot be had', () => {
  it.each([
    [{ address: '127.0.0.1', port: 0 }, 'something else listens there'],
    [{ address: '192.0.2.1', port: 9953 }, 'this machine does not have that address'],
  ])('is something the machine lacks: %j', async (endpoint, why) => {
    const parts = {
      agent: () => {
        throw new Error('never asked');
      },
      reload: async () => undefined,
    };
    const first = await serveApi({ address: '127.0.0.1', port: 0 }, parts);
    const address = first.address();
    const taken = address !== null && typeof address === 'object' ? address.port : 0;
    const port = endpoint.port || taken;
    const refused = serveApi({ ...endpoint, port }, parts);
    await expect(refused).rejects.toMatchObject({
      code: 'E_LISTEN',
      exitCode: 3,
      message: `cannot listen on ${endpoint.address}:${port}: ${why}`,
    });
    closeApi(first);
  });
});
