import { UserError } from '../input/errors.ts';

/** One GeoIP database as PowerDNS is told to open it. */
export interface DatabaseFile {
  readonly path: string;
  /** The language of city names (option `language`). */
  readonly language: string;
}

export const DEFAULT_LANGUAGE = 'en';

/**
 * The value of PowerDNS's `geoip-database-files` (the same from 4.7 to 5.1): entries separated by blanks or commas, each
 * `[driver:]path[;option=value]…`; without a driver the file's extension names it. Order matters: PowerDNS asks the files
 * in turn for every attribute.
 *
 * Throws `UserError`: `E_GEOIP_UNSUPPORTED` for legacy `.dat` files, `E_GEOIP_DRIVER` for other drivers, `E_GEOIP_OPTION`
 * for an option that stops PowerDNS.
 */
export function parseDatabaseFiles(spec: string): DatabaseFile[] {
  return spec
    .split(/[\s,]+/)
    .filter(Boolean)
    .map(parseEntry);
}

function parseEntry(entry: string): DatabaseFile {
  const parts = entry.split(':').filter(Boolean);
  const [path = '', ...optionTexts] = (parts.length > 1 ? (parts[1] ?? '') : entry).split(';').filter(Boolean);
  const driver = parts.length > 1 ? parts[0] : (/\.([^.]*)$/.exec(path)?.[1] ?? 'unknown');
  if (driver === 'dat') {
    throw new UserError('E_GEOIP_UNSUPPORTED', `${path} is a legacy GeoIP database, which cannot be read here`, {
      hint: `use an MMDB file (GeoLite2 or GeoIP2), for PowerDNS too: geoip-database-files=mmdb:${path.replace(/dat$/, 'mmdb')}`,
    });
  }
  if (driver !== 'mmdb') {
    throw new UserError('E_GEOIP_DRIVER', `${entry}: PowerDNS knows no GeoIP driver '${driver}' and would not start`, {
      hint: `if it is an MMDB file, say so: mmdb:${path}`,
    });
  }
  const options = new Map(optionTexts.map((text) => parseOption(entry, text)));
  const mode = options.get('mode') ?? '';
  if (mode !== '' && mode !== 'mmap') {
    throw new UserError(
      'E_GEOIP_OPTION',
      `${entry}: PowerDNS refuses mode '${mode}' for MMDB files and would not start`,
      {
        hint: 'write mode=mmap, or leave the option out',
      },
    );
  }
  return { path, language: options.get('language') ?? DEFAULT_LANGUAGE };
}

function parseOption(entry: string, text: string): [string, string] {
  const [name, value] = text.split('=').filter(Boolean);
  if (name === undefined || value === undefined) {
    throw new UserError('E_GEOIP_OPTION', `${entry}: option '${text}' has no value`, {
      hint: 'write option=value, for example language=de',
    });
  }
  return [name, value];
}
