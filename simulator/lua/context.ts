/** What a record's code can see and ask while it is evaluated. */
import type { IpAddress, Prefix } from '../../geoip/address.ts';
import type { GeoView } from '../../geoip/location.ts';
import type { Chooser } from '../chooser.ts';
import type { Check } from '../health/check.ts';
import type { CheckStatus } from '../health/status.ts';
import type { Profile } from '../profile/profile.ts';
import type { Fact } from './fact.ts';
import { LuaAbort } from './lua-error.ts';

/** The question as it reaches a record. */
export interface RecordQuery {
  /** Absolute, in the client's case; in a CNAME chain the current target. */
  readonly qname: string;
  readonly who: IpAddress;
  readonly whoPort: number;
  /** The ECS network, host bits cleared; undefined without one, or where the server ignores ECS. */
  readonly ecswho: Prefix | undefined;
  /** The address that functions work with: the ECS network's address, else `who`. */
  readonly bestwho: IpAddress;
  readonly localwho: IpAddress;
  readonly localPort: number;
  readonly tcp: boolean;
  readonly dnssecOk: boolean;
  readonly recursionDesired: boolean;
  readonly checkingDisabled: boolean;
  /** EDNS buffer size; -1 without EDNS. */
  readonly ednsSize: number;
}

/** One step of the explanation: a sentence, and the data behind it. */
export interface Reason {
  readonly step: string;
  readonly detail: Readonly<Record<string, unknown>>;
}

/** Something about the record that its writer should know, with a stable code. */
export interface Warning {
  readonly code: string;
  readonly message: string;
}

/** A record as a look-up in the database sees it. */
export interface StoredRecord {
  readonly type: string;
  /** Presentation format; of a LUA record its text with the covered type. */
  readonly content: string;
}

export interface EvaluationContext {
  readonly profile: Profile;
  /** Apex of the record's zone. */
  readonly zone: string;
  /** Owner of the record: `*.…` where a wildcard answers. */
  readonly owner: string;
  /** What the server's databases say of any address. Of the client it is read as a fact. */
  readonly geo: GeoView;
  /** Everything that code learns of the question is read here. */
  read<T>(fact: Fact<T>): T;
  readonly chooser: Chooser;
  /** Whether the order of a list that is drawn can be seen: without need it is not drawn, for it multiplies the branches. */
  readonly orderCounts: boolean;
  /**
   * Asks for a check's status, as PowerDNS does: the first question makes the check known. `speaksFor`: the address that is
   * answered if it is up, which a check of `ifurlextup` does not know.
   */
  statusOf(check: Check, speaksFor: string): CheckStatus;
  /** The data of the records at exactly `name`, in whichever zone holds it, in backend order. Code is not run. */
  recordsAt(name: string): readonly StoredRecord[];
  /** The code of the LUA records at exactly `name` in the record's zone, whatever they yield, as Lua would see it. */
  codeAt(name: string): readonly string[];
  warn(warning: Warning): void;
  /** Tells why. The reason is made only where somebody listens, and may show what the code itself has not read. */
  because(reason: (query: RecordQuery) => Reason): void;
}

/** Code that cannot be predicted soundly: it reaches for the host, the network, or something only the server knows. */
export class Opaque extends LuaAbort {
  override readonly name = 'Opaque';
}

/** Code that ends the whole server process. */
export class ServerCrash extends LuaAbort {
  override readonly name = 'ServerCrash';
}
