import { readFile } from 'node:fs/promises';
import { Reader } from 'maxmind';
import { UserError } from '../input/errors.ts';
import { type IpAddress, type Prefix, prefixOf } from './address.ts';
import { CorruptDataError, DataSection } from './data.ts';
import { type DatabaseFile, DEFAULT_LANGUAGE, parseDatabaseFiles } from './database-files.ts';
import { SearchTree, treeLayout } from './tree.ts';

/** What a database says about itself. */
export interface DatabaseMetadata {
  /** `GeoLite2-City`, `DBIP-ASN-Lite`, … */
  readonly type: string;
  readonly builtAt: Date;
  readonly ipVersion: 4 | 6;
  readonly recordSize: 24 | 28 | 32;
  readonly nodeCount: number;
  readonly languages: readonly string[];
}

/**
 * An open MaxMind DB, whole in memory and never changed; a new build is a new `GeoDatabase`. A *record pointer* is the
 * offset of a record in the data section: networks with equal pointers hold the same data.
 */
export class GeoDatabase {
  /** The file, or what stands for it, in messages. */
  readonly label: string;
  /** The language of city names. */
  readonly language: string;
  readonly metadata: DatabaseMetadata;
  readonly tree: SearchTree;
  readonly data: DataSection;

  private constructor(buffer: Buffer, label: string, language: string) {
    this.label = label;
    this.language = language;
    this.metadata = readMetadata(buffer);
    const { treeBytes, dataStart } = treeLayout(this.metadata);
    if (dataStart > buffer.length) throw new CorruptDataError('the search tree runs past the end of the file');
    this.tree = new SearchTree(buffer.subarray(0, treeBytes), this.metadata);
    this.data = new DataSection(buffer.subarray(dataStart));
  }

  /** Reads a database from memory. Throws `UserError` `E_GEOIP_CORRUPT` if it is none. */
  static fromBuffer(buffer: Buffer, label: string, options: { language?: string } = {}): GeoDatabase {
    try {
      return new GeoDatabase(buffer, label, options.language ?? DEFAULT_LANGUAGE);
    } catch (cause) {
      throw corrupt(label, cause);
    }
  }

  /** The pointer of the record for `address`, or −1. `::ffff:a.b.c.d` is looked up as the IPv6 address it is. */
  recordPointer(address: IpAddress): number {
    return this.tree.recordPointer(this.tree.find(address).value);
  }

  /** The network of the tree that `address` falls into, whether it holds a record or not. */
  networkOf(address: IpAddress): Prefix {
    return prefixOf(address, this.tree.find(address).depth);
  }

  /** The record at a pointer, as plain data. Throws `UserError` `E_GEOIP_CORRUPT` if there is none. */
  record(recordPointer: number): unknown {
    try {
      return this.data.decode(this.data.at(recordPointer));
    } catch (cause) {
      throw corrupt(this.label, cause);
    }
  }
}

/**
 * Opens an MMDB file. Throws `UserError`: `E_GEOIP_MISSING` if it cannot be read, `E_GEOIP_CORRUPT` if it is no MMDB.
 */
export async function openDatabase(file: string | DatabaseFile): Promise<GeoDatabase> {
  const { path, language } = typeof file === 'string' ? { path: file, language: DEFAULT_LANGUAGE } : file;
  return GeoDatabase.fromBuffer(await readDatabaseFile(path), path, { language });
}

/** Opens what PowerDNS's `geoip-database-files` names, in its order. Throws as `parseDatabaseFiles` and `openDatabase`. */
export async function openDatabases(spec: string): Promise<GeoDatabase[]> {
  return Promise.all(parseDatabaseFiles(spec).map(openDatabase));
}

async function readDatabaseFile(path: string): Promise<Buffer> {
  try {
    return await readFile(path);
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : String(cause);
    throw new UserError('E_GEOIP_MISSING', `cannot read the GeoIP database: ${reason}`, {
      place: { file: path },
      hint: 'PowerDNS would not start without it; check the path in geoip-database-files',
      cause,
    });
  }
}

function readMetadata(buffer: Buffer): DatabaseMetadata {
  const { metadata } = new Reader(buffer);
  const { binaryFormatMajorVersion, ipVersion, recordSize, nodeCount } = metadata;
  if (binaryFormatMajorVersion !== 2)
    throw new CorruptDataError(`format version ${binaryFormatMajorVersion} is unknown`);
  if (ipVersion !== 4 && ipVersion !== 6) throw new CorruptDataError(`IP version ${ipVersion} is unknown`);
  if (recordSize !== 24 && recordSize !== 28 && recordSize !== 32) {
    throw new CorruptDataError(`records of ${recordSize} bits are unknown`);
  }
  if (!Number.isInteger(nodeCount) || nodeCount < 0) throw new CorruptDataError('it has no node count');
  return {
    type: metadata.databaseType ?? '',
    builtAt: metadata.buildEpoch,
    ipVersion,
    recordSize,
    nodeCount,
    languages: metadata.languages ?? [],
  };
}

function corrupt(label: string, cause: unknown): UserError {
  const isGzip = cause instanceof Error && /gzip/.test(cause.message);
  const reason = cause instanceof Error ? cause.message.replace(/\.$/, '') : String(cause);
  return new UserError('E_GEOIP_CORRUPT', `not a usable MaxMind DB: ${reason}`, {
    place: { file: label },
    hint: isGzip
      ? 'unpack it first'
      : 'PowerDNS would not start with it; fetch the file again, whole and unpacked (.mmdb)',
    cause,
  });
}
