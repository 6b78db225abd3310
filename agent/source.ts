/** Where a server's records and settings are read from. */
import { readFile } from 'node:fs/promises';
import { UserError } from '../geoip/errors.ts';
import { bindBackendOrder } from '../simulator/zone/backend-order.ts';
import { lowerCaseName } from '../simulator/zone/name.ts';
import type { Zone } from '../simulator/zone/record.ts';
import { writtenOrigin } from '../simulator/zone/zone-origin.ts';
import { parseZoneFile } from '../simulator/zone/zonefile.ts';
import { loadBindZones, type PdnsConfig, readConfigDir } from '../wire/pdns-conf.ts';
import { powerDnsApi, readApiKeyFile } from '../wire/powerdns-api.ts';
import { LUA_RECORDS_ON } from '../wire/server-settings.ts';
import { axfrSource } from './axfr-source.ts';
import type { SourceConfig } from './config.ts';
import { keepEqual, sameZone, serialsOf } from './zones.ts';

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
  /**
   * Where the source itself tells that there is something new: calls `onNews`, after which `read` sees it, until `signal`
   * aborts. Throws `UserError` where it cannot listen; reading again and again still works then.
   */
  watch?(onNews: () => void, signal: AbortSignal): Promise<void>;
}

export function openSource(config: SourceConfig): Source {
  if ('api' in config) {
    const { api, keyFile, zones } = config;
    return apiSource(api, () => readApiKeyFile(keyFile), keyFile, zones);
  }
  if ('axfr' in config) return axfrSource(config);
  return 'configDir' in config ? directorySource(config.configDir) : fileSource(config.zoneFiles);
}

const API_TIMEOUT_MS = 5000;

/** `keyPlace`: where the key comes from, for messages. */
function apiSource(api: string, key: () => Promise<string>, keyPlace: string, wanted: readonly string[]): Source {
  let known = new Map<string, { serial: number; zone: Zone }>();
  return {
    description: `the API at ${api}`,
    async read(whole, signal) {
      const client = powerDnsApi({ url: api, key: await key(), keyFile: keyPlace, timeoutMs: API_TIMEOUT_MS });
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

/** A directory says where the zones are: in files of the bind backend, else behind the API that it configures. */
function directorySource(configDir: string): Source {
  let known: readonly Zone[] = [];
  let api: { readonly url: string; readonly source: Source } | undefined;
  return {
    description: `the configuration in ${configDir}`,
    async read(whole, signal) {
      const config = await readConfigDir(configDir);
      if (config.bindConfig === undefined) {
        const { url, key } = apiOf(config);
        if (api?.url !== url) {
          api = { url, source: apiSource(url, async () => key, `${configDir}/pdns.conf`, ['*']) };
        }
        const reading = await api.source.read(whole, signal);
        return { ...reading, warnings: [...config.warnings, ...reading.warnings] };
      }
      const bad: string[] = [];
      // As PowerDNS does: a zone that cannot be read is left out, the others are served.
      known = keepEqual(
        known,
        await loadBindZones(config, { onBadZone: (_zone, error) => bad.push(error.describe()) }),
      );
      const warnings = [...config.warnings, ...bad];
      return { zones: known, serials: serialsOf(known), settings: config.settings, warnings };
    },
  };
}

function apiOf({ directory, launch, webserver }: PdnsConfig): { url: string; key: string } {
  const { api, apiKey, address, port } = webserver;
  if (!api || apiKey === undefined || apiKey.startsWith('$scrypt$')) {
    const backends = launch.join(', ') || 'none';
    const why = !api ? 'the API is off' : apiKey === undefined ? 'api-key is not set' : 'api-key is hashed';
    throw new UserError('E_SOURCE', `zones are not in files (launch=${backends}), and ${why}`, {
      place: { file: `${directory}/pdns.conf` },
      hint: 'Set api=yes and api-key, or give the API and a key file: source: { api: http://127.0.0.1:8081, keyFile: … }.',
    });
  }
  const host =
    address === '0.0.0.0' ? '127.0.0.1' : address === '::' ? '[::1]' : address.includes(':') ? `[${address}]` : address;
  return { url: `http://${host}:${port}`, key: apiKey };
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
        settings: LUA_RECORDS_ON,
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
  const origin = originOf(file, text);
  const records = parseZoneFile(text, { file, origin });
  const apex = records.find((record) => record.type === 'SOA')?.owner ?? origin;
  return { name: apex, records: bindBackendOrder(records) };
}

/**
 * A zone file on its own says which zone it is by the `$ORIGIN` it begins with; else its name does: `acme.test.zone` and
 * `db.acme.test` are acme.test.
 */
function originOf(file: string, text: string): string {
  const written = writtenOrigin(text);
  if (written !== undefined) return written;
  const base = file.split('/').at(-1) ?? file;
  return `${base.replace(/^db\./, '').replace(/\.(?:zone|db|txt)$/, '')}.`;
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
