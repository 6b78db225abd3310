import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { parseAddress } from './address.ts';
import { GeoDatabase, openDatabase, openDatabases } from './database.ts';
import { parseDatabaseFiles } from './database-files.ts';
import { geoView } from './location.ts';
import { writeDatabase } from './writer.ts';

describe('geoip-database-files', () => {
  test.each([
    ['/a/city.mmdb', [{ path: '/a/city.mmdb', language: 'en' }]],
    ['city.mmdb,asn.mmdb', ['city.mmdb', 'asn.mmdb'].map((path) => ({ path, language: 'en' }))],
    [' city.mmdb ,\tasn.mmdb\n', ['city.mmdb', 'asn.mmdb'].map((path) => ({ path, language: 'en' }))],
    ['mmdb:/a/geo.db', [{ path: '/a/geo.db', language: 'en' }]],
    ['/a/city.mmdb;language=de;mode=mmap', [{ path: '/a/city.mmdb', language: 'de' }]],
    ['mmdb:/a/geo;language=pt-BR', [{ path: '/a/geo', language: 'pt-BR' }]],
    ['', []],
  ])('%j', (spec, files) => {
    expect(parseDatabaseFiles(spec)).toEqual(files);
  });

  test.each([
    ['/usr/share/GeoIP/GeoIP.dat', 'E_GEOIP_UNSUPPORTED'],
    ['dat:/usr/share/GeoIP/GeoIP.db', 'E_GEOIP_UNSUPPORTED'],
    ['/a/city', 'E_GEOIP_DRIVER'],
    ['/a/city.mmdb.gz', 'E_GEOIP_DRIVER'],
    ['/a/city.mmdb;mode=memory', 'E_GEOIP_OPTION'],
    ['/a/city.mmdb;language', 'E_GEOIP_OPTION'],
  ])('%j stops with %s', (spec, code) => {
    expect(() => parseDatabaseFiles(spec)).toThrow(expect.objectContaining({ code }));
  });
});

describe('a file', () => {
  let folder: string;
  const build = writeDatabase([{ network: '192.0.2.0/24', country: 'SE' }], { databaseType: 'Test-City' });

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'geoip-open-'));
    await writeFile(join(folder, 'good.mmdb'), build);
    await writeFile(join(folder, 'gzipped.mmdb'), gzipSync(build));
    await writeFile(join(folder, 'cut.mmdb'), build.subarray(0, build.length / 2));
    await writeFile(join(folder, 'empty.mmdb'), '');
    await writeFile(join(folder, 'text.mmdb'), 'The requested file is temporarily unavailable.\n'.repeat(20));
  });

  afterAll(() => rm(folder, { recursive: true }));

  test('that is sound opens', async () => {
    const [database] = await openDatabases(`mmdb:${folder}/good.mmdb`);
    expect(database?.label).toBe(`${folder}/good.mmdb`);
    expect(database?.metadata).toMatchObject({ type: 'Test-City', ipVersion: 6, recordSize: 24, languages: ['en'] });
  });

  test.each(['gzipped', 'cut', 'empty', 'text'])('that is %s is named as no database', async (name) => {
    await expect(openDatabase(join(folder, `${name}.mmdb`))).rejects.toMatchObject({
      code: 'E_GEOIP_CORRUPT',
      place: { file: join(folder, `${name}.mmdb`) },
    });
  });

  test('that is missing is named', async () => {
    await expect(openDatabase(join(folder, 'none.mmdb'))).rejects.toMatchObject({
      code: 'E_GEOIP_MISSING',
      place: { file: join(folder, 'none.mmdb') },
    });
  });

  test('whose head is cut off is refused, although its metadata can be read', () => {
    expect(() => GeoDatabase.fromBuffer(build.subarray(build.length - 200), 'tail.mmdb')).toThrow(
      expect.objectContaining({ code: 'E_GEOIP_CORRUPT' }),
    );
  });

  test('with broken data counts as not knowing the address, as in libmaxminddb', () => {
    const broken = Buffer.from(build);
    const sound = GeoDatabase.fromBuffer(build, 'sound');
    const dataStart = (sound.metadata.nodeCount * sound.metadata.recordSize) / 4 + 16;
    broken.fill(0xff, dataStart, dataStart + 8);
    const database = GeoDatabase.fromBuffer(broken, 'broken.mmdb');
    const client = parseAddress('192.0.2.1');
    expect(client && geoView([database]).attribute(client, 'country')).toBe('unknown');
    expect(() => client && database.record(database.recordPointer(client))).toThrow(
      expect.objectContaining({ code: 'E_GEOIP_CORRUPT' }),
    );
  });
});
