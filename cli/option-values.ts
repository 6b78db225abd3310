/** What the flags that several commands share come to. */
import { existsSync } from 'node:fs';
import type { SourceConfig } from '../agent/config.ts';
import type { SourceReading } from '../agent/source.ts';
import { addressBits, type IpAddress, type Prefix, parseAddress, parseNetmask } from '../geoip/address.ts';
import type { GeoDatabase } from '../geoip/database.ts';
import { parseDatabaseFiles } from '../geoip/database-files.ts';
import { UserError } from '../input/errors.ts';
import { PROFILES, profileOfVersion } from '../simulator/profile/index.ts';
import { type Profile, RELEASE_LINES } from '../simulator/profile/profile.ts';
import { geoipFilesOf } from '../wire/geoip-files.ts';
import type { ZoneFlags } from './options.ts';

/** The one source that the flags name. */
export function sourceOf(flags: ZoneFlags): SourceConfig {
  const { zone, 'config-dir': configDir, api, 'api-key-file': apiKeyFile } = flags;
  const named = [zone && '--zone', configDir && '--config-dir', api && '--api'].filter((each) => each !== undefined);
  if (named.length !== 1) {
    throw new UserError(
      'E_SOURCE',
      named.length === 0 ? 'where are the zones?' : `zones come from one place, not from ${named.join(' and ')}`,
      {
        hint: 'Give one of --zone FILE, --config-dir DIR, --api URL --api-key-file FILE.',
      },
    );
  }
  if (apiKeyFile !== undefined && api === undefined) {
    throw new UserError('E_API_KEY_FILE', '--api-key-file needs --api', {
      hint: 'Name the API whose key that is: --api http://127.0.0.1:8081.',
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

/** What the source says of itself that its reader should know; on stderr, so that stdout stays what was asked for. */
export function warnOf(warnings: readonly string[]): void {
  for (const warning of warnings) console.error(`warning: ${warning}`);
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

/** The databases of a specification, none for a server that loads none. */
export async function databasesFor(spec: string | undefined): Promise<GeoDatabase[]> {
  if (spec === undefined) return [];
  const { openDatabases } = await import('../geoip/database.ts');
  return openDatabases(spec);
}

/**
 * The databases to open: `flag` as given, else those that the server's own configuration loads. A server that was read over
 * its API may be another machine: files that are not here are warned of, not guessed.
 */
export function geoFilesOf(flag: string | undefined, source: SourceConfig, reading: SourceReading): string | undefined {
  if (flag !== undefined) return flag;
  const spec = geoipFilesOf(reading.settings);
  if (spec === undefined || spec === '') return undefined;
  const absent = 'api' in source ? parseDatabaseFiles(spec).filter(({ path }) => !existsSync(path)) : [];
  if (absent.length === 0) return spec;
  const paths = absent.map(({ path }) => path).join(', ');
  warnOf([
    `the server loads ${paths}, which this machine does not have: every client is nowhere. Name a copy with --geoip.`,
  ]);
  return undefined;
}

export function addressFlag(flag: string, text: string): IpAddress {
  const address = parseAddress(text);
  if (address !== undefined) return address;
  throw new UserError('E_ADDRESS', `${flag} ${text}: not an IP address`, {
    hint: 'Write it as 192.0.2.1 or 2001:db8::1.',
  });
}

/** Host bits are cleared, as resolvers do before they send a client's network. */
export function subnetFlag(flag: string, text: string): Prefix {
  const prefix = /^[^/]+(\/\d{1,3})?$/.test(text) ? parseNetmask(text) : undefined;
  const length = Number(text.split('/')[1] ?? 0);
  if (prefix !== undefined && length <= addressBits(prefix.address)) return prefix;
  const why = prefix === undefined ? 'not a network' : `an address has ${addressBits(prefix.address)} bits`;
  throw new UserError('E_SUBNET', `${flag} ${text}: ${why}`, { hint: 'Write it as 198.51.100.0/24 or 2001:db8::/56.' });
}
