/** What a database calls the place of an address. */
import type { IpAddress } from '../../geoip/address.ts';
import { CorruptDataError } from '../../geoip/data.ts';
import type { GeoDatabase } from '../../geoip/database.ts';

/** `Suva, FJ`; what the first database that knows either has. Empty where none does. */
export function placeName(databases: readonly GeoDatabase[], address: IpAddress): string {
  for (const database of databases) {
    const city = textAt(database, address, ['city', 'names', database.language]);
    const country = textAt(database, address, ['country', 'iso_code']);
    const name = [city, country].filter((text) => text !== undefined).join(', ');
    if (name !== '') return name;
  }
  return '';
}

function textAt(database: GeoDatabase, address: IpAddress, path: readonly string[]): string | undefined {
  const pointer = database.recordPointer(address);
  if (pointer < 0) return undefined;
  try {
    const datum = database.data.find(pointer, path);
    return datum?.type === 'string' ? database.data.text(datum) : undefined;
  } catch (error) {
    if (error instanceof CorruptDataError) return undefined;
    throw error;
  }
}
