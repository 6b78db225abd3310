import { mkdtemp, rename, rm, unlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import type { UserError } from '../input/errors.ts';
import { parseAddress } from './address.ts';
import type { GeoDatabase } from './database.ts';
import { geoView } from './location.ts';
import { type DatabaseWatch, watchDatabases } from './watch.ts';
import { writeDatabase } from './writer.ts';

let folder: string;
let file: string;
let watching: DatabaseWatch | undefined;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'geoip-watch-'));
  file = join(folder, 'city.mmdb');
  await writeFile(file, build('AA'));
});

afterEach(async () => {
  watching?.close();
  await rm(folder, { recursive: true });
});

test('a build renamed over the old one takes its place, again and again', async () => {
  const seen = await follow([file]);
  expect(countries(seen.watch.databases)).toEqual(['aa']);
  for (const country of ['BB', 'CC', 'DD']) {
    const change = seen.nextChange();
    await writeFile(`${file}.new`, build(country));
    await rename(`${file}.new`, file);
    expect(countries(await change)).toEqual([country.toLowerCase()]);
    expect(countries(seen.watch.databases)).toEqual([country.toLowerCase()]);
  }
});

test('a build written into the old file takes its place', async () => {
  const seen = await follow([file]);
  const change = seen.nextChange();
  await writeFile(file, build('BB'));
  expect(countries(await change)).toEqual(['bb']);
});

test('an unreadable build is told of and the old one kept, until a good one comes', async () => {
  const seen = await follow([file]);
  const error = seen.nextError();
  await writeFile(file, build('BB').subarray(0, 100));
  expect(await error).toMatchObject({ code: 'E_GEOIP_CORRUPT', place: { file } });
  expect(countries(seen.watch.databases)).toEqual(['aa']);
  await expect.poll(() => seen.watch.problems.map(({ code }) => code)).toEqual(['E_GEOIP_CORRUPT']);
  const change = seen.nextChange();
  await writeFile(file, build('CC'));
  expect(countries(await change)).toEqual(['cc']);
  expect(seen.watch.problems).toEqual([]);
});

test('a file that vanishes is told of and its database kept', async () => {
  const seen = await follow([file]);
  const error = seen.nextError();
  await unlink(file);
  expect(await error).toMatchObject({ code: 'E_GEOIP_MISSING' });
  expect(countries(seen.watch.databases)).toEqual(['aa']);
});

test('of several files only the changed one is replaced, in its place', async () => {
  const second = join(folder, 'asn.mmdb');
  await writeFile(second, build('ZZ'));
  const seen = await follow([file, second]);
  const first = seen.watch.databases[0];
  const change = seen.nextChange();
  await writeFile(second, build('YY'));
  const databases = await change;
  expect(countries(databases)).toEqual(['aa', 'yy']);
  expect(databases[0]).toBe(first);
});

test('a file that is missing at the start is an error at once', async () => {
  const events = { onChange: () => {}, onError: () => {} };
  await expect(watchDatabases([join(folder, 'none.mmdb')], events)).rejects.toMatchObject({ code: 'E_GEOIP_MISSING' });
});

async function follow(files: string[]) {
  let change = Promise.withResolvers<readonly GeoDatabase[]>();
  let error = Promise.withResolvers<UserError>();
  watching = await watchDatabases(
    files,
    { onChange: (databases) => change.resolve(databases), onError: (problem) => error.resolve(problem) },
    { settleMs: 30 },
  );
  return {
    watch: watching,
    nextChange() {
      change = Promise.withResolvers();
      return change.promise;
    },
    nextError() {
      error = Promise.withResolvers();
      return error.promise;
    },
  };
}

function build(country: string): Buffer {
  return writeDatabase([{ network: '192.0.2.0/24', country }]);
}

function countries(databases: readonly GeoDatabase[]): string[] {
  const client = parseAddress('192.0.2.1');
  return databases.map((database) => (client ? geoView([database]).attribute(client, 'country') : ''));
}
