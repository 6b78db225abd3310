/** Compares what real servers answered with everything that the simulation deems possible. */

import type { Distribution } from '../../simulator/answer/distribution.ts';
import { answerKey, type Outcome } from '../../simulator/answer/outcome.ts';
import type { Micros } from '../../simulator/clock.ts';
import type { History } from '../../simulator/world/history.ts';
import { describeOutcome, type Failure } from '../judge/view.ts';
import { within } from '../judge/window.ts';
import type { WatchInfo } from '../result.ts';
import type { Scenario } from '../scenario.ts';
import type { Observation } from './observed.ts';

export interface Compared {
  readonly scenario: Scenario;
  readonly watches: readonly WatchInfo[];
  readonly observations: readonly Observation[];
}

/**
 * The observations that no history allows at any moment within `slack` of them, as failures: who, when, what was seen, what
 * was possible. Response code, records, TTLs and the scope must all be those of one outcome. A sampled distribution does
 * not hold every outcome that can be drawn, so that where one was possible nothing is outside. `histories`: of the same
 * watches, in the same order.
 */
export function outsideOf(compared: Compared, histories: Iterable<History>, slack: Micros): Failure[] {
  const { scenario, watches, observations } = compared;
  const isPossible = (observation: Observation, history: History): boolean => {
    const key = outcomeKey(observation.outcome);
    return around(history, observation, slack).some(
      ({ exact, outcomes }) => !exact || outcomes.some((each) => outcomeKey(each.outcome) === key),
    );
  };
  let left = observations.filter(({ watch }) => watches[watch] !== undefined);
  for (const history of histories) {
    left = left.filter((observation) => !isPossible(observation, history));
    if (left.length === 0) return [];
  }
  return left.flatMap((observation) => {
    const watch = watches[observation.watch];
    if (watch === undefined) return [];
    const possible = [...histories].flatMap((history) => around(history, observation, slack));
    const outcomes = possible.flatMap((distribution) => distribution.outcomes);
    const texts = new Set(outcomes.map(({ outcome }) => describeWhole(scenario, outcome, watch.type)));
    return {
      at: observation.at,
      client: watch.client,
      server: watch.server,
      watch,
      wanted: [...texts].sort().join(' or ') || 'nothing',
      seen: describeWhole(scenario, observation.outcome, watch.type),
    };
  });
}

/** What was answered in a history when an observation was made, give or take the slack. */
function around({ answers }: History, { watch, at, until }: Observation, slack: Micros): Distribution[] {
  return within(answers[watch] ?? [], { from: at - slack, to: until + slack }).map(({ value }) => value);
}

const keys = new WeakMap<Outcome, string>();

/** Equal for outcomes that no client can tell apart. */
function outcomeKey(outcome: Outcome): string {
  let key = keys.get(outcome);
  if (key === undefined) {
    const ttls = outcome.answers.map(({ type, rdata, ttlSeconds }) => `${type} ${rdata} ${ttlSeconds}`).sort();
    key = [answerKey(outcome), ...ttls, outcome.ecsScope ?? ''].join('\n');
    keys.set(outcome, key);
  }
  return key;
}

function describeWhole(scenario: Scenario, outcome: Outcome, type: string): string {
  const ttls = [...new Set(outcome.answers.map(({ ttlSeconds }) => ttlSeconds))];
  const scope = outcome.ecsScope === undefined ? '' : `, scope ${outcome.ecsScope}`;
  const ttl = ttls.length === 0 ? '' : `, TTL ${ttls.join(' and ')}`;
  return `${describeOutcome(scenario, outcome, type)}${ttl}${scope}`;
}
