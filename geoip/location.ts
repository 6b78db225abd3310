import type { IpAddress } from './address.ts';
import { CorruptDataError, type DataSection, type Datum } from './data.ts';
import type { GeoDatabase } from './database.ts';
import { formatSixDecimals, roundToSixDecimals } from './degrees.ts';

/** What PowerDNS can look up about an address, in the order of its numbers (`geoiplookup(address, 3)` is `country`). */
export const GEO_ATTRIBUTES = [
  'asn',
  'city',
  'continent',
  'country',
  'country2',
  'name',
  'region',
  'location',
] as const;

export type GeoAttribute = (typeof GEO_ATTRIBUTES)[number];

/** PowerDNS's number of an attribute. */
export const GEO_ATTRIBUTE_NUMBERS: Readonly<Record<GeoAttribute, number>> = {
  asn: 0,
  city: 1,
  continent: 2,
  country: 3,
  country2: 4,
  name: 5,
  region: 6,
  location: 7,
};

/** What PowerDNS calls the value that no database has. */
export const UNKNOWN = 'unknown';

/** Degrees, rounded to the six decimals that PowerDNS computes with. Without `known`, PowerDNS takes 0°N 0°E. */
export interface GeoLocation {
  readonly latitude: number;
  readonly longitude: number;
  readonly known: boolean;
}

/** What a PowerDNS server with certain GeoIP databases sees of an address. */
export interface GeoView {
  /** The value in lower case (ASCII letters only, as C does), or `unknown`. `location` is `'52.367600 4.904100'`. */
  attribute(address: IpAddress, attribute: GeoAttribute): string;
  location(address: IpAddress): GeoLocation;
}

/** The attribute of a number as `geoiplookup` takes it; undefined (PowerDNS answers `unknown`) for other numbers. */
export function geoAttribute(number: number): GeoAttribute | undefined {
  return GEO_ATTRIBUTES[number];
}

/**
 * PowerDNS's view of `databases`, the same from 4.7 to 5.1: every attribute on its own takes the first database that has a
 * usable value; not found, empty and `--` mean the next one. Values are kept for each data record, so that asking for many
 * addresses costs little more than the tree walk.
 *
 * An attribute of a type that PowerDNS reads undefined bits from counts as not found (text) or 0 (coordinates).
 */
export function geoView(databases: readonly GeoDatabase[]): GeoView {
  const sources = databases.map((database) => new RecordViews(database));
  return {
    attribute(address, attribute) {
      for (const source of sources) {
        const value = source.of(address)?.attribute(attribute);
        if (value) return value;
      }
      return UNKNOWN;
    },
    location(address) {
      for (const source of sources) {
        const location = source.of(address)?.location();
        if (location) return location;
      }
      return UNKNOWN_LOCATION;
    },
  };
}

const UNKNOWN_LOCATION: GeoLocation = { latitude: 0, longitude: 0, known: false };

/** A server whose GeoIP backend is not launched: everything is unknown. */
export const noGeo: GeoView = {
  attribute: () => UNKNOWN,
  location: () => UNKNOWN_LOCATION,
};

/** One view a data record, made when first asked for. */
class RecordViews {
  readonly #database: GeoDatabase;
  readonly #views = new Map<number, RecordView>();

  constructor(database: GeoDatabase) {
    this.#database = database;
  }

  of(address: IpAddress): RecordView | undefined {
    const pointer = this.#database.recordPointer(address);
    if (pointer < 0) return undefined;
    let view = this.#views.get(pointer);
    if (view === undefined) {
      view = new RecordView(this.#database, pointer);
      this.#views.set(pointer, view);
    }
    return view;
  }
}

/** What one data record says. Empty text means that it says nothing usable. */
class RecordView {
  readonly #database: GeoDatabase;
  readonly #pointer: number;
  #location: GeoLocation | null | undefined;
  readonly #texts: (string | undefined)[] = [];

  constructor(database: GeoDatabase, pointer: number) {
    this.#database = database;
    this.#pointer = pointer;
  }

  attribute(attribute: GeoAttribute): string {
    const number = GEO_ATTRIBUTE_NUMBERS[attribute];
    let text = this.#texts[number];
    if (text === undefined) {
      text = found(() => this.#read(attribute)) ?? '';
      if (text === '--') text = '';
      this.#texts[number] = text;
    }
    return text;
  }

  location(): GeoLocation | null {
    if (this.#location === undefined) {
      const degrees = found(() => readDegrees(this.#database.data, this.#pointer)) ?? null;
      this.#location = degrees && {
        latitude: roundToSixDecimals(degrees.latitude),
        longitude: roundToSixDecimals(degrees.longitude),
        known: true,
      };
    }
    return this.#location;
  }

  #read(attribute: GeoAttribute): string | undefined {
    const { data, language } = this.#database;
    const pointer = this.#pointer;
    switch (attribute) {
      case 'asn':
        return readNumber(data, pointer, ['autonomous_system_number']);
      case 'city':
        return data.find(pointer, ['cities', '0']) === undefined
          ? readText(data, pointer, ['city', 'names', language])
          : readText(data, pointer, ['cities', '0']);
      case 'continent':
        return readText(data, pointer, ['continent', 'code']);
      case 'country':
      case 'country2':
        return readText(data, pointer, ['country', 'iso_code']);
      case 'name':
        return readText(data, pointer, ['autonomous_system_organization']);
      case 'region':
        return readText(data, pointer, ['subdivisions', '0', 'iso_code']);
      case 'location': {
        const degrees = readDegrees(data, pointer);
        return degrees && `${formatSixDecimals(degrees.latitude)} ${formatSixDecimals(degrees.longitude)}`;
      }
    }
  }
}

function readText(data: DataSection, pointer: number, path: readonly string[]): string | undefined {
  const datum = data.find(pointer, path);
  return datum?.type === 'string' ? data.text(datum).replace(/[A-Z]+/g, (letters) => letters.toLowerCase()) : undefined;
}

function readNumber(data: DataSection, pointer: number, path: readonly string[]): string | undefined {
  const datum = data.find(pointer, path);
  const isInteger = datum?.type === 'uint32' || datum?.type === 'uint16' || datum?.type === 'uint64';
  return isInteger ? String(data.number(datum)) : undefined;
}

/** PowerDNS wants all three fields to be there, but looks at the type of none. */
function readDegrees(data: DataSection, pointer: number): { latitude: number; longitude: number } | undefined {
  const location = data.find(pointer, LOCATION);
  if (location === undefined) return undefined;
  const latitude = readDouble(data, location, LATITUDE);
  const longitude = readDouble(data, location, LONGITUDE);
  if (latitude === undefined || longitude === undefined) return undefined;
  return data.findIn(location, ACCURACY) && { latitude, longitude };
}

const LOCATION = ['location'];
const LATITUDE = ['latitude'];
const LONGITUDE = ['longitude'];
const ACCURACY = ['accuracy_radius'];

/** The bits of anything but a double, read as a double, are a number too small to see. */
function readDouble(data: DataSection, location: Datum, path: readonly string[]): number | undefined {
  const datum = data.findIn(location, path);
  if (datum === undefined) return undefined;
  return datum.type === 'double' ? data.number(datum) : 0;
}

/** libmaxminddb's errors mean "not found" to PowerDNS. */
function found<T>(read: () => T | undefined): T | undefined {
  try {
    return read();
  } catch (error) {
    if (error instanceof CorruptDataError) return undefined;
    throw error;
  }
}
