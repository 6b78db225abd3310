/** A source that is the REST API of a running server. */
import { UserError } from '../input/errors.ts';
import { lowerCaseName } from '../simulator/zone/name.ts';
import type { Zone } from '../simulator/zone/record.ts';
import { powerDnsApi } from '../wire/powerdns-api.ts';
import type { Source, UnreadZone } from './source.ts';
import { absoluteName, sameZone } from './zones.ts';

const API_TIMEOUT_MS = 5000;

/** `keyPlace`: where the key comes from, for messages. */
export function apiSource(
  api: string,
  key: () => Promise<string>,
  keyPlace: string,
  wanted: readonly string[],
): Source {
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
      const refused: UnreadZone[] = [];
      let refusal: UserError | undefined;
      for (const { name, editedSerial, serial } of list.filter((zone) => isWanted(zone.name, wanted))) {
        const old = known.get(name);
        const isFresh = !whole && old?.serial === serial;
        const zone = isFresh ? old.zone : await client.zone(name, signal).catch((error) => refusedZone(error));
        if (zone instanceof UserError) {
          refused.push({ zone: name, problem: `a zone is left out: ${zone.describe()}` });
          refusal ??= zone;
          continue;
        }
        next.set(name, { serial, zone: old !== undefined && sameZone(old.zone, zone) ? old.zone : zone });
        serials.set(lowerCaseName(name), editedSerial);
      }
      if (refusal !== undefined && next.size === 0) throw refusal;
      known = next;
      const there = list.map(({ name }) => name);
      const unreadZones = [...refused, ...missing(there, wanted, `the API at ${api}`)];
      const uptimeSeconds = statistics.get('uptime');
      return {
        zones: [...next.values()].map(({ zone }) => zone),
        serials,
        settings,
        version: info.version,
        ...(uptimeSeconds === undefined ? {} : { uptimeSeconds }),
        warnings: unreadZones.map(({ problem }) => problem),
        unreadZones,
      };
    },
  };
}

/** One record that PowerDNS cannot read keeps it from telling of that zone; the others are as good as ever. */
function refusedZone(error: unknown): UserError {
  if (error instanceof UserError && error.code === 'E_API_STATUS') return error;
  throw error;
}

function isWanted(zone: string, wanted: readonly string[]): boolean {
  return wanted.some((pattern) => pattern === '*' || isSameName(pattern, zone));
}

/** Zones that are wanted by name and not there. */
function missing(there: readonly string[], wanted: readonly string[], source: string): UnreadZone[] {
  return wanted
    .filter((pattern) => pattern !== '*' && !there.some((zone) => isSameName(pattern, zone)))
    .map((pattern) => ({ zone: absoluteName(pattern), problem: `${source} has no zone ${pattern}` }));
}

function isSameName(a: string, b: string): boolean {
  return lowerCaseName(absoluteName(a)) === lowerCaseName(absoluteName(b));
}
