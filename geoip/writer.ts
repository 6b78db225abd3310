import { UserError } from '../input/errors.ts';
import { parsePrefix } from './address.ts';
import { DataWriter, encodeValue, type MmdbMap, type MmdbValue } from './encode.ts';
import { IPV4_DEPTH, NO_RECORD, TreeBuilder } from './tree-builder.ts';

/** What one network shall look like to PowerDNS. A longer network wins over the shorter ones that hold it. */
export interface GeoNetwork {
  /** `192.0.2.0/24`, `2001:db8::/32`, or one address. */
  readonly network: string;
  readonly country?: string;
  readonly continent?: string;
  /** The ISO code of the subdivision, without the country: `CA`. */
  readonly region?: string;
  readonly city?: string;
  readonly lat?: number;
  readonly lon?: number;
  /** Kilometres, 10 if not given: PowerDNS takes a location without it for none at all. */
  readonly accuracyRadius?: number;
  readonly asn?: number;
  readonly organization?: string;
  /** The network has no record, even inside a shorter one that has. */
  readonly unknown?: boolean;
  /** What people call the network. Not written. */
  readonly name?: string;
}

export interface WriterOptions {
  /** Bits of a tree record. By default the fewest that suffice. */
  readonly recordSize?: 24 | 28 | 32;
  /** 6 (the default) holds both families; 4 holds only IPv4, in a tree of 32 bits. */
  readonly ipVersion?: 4 | 6;
  readonly databaseType?: string;
  /** The build time that the file states. Now, by default. */
  readonly builtAt?: Date;
}

const METADATA_MARKER = Buffer.from('\xab\xcd\xefMaxMind.com', 'latin1');
const DATA_SEPARATOR_BYTES = 16;
const DEFAULT_ACCURACY_RADIUS_KM = 10;

/**
 * Writes a MaxMind DB (format 2.0) that libmaxminddb, and so PowerDNS, and the readers of other languages read alike.
 * Equal records are stored once; of two entries for one network the later counts. `::/0` says nothing about IPv4, although
 * IPv4 lives at `::/96`.
 *
 * Throws `UserError`: `E_GEOIP_NETWORK` for text that is no network or does not fit the tree, `E_GEOIP_TOO_LARGE` if the
 * tree needs longer records than `recordSize`.
 */
export function writeDatabase(networks: readonly GeoNetwork[], options: WriterOptions = {}): Buffer {
  const ipVersion = options.ipVersion ?? 6;
  const data = new DataWriter();
  const recordOffset = recordOffsets(data);
  const tree = new TreeBuilder();
  const leaves = networks.map((network) => ({
    ...placeInTree(network.network, ipVersion),
    record: network.unknown ? NO_RECORD : recordOffset(network),
  }));
  // The empty root of IPv4 comes first among the networks of its length, so that 0.0.0.0/0 can still replace it.
  if (ipVersion === 6) leaves.unshift({ bits: new Uint8Array(16), length: IPV4_DEPTH, record: NO_RECORD });
  for (const leaf of leaves.toSorted((a, b) => a.length - b.length)) tree.insert(leaf.bits, leaf.length, leaf.record);

  const largestRecord = tree.nodeCount + DATA_SEPARATOR_BYTES + data.length;
  const recordSize = chooseRecordSize(largestRecord, options.recordSize);
  const metadata = encodeValue(
    map({
      binary_format_major_version: { kind: 'uint16', value: 2 },
      binary_format_minor_version: { kind: 'uint16', value: 0 },
      build_epoch: { kind: 'uint64', value: BigInt(Math.floor((options.builtAt ?? new Date()).getTime() / 1000)) },
      database_type: options.databaseType ?? 'pdns-shadow',
      description: map({ en: 'Networks written by pdns-shadow' }),
      ip_version: { kind: 'uint16', value: ipVersion },
      languages: { kind: 'array', elements: ['en'] },
      node_count: { kind: 'uint32', value: tree.nodeCount },
      record_size: { kind: 'uint16', value: recordSize },
    }),
  );
  const separator = Buffer.alloc(DATA_SEPARATOR_BYTES);
  return Buffer.concat([tree.toBuffer(recordSize), separator, data.toBuffer(), METADATA_MARKER, metadata]);
}

function placeInTree(text: string, ipVersion: 4 | 6): { bits: Uint8Array; length: number } {
  const prefix = parsePrefix(text);
  if (prefix === undefined) {
    throw new UserError('E_GEOIP_NETWORK', `'${text}' is no network`, {
      hint: 'write an address and a length, without host bits: 192.0.2.0/24 or 2001:db8::/32',
    });
  }
  const { address, length } = prefix;
  if (ipVersion === 4) {
    if (address.family === 4) return { bits: address.bytes, length };
    throw new UserError('E_GEOIP_NETWORK', `${text} does not fit into an IPv4 database`, {
      hint: 'build a database of both families (IP version 6), or leave the network out',
    });
  }
  if (address.family === 6) return { bits: address.bytes, length };
  const bits = new Uint8Array(16);
  bits.set(address.bytes, 12);
  return { bits, length: length + IPV4_DEPTH };
}

/** Writes what networks say, each different record once. */
function recordOffsets(data: DataWriter): (network: GeoNetwork) => number {
  const offsets = new Map<string, number>();
  return (network) => {
    const { continent, country, region, city, lat, lon, accuracyRadius, asn, organization } = network;
    const identity = JSON.stringify([continent, country, region, city, lat, lon, accuracyRadius, asn, organization]);
    const offset = offsets.get(identity) ?? data.record(recordOf(network));
    offsets.set(identity, offset);
    return offset;
  };
}

/** The layout of GeoIP2 City and ASN records: what PowerDNS reads and nothing else. */
function recordOf(network: GeoNetwork): MmdbMap {
  const { continent, country, region, city, lat, lon, asn, organization } = network;
  return map({
    ...(continent !== undefined && { continent: map({ code: continent }) }),
    ...(country !== undefined && { country: map({ iso_code: country }) }),
    ...(region !== undefined && { subdivisions: { kind: 'array', elements: [map({ iso_code: region })] } as const }),
    ...(city !== undefined && { city: map({ names: map({ en: city }) }) }),
    ...(lat !== undefined &&
      lon !== undefined && {
        location: map({
          latitude: { kind: 'double', value: lat },
          longitude: { kind: 'double', value: lon },
          accuracy_radius: { kind: 'uint16', value: network.accuracyRadius ?? DEFAULT_ACCURACY_RADIUS_KM },
        }),
      }),
    ...(asn !== undefined && { autonomous_system_number: { kind: 'uint32', value: asn } as const }),
    ...(organization !== undefined && { autonomous_system_organization: organization }),
  });
}

function map(entries: Readonly<Record<string, MmdbValue>>): MmdbMap {
  return { kind: 'map', entries: Object.entries(entries) };
}

function chooseRecordSize(largestRecord: number, wanted: 24 | 28 | 32 | undefined): 24 | 28 | 32 {
  const fitting = ([24, 28, 32] as const).find((size) => largestRecord < 2 ** size && size >= (wanted ?? 24));
  if (fitting === undefined || (wanted !== undefined && fitting !== wanted)) {
    throw new UserError('E_GEOIP_TOO_LARGE', `the networks do not fit into records of ${wanted ?? 32} bits`, {
      hint: wanted === undefined ? 'write fewer networks' : 'leave the record size out',
    });
  }
  return fitting;
}
