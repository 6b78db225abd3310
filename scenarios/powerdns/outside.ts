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
export function outsideOf(compared: Compared, histories: readonly History[], slack: Micros): Failure[] {
  const { scenario, watches, observations } = compared;
  const possible = new Possible(histories, slack);
  return observations.flatMap((observation) => {
    const watch = watches[observation.watch];
    if (watch === undefined || possible.allows(observation)) return [];
    const describe = (outcome: Outcome) => describeWhole(scenario, outcome, watch.type);
    const outcomes = possible.outcomesAt(observation);
    return {
      at: observation.at,
      client: watch.client,
      watch,
      server: watch.server,
      wanted: [...new Set(outcomes.map(describe))].sort().join(' or ') || 'nothing',
      seen: describe(observation.outcome),
    };
  });
}

class Possible {
  readonly #histories: readonly History[];
  readonly #slack: Micros;

  constructor(histories: readonly History[], slack: Micros) {
    this.#histories = histories;
    this.#slack = slack;
  }

  allows(observation: Observation): boolean {
    const key = outcomeKey(observation.outcome);
    return this.#histories.some((history) =>
      this.#around(history, observation).some(
        ({ exact, outcomes }) => !exact || outcomes.some((each) => outcomeKey(each.outcome) === key),
      ),
    );
  }

  outcomesAt(observation: Observation): Outcome[] {
    return this.#histories.flatMap((history) =>
      this.#around(history, observation).flatMap(({ outcomes }) => outcomes.map(({ outcome }) => outcome)),
    );
  }

  #around(history: History, { watch, at, until }: Observation): Distribution[] {
    const window = { from: at - this.#slack, to: until + this.#slack };
    return within(history.answers[watch] ?? [], window).map(({ value }) => value);
  }
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
