/** A source that is the configuration directory of a server. */
import { UserError } from '../input/errors.ts';
import type { Zone } from '../simulator/zone/record.ts';
import { loadBindZones, type PdnsConfig, readConfigDir } from '../wire/pdns-conf.ts';
import type { Source, UnreadZone } from './source.ts';
import { absoluteName, keepEqual, serialsOf } from './zones.ts';

/** A directory says where the zones are: in files of the bind backend, else behind the API that it configures. */
export function directorySource(configDir: string): Source {
  let known: readonly Zone[] = [];
  let api: { readonly url: string; readonly source: Source } | undefined;
  return {
    description: `the configuration in ${configDir}`,
    async read(whole, signal) {
      const config = await readConfigDir(configDir);
      if (config.bindConfig === undefined) {
        const { url, key } = apiOf(config);
        if (api?.url !== url) {
          // Most directories name zone files; what the API needs takes longer to load than they take to read.
          const { apiSource } = await import('./api-source.ts');
          api = { url, source: apiSource(url, async () => key, `${configDir}/pdns.conf`, ['*']) };
        }
        const reading = await api.source.read(whole, signal);
        return { ...reading, warnings: [...config.warnings, ...reading.warnings] };
      }
      const unreadZones: UnreadZone[] = [];
      const unreadable: string[] = [];
      // As PowerDNS does: a zone that cannot be read is left out, the others are served.
      known = keepEqual(
        known,
        await loadBindZones(config, {
          onBadZone: (zone, error) =>
            unreadZones.push({ zone: absoluteName(zone), problem: error.describe(), isRejected: true }),
          onUnreadable: (error) => unreadable.push(error.describe()),
        }),
      );
      const elsewhere = config.unreadBackends.map((what) => `${what}; the API has them: api and keyFile, or --api`);
      const bad = [...unreadZones.map(({ problem }) => problem), ...unreadable];
      const warnings = [...config.warnings, ...elsewhere, ...bad];
      return { zones: known, serials: serialsOf(known), settings: config.settings, warnings, unreadZones };
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
