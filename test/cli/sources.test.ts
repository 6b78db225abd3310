import { mkdir } from 'node:fs/promises';
import { createServer as createHttpServer, type RequestListener } from 'node:http';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { describe, expect, it, onTestFinished } from 'vitest';
import { startPowerDns } from '../../wire/rig/rig.ts';
import { describeForEachServer } from '../powerdns/for-each-server.ts';
import { folderWith, run } from './run.ts';
import { namedConf, wrongRecords, zoneText } from './zone.ts';

const predictApi = (url: string) => ['predict', 'api.acme.test', '--api', url, '--api-key-file', 'key'];
const predictZone = (file: string) => ['predict', 'api.acme.test', '--zone', file];
const predictDir = ['predict', 'api.acme.test', '--config-dir', '.'];

describe('where the zones are', () => {
  it.each([
    [['predict', 'api.acme.test'], 'where are the zones? (E_SOURCE)'],
    [
      [...predictZone('a.zone'), '--config-dir', '.'],
      'zones come from one place, not from --zone and --config-dir (E_SOURCE)',
    ],
    [['predict', 'api.acme.test', '--api', 'http://127.0.0.1:1'], '--api needs --api-key-file (E_API_KEY_FILE)'],
    [[...predictZone('a.zone'), '--api-key-file', 'key'], '--api-key-file needs --api (E_API_KEY_FILE)'],
  ])('must be said once and wholly: %j', async (args, message) => {
    const { code, stderr } = await run(await folderWith({}), ...args);
    expect(code).toBe(2);
    expect(stderr.split('\n')[0]).toBe(message);
    expect(stderr.split('\n')[1]).toMatch(/^ {2}[A-Z]/);
  });
});

describe('a zone file', () => {
  it('that is missing is named', async () => {
    const { code, stderr } = await run(await folderWith({}), ...predictZone('acme.test.zone'));
    expect(code).toBe(2);
    expect(stderr).toMatch(/acme\.test\.zone.*cannot be read.*\(E_ZONE_FILE\)/);
  });

  it('with a slip is named with line and column', async () => {
    const folder = await folderWith({ 'acme.test.zone': `${zoneText}www 30 IN A 127.0.0.\n` });
    const { code, stderr } = await run(folder, ...predictZone('acme.test.zone'));
    expect(code).toBe(2);
    expect(stderr).toMatch(/^acme\.test\.zone:12:13: .*\(E_ZONE_SYNTAX\)\n {2}\S/);
  });
});

describe('a configuration folder', () => {
  it('without pdns.conf is refused', async () => {
    const { code, stderr } = await run(await folderWith({}), ...predictDir);
    expect(code).toBe(2);
    expect(stderr).toMatchInlineSnapshot(`
      "DIR/pdns.conf: the PowerDNS configuration cannot be read (E_PDNS_CONF)
        Give the directory that holds pdns.conf, often /etc/powerdns or /etc/pdns, readable for this user.
      "
    `);
  });

  it('with a zone that cannot be read goes on with the others, and says so', async () => {
    const folder = await folderWith({
      'pdns.conf': 'launch=bind\nbind-config=named.conf\nenable-lua-records\nlua-prequery-script=x.lua\n',
      'named.conf': `${namedConf}zone "bad.test" { type native; file "bad.test.zone"; };\n`,
      'acme.test.zone': zoneText,
      'bad.test.zone': '@ 60 IN SOA ns host 1 2 3 4 5\nwww 60 IN A nonsense\n',
    });
    const { code, stdout, stderr } = await run(folder, ...predictDir);
    expect(code).toBe(0);
    expect(stdout).toContain('1/2 (50.0 %)  127.0.2.1');
    expect(stderr).toMatch(/^warning: DIR\/pdns\.conf:4: lua-prequery-script: /);
    expect(stderr).toMatch(/warning: DIR\/bad\.test\.zone:2:13: .*\(E_ZONE_SYNTAX\)/);
  });

  it('with one record that loops for ever goes on with the others', async () => {
    const folder = await folderWith({
      'pdns.conf': 'launch=bind\nbind-config=named.conf\nenable-lua-records\n',
      'named.conf': namedConf,
      'acme.test.zone': zoneText + wrongRecords,
    });
    const { code, stdout } = await run(folder, ...predictDir);
    expect(code).toBe(0);
    expect(stdout).toContain('1/2 (50.0 %)  127.0.2.1');
  });

  it('is believed: without enable-lua-records and edns-subnet-processing the answer is another', async () => {
    const folder = await folderWith({
      'pdns.conf': 'launch=bind\nbind-config=named.conf\n',
      'named.conf': namedConf,
      'acme.test.zone': zoneText,
    });
    const { code, stdout } = await run(folder, ...predictDir, '--subnet', '198.51.100.0/24');
    expect(code).toBe(0);
    expect(stdout).toContain('NXDOMAIN');
    expect(stdout).toContain('enable-lua-records is not set there. (E_LUA_OFF)');
    expect(stdout).toContain('edns-subnet-processing is not set there. (E_ECS_OFF)');
  });

  it('with a setting that PowerDNS refuses is named with its line', async () => {
    const folder = await folderWith({ 'pdns.conf': 'launch=bind\nlocal-port=domain\n' });
    const { code, stderr } = await run(folder, ...predictDir);
    expect(code).toBe(2);
    expect(stderr).toBe(
      "DIR/pdns.conf:2: local-port is 'domain', which is no number (E_PDNS_CONF)\n  Write it like local-port=53.\n",
    );
  });
});

describe('an API', () => {
  it('without its key file is refused before anything is asked', async () => {
    const { code, stderr } = await run(await folderWith({}), ...predictApi('http://127.0.0.1:1'));
    expect(code).toBe(2);
    expect(stderr).toContain("the API key file 'key' cannot be read (E_API_KEY)\n  ");
  });

  it('with an empty key file is refused', async () => {
    const { code, stderr } = await run(await folderWith({ key: '\n' }), ...predictApi('http://127.0.0.1:1'));
    expect(code).toBe(2);
    expect(stderr).toContain('(E_API_KEY)');
  });

  it('that is no URL is refused', async () => {
    const { code, stderr } = await run(await folderWith({ key: 'secret\n' }), ...predictApi('127.0.0.1:8081'));
    expect(code).toBe(2);
    expect(stderr).toMatchInlineSnapshot(`
      "'127.0.0.1:8081' is not the URL of a PowerDNS API (E_API_URL)
        Write it like http://127.0.0.1:8081 (PowerDNS: webserver-address and webserver-port).
      "
    `);
  });

  it('that nobody serves is something the machine lacks', async () => {
    const { code, stderr } = await run(await folderWith({ key: 'secret\n' }), ...predictApi('http://127.0.0.1:1'));
    expect(code).toBe(3);
    expect(stderr).toMatchInlineSnapshot(`
      "the PowerDNS API at http://127.0.0.1:1 cannot be reached: connection refused (E_API_UNREACHABLE)
        PowerDNS needs webserver=yes, api=yes, an api-key, and a webserver-address and webserver-allow-from that let this machine in.
      "
    `);
  });

  it('that refuses the key says which key', async () => {
    const url = await serve((_request, response) => response.writeHead(401).end('Unauthorized'));
    const { code, stderr } = await run(await folderWith({ key: 'secret\n' }), ...predictApi(url));
    expect(code).toBe(2);
    expect(stderr.replaceAll(url, 'URL')).toMatchInlineSnapshot(`
      "URL refuses the API key in 'key' (401) (E_API_KEY)
        Use the value of api-key in that server’s pdns.conf. A hashed api-key ($scrypt$…) needs its clear text here.
      "
    `);
  });

  it.each([
    ['no JSON', '<html>hello</html>'],
    ['JSON of something else', '{"hello":"world"}'],
  ])('that answers %s is no PowerDNS', async (_what, body) => {
    const url = await serve((_request, response) => response.end(body));
    const { code, stderr } = await run(await folderWith({ key: 'secret\n' }), ...predictApi(url));
    expect(code).toBe(2);
    expect(stderr).toContain('(E_API_FORMAT)\n  Is that the API of a PowerDNS Authoritative Server, 4.7 to 5.1?');
  });
});

describe('a configuration of the agent', () => {
  const server = (rest: string) =>
    `servers:\n  - name: ns1\n    address: 127.0.0.1:53\n    source: { zoneFiles: [a.zone] }\n${rest}`;

  it.each([
    [
      'an unknown key',
      server('crosCheck: { interval: 1s }\n'),
      "agent.yaml:5:1: unknown key 'crosCheck' (E_CONFIG)\n  Did you mean 'crossCheck'?\n",
    ],
    [
      'an unknown key inside',
      server('crossCheck: { intervall: 1s }\n'),
      "agent.yaml:5:15: crossCheck: unknown key 'intervall' (E_CONFIG)\n  Did you mean 'interval'?\n",
    ],
    [
      'a duration without a unit',
      server('crossCheck:\n  interval: 5\n'),
      'agent.yaml:6:3: crossCheck.interval: expected a duration with its unit, such as 5s, 500ms, 1h (E_CONFIG)\n',
    ],
    [
      'an address without a port',
      server('').replace(':53', ''),
      'agent.yaml:3:5: servers.0.address: expected ADDRESS:PORT, such as 127.0.0.1:53 or [::1]:53 (E_CONFIG)\n',
    ],
    [
      'a profile that is a number',
      server('').replace('    source', '    profile: 5.1\n    source'),
      'agent.yaml:4:5: servers.0.profile: expected auto or one of 4.7, 4.8, 4.9, 5.0, 5.1, in quotes (E_CONFIG)\n',
    ],
  ])('with %s says where, and what was meant', async (_what, text, message) => {
    const { code, stderr } = await run(await folderWith({ 'agent.yaml': text }), 'agent', '--config', 'agent.yaml');
    expect(code).toBe(2);
    expect(stderr).toBe(message);
  });

  it.each([
    [
      'servers of one name',
      server('').replace(
        'servers:\n',
        'servers:\n  - { name: ns1, address: "127.0.0.1:54", source: { configDir: . } }\n',
      ),
      "two servers are named 'ns1'",
    ],
    ['clients of one name', server('clients: [{ name: eu }, { name: eu }]\n'), "two clients are named 'eu'"],
    ['broken YAML', 'servers: [\n', ''],
    ['nothing in it', '', 'servers is missing'],
    ['no server', 'servers: []\n', 'expected at least one server'],
    [
      'a source of no kind',
      server('').replace('zoneFiles: [a.zone]', 'zonefiles: [a.zone]'),
      'expected { api, keyFile, zones? }',
    ],
  ])('with %s is refused', async (_what, text, message) => {
    const { code, stderr } = await run(await folderWith({ 'agent.yaml': text }), 'agent', '--config', 'agent.yaml');
    expect(code).toBe(2);
    expect(stderr).toMatch(/^agent\.yaml(:\d+:\d+)?: /);
    expect(stderr).toContain(message);
    expect(stderr).toContain('(E_CONFIG)');
  });

  it('that is missing, or a folder, is said so', async () => {
    const folder = await folderWith({});
    await mkdir(join(folder, 'agent.d'));
    const missing = await run(folder, 'agent', '--config', 'agent.yaml');
    expect(missing).toEqual({
      code: 2,
      stdout: '',
      stderr:
        'agent.yaml: the configuration cannot be read: there is no such file (E_CONFIG)\n  Give a YAML file that names servers.\n',
    });
    expect((await run(folder, 'agent', '--config', 'agent.d')).stderr).toContain('it is a directory');
  });

  it.each([
    [[], 'what is to be watched?'],
    [['--config', 'a', '--config-dir', 'b'], '--config and --config-dir exclude each other'],
    [['--config-dir', '.', '--listen', 'localhost'], '--listen localhost: expected ADDRESS:PORT'],
  ])('must be said once and wholly: %j', async (args, message) => {
    const { code, stderr } = await run(await folderWith({ 'pdns.conf': 'launch=bind\n' }), 'agent', ...args);
    expect(code).toBe(2);
    expect(stderr.split(' (E_')[0]).toBe(message);
  });
});

async function serve(listener: RequestListener): Promise<string> {
  const server = createHttpServer(listener).listen(0, '127.0.0.1');
  await new Promise((resolve) => server.once('listening', resolve));
  onTestFinished(() => void server.close());
  const address = server.address();
  return `http://127.0.0.1:${address !== null && typeof address === 'object' ? address.port : 0}`;
}

describeForEachServer(
  'a configuration folder of a server whose zones are in a database',
  (binary) => {
    it('is read over its API, without a warning that they are not read', async () => {
      const server = await startPowerDns({ binary, backend: 'gsqlite3', zones: { 'acme.test': zoneText } });
      onTestFinished(() => server.stop());
      const args = ['predict', 'any.acme.test', '--config-dir', server.configDir];
      const { code, stdout, stderr } = await run(await folderWith({}), ...args);
      expect(stdout).toContain('1/2 (50.0 %)  127.0.2.1');
      expect(stderr).toBe('');
      expect(code).toBe(0);
    });

    it('is read without the zone that PowerDNS itself cannot read, which is named', async () => {
      const zones = { 'acme.test': zoneText, 'bad.test': zoneText.replaceAll('acme', 'bad') };
      const server = await startPowerDns({ binary, backend: 'gsqlite3', zones });
      onTestFinished(() => server.stop());
      const database = new DatabaseSync(join(server.configDir, 'zones.sqlite3'));
      database.exec("UPDATE records SET content = 'nonsense' WHERE name = 'ns.bad.test' AND type = 'A'");
      database.close();
      const args = ['predict', 'any.acme.test', '--config-dir', server.configDir];
      const { code, stdout, stderr } = await run(await folderWith({}), ...args);
      expect(stdout).toContain('1/2 (50.0 %)  127.0.2.1');
      expect(stderr).toMatch(/^warning: a zone is left out: GET .*bad\.test\. was answered \d+.*\(E_API_STATUS\)/);
      expect(code).toBe(0);
    });
  },
  { lines: ['5.1'] },
);
