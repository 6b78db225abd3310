/** What runs scenarios: in virtual time, or on real servers. */
import type { ReleaseLine } from '../simulator/profile/profile.ts';
import type { ProfileResult } from './result.ts';
import type { EngineName, PhaseRequest, Scenario } from './scenario.ts';

export interface EngineOptions {
  readonly profile: ReleaseLine;
  readonly seed: number;
  /** Undefined: as the scenario says. */
  readonly phase: PhaseRequest | undefined;
}

export interface Engine {
  readonly name: EngineName;
  /** Why it cannot run the scenario on a release line; undefined where it can. */
  cannotRun(scenario: Scenario, profile: ReleaseLine): string | undefined;
  run(scenario: Scenario, options: EngineOptions): Promise<ProfileResult>;
}
