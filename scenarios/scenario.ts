/**
 * A scenario: a world, a timeline of faults, and what must be true of the answers. Plain data, as `load` makes it of a file;
 * every time is microseconds since the scenario's start.
 */
import type { Prefix } from '../geoip/address.ts';
import type { GeoNetwork } from '../geoip/writer.ts';
import type { InputPlace } from '../input/errors.ts';
import type { Micros } from '../simulator/clock.ts';
import type { ReleaseLine } from '../simulator/profile/profile.ts';
import type { TargetBehaviour } from '../simulator/world/behaviour.ts';

export const ENGINES = ['simulate', 'powerdns'] as const;
export type EngineName = (typeof ENGINES)[number];

export interface Scenario {
  /** Where it was read from; error messages and reports name it. */
  readonly file: string;
  readonly name: string;
  /** Two sentences on what it shows; empty where the author gave none. */
  readonly shows: string;
  /** Each is run once. */
  readonly profiles: readonly ReleaseLine[];
  /** Engines that can express it. */
  readonly engines: readonly EngineName[];
  readonly phase: PhaseRequest;
  readonly servers: ReadonlyMap<string, ScenarioServer>;
  readonly targets: ReadonlyMap<string, ScenarioTarget>;
  /** Zone file text, and the file that places in error messages name. */
  readonly zone: { readonly text: string; readonly file: string; readonly firstLine: number };
  readonly resolvers: ReadonlyMap<string, ScenarioResolver>;
  readonly clients: ReadonlyMap<string, ScenarioClient>;
  /** Undefined: no GeoIP database is loaded. */
  readonly geo: GeoSource | undefined;
  readonly lease: ScenarioLease | undefined;
  readonly alerts: ReadonlyMap<string, AlertRule>;
  readonly traffic: readonly Traffic[];
  /** In the order of their times. */
  readonly timeline: readonly TimelineEvent[];
  readonly expect: readonly Expectation[];
  /** When the world stops: after the last time that is named anywhere, or as written (`ends:`). */
  readonly endsAt: Micros;
}

/**
 * What nobody can know of a server: how its rounds lie to the timeline (an offset from 0 to its check interval) and the
 * fraction of the wall-clock second at the start. `all` proves a result for each of them, `sweep` tries so many spread
 * evenly, `fixed` is one offset with the fraction 0.
 */
export type PhaseRequest =
  | { readonly kind: 'all' }
  | { readonly kind: 'sweep'; readonly count: number }
  | { readonly kind: 'fixed'; readonly offset: Micros };

export interface ScenarioServer {
  readonly name: string;
  /** The place that it probes from. */
  readonly vantage: string;
  /** Settings of `pdns.conf`, by their names there, as text (`5`, `yes`, `bind,geoip`). */
  readonly settings: ReadonlyMap<string, string>;
  /** What stands before it; undefined: clients reach it themselves. */
  readonly front: Front | undefined;
  readonly role: 'primary' | 'secondary';
  readonly dnssec: 'off' | 'live' | 'presigned';
  /** How long after a change at the primary a secondary has it. */
  readonly transferDelay: Micros;
  /** Its own release line; undefined: the one of the run. */
  readonly profile: ReleaseLine | undefined;
}

/** dnsdist before a server: `ecs` passes the client on as ECS, `proxy` as the source, `hidden` shows its own address. */
export interface Front {
  readonly kind: 'dnsdist';
  readonly source: 'ecs' | 'proxy' | 'hidden';
  /** Address that the server sees where the source is hidden. */
  readonly address: string;
  /** Further questions of one source within a second are dropped; undefined: no limit. */
  readonly queriesPerSecondPerSource: number | undefined;
}

export interface ScenarioTarget {
  readonly name: string;
  /** Canonical address text. */
  readonly address: string;
  /** The place it stands at; undefined: reachable from everywhere whatever is partitioned. */
  readonly vantage: string | undefined;
  /** How it behaves while nothing is wrong. */
  readonly resting: TargetBehaviour;
}

/** A resolver between clients and servers. */
export interface ScenarioResolver {
  readonly name: string;
  /** Where the servers see it come from. */
  readonly address: string;
  /** It passes the client's network on. */
  readonly ecs: boolean;
  /** Servers that it asks in turn; empty: all. */
  readonly asks: readonly string[];
  readonly leastTtl: Micros;
  readonly mostTtl: Micros;
}

export interface ScenarioClient {
  readonly name: string;
  readonly subnet: Prefix;
  /** Its network reaches the server as ECS (if the resolver or front passes it on). */
  readonly ecs: boolean;
  /** A resolver by name; undefined: it asks servers itself. */
  readonly via: string | undefined;
  /** Servers it asks, each with every question; empty: all. */
  readonly asks: readonly string[];
  /** Stands for so many networks spread over `subnet`, each a client of its own; undefined: one client. */
  readonly sample: number | undefined;
}

export type GeoSource =
  | { readonly kind: 'networks'; readonly networks: readonly GeoNetwork[] }
  | { readonly kind: 'files'; readonly files: string };

/** Who may write: the holder renews its lease at the witness; a region writes while its own clock says the lease holds. */
export interface ScenarioLease {
  readonly ttl: Micros;
  readonly renew: Micros;
  /** A vantage. */
  readonly holder: string;
  readonly witness: string;
  /** Vantages that take a lease which ran out; empty: nobody does. */
  readonly candidates: readonly string[];
}

/** A condition that, once it has held for `pending`, fires. */
export interface AlertRule {
  readonly name: string;
  readonly when:
    | { readonly kind: 'servers disagree'; readonly name: string | undefined }
    | { readonly kind: 'answers dead target'; readonly name: string | undefined }
    | { readonly kind: 'all down'; readonly name: string | undefined }
    | { readonly kind: 'rcode'; readonly rcode: string; readonly name: string | undefined };
  readonly pending: Micros;
}

/** Questions that are really asked: a record that nobody asks for has no checks. */
export interface Traffic {
  readonly name: string;
  /** Undefined: what the LUA record at the name yields. */
  readonly type: string | undefined;
  readonly from: string;
  readonly every: Micros;
  readonly starts: Micros;
  readonly ends: Micros | undefined;
}

export interface TimelineEvent {
  readonly at: Micros;
  /** How long it lasts; undefined: until something else changes it, or `heal`. */
  readonly lasts: Micros | undefined;
  readonly fault: Fault;
  readonly place: InputPlace;
}

export type Fault =
  | {
      readonly kind: 'target';
      readonly targets: readonly string[];
      readonly behaviour: Partial<TargetBehaviour>;
      /** Alternates between the fault (`down`) and the resting behaviour (`up`), beginning with the fault. */
      readonly flap: { readonly up: Micros; readonly down: Micros; readonly jitter: Micros } | undefined;
    }
  /** `from`: the first does not reach the second; `to`: the second does not reach the first. */
  | {
      readonly kind: 'partition';
      readonly between: readonly [string, string];
      readonly direction: 'both' | 'from' | 'to';
    }
  | { readonly kind: 'geo-change'; readonly networks: readonly GeoNetwork[]; readonly reload: boolean }
  | {
      readonly kind: 'record-change';
      readonly name: string;
      /** Text behind the type LUA (`A "pickrandom({…})"`), or `TYPE rdata`; undefined: the records of the name go. */
      readonly content: string | undefined;
      readonly ttlSeconds: number | undefined;
    }
  | { readonly kind: 'setting-change'; readonly server: string; readonly settings: ReadonlyMap<string, string> }
  /** The process ends and comes back after `lasts` (at once without it), with nothing known of any check. */
  | { readonly kind: 'restart'; readonly server: string; readonly profile: ReleaseLine | undefined }
  | { readonly kind: 'clock'; readonly of: string; readonly step: Micros; readonly slewPerSecond: Micros }
  | { readonly kind: 'lease'; readonly change: 'expire' | 'witness-down' }
  | { readonly kind: 'lease'; readonly change: 'steal'; readonly by: string }
  | { readonly kind: 'transfer-delay'; readonly server: string; readonly delay: Micros }
  /** Ends every fault that still lasts. */
  | { readonly kind: 'heal' };

/** When an expectation holds. `by`: from then on until the next event of the timeline (or `until`). */
export type When =
  | { readonly kind: 'at'; readonly at: Micros }
  | { readonly kind: 'within'; readonly from: Micros; readonly to: Micros }
  | { readonly kind: 'by'; readonly by: Micros; readonly until: Micros }
  | { readonly kind: 'always' }
  | { readonly kind: 'never' };

/** An answer as a scenario writes it: names of targets, or rdata. */
export type What =
  | { readonly kind: 'answer'; readonly answers: readonly string[] }
  | { readonly kind: 'one-of'; readonly answers: readonly string[] }
  | { readonly kind: 'subset-of'; readonly answers: readonly string[] }
  | { readonly kind: 'rcode'; readonly rcode: string }
  | { readonly kind: 'ttl'; readonly seconds: number }
  | { readonly kind: 'scope'; readonly length: number }
  | { readonly kind: 'distribution'; readonly shares: ReadonlyMap<string, number>; readonly tolerance: number }
  | { readonly kind: 'status'; readonly statuses: ReadonlyMap<string, 'up' | 'down' | 'unknown'> }
  | { readonly kind: 'agree'; readonly servers: readonly string[] }
  | { readonly kind: 'max-flips'; readonly flips: number }
  | {
      readonly kind: 'probes';
      readonly target: string | undefined;
      /** Probes a second, at most, over the window; and in one round. */
      readonly rate: number | undefined;
      readonly burst: number | undefined;
    }
  | { readonly kind: 'alert'; readonly alert: string }
  | { readonly kind: 'invariant'; readonly invariant: 'single-writer' }
  /** Clients are never sent to a target that has been dead for longer than `after`. */
  | { readonly kind: 'invariant'; readonly invariant: 'no-dead-answer-after'; readonly after: Micros };

export interface Expectation {
  /** Its place in the list, from 0. */
  readonly index: number;
  readonly place: InputPlace;
  readonly when: When;
  /** Empty: every client that is no sample. */
  readonly clients: readonly string[];
  /** Empty: every server that the client asks. */
  readonly servers: readonly string[];
  /** Empty: every profile of the run. */
  readonly profiles: readonly ReleaseLine[];
  /** Undefined: the only LUA name of the zone. */
  readonly name: string | undefined;
  readonly type: string | undefined;
  /** All of them must hold. */
  readonly what: readonly What[];
  /** `certain`: in every phase and with every draw; `possible`: in at least one. */
  readonly modality: 'certain' | 'possible';
  readonly note: string;
}
