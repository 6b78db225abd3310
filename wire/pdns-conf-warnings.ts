import { formatPlace } from '../input/errors.ts';
import type { Setting } from './pdns-conf-settings.ts';

type Settings = ReadonlyMap<string, Setting>;

/** What is set, matters for the answers, and is not looked at; one line each, with its place. */
export function configWarnings(settings: Settings, launch: readonly string[]): string[] {
  return [...launchWarnings(settings, launch), ...settingWarnings(settings)];
}

/** Backends whose zones are not in files: whoever reads the files alone does not have them. */
export function unreadBackends(settings: Settings, launch: readonly string[]): string[] {
  return launch
    .filter((backend) => backend !== 'bind' && backendKind(backend) !== 'geoip')
    .map((backend) => warning(settings, 'launch', `zones of the backend '${backend}' are in no files and not read`));
}

/** The module of a `launch` entry: `bind` for `bind:second`. */
export function backendKind(launched: string): string {
  return launched.split(':', 1)[0] ?? launched;
}

function launchWarnings(settings: Settings, launch: readonly string[]): string[] {
  const kinds = launch.map(backendKind);
  const bindConfig = settings.get('bind-config')?.value ?? '';
  return [
    ...(launch.length === 0 ? [warning(settings, 'launch', 'no backend is named, so there are no zones')] : []),
    ...(kinds.includes('bind') && bindConfig === ''
      ? [warning(settings, 'bind-config', 'the bind backend has no file to read zones from')]
      : []),
    ...(settings.has('geoip-database-files') && !kinds.includes('geoip')
      ? [warning(settings, 'geoip-database-files', 'launch has no geoip, so PowerDNS knows no location at all')]
      : []),
  ];
}

function settingWarnings(settings: Settings): string[] {
  return [...settings].flatMap(([name, { value }]) => {
    const effect = UNSUPPORTED[name];
    const isOff = value === '' || value === 'no' || value === 'off';
    return effect === undefined || isOff ? [] : [warning(settings, name, effect)];
  });
}

const UNSUPPORTED: Readonly<Record<string, string>> = {
  'bind-dnssec-db': 'zone metadata (ENABLE-LUA-RECORDS) and DNSSEC keys in that database are not read',
  'bind-hybrid': 'zone metadata and DNSSEC keys of the other backend are not read',
  'expand-alias': 'ALIAS records are not resolved',
  'geoip-zones-file': 'zones of the geoip backend are not read',
  'lua-prequery-script': 'the script may answer in place of the records and is not run',
  'proxy-protocol-from': 'addresses of clients behind a proxy are not looked at',
  views: 'every client gets the default view',
};

function warning(settings: Settings, name: string, effect: string): string {
  const place = settings.get(name)?.place;
  return `${place === undefined ? '' : `${formatPlace(place)}: `}${name}: ${effect}`;
}
