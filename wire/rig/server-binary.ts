import type { ReleaseLine } from './lines.ts';

/** A PowerDNS authoritative server that can be run on this machine. */
export interface ServerBinary {
  /** The line of the server's real version, whatever it was installed as. */
  readonly line: ReleaseLine;
  /** `4.9.17` */
  readonly version: string;
  /** The front of the argument list; settings follow. */
  readonly command: readonly string[];
  readonly origin: 'rig' | 'PDNS_SERVER';
  /** The folder that stands for `/` where the server's package put its other files, such as database schemas. */
  readonly root: string;
}
