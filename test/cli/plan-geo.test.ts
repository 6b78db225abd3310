import { execFile } from 'node:child_process';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { writeDatabase } from '../../geoip/writer.ts';
import { randomNetworks, TARGET_NETWORKS } from '../../planner/geo/fixtures/small-world.ts';

const MAIN = join(import.meta.dirname, '..', '..', 'cli', 'main.js');
const run = promisify(execFile);
let folder = '';

const ZONE = `$ORIGIN acme.test.
@ 3600 IN SOA ns root 1 2 3 4 5
near 30 IN LUA A "ifportup(443, {'192.0.2.1','198.51.100.1','203.0.113.1'}, {selector='pickclosest'})"
rule 30 IN LUA A ";if continent('EU') then return '192.0.2.1' else return ifportup(443, {'198.51.100.1','203.0.113.1'}) end"
mask 30 IN LUA A ";if netmask({'64.0.0.0/4'}) then return '192.0.2.1' else return '198.51.100.1' end"
hash 30 IN LUA A "pickwhashed({ {60,'192.0.2.1'}, {40,'198.51.100.1'} })"
`;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'plan-geo-'));
  await writeFile(join(folder, 'acme.test.zone'), ZONE);
  await writeFile(join(folder, 'small.mmdb'), writeDatabase([...randomNetworks(5, 300), ...TARGET_NETWORKS]));
  await writeFile(join(folder, 'traffic.csv'), '20.0.0.0/24,10\n64.1.0.0/24,20\n100.2.3.0/24,70.5\n');
});

afterAll(() => rm(folder, { recursive: true }));

const GEO = ['plan', 'geo', '--zone', 'acme.test.zone', '--geoip', 'small.mmdb'];

async function shadow(...words: readonly string[]): Promise<string> {
  const { stdout } = await run(process.execPath, [MAIN, ...words], { cwd: folder, maxBuffer: 2 ** 26 });
  return stdout;
}

describe('plan geo, divided', () => {
  const jsonl = [...GEO, '--format', 'jsonl', '--traffic', 'traffic.csv', '--what-if-weights', 'hash.acme.test=10,90'];

  it('says the same to the byte, whatever the number of threads and shards', async () => {
    const whole = await shadow(...jsonl, '--threads', '1');
    expect(whole.trim().split('\n')).toHaveLength(1 + 23);
    expect(await shadow(...jsonl, '--threads', '3')).toBe(whole);
    for (const count of [1, 2, 5]) {
      let all = '';
      for (let i = count; i >= 1; i--) all += await shadow(...jsonl, '--shard', `${i}/${count}`, '--threads', `${i}`);
      await writeFile(join(folder, 'all.jsonl'), all);
      expect(await shadow('plan', 'merge', 'all.jsonl', '--format', 'jsonl')).toBe(whole);
    }
    await writeFile(join(folder, 'whole.jsonl'), whole);
    const text = await shadow(...jsonl.filter((word) => word !== '--format' && word !== 'jsonl'));
    expect(await shadow('plan', 'merge', 'whole.jsonl')).toBe(text);
  }, 300_000);
});

describe('plan geo', () => {
  it('says first what stands out, in sentences with numbers', async () => {
    const text = await shadow(...GEO);
    expect(text).toMatch(
      /^✗ .*when 192\.0\.2\.1 is down, [\d.]+ % of IPv4 addresses are still sent there\. \(GEO_STILL_SENT\)/m,
    );
    expect(text.indexOf('GEO_REGION_DIES')).toBeLessThan(text.indexOf('state '));
    expect(text).toContain('by hash');
  }, 120_000);

  it('writes a map, and every prefix of every state', async () => {
    await shadow(...GEO, '--name', 'mask.acme.test', '--map', 'map.html', '--prefixes', 'prefixes.csv');
    expect(await readFile(join(folder, 'map.html'), 'utf8')).toContain('<title>Who goes where</title>');
    const rows = (await readFile(join(folder, 'prefixes.csv'), 'utf8')).trim().split('\n');
    expect(rows[0]).toBe('record,type,state,prefix,targets');
    expect(rows).toContain('mask.acme.test.,A,all up,64.0.0.0/4,192.0.2.1');
    expect(rows.filter((row) => row.includes('GeoIP missing'))).toContain(
      'mask.acme.test.,A,GeoIP missing,0.0.0.0/2,198.51.100.1',
    );
  }, 120_000);

  it('warns of what would come to nothing: no database, and addresses that nobody answers with', async () => {
    const words = ['plan', 'geo', '--zone', 'acme.test.zone', '--region', 'fra=192.0.2.1,192.0.2.99'];
    const { stdout, stderr } = await run(process.execPath, [MAIN, ...words], { cwd: folder });
    expect(stderr).toContain('warning: there is no GeoIP database');
    expect(stderr).toContain('warning: --region fra names 192.0.2.99, which none of these records answers with');
    expect(stdout).not.toContain('GEO_HASH_SKEW');
  });

  it.each([
    [['--shard', '1/2'], '--shard needs --format jsonl'],
    [['--name', 'naer.acme.test'], 'Did you mean near.acme.test.?'],
    [['--place', '192.0.2.1=91,0'], '--place 192.0.2.1=91,0: expected ADDRESS=LATITUDE,LONGITUDE'],
    [['--threads', '0'], '--threads 0: expected a number from 1'],
    [['--traffic', 'none.csv'], 'the traffic cannot be read: there is no such file'],
  ])('refuses %j and says what to write', async (words, message) => {
    await expect(shadow(...GEO, ...words)).rejects.toThrow(message);
  });
});
