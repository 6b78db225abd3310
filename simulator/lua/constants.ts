/** The tables of constants that code finds: `pdns`, `pdns_features` and, from 5.0, `GeoIPQueryAttribute`. */
import { GEO_ATTRIBUTE_NUMBERS } from '../../geoip/location.ts';
import type { Profile } from '../profile/profile.ts';
import type { LuaTable } from './lua-value.ts';
import { typeNames } from './objects/query-type.ts';

const RESPONSE_CODES: readonly (readonly [string, number])[] = [
  ['NOERROR', 0],
  ['FORMERR', 1],
  ['SERVFAIL', 2],
  ['NXDOMAIN', 3],
  ['NOTIMP', 4],
  ['REFUSED', 5],
  ['YXDOMAIN', 6],
  ['YXRRSET', 7],
  ['NXRRSET', 8],
  ['NOTAUTH', 9],
  ['NOTZONE', 10],
  ['DROP', -2],
];

const PLACES = table({ QUESTION: 0, ANSWER: 1, AUTHORITY: 2, ADDITIONAL: 3 });

const LOG_LEVELS = table({
  Emergency: 0,
  Alert: 1,
  Critical: 2,
  Error: 3,
  Warning: 4,
  Notice: 5,
  Info: 6,
  Debug: 7,
});

/** `pdns.A` = 1, `pdns.NXDOMAIN` = 3, `pdns.loglevels`, `pdns.place`. */
export function pdnsTable(profile: Profile): LuaTable {
  const entries = new Map<string, number | LuaTable>([...RESPONSE_CODES, ...typeNames(profile)]);
  entries.set('place', PLACES);
  entries.set('loglevels', LOG_LEVELS);
  return { entries };
}

/** Empty in an authoritative server of any line. */
export const FEATURES: LuaTable = table({});

export const GEO_ATTRIBUTES: LuaTable = table({
  ASn: GEO_ATTRIBUTE_NUMBERS.asn,
  City: GEO_ATTRIBUTE_NUMBERS.city,
  Continent: GEO_ATTRIBUTE_NUMBERS.continent,
  Country: GEO_ATTRIBUTE_NUMBERS.country,
  Country2: GEO_ATTRIBUTE_NUMBERS.country2,
  Name: GEO_ATTRIBUTE_NUMBERS.name,
  Region: GEO_ATTRIBUTE_NUMBERS.region,
  Location: GEO_ATTRIBUTE_NUMBERS.location,
});

function table(fields: Readonly<Record<string, number>>): LuaTable {
  return { entries: new Map(Object.entries(fields)) };
}
