/** Where a server's records and settings are read from. */
import { readFile } from 'node:fs/promises';
import { UserError } from '../geoip/errors.ts';
import type { Zone } from '../simulator/zone/record.ts';
import { bindBackendOrder } from '../simulator/zone/backend-order.ts';
import { lowerCaseName } from '../simulator/zone/name.ts';
import { parseZoneFile } from '../simulator/zone/zonefile.ts';
import { loadBindZones, readConfigDir } from '../wire/pdns-conf.ts';
import { powerDnsApi, readApiKeyFile } from '../wire/powerdns-api.ts';
import type { SourceConfig } from './config.ts';

export interface SourceReading {
  readonly zones: readonly Zone[];
  /** By zone name in lower case: the serial that the server should answer with. */
  readonly serials: ReadonlyMap<string, number>;
  /** Settings by name. */
  readonly settings: ReadonlyMap<string, string>;
  /** Where the source is a running server. */
  readonly version?: string;
  readonly uptimeSeconds?: number;
  readonly warnings: readonly string[];
}

export interface Source {
  /** For people: `the API at http://…`. */
  readonly description: string;
  /** Throws `UserError`. `whole`: read everything again, also zones whose serial has not changed. */
  read(whole: boolean, signal: AbortSignal): Promise<SourceReading>;
}

export function openSource(config: SourceConfig): Source {
  if ('api' in config) return apiSource(config);
  return 'configDir' in config ? directorySource(config.configDir) : fileSource(config.zoneFiles);
}

const API_TIMEOUT_MS = 5000;

function apiSource({ api, keyFile, zones: wanted }: Extract<SourceConfig, { api: string }>): Source {
  let known = new Map<string, { serial: number; zone: Zone }>();
  return {
    description: `the API at ${api}`,
    async read(whole, signal) {
      const client = powerDnsApi({ url: api, key: await readApiKeyFile(keyFile), keyFile, timeoutMs: API_TIMEOUT_MS });
      const [info, settings, statistics, list] = await Promise.all([
        client.serverInfo(signal),
        client.config(signal),
        client.statistics(signal),
        client.zones(signal),
      ]);
      const next: typeof known = new Map();
      const serials = new Map<string, number>();
      for (const { name, editedSerial, serial } of list.filter((zone) => isWanted(zone.name, wanted))) {
        const old = known.get(name);
        const isFresh = !whole && old?.serial === serial;
        const zone = isFresh ? old.zone : await client.zone(name, signal);
        next.set(name, { serial, zone: old !== undefined && sameZone(old.zone, zone) ? old.zone : zone });
        serials.set(lowerCaseName(name), editedSerial);
      }
      known = next;
      const uptimeSeconds = statistics.get('uptime');
      return {
        zones: [...next.values()].map(({ zone }) => zone),
        serials,
        settings,
        version: info.version,
        ...(uptimeSeconds === undefined ? {} : { uptimeSeconds }),
        warnings: [],
      };
    },
  };
}

function isWanted(zone: string, wanted: readonly string[]): boolean {
  const bare = (name: string) => lowerCaseName(name).replace(/\.$/, '');
  return wanted.some((pattern) => pattern === '*' || bare(pattern) === bare(zone));
}

function directorySource(configDir: string): Source {
  let known: readonly Zone[] = [];
  return {
    description: `the configuration in ${configDir}`,
    async read() {
      const config = await readConfigDir(configDir);
      const bad: string[] = [];
      // As PowerDNS does: a zone that cannot be read is left out, the others are served.
      known = keepEqual(known, await loadBindZones(config, { onBadZone: (_zone, error) => bad.push(error.describe()) }));
      const warnings = [...config.warnings, ...bad];
      return { zones: known, serials: serialsOf(known), settings: config.settings, warnings };
    },
  };
}

function fileSource(files: readonly string[]): Source {
  let known: readonly Zone[] = [];
  return {
    description: `zone files ${files.join(', ')}`,
    async read() {
      const read = await Promise.all(files.map(readZoneFile));
      known = keepEqual(known, read);
      return {
        zones: known,
        serials: serialsOf(known),
        settings: new Map([['enable-lua-records', 'yes']]),
        warnings: [],
      };
    },
  };
}

/** A zone file on its own: the zone is where its SOA record is. */
export async function readZoneFile(file: string): Promise<Zone> {
  let text: string;
  try {
    text = await readFile(file, 'utf8');
  } catch (cause) {
    throw new UserError('E_ZONE_FILE', `the zone file ${file} cannot be read: ${messageOf(cause)}`, { cause });
  }
  const records = parseZoneFile(text, { file, origin: originOf(file) });
  const apex = records.find((record) => record.type === 'SOA')?.owner ?? originOf(file);
  return { name: apex, records: bindBackendOrder(records) };
}

/** `acme.test.zone` and `db.acme.test` are zones by their file name, where nothing inside says otherwise. */
function originOf(file: string): string {
  const base = file.split('/').at(-1) ?? file;
  return `${base.replace(/^db\./, '').replace(/\.(?:zone|db|txt)$/, '')}.`;
}

/** Zones that have not changed stay the same objects, so that a change can be told from a reading. */
function keepEqual(known: readonly Zone[], read: readonly Zone[]): readonly Zone[] {
  const kept = read.map((zone) => known.find((old) => sameZone(old, zone)) ?? zone);
  return kept.length === known.length && kept.every((zone, i) => zone === known[i]) ? known : kept;
}

function sameZone(a: Zone, b: Zone): boolean {
  return a.name === b.name && JSON.stringify(a.records) === JSON.stringify(b.records);
}

function serialsOf(zones: readonly Zone[]): Map<string, number> {
  const serials = new Map<string, number>();
  for (const zone of zones) {
    const soa = zone.records.find((record) => record.kind === 'static' && record.type === 'SOA');
    const serial = soa?.kind === 'static' ? Number(soa.rdata.split(/\s+/)[2]) : Number.NaN;
    if (!Number.isNaN(serial)) serials.set(lowerCaseName(zone.name), serial);
  }
  return serials;
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
