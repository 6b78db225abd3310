/**
 * Record types by name and number, as PowerDNS 4.7 names them: a type it has no name for is written `TYPEn`, also
 * where other servers know a name (`NULL`, `WKS`, `HIP`).
 */

const NUMBERS: ReadonlyMap<string, number> = new Map([
  ['A', 1],
  ['NS', 2],
  ['CNAME', 5],
  ['SOA', 6],
  ['MB', 7],
  ['MG', 8],
  ['MR', 9],
  ['PTR', 12],
  ['HINFO', 13],
  ['MINFO', 14],
  ['MX', 15],
  ['TXT', 16],
  ['RP', 17],
  ['AFSDB', 18],
  ['KEY', 25],
  ['AAAA', 28],
  ['LOC', 29],
  ['SRV', 33],
  ['NAPTR', 35],
  ['KX', 36],
  ['CERT', 37],
  ['DNAME', 39],
  ['OPT', 41],
  ['APL', 42],
  ['DS', 43],
  ['SSHFP', 44],
  ['IPSECKEY', 45],
  ['RRSIG', 46],
  ['NSEC', 47],
  ['DNSKEY', 48],
  ['DHCID', 49],
  ['NSEC3', 50],
  ['NSEC3PARAM', 51],
  ['TLSA', 52],
  ['SMIMEA', 53],
  ['RKEY', 57],
  ['CDS', 59],
  ['CDNSKEY', 60],
  ['OPENPGPKEY', 61],
  ['CSYNC', 62],
  ['ZONEMD', 63],
  ['SVCB', 64],
  ['HTTPS', 65],
  ['SPF', 99],
  ['NID', 104],
  ['L32', 105],
  ['L64', 106],
  ['LP', 107],
  ['EUI48', 108],
  ['EUI64', 109],
  ['IXFR', 251],
  ['AXFR', 252],
  ['ANY', 255],
  ['URI', 256],
  ['CAA', 257],
  ['DLV', 32769],
  ['ALIAS', 65401],
  ['LUA', 65402],
]);

const NAMES: ReadonlyMap<number, string> = new Map([...NUMBERS].map(([name, number]) => [number, name]));

/** Name and number of every type that has a name. */
export function namedTypes(): Iterable<readonly [string, number]> {
  return NUMBERS;
}

/** The number of a mnemonic or `TYPEn` in any case; `undefined` for a type PowerDNS does not know. */
export function typeNumber(name: string): number | undefined {
  const upper = name.toUpperCase();
  const number = NUMBERS.get(upper);
  if (number !== undefined || !/^TYPE\d{1,5}$/.test(upper)) return number;
  const numbered = Number(upper.slice(4));
  return numbered <= 0xffff ? numbered : undefined;
}

/** The mnemonic of a type, `TYPEn` where there is none. */
export function typeName(number: number): string {
  return NAMES.get(number) ?? `TYPE${number}`;
}

/** `TYPE1` and `a` as `A`: the one spelling that records carry. `undefined` for a type PowerDNS does not know. */
export function canonicalType(name: string): string | undefined {
  const number = typeNumber(name);
  return number === undefined ? undefined : typeName(number);
}
