import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { rename, writeFile } from 'node:fs/promises';
import { createServer as createHttpServer } from 'node:http';
import { createServer, type Server } from 'node:net';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest';
import { z } from 'zod';
import { metricNames } from '../../agent/metrics.ts';
import { freePort } from '../../wire/rig/ports.ts';
import { type RunningPowerDns, startPowerDns } from '../../wire/rig/rig.ts';
import { describeForEachServer } from '../powerdns/for-each-server.ts';
import { folderWith, run, start } from './run.ts';
import { wrongRecords, zoneText } from './zone.ts';

const patient = { timeout: 15_000, interval: 50 };

interface Daemon {
  readonly process: ChildProcess;
  readonly url: string;
  /** Every line that was logged. */
  readonly log: () => readonly z.output<typeof LogLine>[];
}

const LogLine = z.looseObject({
  level: z.enum(['debug', 'info', 'warn', 'error']),
  time: z.iso.datetime(),
  msg: z.string(),
});

/** Starts an agent in `folder` and waits until it answers: by then it also watches its configuration. */
async function startAgent(folder: string, ...args: string[]): Promise<Daemon> {
  const port = await freePort('127.0.0.1');
  const child = start(folder, ['agent', '--listen', `127.0.0.1:${port}`, ...args]);
  let out = '';
  let problems = '';
  child.stdout?.setEncoding('utf8').on('data', (text: string) => {
    out += text;
  });
  child.stderr?.setEncoding('utf8').on('data', (text: string) => {
    problems += text;
  });
  const log = () =>
    out
      .split('\n')
      .slice(0, -1)
      .map((line) => LogLine.parse(JSON.parse(line)));
  await expect.poll(() => problems || log().some(({ msg }) => msg === 'listening'), patient).toBe(true);
  const url = `http://127.0.0.1:${port}`;
  await get(url, '/-/healthy');
  return { process: child, url, log };
}

const State = z.object({
  servers: z.array(
    z.object({
      name: z.string(),
      up: z.boolean().nullable(),
      profile: z.string().nullable(),
      sourceProblem: z.string().nullable(),
      serials: z.record(z.string(), z.number()),
    }),
  ),
  records: z.array(
    z.object({
      name: z.string(),
      verdict: z.string(),
      observed: z.string().nullable(),
      admissible: z.array(z.string()),
    }),
  ),
  checks: z.array(z.object({ target: z.string(), seen: z.string(), serverMayBelieve: z.array(z.string()) })),
  drifts: z.array(z.object({ class: z.string(), name: z.string() })),
});

const Drifts = z.array(z.object({ class: z.string(), resolvedAt: z.string().nullable() }));

const get = async (url: string, path: string) => {
  const response = await fetch(url + path);
  return { status: response.status, text: await response.text() };
};
const state = async ({ url }: Daemon) => State.parse(JSON.parse((await get(url, '/api/v1/state')).text));
/** Also those that are resolved. */
const allDrifts = async ({ url }: Daemon) => Drifts.parse(JSON.parse((await get(url, '/api/v1/drifts')).text));
const metric = async ({ url }: Pick<Daemon, 'url'>, name: string) =>
  (await get(url, '/metrics')).text.split('\n').filter((line) => line.startsWith(name));

async function isGone(child: ChildProcess): Promise<number | null> {
  if (child.exitCode === null) await once(child, 'exit');
  return child.exitCode;
}

const quick = {
  'lua-health-checks-interval': '1',
  'query-cache-ttl': '0',
  'negquery-cache-ttl': '0',
  'cache-ttl': '0',
};

function configText(server: Pick<RunningPowerDns, 'port' | 'apiUrl'>, rest = ''): string {
  return `servers:
  - name: ns1
    address: 127.0.0.1:${server.port}
    source: { api: '${server.apiUrl}', keyFile: key }
crossCheck: { interval: 200ms, timeout: 2s, queriesPerSecond: 500 }
sourceRefresh: 300ms
${rest}`;
}

describeForEachServer(
  'the agent beside a server',
  (binary) => {
    let server: RunningPowerDns;

    beforeAll(async () => {
      server = await startPowerDns({ binary, zones: { 'acme.test': zoneText + wrongRecords }, settings: quick });
    });
    afterAll(() => server?.stop());

    async function agentWith(rest?: string): Promise<Daemon & { folder: string }> {
      const folder = await folderWith({ 'agent.yaml': configText(server, rest), key: `${server.apiKey}\n` });
      return { folder, ...(await startAgent(folder, '--config', 'agent.yaml')) };
    }

    it('runs from the configuration folder alone, becomes ready, and ends with code 0 on SIGTERM', async () => {
      const daemon = await startAgent(await folderWith({}), '--config-dir', server.configDir);
      expect(await get(daemon.url, '/-/healthy')).toEqual({ status: 200, text: 'healthy\n' });
      await expect.poll(async () => (await get(daemon.url, '/-/ready')).status, patient).toBe(200);
      await expect
        .poll(async () => (await state(daemon)).servers, patient)
        .toMatchObject([{ name: 'pdns', up: true, profile: '5.1', sourceProblem: null }]);
      const { records } = await state(daemon);
      expect(
        records
          .filter(({ verdict }) => verdict === 'inconclusive')
          .map(({ name }) => name)
          .sort(),
      ).toEqual(['host.acme.test.', 'loop.acme.test.']);
      daemon.process.kill('SIGTERM');
      expect(await isGone(daemon.process)).toBe(0);
      expect(daemon.log().at(-1)).toMatchObject({ level: 'info', msg: 'stopping' });
      await expect(fetch(daemon.url)).rejects.toThrow();
      expect(server.alive()).toBe(true);
    });

    it('exports every metric that it has, with the labels of the interface', async () => {
      const daemon = await agentWith('clients: [{ name: plain }, { name: eu, subnet: 80.81.82.0/24 }]\n');
      await expect.poll(async () => (await get(daemon.url, '/-/ready')).status, patient).toBe(200);
      const target = 'pdns_shadow_target_up{name="api.acme.test.",type="A",target="127.0.2.1",vantage="local"}';
      await expect.poll(() => metric(daemon, target), patient).toEqual([`${target} 0`]);
      const { text } = await get(daemon.url, '/metrics');
      for (const name of metricNames) expect(text).toContain(`# TYPE ${name} `);
      const labels = new Map(
        [...text.matchAll(/^(pdns_shadow_\w+)\{([^}]*)\} \S+$/gm)].map(([, name = '', list = '']) => [
          name,
          [...list.matchAll(/(\w+)="/g)].map(([, label]) => label),
        ]),
      );
      expect(Object.fromEntries([...labels].filter(([name]) => !name.endsWith('_bucket')))).toMatchObject({
        pdns_shadow_build_info: ['version'],
        pdns_shadow_record_info: ['zone', 'name', 'type', 'profile'],
        pdns_shadow_target_up: ['name', 'type', 'target', 'vantage'],
        pdns_shadow_crosschecks_total: ['server', 'verdict'],
        pdns_shadow_probes_total: ['kind', 'result'],
        pdns_shadow_server_serial: ['server', 'zone'],
        pdns_shadow_source_last_read_successful: ['server'],
        pdns_shadow_source_last_success_timestamp_seconds: ['server'],
        pdns_shadow_source_unread_zones: ['server'],
        pdns_shadow_query_budget_ratio: ['server'],
        pdns_shadow_lint_findings: ['rule', 'severity'],
      });
      expect(text).toContain('pdns_shadow_server_serial{server="ns1",zone="acme.test."} 7\n');
      expect(text).toContain('pdns_shadow_config_last_reload_successful 1\n');
      expect(text).toContain('pdns_shadow_geoip_last_load_successful 1\n');
      expect(text).not.toMatch(/pdns_shadow_[^\n]* NaN/);
    });

    it('explains a record', async () => {
      const daemon = await agentWith();
      await expect.poll(async () => (await get(daemon.url, '/-/ready')).status, patient).toBe(200);
      const explain = async () => {
        const path = '/api/v1/explain?name=any.acme.test&type=a&client=plain&server=ns1';
        const { status, text } = await get(daemon.url, path);
        return { status, explained: JSON.parse(text) };
      };
      await expect.poll(explain, patient).toMatchObject({
        status: 200,
        explained: {
          name: 'any.acme.test.',
          verdict: 'match',
          admissible: ['127.0.2.1', '127.0.2.2'],
          prediction: { outcomes: [{ probabilityExact: '1/2' }, { probabilityExact: '1/2' }] },
        },
      });
    });

    it('takes a new configuration on SIGHUP, POST, and when the file changes', async () => {
      const daemon = await agentWith();
      const clients = async (url = daemon.url) => {
        const records = z
          .array(z.object({ client: z.string() }))
          .parse(JSON.parse((await get(url, '/api/v1/records')).text));
        return [...new Set(records.map(({ client }) => client))].sort();
      };
      await reconfigure(daemon.folder, configText(server, 'clients: [{ name: one }]\n'));
      await expect.poll(() => clients(), patient).toEqual(['one']);
      const reloads = () => daemon.log().filter(({ msg }) => msg === 'configuration reloaded').length;
      await expect.poll(reloads, patient).toBe(1);
      expect(await (await fetch(`${daemon.url}/-/reload`, { method: 'POST' })).text()).toBe('reloaded\n');
      daemon.process.kill('SIGHUP');
      await expect.poll(reloads, patient).toBe(3);
      daemon.process.kill('SIGTERM');
      expect(await isGone(daemon.process)).toBe(0);
    });

    it('keeps the old configuration where the new one is wrong, and shows it', async () => {
      const daemon = await agentWith();
      await reconfigure(daemon.folder, configText(server, 'crosCheck: {}\n'));
      await expect
        .poll(() => metric(daemon, 'pdns_shadow_config_last_reload_successful'), patient)
        .toEqual(['pdns_shadow_config_last_reload_successful 0']);
      const refused = await fetch(`${daemon.url}/-/reload`, { method: 'POST' });
      expect(refused.status).toBe(400);
      expect(await refused.text()).toMatchInlineSnapshot(`
        "agent.yaml:7:1: unknown key 'crosCheck' (E_CONFIG)
          Did you mean 'crossCheck'?
        The old configuration goes on.
        "
      `);
      await expect
        .poll(() => daemon.log().filter(({ level }) => level === 'error'), patient)
        .toMatchObject([
          { code: 'E_CONFIG', message: expect.stringContaining("unknown key 'crosCheck'") },
          { code: 'E_CONFIG' },
        ]);
      await expect.poll(async () => (await get(daemon.url, '/-/ready')).status, patient).toBe(200);
      await reconfigure(daemon.folder, configText(server));
      await expect
        .poll(() => metric(daemon, 'pdns_shadow_config_last_reload_successful'), patient)
        .toEqual(['pdns_shadow_config_last_reload_successful 1']);
    });

    it('goes on while the API is away, and says so', async () => {
      let isAway = false;
      let refused = 0;
      const api = createHttpServer((request, response) => {
        if (isAway) {
          refused++;
          return void request.socket.destroy();
        }
        void fetch(server.apiUrl + request.url, {
          headers: { 'x-api-key': String(request.headers['x-api-key']) },
        }).then(async (answer) => {
          response.writeHead(answer.status, { 'content-type': 'application/json' }).end(await answer.text());
        });
      }).listen(0, '127.0.0.1');
      await once(api, 'listening');
      onTestFinished(() => void api.close());
      const apiUrl = `http://127.0.0.1:${portOf(api)}`;
      const folder = await folderWith({ 'agent.yaml': configText({ port: server.port, apiUrl }), key: server.apiKey });
      const daemon = await startAgent(folder, '--config', 'agent.yaml');
      await expect.poll(async () => (await get(daemon.url, '/-/ready')).status, patient).toBe(200);
      isAway = true;
      await expect
        .poll(async () => (await state(daemon)).servers[0], patient)
        .toMatchObject({ up: true, sourceProblem: expect.stringContaining('E_API_UNREACHABLE') });
      const before = await metric(daemon, 'pdns_shadow_crosschecks_total{server="ns1",verdict="match"}');
      await expect
        .poll(() => metric(daemon, 'pdns_shadow_crosschecks_total{server="ns1",verdict="match"}'), patient)
        .not.toEqual(before);
      // Several readings, each of a few calls.
      await expect.poll(() => refused, patient).toBeGreaterThan(20);
      // Told once, and again only where it fails in another way, too slow instead of cut off.
      const failures = daemon.log().filter(({ msg }) => msg === 'source failed');
      expect(failures).not.toEqual([]);
      for (const [i, failure] of failures.entries()) {
        expect(failure).toMatchObject({ level: 'error', server: 'ns1', code: 'E_API_UNREACHABLE' });
        expect(failure.message).not.toBe(failures[i - 1]?.message);
      }
      isAway = false;
      await expect.poll(async () => (await state(daemon)).servers[0]?.sourceProblem, patient).toBeNull();
      await expect.poll(async () => (await state(daemon)).drifts, patient).toEqual([]);
      // A server too busy to answer is unreachable for a while, which has nothing to do with its API.
      expect((await allDrifts(daemon)).filter((drift) => drift.class !== 'unreachable')).toEqual([]);
    });

    it('opens a drift when the server goes away, and resolves it when it comes back', async () => {
      const daemon = await agentWith();
      await expect.poll(async () => (await state(daemon)).servers[0]?.up, patient).toBe(true);
      server.pause();
      try {
        await expect.poll(async () => (await state(daemon)).drifts, patient).toMatchObject([{ class: 'unreachable' }]);
        expect((await state(daemon)).servers[0]?.up).toBe(false);
        expect(await metric(daemon, 'pdns_shadow_server_up')).toEqual(['pdns_shadow_server_up{server="ns1"} 0']);
      } finally {
        server.resume();
      }
      await expect.poll(async () => (await state(daemon)).drifts, patient).toEqual([]);
      await expect
        .poll(() => metric(daemon, 'pdns_shadow_server_up'), patient)
        .toEqual(['pdns_shadow_server_up{server="ns1"} 1']);
      await expect
        .poll(() => metric(daemon, 'pdns_shadow_drift{'), patient)
        .toEqual(['pdns_shadow_drift{server="ns1",name="",type="",client="",class="unreachable"} 0']);
      // More than one where the server was too busy to answer, besides being stopped.
      const drifts = await allDrifts(daemon);
      expect(drifts).not.toEqual([]);
      for (const drift of drifts) expect(drift).toEqual({ class: 'unreachable', resolvedAt: expect.any(String) });
      expect(daemon.log().map(({ msg }) => msg)).toEqual(
        expect.arrayContaining(['server down', 'drift resolved', 'server up']),
      );
    });
  },
  { lines: ['5.1'] },
);

describe('the agent', () => {
  it('is not ready before its first sweep', async () => {
    // Takes the connection and never answers.
    const api = createServer(() => undefined).listen(0, '127.0.0.1');
    await once(api, 'listening');
    onTestFinished(() => void api.close());
    const apiUrl = `http://127.0.0.1:${portOf(api)}`;
    const folder = await folderWith({ 'agent.yaml': configText({ port: 1, apiUrl }), key: 'key' });
    const daemon = await startAgent(folder, '--config', 'agent.yaml');
    expect(await get(daemon.url, '/-/ready')).toEqual({
      status: 503,
      text: 'not ready: the first sweep over all records is not done on ns1\n',
    });
    expect((await get(daemon.url, '/-/healthy')).status).toBe(200);
    daemon.process.kill('SIGINT');
    expect(await isGone(daemon.process)).toBe(0);
  });

  it('keeps what it has learned where the new configuration says the same, and reads its sources anew', async () => {
    const text =
      'servers: [{ name: ns1, address: "127.0.0.1:1", source: { zoneFiles: [acme.test.zone] } }]\n' +
      'clients: [{ name: eu, subnet: 80.81.82.0/24 }]\ncrossCheck: { interval: 200ms }\nsourceRefresh: 1h\n';
    const folder = await folderWith({ 'acme.test.zone': zoneText, 'agent.yaml': text });
    const daemon = await startAgent(folder, '--config', 'agent.yaml');
    const drifts = async () => JSON.parse((await get(daemon.url, '/api/v1/drifts')).text);
    const reloads = () => daemon.log().filter(({ msg }) => msg === 'configuration reloaded');
    await expect.poll(drifts, patient).toMatchObject([{ class: 'unreachable', resolvedAt: null }]);
    const [{ id, since }] = await drifts();
    await writeFile(join(folder, 'acme.test.zone'), `${zoneText}new 30 IN LUA A "pickrandom({'127.0.2.9'})"\n`);
    await reconfigure(folder, `# comment\n${text}`);
    await expect.poll(reloads, patient).toMatchObject([{ changed: false }]);
    expect(await drifts()).toMatchObject([{ id, since, resolvedAt: null }]);
    await expect
      .poll(async () => (await state(daemon)).records.map(({ name }) => name), patient)
      .toContain('new.acme.test.');
    await reconfigure(folder, text.replace('200ms', '300ms'));
    await expect.poll(reloads, patient).toMatchObject([{ changed: false }, { changed: true }]);
  });

  it('moves where the new configuration listens, and stays where it cannot', async () => {
    const taken = createServer().listen(0, '127.0.0.1');
    await once(taken, 'listening');
    onTestFinished(() => void taken.close());
    const [first, second] = [await freePort('127.0.0.1'), await freePort('127.0.0.1')];
    const textFor = (port: number) =>
      `servers: [{ name: ns1, address: "127.0.0.1:1", source: { zoneFiles: [acme.test.zone] } }]\nlisten: 127.0.0.1:${port}\n`;
    const folder = await folderWith({ 'acme.test.zone': zoneText, 'agent.yaml': textFor(first) });
    start(folder, ['agent', '--config', 'agent.yaml']);
    const health = async (port: number) =>
      fetch(`http://127.0.0.1:${port}/-/healthy`).then(
        ({ status }) => status,
        () => 0,
      );
    await expect.poll(() => health(first), patient).toBe(200);
    await reconfigure(folder, textFor(second));
    await expect.poll(() => health(second), patient).toBe(200);
    await expect.poll(() => health(first), patient).toBe(0);
    await reconfigure(folder, textFor(portOf(taken)));
    const daemon = { url: `http://127.0.0.1:${second}` };
    await expect
      .poll(() => metric(daemon, 'pdns_shadow_config_last_reload_successful'), patient)
      .toEqual(['pdns_shadow_config_last_reload_successful 0']);
  });

  it('says that something else listens on its address, and ends', async () => {
    const other = createServer().listen(0, '127.0.0.1');
    await once(other, 'listening');
    onTestFinished(() => void other.close());
    const listen = `127.0.0.1:${portOf(other)}`;
    const folder = await folderWith({
      'acme.test.zone': zoneText,
      'agent.yaml': `servers: [{ name: ns1, address: "127.0.0.1:1", source: { zoneFiles: [acme.test.zone] } }]\nlisten: ${listen}\n`,
    });
    const { code, stderr } = await run(folder, 'agent', '--config', 'agent.yaml');
    expect(code).toBe(3);
    expect(stderr.replaceAll(listen, 'LISTEN')).toMatchInlineSnapshot(`
      "cannot listen on LISTEN: something else listens there (E_LISTEN)
        Choose another address: listen: ADDRESS:PORT in the configuration, or --listen ADDRESS:PORT.
      "
    `);
  });
});

function portOf(server: Server): number {
  const address = server.address();
  return address !== null && typeof address === 'object' ? address.port : 0;
}

/** Puts a configuration in place whole: a file that is being written may be read in between. */
async function reconfigure(folder: string, text: string): Promise<void> {
  await writeFile(join(folder, 'new.yaml'), text);
  await rename(join(folder, 'new.yaml'), join(folder, 'agent.yaml'));
}
