import { mkdir, mkdtemp, rename, rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { writeDatabase } from '../geoip/writer.ts';
import { Agent } from './agent.ts';
import { apiSource } from './api-source.ts';
import { parseConfig } from './config.ts';
import type { AgentEvent } from './events.ts';
import { publishMetrics } from './publish.ts';
import { stateView } from './view.ts';

const zoneText = '$ORIGIN acme.test.\n@ 60 IN SOA ns host 1 3600 600 86400 60\nns 60 IN A 127.0.0.1\n';
const patient = { timeout: 10_000 };

let folder: string;
const cleanUp: (() => unknown)[] = [];
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'source-health-'));
});
afterEach(async () => {
  for (const action of cleanUp.splice(0).reverse()) await action();
  await rm(folder, { recursive: true });
});

/** Watches a server that is not there. */
async function agentWith(source: string, rest = ''): Promise<{ agent: Agent; events: AgentEvent[] }> {
  const text = `servers: [{ name: ns1, address: '127.0.0.1:1', source: ${source} }]\nsourceRefresh: 100ms\n${rest}`;
  const events: AgentEvent[] = [];
  const config = parseConfig(text, 'agent.yaml');
  const agent = new Agent({ config, version: '1.2.3', onEvent: (event) => events.push(event) });
  await agent.start();
  cleanUp.push(() => agent.stop());
  return { agent, events };
}

async function gauges(agent: Agent): Promise<Record<string, number>> {
  publishMetrics(agent);
  const lines = (await agent.metrics.text()).matchAll(/^pdns_shadow_((?:source|geoip)_\w+)\S* (\S+)$/gm);
  return Object.fromEntries(Array.from(lines, ([, name, value]) => [name, Number(value)]));
}

async function directoryWith(zones: Readonly<Record<string, string | undefined>>): Promise<string> {
  const directory = join(folder, 'powerdns');
  await mkdir(directory);
  for (const [zone, text] of Object.entries(zones))
    if (text !== undefined) await writeFile(join(directory, zone), text);
  const named = Object.keys(zones).map((zone) => `zone "${zone}" { type master; file "${directory}/${zone}"; };\n`);
  await writeFile(join(directory, 'named.conf'), named.join(''));
  await writeFile(join(directory, 'pdns.conf'), `launch=bind\nbind-config=${directory}/named.conf\n`);
  return directory;
}

it('a source that cannot be read shows in a gauge, from the first reading to the first good one', async () => {
  const file = join(folder, 'acme.test.zone');
  const { agent } = await agentWith(`{ zoneFiles: ['${file}'] }`);
  expect(await gauges(agent)).toEqual({ geoip_last_load_successful: 1 });
  await expect
    .poll(() => gauges(agent), patient)
    .toEqual({
      geoip_last_load_successful: 1,
      source_last_read_successful: 0,
    });
  const startedSeconds = Date.now() / 1000;
  await writeFile(`${file}.new`, zoneText);
  await rename(`${file}.new`, file);
  await expect
    .poll(() => gauges(agent), patient)
    .toMatchObject({
      source_last_read_successful: 1,
      source_unread_zones: 0,
    });
  const { source_last_success_timestamp_seconds: lastSuccess } = await gauges(agent);
  expect(lastSuccess).toBeGreaterThan(startedSeconds - 1);
  await rm(file);
  await expect.poll(() => gauges(agent), patient).toMatchObject({ source_last_read_successful: 0 });
  // The last good reading is still in use.
  expect(stateView(agent).servers[0]).toMatchObject({ zones: ['acme.test.'], sourceReadAt: expect.any(String) });
});

it('zones that could not be read, while others could, are named', async () => {
  const { agent } = await agentWith(
    `{ configDir: '${await directoryWith({ 'acme.test': zoneText, 'gone.test': undefined })}' }`,
  );
  await expect
    .poll(() => gauges(agent), patient)
    .toMatchObject({
      source_last_read_successful: 1,
      source_unread_zones: 1,
    });
  expect(stateView(agent).servers[0]).toMatchObject({
    sourceProblem: null,
    zones: ['acme.test.'],
    unreadZones: [{ zone: 'gone.test.', problem: expect.stringContaining('E_ZONE_FILE') }],
  });
});

it('a source without a zone is warned of', async () => {
  const directory = await directoryWith({});
  const { agent } = await agentWith(`{ configDir: '${directory}' }`);
  await expect
    .poll(() => stateView(agent).servers[0]?.warnings, patient)
    .toEqual([`the configuration in ${directory} has no zone to watch`]);
});

it('a zone that is asked for by name, and which the API does not have, is named', async () => {
  const there = { id: 'acme.test.', name: 'acme.test.', kind: 'Native', serial: 1, edited_serial: 1 };
  const answers: Record<string, unknown> = {
    '': { version: '5.1.5', daemon_type: 'authoritative', id: 'localhost' },
    '/config': [],
    '/statistics': [],
    '/zones': [there],
    '/zones/acme.test.': { ...there, rrsets: [] },
  };
  const api = createServer((request, response) => {
    const path = (request.url ?? '').replace('/api/v1/servers/localhost', '').split('?')[0] ?? '';
    response.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify(answers[path]));
  });
  await new Promise<void>((resolve) => api.listen(0, '127.0.0.1', resolve));
  cleanUp.push(() => api.close());
  const address = api.address();
  const url = `http://127.0.0.1:${address !== null && typeof address === 'object' ? address.port : 0}`;
  const source = apiSource(url, async () => 'key', 'key', ['ACME.test', 'gone.test']);
  const { zones, unreadZones, warnings } = await source.read(true, new AbortController().signal);
  expect(zones.map(({ name }) => name)).toEqual(['acme.test.']);
  const problem = `the API at ${url} has no zone gone.test`;
  expect([unreadZones, warnings]).toEqual([[{ zone: 'gone.test.', problem }], [problem]]);
});

it('a damaged GeoIP database shows in a gauge and in the state until a whole one is there', async () => {
  const geoip = join(folder, 'city.mmdb');
  const whole = writeDatabase([{ network: '127.0.0.0/8', country: 'DE' }]);
  await writeFile(geoip, whole);
  await writeFile(join(folder, 'acme.test.zone'), zoneText);
  const { agent, events } = await agentWith(
    `{ zoneFiles: ['${join(folder, 'acme.test.zone')}'] }`,
    `geoip: ${geoip}\n`,
  );
  expect(stateView(agent).geoipProblem).toBeNull();
  await writeFile(geoip, whole.subarray(0, 100));
  await expect.poll(() => gauges(agent), patient).toMatchObject({ geoip_last_load_successful: 0 });
  expect(stateView(agent).geoipProblem).toContain('E_GEOIP_CORRUPT');
  expect(events.filter(({ kind }) => kind.endsWith('failed'))).toMatchObject([
    { kind: 'geoip failed', code: 'E_GEOIP_CORRUPT' },
  ]);
  await writeFile(geoip, whole);
  await expect.poll(() => gauges(agent), patient).toMatchObject({ geoip_last_load_successful: 1 });
  expect(stateView(agent).geoipProblem).toBeNull();
});

it('a release line that is only assumed is not shown as known', async () => {
  await writeFile(join(folder, 'acme.test.zone'), zoneText);
  const source = `{ zoneFiles: ['${join(folder, 'acme.test.zone')}'] }`;
  const { agent, events } = await agentWith(`${source}, profile: auto`);
  await expect.poll(() => stateView(agent).servers[0]?.zones, patient).toEqual(['acme.test.']);
  expect(stateView(agent).servers[0]?.profile).toBeNull();
  expect(events).toContainEqual(expect.objectContaining({ kind: 'source read', profile: '5.1 (assumed)' }));
  const { agent: told } = await agentWith(`${source}, profile: "4.9"`);
  await expect.poll(() => stateView(told).servers[0]?.profile, patient).toBe('4.9');
});
