/** A world before it runs: plain data. All times are microseconds since its start. */
import type { IpAddress, Prefix } from '../../geoip/address.ts';
import type { Question } from '../answer/question.ts';
import type { ServerModel } from '../answer/server-model.ts';
import type { Micros } from '../clock.ts';
import type { Profile } from '../profile/profile.ts';
import type { TargetBehaviour } from './behaviour.ts';

export interface WorldPlan {
  readonly servers: readonly ServerPlan[];
  readonly targets: readonly TargetPlan[];
  readonly resolvers: readonly ResolverPlan[];
  readonly asking: readonly AskingPlan[];
  readonly events: readonly WorldEvent[];
  readonly lease: LeasePlan | undefined;
  /** What is looked at: the history holds how each of them changes. */
  readonly watches: readonly Watch[];
  /** Moments that somebody compares the history with. Phases in which something comes before or after one are told apart. */
  readonly marks: readonly Micros[];
  readonly endsAt: Micros;
}

export interface ServerPlan {
  readonly name: string;
  /** The place that it probes from. */
  readonly vantage: string;
  readonly model: ServerModel;
  /** `lua-health-checks-interval` */
  readonly checkIntervalSeconds: number;
  /** `lua-health-checks-expire-delay` */
  readonly expireDelaySeconds: number;
  /** How many new checks the round knows that they start; default: all. */
  readonly newChecksKnown?: number;
  /** How long after its last check a round ends; default 0. */
  readonly roundsEndLate?: Micros;
  /** Questions of one source within a second that get through; undefined: all. */
  readonly queriesPerSecondPerSource: number | undefined;
}

export interface TargetPlan {
  readonly name: string;
  /** Canonical text. */
  readonly address: string;
  /** Undefined: reachable from everywhere. */
  readonly vantage: string | undefined;
  readonly behaviour: TargetBehaviour;
}

export interface ResolverPlan {
  readonly name: string;
  /** Where servers see it come from. */
  readonly address: IpAddress;
  /** Passes its clients' networks on. */
  readonly ecs: boolean;
  /** Asked in turn. */
  readonly servers: readonly string[];
  readonly leastTtlSeconds: number;
  readonly mostTtlSeconds: number;
}

/** Who is asked: a server as it sees the question, or a resolver for a client of a network. */
export type Asked =
  | { readonly kind: 'server'; readonly server: string; readonly question: Question }
  | {
      readonly kind: 'resolver';
      readonly resolver: string;
      readonly name: string;
      readonly type: string;
      readonly subnet: Prefix;
    };

/** A question that is really asked, again and again. Starts are counted from the phase of who is asked. */
export interface AskingPlan {
  readonly asked: Asked;
  readonly starts: Micros;
  readonly every: Micros;
  readonly ends: Micros;
}

/** A question whose answer is looked at without asking: what it would be at each moment. */
export interface Watch {
  readonly asked: Asked;
}

export interface LeasePlan {
  readonly ttl: Micros;
  readonly renew: Micros;
  readonly holder: string;
  /** Vantages that take a lease which ran out, in this order. */
  readonly candidates: readonly string[];
}

/** Something that happens at one moment. What lasts is two of them. */
export type WorldEvent = { readonly at: Micros } & WorldChange;

export type WorldChange =
  | { readonly kind: 'behaviour'; readonly address: string; readonly behaviour: TargetBehaviour }
  | { readonly kind: 'reach'; readonly from: string; readonly to: string; readonly passes: boolean }
  /** Another zone, database or setting, in force at once. */
  | { readonly kind: 'model'; readonly server: string; readonly change: (model: ServerModel) => ServerModel }
  | {
      readonly kind: 'check-settings';
      readonly server: string;
      readonly checkIntervalSeconds?: number;
      readonly expireDelaySeconds?: number;
    }
  | { readonly kind: 'stop'; readonly server: string }
  /** Nothing is known of any check. `profile`: another release line from then on. */
  | { readonly kind: 'start'; readonly server: string; readonly profile: Profile | undefined }
  /** The wall clock of a server or a vantage is set by so much, and runs so many microseconds a second too fast from then on. */
  | { readonly kind: 'clock'; readonly of: string; readonly step: Micros; readonly driftPerSecond: Micros }
  | { readonly kind: 'lease'; readonly change: 'expires' | 'witness goes' | 'witness comes back' }
  | { readonly kind: 'lease'; readonly change: 'stolen'; readonly by: string };

/** What nobody can know of a server: see `phases.ts`. */
export interface Phase {
  /** When the first question reaches it, which is when its rounds begin. From 0 to its check interval. */
  readonly offset: Micros;
  /** Of the second that its wall clock shows at the start. From 0 to a second. */
  readonly fraction: Micros;
}

export const NO_PHASE: Phase = Object.freeze({ offset: 0, fraction: 0 });
