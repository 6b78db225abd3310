/** Wrong assumptions about a server's checker, one at a time: what was seen must be able to contradict them. */
import { PROFILES } from '../../../simulator/profile/index.ts';
import type { CheckerRules, Profile } from '../../../simulator/profile/profile.ts';

/** What decides when a server probes and what a result means to it. */
export interface CheckerModel {
  readonly profile: Profile;
  readonly intervalSeconds: number;
  readonly expireDelaySeconds: number;
}

export const ASSUMPTIONS = {
  'the checker of 4.7': withProfile(() => PROFILES['4.7']),
  'the checker of 4.9': withProfile(() => PROFILES['4.9']),
  'the checker of 5.0': withProfile(() => PROFILES['5.0']),
  'the checker of 5.1': withProfile(() => PROFILES['5.1']),
  'every check is due in every round': withRules({ due: 'every round' }),
  'a check is due an interval after the second of its end': withRules({ due: 'interval after end' }),
  'new checks wake the checker': withRules({ wakesForNewChecks: true }),
  'new checks wait': withRules({ wakesForNewChecks: false }),
  'the checker sleeps for the common divisor of intervals': withRules({ sleep: 'common divisor' }),
  'minimumFailures and interval mean something': withProfile((profile) => ({ ...profile, checkTuning: true })),
  'minimumFailures and interval mean nothing': withProfile((profile) => ({ ...profile, checkTuning: false })),
  'the interval is a second longer': (model) => ({ ...model, intervalSeconds: model.intervalSeconds + 1 }),
  'checks expire a second later': (model) => ({ ...model, expireDelaySeconds: model.expireDelaySeconds + 1 }),
  'checks expire a second earlier': (model) => ({ ...model, expireDelaySeconds: model.expireDelaySeconds - 1 }),
} as const satisfies Record<string, (model: CheckerModel) => CheckerModel>;

export type Assumption = keyof typeof ASSUMPTIONS;

function withProfile(change: (profile: Profile) => Profile) {
  return (model: CheckerModel): CheckerModel => ({ ...model, profile: change(model.profile) });
}

function withRules(rules: Partial<CheckerRules>) {
  return withProfile((profile) => ({ ...profile, checker: { ...profile.checker, ...rules } }));
}
