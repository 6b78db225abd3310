/** What the health checks of a fleet cost, and what they are worth. Plain data, as `plan --format json` prints it. */
import type { Bound } from './detection.ts';
import type { Finding } from './finding.ts';

export interface ProbePlan {
  /** What to know first; the worst comes first. */
  readonly findings: readonly Finding[];
  readonly assumptions: Assumptions;
  readonly servers: readonly ServerLoad[];
  readonly targets: readonly TargetLoad[];
  readonly records: readonly RecordPlan[];
  readonly validator: ValidatorLoad;
  /** Of all servers together, as the targets are stated to be. */
  readonly total: { readonly probesPerSecond: number; readonly bytesPerDay: number };
}

/** What the figures hang on and no zone says. */
export interface Assumptions {
  readonly latencySeconds: number;
  readonly responseBytes: number;
  readonly tlsBytes: number;
  /** Every name is asked for at least so often; checks that nobody asks for are forgotten. */
  readonly askedEverySeconds: number;
}

export interface ServerLoad {
  readonly name: string;
  readonly vantage: string;
  readonly profile: string;
  readonly intervalSeconds: number;
  readonly expireDelaySeconds: number;
  /** By PowerDNS's identity: target, URL and all options. */
  readonly distinctChecks: number;
  /** Of these, checks that are asked for while targets are as stated; the others are forgotten after the expire delay. */
  readonly warmChecks: number;
  /** As the targets are stated to be (well, unless something else is said). */
  readonly now: RoundLoad;
  /** Where the target with the longest timeout hangs as well. */
  readonly oneHangs: RoundLoad;
  /** Where every target hangs. */
  readonly allHang: RoundLoad;
  /** Where all checks are known: after a start, and while primaries are down. */
  readonly allKnown: RoundLoad;
}

/** Numbers that no round ever reaches again (a probe that never ends) are null. */
export interface RoundLoad {
  readonly probesPerSecond: number;
  /** Threads that one round starts at once, at most. */
  readonly threads: number;
  /** From the start of a round to the end of its slowest probe. */
  readonly longestRoundSeconds: number | null;
  /** Between two probes of a check that is well, on average and at most. */
  readonly meanPeriodSeconds: number | null;
  readonly longestPeriodSeconds: number | null;
}

export interface TargetLoad {
  /** An address, or the host of a URL that is not pinned to one. */
  readonly target: string;
  /** Distinct checks of it on one server, at most. */
  readonly checks: number;
  readonly servers: number;
  readonly names: number;
  readonly probesPerSecond: number;
  readonly bytesPerDay: number;
  readonly connectionsAtOnce: { readonly worst: number; readonly expected: number };
}

export interface RecordPlan {
  readonly zone: string;
  readonly name: string;
  readonly type: string;
  readonly ttlSeconds: number;
  readonly checks: number;
  readonly targets: number;
  /** Checks that are forgotten while targets are as stated. */
  readonly standbyChecks: number;
  readonly probesPerSecond: number;
  /** From a change of a target to the change of the answer, over all servers, checks and phases. Absent: nothing is checked. */
  readonly detection?: RecordDetection;
  /** Why nothing can be said of it. */
  readonly opaque?: string;
}

export interface RecordDetection {
  readonly refuses: Bound;
  readonly hangs: Bound;
  readonly recovers: Bound;
  /** `hangs` while another target of the server hangs too. */
  readonly hangsWhileAnotherDoes: Bound;
  /** After the primary's failure: how long answers may be a mix of what is dead and what is not, since the standby is forgotten. */
  readonly mixedSeconds: number | null;
  /** Until resolvers that have the old answer ask again: the latest of `hangs`, the mix, and the TTL. */
  readonly clientsMovedSeconds: number | null;
  /** After the start of a server: until the first answer that knows of any target. */
  readonly coldStartSeconds: number | null;
}

/** What `agent` beside every server adds. */
export interface ValidatorLoad {
  readonly probesPerSecond: number;
  readonly names: number;
  readonly clients: number;
  readonly intervalSeconds: number;
  /** Questions that one server would get to be asked everything once an interval. */
  readonly neededQueriesPerSecond: number;
  readonly allowedQueriesPerSecond: number;
  /** How long one sweep takes within what is allowed. */
  readonly sweepSeconds: number;
}
