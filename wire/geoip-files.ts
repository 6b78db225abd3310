/**
 * The GeoIP files that a server of these settings opens, as `geoip-database-files` has them; empty for one that opens none,
 * undefined where the settings are not those of a server, which has backends.
 */
export function geoipFilesOf(settings: ReadonlyMap<string, string>): string | undefined {
  const launch = settings.get('launch');
  if (launch === undefined) return undefined;
  return launch.includes('geoip') ? (settings.get('geoip-database-files') ?? '') : '';
}
