/** Everything that a plan has to say, in plain sentences. */
import type { Finding } from './finding.ts';
import { deadOptions, duplicateChecks, luaRecordsOff } from './findings/checks.ts';
import { bigBursts, busyTargets, crossCheckBudget, frontBudget, oldChecks } from './findings/load.ts';
import { coldStart, forgottenStandbys, hangingTargets, timeoutsOfZero, unforeseeable } from './findings/timing.ts';
import type { Fleet } from './fleet.ts';
import type { ProbePlan } from './plan.ts';
import type { PlannedServer } from './planned-server.ts';

/** What a finding is made from. */
export interface FindingInput {
  readonly plan: Omit<ProbePlan, 'findings'>;
  readonly servers: readonly PlannedServer[];
  readonly fleet: Fleet;
}

const RULES: readonly ((input: FindingInput) => readonly Finding[])[] = [
  luaRecordsOff,
  timeoutsOfZero,
  forgottenStandbys,
  deadOptions,
  duplicateChecks,
  hangingTargets,
  busyTargets,
  bigBursts,
  crossCheckBudget,
  frontBudget,
  oldChecks,
  coldStart,
  unforeseeable,
];

export function findingsOf(plan: FindingInput['plan'], servers: readonly PlannedServer[], fleet: Fleet): Finding[] {
  return RULES.flatMap((rule) => rule({ plan, servers, fleet }));
}
