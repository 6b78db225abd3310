/**
 * Resource records as a zone holds them. Plain data; names are absolute, in presentation format, with the final dot
 * and the case they were written in.
 */

/** Where a record was written. Lines and columns count from 1. */
export interface SourcePlace {
  readonly file: string;
  readonly line: number;
  readonly column: number;
}

interface RecordBase {
  readonly owner: string;
  readonly ttlSeconds: number;
  /** Absent for records that came over the network. */
  readonly place?: SourcePlace;
  /** Why PowerDNS cannot read the data, and answers SERVFAIL to whoever asks for the name; absent where it can. */
  readonly unreadable?: string;
  /** A string lacks its quotes, which PowerDNS forgives since 5.1; the text has them here. Absent where none does. */
  readonly unquoted?: string;
}

/** A record whose data is fixed. `rdata` is presentation format with absolute names. */
export interface StaticRecord extends RecordBase {
  readonly kind: 'static';
  /** Upper-case mnemonic, or `TYPEn` for a type without one. */
  readonly type: string;
  readonly rdata: string;
}

/** A LUA record (type 65402): code that yields records of `type`. */
export interface LuaRecord extends RecordBase {
  readonly kind: 'lua';
  /** The covered type: what the code yields. Upper case, or `TYPEn`. */
  readonly type: string;
  /**
   * The text behind the covered type as PowerDNS stores it: quoted chunks separated by one blank,
   * `"chunk" "chunk"`, escapes kept. `luaCode` makes the code of it.
   */
  readonly text: string;
}

export type ResourceRecord = StaticRecord | LuaRecord;

/** A zone: its apex name and its records in the order of the backend that holds them. */
export interface Zone {
  readonly name: string;
  readonly records: readonly ResourceRecord[];
}
