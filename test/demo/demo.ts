/**
 * The main job in one minute, on real parts: a real PowerDNS, two fake regions, and the agent beside them. A region
 * fails and recovers; somebody writes a record that does not do what its writer thinks; a target fails for PowerDNS only.
 *
 * Exit codes: 0 the story went as told, 1 something in it did not happen, 3 no PowerDNS can be had.
 */
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { writeDatabase } from '../../geoip/writer.ts';
import { describeResult, installServers } from '../../wire/rig/install.ts';
import { findServers, type RunningPowerDns, startPowerDns } from '../../wire/rig/rig.ts';
import type { ServerBinary } from '../../wire/rig/server-binary.ts';
import { startRegions } from './regions.ts';
import { Story } from './story.ts';
import { timeline } from './timeline.ts';
import { CLIENTS, networks, SETTINGS, ZONE, zoneText } from './zone.ts';

const LINE = '5.1';

const binary = await findPowerDns();
if (binary === undefined) process.exit(3);
const folder = await mkdtemp(join(tmpdir(), 'pdns-shadow-demo-'));
try {
  process.exitCode = (await play(binary, folder)) ? 0 : 1;
} finally {
  await rm(folder, { recursive: true, force: true });
}

async function findPowerDns(): Promise<ServerBinary | undefined> {
  const own = (await findServers()).servers.find((server) => server.origin === 'PDNS_SERVER');
  if (own !== undefined) return own;
  const [result] = await installServers({ lines: [LINE] });
  if (result?.kind === 'installed') return result.server;
  if (result !== undefined) console.error(describeResult(result));
  console.error(`The demo needs a real PowerDNS ${LINE}. On Debian it is fetched by itself; elsewhere install the`);
  console.error('authoritative server (packages pdns-server, pdns-backend-sqlite3, pdns-backend-geoip) and name it:');
  console.error('  PDNS_SERVER=/usr/sbin/pdns_server npm run demo');
  return undefined;
}

async function play(server: ServerBinary, work: string): Promise<boolean> {
  const out = timeline();
  const regions = await startRegions();
  const geoip = join(work, 'demo.mmdb');
  await writeFile(geoip, writeDatabase(networks(regions)));
  const pdns = await startPowerDns({
    binary: server,
    backend: 'gsqlite3',
    zones: { [ZONE]: zoneText(regions) },
    settings: SETTINGS,
    geoipFiles: [geoip],
  });
  const keyFile = join(work, 'api-key');
  await writeFile(keyFile, pdns.apiKey);
  const story = new Story(out, regions, pdns, configText(pdns, keyFile, geoip));
  try {
    return await story.tell();
  } finally {
    await story.end();
    await pdns.stop();
    regions.close();
  }
}

function configText(pdns: RunningPowerDns, keyFile: string, geoip: string): string {
  return [
    'servers:',
    `  - { name: ns1, address: "${pdns.address}:${pdns.port}", source: { api: "${pdns.apiUrl}", keyFile: ${keyFile} } }`,
    'clients:',
    ...CLIENTS.map(({ name, subnet }) => `  - { name: ${name}, subnet: ${subnet} }`),
    `geoip: ${geoip}`,
    'crossCheck: { interval: 500ms }',
    'sourceRefresh: 1s',
  ].join('\n');
}
