import { mkdir, mkdtemp, realpath, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { describe, expect, onTestFinished, test } from 'vitest';
import { loadBindZones, type PdnsConfig, readConfigDir } from './pdns-conf.ts';

/** A directory with these files; a value that starts with `->` is a symbolic link. */
async function directory(files: Readonly<Record<string, string>>): Promise<string> {
  const root = await realpath(await mkdtemp(join(tmpdir(), 'pdns-conf-')));
  onTestFinished(() => rm(root, { recursive: true }));
  for (const [name, content] of Object.entries(files)) {
    await mkdir(dirname(join(root, name)), { recursive: true });
    if (content.startsWith('->')) await symlink(content.slice(2), join(root, name));
    else await writeFile(join(root, name), content);
  }
  return root;
}

async function config(text: string, more: Readonly<Record<string, string>> = {}): Promise<PdnsConfig> {
  return readConfigDir(await directory({ 'pdns.conf': text, ...more }));
}

describe('the lines of pdns.conf', () => {
  test('are read as PowerDNS reads them', async () => {
    const { settings } = await config(
      [
        '# comment',
        '  launch = bind   # trailing comment',
        'api-key=quo#ted',
        'api',
        "webserver-password='x y'",
        'default-soa-content=a.b \\',
        '  hm.@ 0',
        'cache-ttl=30',
        'cache-ttl=31',
        'allow-axfr-ips=127.0.0.1',
        'allow-axfr-ips+=10.0.0.0/8',
        'version-string=a b  c  ',
        'enable-lua-records=',
        '',
      ].join('\n'),
    );
    expect(settings).toEqual(
      new Map([
        ['launch', 'bind'],
        ['api-key', 'quo#ted'],
        ['api', ''],
        ['webserver-password', "'x y'"],
        ['default-soa-content', 'a.b   hm.@ 0'],
        ['cache-ttl', '31'],
        ['allow-axfr-ips', '127.0.0.1, 10.0.0.0/8'],
        ['version-string', 'a b  c'],
        ['enable-lua-records', ''],
      ]),
    );
  });

  test('go on in the files of include-dir, sorted, whatever is not *.conf left out', async () => {
    const read = await config('cache-ttl=30\ninclude-dir=more\nlaunch=bind', {
      'more/b.conf': 'cache-ttl=7\nlaunch+=geoip',
      'more/A.conf': 'cache-ttl=8',
      'more/c.txt': 'cache-ttl=9',
      'more/.d.conf': 'cache-ttl=10',
    });
    expect(read.cacheTtlSeconds).toBe(7);
    expect(read.launch).toEqual(['bind', 'geoip']);
    expect(read.files.map((file) => file.slice(read.directory.length))).toEqual([
      '/pdns.conf',
      '/more/A.conf',
      '/more/b.conf',
    ]);
  });

  test('+= on a setting that has no value is refused as PowerDNS refuses it', async () => {
    await expect(config('\nlaunch+=bind')).rejects.toMatchObject({ code: 'E_PDNS_CONF', place: { line: 2 } });
  });
});

describe('typed values', () => {
  test('have PowerDNS’s defaults', async () => {
    expect(await config('launch=bind\nbind-config=named.conf')).toMatchObject({
      launch: ['bind'],
      geoipDatabaseFiles: '',
      ednsSubnetProcessing: false,
      enableLuaRecords: 'no',
      enableLuaRecordUpdates: false,
      luaHealthChecksIntervalSeconds: 5,
      luaHealthChecksExpireDelaySeconds: 3600,
      luaRecordsExecLimit: 1000,
      luaRecordsInsertWhitespace: undefined,
      luaGlobalIncludeDir: undefined,
      localAddresses: [
        { address: '0.0.0.0', port: 53 },
        { address: '::', port: 53 },
      ],
      webserver: { enabled: false, api: false, address: '127.0.0.1', port: 8081, apiKey: undefined },
      cacheTtlSeconds: 20,
      queryCacheTtlSeconds: 20,
      negqueryCacheTtlSeconds: 60,
      zoneCacheRefreshIntervalSeconds: 300,
      zoneMetadataCacheTtlSeconds: 60,
      defaultTtlSeconds: 3600,
      noShuffle: false,
      eightBitDns: false,
      resolveAcrossZones: true,
      anyToTcp: true,
      warnings: [],
      unreadBackends: [],
    });
  });

  test.each([
    ['enable-lua-records=yes', 'yes'],
    ['enable-lua-records', 'yes'],
    ['enable-lua-records=off', 'yes'],
    ['enable-lua-records=shared', 'shared'],
    ['enable-lua-records=no', 'no'],
  ])('%s means %s', async (line, expected) => {
    expect((await config(line)).enableLuaRecords).toBe(expected);
  });

  test.each([
    ['lua-records-insert-whitespace=no', false],
    ['lua-records-insert-whitespace=off', false],
    ['lua-records-insert-whitespace', true],
  ])('%s is %s', async (line, expected) => {
    expect((await config(line)).luaRecordsInsertWhitespace).toBe(expected);
  });

  test.each([
    ['lua-health-checks-interval=0x1f', 31],
    ['lua-health-checks-interval=010', 8],
    ['lua-health-checks-interval=7s', 7],
    ['lua-health-checks-interval=', 0],
  ])('%s is %d seconds, as C reads it', async (line, expected) => {
    expect((await config(line)).luaHealthChecksIntervalSeconds).toBe(expected);
  });

  test('a number that is none is refused where it stands', async () => {
    await expect(config('launch=bind\ncache-ttl=soon')).rejects.toMatchObject({
      code: 'E_PDNS_CONF',
      place: { line: 2 },
      hint: 'Write it like cache-ttl=20.',
    });
  });

  test('addresses may have a port of their own', async () => {
    const read = await config('local-port=5300\nlocal-address=127.0.0.1, [::1]:53 10.0.0.1:54');
    expect(read.localAddresses).toEqual([
      { address: '127.0.0.1', port: 5300 },
      { address: '::1', port: 53 },
      { address: '10.0.0.1', port: 54 },
    ]);
  });

  test('an address that is none is refused', async () => {
    await expect(config('local-address=eth0')).rejects.toMatchObject({ code: 'E_PDNS_CONF', place: { line: 1 } });
  });

  test('the API brings the webserver with it', async () => {
    expect((await config('api=yes\napi-key=k')).webserver).toMatchObject({ enabled: true, api: true, apiKey: 'k' });
  });

  test('GeoIP databases count only with the geoip backend', async () => {
    const files = 'geoip-database-files=/g/City.mmdb';
    expect((await config(`launch=bind,geoip\n${files}`)).geoipDatabaseFiles).toBe('/g/City.mmdb');
    expect((await config(`launch=bind\n${files}`)).geoipDatabaseFiles).toBe('');
  });
});

describe('warnings', () => {
  test.each([
    ['', /^launch: no backend/],
    ['launch=bind', /^bind-config: .* no file/],
    ['launch=bind\nbind-config=x\ngeoip-database-files=/g', /:3: geoip-database-files: .* no location/],
    ['launch=bind\nbind-config=x\nexpand-alias=yes', /:3: expand-alias: /],
  ])('%j', async (text, expected) => {
    expect((await config(text)).warnings).toEqual([expect.stringMatching(expected)]);
  });

  test.each([
    ['launch=gsqlite3', /pdns\.conf:1: launch: zones of the backend 'gsqlite3' are in no files/],
    ['launch=bind:two\nbind-config=x', /'bind:two'/],
  ])('%j has zones that are not in files, which concerns those alone who read the files', async (text, expected) => {
    const { warnings, unreadBackends } = await config(text);
    expect(unreadBackends).toEqual([expect.stringMatching(expected)]);
    expect(warnings).toEqual([]);
  });

  test('what is switched off needs none', async () => {
    expect((await config('launch=bind\nbind-config=x\nexpand-alias=no')).warnings).toEqual([]);
  });
});

test('a directory without pdns.conf is named', async () => {
  const root = await directory({});
  await expect(readConfigDir(root)).rejects.toMatchObject({
    code: 'E_PDNS_CONF',
    place: { file: join(root, 'pdns.conf') },
  });
});

describe('zones of the bind backend', () => {
  const PDNS = 'launch=bind\nbind-config=named.conf\ndefault-ttl=5';
  const NAMED = 'options { directory "zones"; };\nzone "acme.test" { type native; file "acme.zone"; };';

  async function load(files: Readonly<Record<string, string>>, bad?: string[]) {
    const read = await config(PDNS, files);
    const named = files['named.conf']?.replace('"zones"', `"${read.directory}/zones"`) ?? '';
    await writeFile(join(read.directory, 'named.conf'), named);
    return loadBindZones(
      read,
      bad === undefined ? {} : { onBadZone: (name, error) => bad.push(`${name} ${error.code}`) },
    );
  }

  test('come in the order of that backend, with default-ttl', async () => {
    const zones = await load({ 'named.conf': NAMED, 'zones/acme.zone': `a A 192.0.2.1\na LUA A "'192.0.2.2'"` });
    expect(zones).toMatchObject([
      {
        name: 'acme.test.',
        records: [
          { kind: 'lua', owner: 'a.acme.test.', ttlSeconds: 5, text: `"'192.0.2.2'"` },
          { kind: 'static', owner: 'a.acme.test.', ttlSeconds: 5, rdata: '192.0.2.1' },
        ],
      },
    ]);
  });

  test('$INCLUDE counts from the directory of named.conf', async () => {
    const zones = await load({
      'named.conf': NAMED.replace('acme.zone', 'sub/acme.zone'),
      'zones/sub/acme.zone': '$INCLUDE shared.inc',
      'zones/shared.inc': 'a A 192.0.2.1',
    });
    expect(zones[0]?.records).toMatchObject([{ owner: 'a.acme.test.', place: { line: 1 } }]);
  });

  test.each([
    ['an absolute path', '$INCLUDE /etc/hostname', {}],
    ['dots', '$INCLUDE ../../../../../../etc/hostname', {}],
    ['a symbolic link', '$INCLUDE link.inc', { 'zones/link.inc': '->/etc/hostname' }],
  ])('$INCLUDE does not lead out by %s', async (_, text, more) => {
    await expect(load({ 'named.conf': NAMED, 'zones/acme.zone': text, ...more })).rejects.toMatchObject({
      code: 'E_ZONE_FILE',
      message: expect.stringContaining('outside'),
      place: { line: 1, column: 10 },
    });
  });

  test('a missing zone file is named with the place of its zone', async () => {
    await expect(load({ 'named.conf': NAMED })).rejects.toMatchObject({
      code: 'E_ZONE_FILE',
      message: expect.stringContaining('acme.zone'),
      place: { line: 2, column: 1 },
    });
  });

  test('bad zones are left out if somebody listens, hints and forwards always', async () => {
    const bad: string[] = [];
    const named = `${NAMED}
      zone "bad.test" { type master; file "bad.zone"; };
      zone "none.test" { type master; };
      zone "." { type hint; file "root.hints"; };`;
    const files = { 'named.conf': named, 'zones/acme.zone': 'a A 192.0.2.1', 'zones/bad.zone': 'a FOO x' };
    expect((await load(files, bad)).map(({ name }) => name)).toEqual(['acme.test.']);
    expect(bad).toEqual(['bad.test. E_ZONE_SYNTAX', 'none.test. E_ZONE_FILE']);
  });

  test('denial records are left to the server, as that backend does', async () => {
    const zones = await load({ 'named.conf': NAMED, 'zones/acme.zone': 'a NSEC b A\na A 192.0.2.1' });
    expect(zones[0]?.records.map(({ type }) => type)).toEqual(['A']);
  });
});
