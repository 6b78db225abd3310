import { readdir, readFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { formatAddress, parseComboAddress } from '../geoip/address.ts';
import { type InputPlace, UserError } from '../input/errors.ts';
import { parseSettings, type Setting } from './pdns-conf-settings.ts';
import { backendKind, configWarnings, unreadBackends } from './pdns-conf-warnings.ts';

/** The zones of the configuration that was read. */
export { type BindZonesOptions, loadBindZones } from './bind-zones.ts';

export interface ListenAddress {
  readonly address: string;
  readonly port: number;
}

/** What a PowerDNS configuration says, with PowerDNS's defaults where it says nothing. */
export interface PdnsConfig {
  readonly directory: string;
  /** Every file that was read, `pdns.conf` first. */
  readonly files: readonly string[];
  /** Everything that is set, by name. */
  readonly settings: ReadonlyMap<string, string>;
  /** Backends in order, as written: `bind`, `geoip`, `bind:second`. */
  readonly launch: readonly string[];
  /** named.conf of the bind backend. */
  readonly bindConfig: string | undefined;
  /** As `geoip-database-files` has it; empty unless the geoip backend is launched, since only that opens them. */
  readonly geoipDatabaseFiles: string;
  readonly ednsSubnetProcessing: boolean;
  /** `shared` is `yes` with Lua states that live on. */
  readonly enableLuaRecords: 'no' | 'yes' | 'shared';
  /** Since 5.1: whether API, AXFR and DNS UPDATE may change LUA records. */
  readonly enableLuaRecordUpdates: boolean;
  readonly luaHealthChecksIntervalSeconds: number;
  readonly luaHealthChecksExpireDelaySeconds: number;
  readonly luaRecordsExecLimit: number;
  /** `undefined` if it is not set: the default is yes up to 4.9 and no since 5.0. */
  readonly luaRecordsInsertWhitespace: boolean | undefined;
  readonly luaGlobalIncludeDir: string | undefined;
  readonly localAddresses: readonly ListenAddress[];
  readonly webserver: {
    /** `api=yes` starts the webserver too. */
    readonly enabled: boolean;
    readonly api: boolean;
    readonly address: string;
    readonly port: number;
    readonly apiKey: string | undefined;
  };
  readonly cacheTtlSeconds: number;
  readonly queryCacheTtlSeconds: number;
  readonly negqueryCacheTtlSeconds: number;
  readonly zoneCacheRefreshIntervalSeconds: number;
  readonly zoneMetadataCacheTtlSeconds: number;
  readonly defaultTtlSeconds: number;
  readonly noShuffle: boolean;
  readonly eightBitDns: boolean;
  readonly resolveAcrossZones: boolean;
  readonly anyToTcp: boolean;
  readonly versionString: string;
  /** What is set, matters for the answers and is not supported: `file:line: setting: what that means`. */
  readonly warnings: readonly string[];
  /** Backends whose zones are not in files, a line each as in `warnings`. */
  readonly unreadBackends: readonly string[];
}

/**
 * Reads `pdns.conf` in `directory` and the `*.conf` of its `include-dir` (sorted by name, case ignored). Relative paths
 * count from `directory`. Throws `E_PDNS_CONF` with file and line for a file that cannot be read and for a value that
 * PowerDNS would refuse.
 */
export async function readConfigDir(directory: string): Promise<PdnsConfig> {
  const root = resolve(directory);
  const main = join(root, 'pdns.conf');
  const first = parseSettings(await readText(main), main, new Map());
  const includeDir = first.get('include-dir')?.value ?? '';
  const included = includeDir === '' ? [] : await configFiles(resolve(root, includeDir), first.get('include-dir'));
  let settings = first;
  for (const file of included) settings = parseSettings(await readText(file), file, settings);
  return typedConfig(root, [main, ...included], settings);
}

function typedConfig(directory: string, files: readonly string[], settings: ReadonlyMap<string, Setting>): PdnsConfig {
  const text = (name: string, fallback = '') => settings.get(name)?.value ?? fallback;
  const flag = (name: string, fallback: boolean) => (settings.has(name) ? isOn(text(name)) : fallback);
  const path = (name: string) => (text(name) === '' ? undefined : resolve(directory, text(name)));
  const seconds = (name: string, fallback: number) => numberOf(name, settings.get(name), fallback);
  const launch = list(text('launch'));
  return {
    directory,
    files,
    settings: new Map([...settings].map(([name, { value }]) => [name, value])),
    launch,
    bindConfig: path('bind-config'),
    geoipDatabaseFiles: launch.some((backend) => backendKind(backend) === 'geoip') ? text('geoip-database-files') : '',
    ednsSubnetProcessing: flag('edns-subnet-processing', false),
    enableLuaRecords: luaRecords(text('enable-lua-records', 'no')),
    enableLuaRecordUpdates: flag('enable-lua-record-updates', false),
    luaHealthChecksIntervalSeconds: seconds('lua-health-checks-interval', 5),
    luaHealthChecksExpireDelaySeconds: seconds('lua-health-checks-expire-delay', 3600),
    luaRecordsExecLimit: seconds('lua-records-exec-limit', 1000),
    luaRecordsInsertWhitespace: settings.has('lua-records-insert-whitespace')
      ? flag('lua-records-insert-whitespace', false)
      : undefined,
    luaGlobalIncludeDir: path('lua-global-include-dir'),
    localAddresses: listenAddresses(settings, seconds('local-port', 53)),
    webserver: {
      enabled: flag('webserver', false) || flag('api', false),
      api: flag('api', false),
      address: text('webserver-address', '127.0.0.1'),
      port: seconds('webserver-port', 8081),
      apiKey: text('api-key') === '' ? undefined : text('api-key'),
    },
    cacheTtlSeconds: seconds('cache-ttl', 20),
    queryCacheTtlSeconds: seconds('query-cache-ttl', 20),
    negqueryCacheTtlSeconds: seconds('negquery-cache-ttl', 60),
    zoneCacheRefreshIntervalSeconds: seconds('zone-cache-refresh-interval', 300),
    zoneMetadataCacheTtlSeconds: seconds('zone-metadata-cache-ttl', 60),
    defaultTtlSeconds: seconds('default-ttl', 3600),
    noShuffle: flag('no-shuffle', false),
    eightBitDns: flag('8bit-dns', false),
    resolveAcrossZones: flag('resolve-across-zones', true),
    anyToTcp: flag('any-to-tcp', true),
    versionString: text('version-string', 'full'),
    warnings: configWarnings(settings, launch),
    unreadBackends: unreadBackends(settings, launch),
  };
}

/** PowerDNS's reading of a switch: everything but `no` and `off` is on, also nothing at all. */
function isOn(value: string): boolean {
  return value !== 'no' && value !== 'off';
}

/** Anything but `no` switches LUA records on, `off` included. */
function luaRecords(value: string): PdnsConfig['enableLuaRecords'] {
  if (value === 'no' || value === 'shared') return value;
  return 'yes';
}

function list(value: string): string[] {
  return value.split(/[, \t]+/).filter((entry) => entry !== '');
}

/** C's `strtol` with base 0: decimal, `0x` or octal, and whatever follows the digits is ignored. Empty is 0. */
function numberOf(name: string, setting: Setting | undefined, fallback: number): number {
  if (setting === undefined) return fallback;
  if (setting.value === '') return 0;
  const match = /^\s*(-?)(0x[0-9a-f]+|0[0-7]*|[1-9]\d*)/i.exec(setting.value);
  const [, sign, digits = ''] = match ?? [];
  if (match === null) {
    throw confError(
      setting.place,
      `${name} is '${setting.value}', which is no number`,
      `Write it like ${name}=${fallback}.`,
    );
  }
  const value = /^0[0-7]+$/.test(digits) ? Number.parseInt(digits, 8) : Number(digits);
  return sign === '-' ? -value : value;
}

function listenAddresses(settings: ReadonlyMap<string, Setting>, port: number): ListenAddress[] {
  const setting = settings.get('local-address');
  return list(setting?.value ?? '0.0.0.0, ::').map((entry) => {
    const parsed = parseComboAddress(entry);
    if (parsed === undefined) {
      throw confError(
        setting?.place,
        `local-address has '${entry}', which is no address`,
        'Write IP addresses, each with :port if need be.',
      );
    }
    return { address: formatAddress(parsed.address), port: parsed.port === 0 ? port : parsed.port };
  });
}

async function configFiles(directory: string, setting: Setting | undefined): Promise<string[]> {
  try {
    const entries = await readdir(directory);
    return entries
      .filter((name) => name.endsWith('.conf') && !name.startsWith('.'))
      .sort((left, right) => (left.toLowerCase() < right.toLowerCase() ? -1 : 1))
      .map((name) => join(directory, name));
  } catch (cause) {
    throw confError(
      setting?.place,
      `include-dir '${directory}' cannot be read`,
      'Create it or take the setting out.',
      cause,
    );
  }
}

async function readText(path: string): Promise<string> {
  try {
    return await readFile(path, 'utf8');
  } catch (cause) {
    const hint = 'Give the directory that holds pdns.conf, often /etc/powerdns or /etc/pdns, readable for this user.';
    throw confError({ file: path }, 'the PowerDNS configuration cannot be read', hint, cause);
  }
}

function confError(place: InputPlace | undefined, message: string, hint: string, cause?: unknown): UserError {
  return new UserError('E_PDNS_CONF', message, { ...(place === undefined ? {} : { place }), hint, cause });
}
