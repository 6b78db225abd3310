import { readFileSync, realpathSync } from 'node:fs';
import { dirname, sep } from 'node:path';
import { type InputPlace, UserError } from '../input/errors.ts';
import { bindBackendOrder } from '../simulator/zone/backend-order.ts';
import type { Zone } from '../simulator/zone/record.ts';
import { parseZoneFile } from '../simulator/zone/zonefile.ts';
import { belowDirectory, type NamedConf, type NamedZone, parseNamedConf } from './named-conf.ts';
import type { PdnsConfig } from './pdns-conf.ts';

/** Types of zones that the bind backend serves; it skips `hint`, `forward` and the like. */
const SERVED_TYPES: ReadonlySet<string> = new Set(['master', 'primary', 'slave', 'secondary', 'native']);

/** Types that hold what the server makes itself: a bind backend never answers from them. */
const NEVER_SERVED: ReadonlySet<string> = new Set(['NSEC', 'NSEC3', 'NSEC3PARAM']);

export interface BindZonesOptions {
  /**
   * Told of every zone that cannot be read, which is then left out, as PowerDNS does. Without it the first such zone is
   * thrown.
   */
  readonly onBadZone?: (zoneName: string, error: UserError) => void;
  /** Told of every record that PowerDNS loads and cannot read, see `ZoneFileOptions`. */
  readonly onUnreadable?: (error: UserError) => void;
}

/**
 * The zones of a configuration's bind backend, with records in the order that backend hands them out. None if it has no
 * `bind-config`. Throws `E_NAMED_CONF`, `E_ZONE_FILE` (missing, unreadable, or an `$INCLUDE` that leads out of the
 * directories of the configuration and of the zone) and `E_ZONE_SYNTAX`.
 */
export async function loadBindZones(config: PdnsConfig, options: BindZonesOptions = {}): Promise<Zone[]> {
  if (config.bindConfig === undefined) return [];
  const { directory, zones } = readNamedConf(config.bindConfig);
  const base = { directory, roots: [config.directory, dirname(config.bindConfig), directory] };
  return zones
    .filter((zone) => SERVED_TYPES.has(zone.type))
    .flatMap((zone) => {
      try {
        return [loadZone(zone, base, config.defaultTtlSeconds, options.onUnreadable)];
      } catch (error) {
        if (!(error instanceof UserError) || options.onBadZone === undefined) throw error;
        options.onBadZone(zone.name, error);
        return [];
      }
    });
}

interface IncludeBase {
  /** What a relative `$INCLUDE` counts from: not the folder of the zone file. */
  readonly directory: string;
  readonly roots: readonly string[];
}

function readNamedConf(path: string): NamedConf {
  return parseNamedConf(readText(path, undefined), { file: path, directory: dirname(path), include: readText });
}

function loadZone(
  zone: NamedZone,
  base: IncludeBase,
  defaultTtlSeconds: number,
  onUnreadable: BindZonesOptions['onUnreadable'],
): Zone {
  if (zone.file === undefined) {
    throw new UserError('E_ZONE_FILE', `the zone '${zone.name}' has no file`, {
      place: zone.place,
      hint: 'PowerDNS leaves it out. Write: file "…";',
    });
  }
  const { file } = zone;
  const roots = [...base.roots, dirname(file)];
  const records = parseZoneFile(readText(file, zone.place), {
    file,
    origin: zone.name,
    defaultTtlSeconds,
    ...(onUnreadable === undefined ? {} : { onUnreadable }),
    include: (path, place) => {
      const included = belowDirectory(base.directory, path);
      requireInside(included, roots, place);
      return { file: included, text: readText(included, place) };
    },
  });
  return { name: zone.name, records: bindBackendOrder(records.filter(({ type }) => !NEVER_SERVED.has(type))) };
}

/** Symbolic links are followed before the comparison, so that no link leads out either. */
function requireInside(path: string, roots: readonly string[], place: InputPlace): void {
  const real = realPath(path, place);
  if (roots.some((root) => real.startsWith(`${realPath(root, place)}${sep}`))) return;
  throw new UserError('E_ZONE_FILE', `'${path}' is outside the directories of the configuration and of the zone`, {
    place,
    hint: 'Move the included file next to the zone file.',
  });
}

function realPath(path: string, place: InputPlace): string {
  try {
    return realpathSync(path);
  } catch (error) {
    throw fileError(path, place, error);
  }
}

function readText(path: string, place: InputPlace | undefined): string {
  try {
    return readFileSync(path, 'utf8');
  } catch (error) {
    throw fileError(path, place, error);
  }
}

function fileError(path: string, place: InputPlace | undefined, cause: unknown): UserError {
  const why = cause instanceof Error && 'code' in cause ? ` (${String(cause.code)})` : '';
  return new UserError('E_ZONE_FILE', `the file '${path}' cannot be read${why}`, {
    ...(place === undefined ? {} : { place }),
    hint: 'Does it exist, and may this user read it?',
    cause,
  });
}
