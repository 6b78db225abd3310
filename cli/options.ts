/** Flags that several commands share, and what they come to. */
import type { Argv, InferredOptionTypes, Options } from 'yargs';
import { type IpAddress, type Prefix, parseAddress, parseNetmask } from '../geoip/address.ts';
import { openDatabases } from '../geoip/database.ts';
import { UserError } from '../geoip/errors.ts';
import { type GeoView, geoView, noGeo } from '../geoip/location.ts';
import type { SourceConfig } from '../agent/config.ts';
import { openSource, type SourceReading } from '../agent/source.ts';
import { PROFILES, profileOfVersion } from '../simulator/profile/index.ts';
import { type Profile, RELEASE_LINES } from '../simulator/profile/profile.ts';

export const zoneOptions = {
  zone: { type: 'string', array: true, requiresArg: true, describe: 'Zone file (repeatable)' },
  'config-dir': { type: 'string', requiresArg: true, describe: 'PowerDNS configuration directory' },
  api: { type: 'string', requiresArg: true, describe: "URL of PowerDNS's REST API" },
  'api-key-file': { type: 'string', requiresArg: true, describe: 'File that holds the API key' },
} as const satisfies Record<string, Options>;

export const modelOptions = {
  pdns: { choices: RELEASE_LINES, describe: 'Release line; default: asked from the server, else 5.1' },
  geoip: { type: 'string', requiresArg: true, describe: 'MMDB files, as in geoip-database-files' },
  format: { choices: ['text', 'json'] as const, default: 'text' as const, describe: 'Output format' },
} as const satisfies Record<string, Options>;

export type ZoneFlags = InferredOptionTypes<typeof zoneOptions>;
export type ModelFlags = InferredOptionTypes<typeof modelOptions>;

/** Adds the flags that say where zones come from. */
export function withZoneOptions<T>(argv: Argv<T>) {
  return argv.options(zoneOptions);
}

/** The one source that the flags name. */
export function sourceOf(flags: ZoneFlags): SourceConfig {
  const { zone, configDir, api, apiKeyFile } = flags as ZoneFlags & { configDir?: string; apiKeyFile?: string };
  const named = [zone, configDir, api].filter((each) => each !== undefined);
  if (named.length !== 1) {
    throw new UserError('E_SOURCE', named.length === 0 ? 'where are the zones?' : 'zones come from one place only', {
      hint: 'Give one of --zone FILE, --config-dir DIR, --api URL --api-key-file FILE.',
    });
  }
  if (zone !== undefined) return { zoneFiles: zone };
  if (configDir !== undefined) return { configDir };
  if (api === undefined || apiKeyFile === undefined) {
    throw new UserError('E_API_KEY_FILE', '--api needs --api-key-file', {
      hint: 'Put the value of api-key from pdns.conf into a file and name it.',
    });
  }
  return { api, keyFile: apiKeyFile, zones: ['*'] };
}

/** Reads the source once. */
export function readOnce(source: SourceConfig): Promise<SourceReading> {
  return openSource(source).read(true, AbortSignal.timeout(30_000));
}

/** The profile that was asked for, else the source's own, else the newest. */
export function profileFor(pdns: string | undefined, reading: SourceReading): Profile {
  const version = pdns ?? reading.version;
  if (version === undefined) return PROFILES['5.1'];
  const profile = profileOfVersion(version);
  if (profile !== undefined) return profile;
  throw new UserError('E_PROFILE_UNKNOWN', `the server is PowerDNS ${version}, which is no known release line`, {
    hint: `Known are ${RELEASE_LINES.join(', ')}; say which one it behaves as with --pdns.`,
  });
}

/** `files` as given, else those that the configuration loads. */
export async function geoFor(files: string | undefined, reading: SourceReading): Promise<GeoView> {
  const launched = (reading.settings.get('launch') ?? '').includes('geoip');
  const spec = files ?? (launched ? reading.settings.get('geoip-database-files') : undefined);
  return spec === undefined || spec === '' ? noGeo : geoView(await openDatabases(spec));
}

export function addressFlag(flag: string, text: string): IpAddress {
  const address = parseAddress(text);
  if (address !== undefined) return address;
  throw new UserError('E_ADDRESS', `${flag} ${text}: not an IP address`, { hint: 'Write it as 192.0.2.1 or 2001:db8::1.' });
}

export function subnetFlag(flag: string, text: string): Prefix {
  const prefix = parseNetmask(text);
  if (prefix !== undefined) return prefix;
  throw new UserError('E_SUBNET', `${flag} ${text}: not a network`, { hint: 'Write it as 198.51.100.0/24.' });
}
