import type { Check } from '../simulator/health/check.ts';
import type { FleetServer } from './fleet.ts';
import type { ServerLoad } from './plan.ts';
import type { Rounds } from './rounds.ts';
import type { SurveyedName } from './survey.ts';

/** One server with all that is known of its checks. */
export interface PlannedServer {
  readonly server: FleetServer;
  readonly names: readonly SurveyedName[];
  readonly checks: readonly Check[];
  readonly warm: readonly Check[];
  readonly isWarm: ReadonlySet<string>;
  readonly rounds: Rounds;
  readonly load: ServerLoad;
  readonly longestTimeout: number | undefined;
}
