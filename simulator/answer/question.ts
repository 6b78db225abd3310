import type { IpAddress, Prefix } from '../../geoip/address.ts';

/** What a client asks. */
export interface Question {
  /** Absolute name in the client's case. */
  readonly name: string;
  /** Upper-case mnemonic, `ANY`, or `TYPEn`. */
  readonly type: string;
  /** The address that the server sees the packet come from. */
  readonly client: IpAddress;
  readonly clientPort?: number;
  /** The ECS network in the packet. */
  readonly ecs?: Prefix;
  readonly tcp?: boolean;
  readonly dnssecOk?: boolean;
  readonly recursionDesired?: boolean;
  readonly checkingDisabled?: boolean;
  /** EDNS buffer size; absent without EDNS. */
  readonly ednsSize?: number;
}
