import { mkdtemp, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it, onTestFinished } from 'vitest';
import { Agent } from '../../agent/agent.ts';
import { parseConfig } from '../../agent/config.ts';
import type { AgentEvent } from '../../agent/events.ts';
import { crossCheckView } from '../../agent/view.ts';
import { writeDatabase } from '../../geoip/writer.ts';
import { control } from '../../wire/rig/control.ts';
import { type RunningPowerDns, startPowerDns } from '../../wire/rig/rig.ts';
import { describeForEachServer } from '../powerdns/for-each-server.ts';
import { folderWith, run } from './run.ts';

const quick = { 'query-cache-ttl': '0', 'negquery-cache-ttl': '0', 'cache-ttl': '0' };

const zoneText = `$ORIGIN acme.test.
$TTL 60
@ IN SOA ns.acme.test. host.acme.test. 7 3600 600 86400 60
@ IN NS ns.acme.test.
ns IN A 127.0.0.1
geo 30 IN LUA A ";if country('DE') then return '127.0.2.1' else return '127.0.2.2' end"
txt 30 IN LUA TXT "latlonloc()"
plain 30 IN LUA A "pickrandom({'127.0.2.1'})"
`;

/** By name: the assumptions that explain what is wrong with it. */
function explanationsOf({ book, servers }: Agent): Record<string, string[]> {
  const [first] = servers;
  return Object.fromEntries(
    book.open().map(({ id, name }) => {
      const diagnosis = first?.diagnosis(id) ?? [];
      return [name, diagnosis.filter(({ explains }) => explains).map(({ assumption }) => assumption)];
    }),
  );
}

describeForEachServer(
  'a server that has GeoIP databases',
  (binary) => {
    let folder: string;
    let database: string;
    let server: RunningPowerDns;

    beforeAll(async () => {
      folder = await mkdtemp(join(tmpdir(), 'pdns-shadow-geo-'));
      database = join(folder, 'geo.mmdb');
      await writeFile(database, writeDatabase([{ network: '127.0.0.0/8', country: 'DE', lat: 50.1, lon: 8.7 }]));
      await writeFile(join(folder, 'acme.test.zone'), zoneText);
      server = await startPowerDns({
        binary,
        zones: { 'acme.test': zoneText },
        geoipFiles: [database],
        settings: quick,
      });
      await writeFile(join(folder, 'key'), server.apiKey);
    });
    afterAll(async () => {
      await server?.stop();
      await rm(folder, { recursive: true });
    });

    async function watched(source: string) {
      const text = `servers: [{ name: ns1, address: '127.0.0.1:${server.port}', source: ${source} }]
crossCheck: { interval: 100ms }
sourceRefresh: 200ms
`;
      const events: AgentEvent[] = [];
      const config = parseConfig(text, 'agent.yaml');
      const agent = new Agent({ config, version: '1', onEvent: (event) => events.push(event) });
      await agent.start();
      onTestFinished(() => agent.stop());
      // Every answer is then old enough to be a drift.
      await expect.poll(() => (agent.servers[0]?.sweeps ?? 0) > 20, { timeout: 20_000 }).toBe(true);
      const [first] = agent.servers;
      if (first === undefined) throw new Error('no server is watched');
      const views = (first.content?.crossChecks ?? []).map((each) => crossCheckView(first, each));
      const verdicts = Object.fromEntries(views.map(({ name, verdict }) => [name.split('.')[0], verdict]));
      const read = events.find((event) => event.kind === 'source read');
      const warnings = first.content?.reading.warnings ?? [];
      return { agent, verdicts, read, drifts: agent.book.open(), warnings, explained: explanationsOf(agent) };
    }

    it('is held against those that its settings name, and they are named', async () => {
      const { verdicts, read, drifts, warnings } = await watched(
        `{ api: '${server.apiUrl}', keyFile: '${folder}/key' }`,
      );
      expect(verdicts).toEqual({ geo: 'match', txt: 'match', plain: 'match' });
      expect(drifts).toEqual([]);
      expect(warnings).toEqual([]);
      expect(read).toMatchObject({ geoip: database });
    });

    it('is not accused where nobody has told of them', async () => {
      const { verdicts, drifts, warnings } = await watched(`{ zoneFiles: ['${folder}/acme.test.zone'] }`);
      expect(verdicts).toEqual({ geo: 'inconclusive', txt: 'inconclusive', plain: 'match' });
      expect(drifts).toEqual([]);
      expect(warnings).toHaveLength(1);
      expect(warnings[0]).toMatch(/^not judged: (geo|txt)\.acme\.test\., (geo|txt)\.acme\.test\.: .*geoip: FILE/);
    });

    it('is not accused by a check that was not told of them, which says what is not judged', async () => {
      const args = ['check', '--server', `127.0.0.1:${server.port}`, '--zone', 'acme.test.zone'];
      const { code, stdout } = await run(await folderWith({ 'acme.test.zone': zoneText }), ...args);
      expect(stdout).toMatch(/not judged: geo\.acme\.test\. A: .*--geoip FILE/);
      expect(stdout).toMatch(/No drift\.\n$/);
      expect(code).toBe(0);
    });

    it('is told from one that has a record not yet, whatever of it is answered', async () => {
      const newer = join(folder, 'newer.zone');
      await writeFile(newer, `${zoneText}new 30 IN LUA A "pickrandom({'127.0.2.1'})"\n`);
      const { explained } = await watched(`{ zoneFiles: ['${newer}'] }`);
      expect(explained).toEqual({ 'new.acme.test.': ['the server does not have this record (yet)'] });
    });

    it('goes on with a database that was replaced, until it is told to reload', async () => {
      const { agent } = await watched(`{ api: '${server.apiUrl}', keyFile: '${folder}/key' }`);
      const next = join(folder, 'next');
      const former = await readFile(database);
      await writeFile(next, writeDatabase([{ network: '127.0.0.0/8', country: 'SE', lat: 59.3, lon: 18.1 }]));
      await rename(next, database);
      const explained = () => explanationsOf(agent)['geo.acme.test.'];
      await expect.poll(explained, { timeout: 20_000 }).toContain('the server still has the older GeoIP database');
      expect(explained()).not.toContain('the server still has older records');
      await control(server.configDir, 'reload');
      await control(server.configDir, 'purge');
      await expect.poll(() => agent.book.open(), { timeout: 20_000 }).toEqual([]);
      await writeFile(next, former);
      await rename(next, database);
    });

    it('is not accused where its files are on another machine, and what is to be written is said', async () => {
      const elsewhere = `${database}.elsewhere`;
      await rename(database, elsewhere);
      onTestFinished(() => rename(elsewhere, database));
      const { verdicts, drifts, warnings } = await watched(`{ api: '${server.apiUrl}', keyFile: '${folder}/key' }`);
      expect(verdicts).toEqual({ geo: 'inconclusive', txt: 'inconclusive', plain: 'match' });
      expect(drifts).toEqual([]);
      expect(warnings[0]).toMatch(/geoip-database-files cannot be used here: .*geo\.mmdb.*name a copy.*geoip: FILE/);
    });
  },
  { lines: ['4.9', '5.1'] },
);
