/**
 * Every client of the world at once: one record, and a sweep of a hundred in every state, over a database as large as
 * GeoLite2-City. From the shell to the end of the output, beside merely reading the database.
 */
import { execFile } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';
import { type GeoNetwork, writeDatabase } from '../geoip/writer.ts';
import { seededUint32 } from '../simulator/chooser.ts';
import { describeMachine } from './machine.ts';
import { printTable } from './table.ts';

const NETWORKS = 3_700_000;
const PLACES = 286_000;
const RECORDS = 100;
const SEED = 1;
const MOST_OUTPUT_BYTES = 64 * 1024 * 1024;
const command = join(dirname(import.meta.dirname), 'bin', 'pdns-shadow');
const execute = promisify(execFile);

export async function benchClients(): Promise<void> {
  console.log(
    `clients: ${NETWORKS.toLocaleString('en')} IPv4 networks, ${PLACES.toLocaleString('en')} places; ${describeMachine()}\n`,
  );
  const folder = await mkdtemp(join(tmpdir(), 'pdns-shadow-bench-'));
  try {
    const [database, zone] = [join(folder, 'city.mmdb'), join(folder, 'acme.test.zone')];
    await writeFile(database, writeDatabase(networks()));
    await writeFile(zone, zoneText());
    const geo = ['--zone', zone, '--geoip', database];
    const rows = [
      await timed('reading it: geoip lookup', ['geoip', 'lookup', '192.0.2.1', '--geoip', database]),
      await timed('predict --all-clients, one record', ['predict', 'geo0.acme.test', ...geo, '--all-clients']),
      await timed(`plan geo, ${RECORDS} records`, [
        'plan',
        'geo',
        ...geo,
        '--format',
        'jsonl',
        ...REGIONS.flatMap((region) => ['--region', region]),
      ]),
    ];
    printTable(['command', 'wall s', 'CPU s', 'lines'], rows);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

const REGIONS = ['fsn=192.0.2.10', 'hel=192.0.2.20'];

/** Disjoint networks from 1.0.0.0 on, /22 to /26, each at one of the places; the targets are in them too. */
function networks(): GeoNetwork[] {
  const next = seededUint32(SEED);
  const places = Array.from({ length: PLACES }, () => ({
    lat: (next() % 1_800_000) / 10_000 - 90,
    lon: (next() % 3_600_000) / 10_000 - 180,
  }));
  const made: GeoNetwork[] = [];
  let at = 0x0100_0000;
  while (made.length < NETWORKS) {
    const length = 24 - (next() % 3) + (next() % 4 === 0 ? 2 : 0);
    const size = 2 ** (32 - length);
    at = Math.ceil(at / size) * size;
    const place = places[next() % PLACES];
    if (place !== undefined)
      made.push({ network: `${[24, 16, 8, 0].map((bits) => (at >>> bits) & 255).join('.')}/${length}`, ...place });
    at += size;
  }
  return [...made, ...TARGETS.map(([network, lat, lon]) => ({ network, lat, lon }))];
}

const TARGETS = [
  ['192.0.2.10', 50.5, 12.3],
  ['192.0.2.20', 60.2, 24.9],
  ['192.0.2.30', 1.3, 103.8],
] as const;

/** Records that send clients to the nearest target, and by hash, each in its own way. */
function zoneText(): string {
  const addresses = TARGETS.map(([address]) => `'${address}'`);
  const records = Array.from({ length: RECORDS }, (_, i) => {
    const rotated = [...addresses.slice(i % 3), ...addresses.slice(0, i % 3)].join(',');
    const code = [
      `pickclosest({${rotated}})`,
      `ifurlup('http://geo${i}.acme.test/', {${rotated}}, {selector='pickclosest'})`,
      `pickwhashed({{${i + 1},'192.0.2.10'},{50,'192.0.2.20'}})`,
      `ifportup(443, {${rotated}}, {selector='pickclosest'})`,
    ][i % 4];
    return `geo${i} 60 IN LUA A "${code}"`;
  });
  return ['$ORIGIN acme.test.', '@ 3600 IN SOA ns1 hostmaster 1 10800 3600 604800 60', ...records, ''].join('\n');
}

/** The shell knows what its children took. */
const SCRIPT = '"$@"; code=$?; times >&2; exit $code';

async function timed(label: string, call: readonly string[]): Promise<string[]> {
  const startedMs = performance.now();
  const { stdout, stderr } = await execute('/bin/sh', ['-c', SCRIPT, 'sh', command, ...call], {
    maxBuffer: MOST_OUTPUT_BYTES,
  });
  const wall = (performance.now() - startedMs) / 1000;
  const times = stderr.trimEnd().split('\n').at(-1) ?? '';
  const cpu = [...times.matchAll(/(\d+)m([\d.]+)s/g)].reduce(
    (sum, [, minutes, seconds]) => sum + 60 * Number(minutes) + Number(seconds),
    0,
  );
  return [label, wall.toFixed(1), cpu.toFixed(1), `${stdout.trimEnd().split('\n').length}`];
}
