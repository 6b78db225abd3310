/** The answers of a run over time. Networks that one client stands for are told together, by their shares. */
import { type Distribution, distributionOf } from '../../simulator/answer/distribution.ts';
import { answerTexts } from '../../simulator/answer/outcome.ts';
import { MICROS_PER_SECOND, type Micros } from '../../simulator/clock.ts';
import { multiply, rational, toNumber } from '../../simulator/rational.ts';
import type { Since } from '../../simulator/world/history.ts';
import { describeAnswers, describeOutcome } from '../judge/view.ts';
import type { ShownRun, WatchInfo } from '../result.ts';
import type { Scenario } from '../scenario.ts';
import type { AnswerReport } from './report.ts';
import { percent } from './words.ts';

type Changes = readonly Since<Distribution>[];

/** In the order of time; at one moment, in the order of the watches. */
export function answersOf({ watches, history }: Pick<ShownRun, 'watches' | 'history'>, scenario: Scenario) {
  const lanes = Map.groupBy(watches.entries(), ([i, watch]) => laneKey(watch, i));
  return [...lanes.values()]
    .flatMap((lane): AnswerReport[] => {
      const [[, watch] = []] = lane;
      if (watch === undefined) return [];
      const changes = lane.map(([i]) => history.answers[i] ?? []);
      const networks = watch.sample === undefined ? undefined : lane.length;
      const together = networks === undefined ? (changes[0] ?? []) : sharedChanges(changes);
      return together.map((change) => answerOf(change, watch, networks, scenario));
    })
    .sort((a, b) => a.atSeconds - b.atSeconds);
}

function laneKey({ client, server, name, type, sample }: WatchInfo, i: number): string {
  return sample === undefined ? `${i}` : JSON.stringify([client, server, name, type]);
}

function answerOf(
  { at, value }: Since<Distribution>,
  { server, client, name, type }: WatchInfo,
  networks: number | undefined,
  scenario: Scenario,
): AnswerReport {
  const outcomes = value.outcomes.map(({ outcome, probability }) => ({
    rcode: outcome.rcode,
    answers: answerTexts(outcome, type),
    text: describeOutcome(scenario, outcome, type),
    probability: toNumber(probability),
  }));
  const [first] = outcomes;
  const shares = outcomes.map(({ text, probability }) => `${text} ${percent(probability)}`).join(', ');
  return {
    atSeconds: at / MICROS_PER_SECOND,
    server,
    client,
    name,
    type,
    rcode: first?.rcode ?? 'OPAQUE',
    answers: first?.answers ?? [],
    text: networks === undefined || outcomes.length < 2 ? describeAnswers(scenario, value, type) : shares,
    ...(networks === undefined ? {} : { networks }),
    ...(outcomes.length < 2 ? {} : { outcomes }),
  };
}

/** What all of them together answer, whenever one of them changes. */
function sharedChanges(lanes: readonly Changes[]): Since<Distribution>[] {
  const moments = new Map<Micros, { lane: number; value: Distribution }[]>();
  for (const [lane, changes] of lanes.entries()) {
    for (const { at, value } of changes) {
      const atOnce = moments.get(at);
      if (atOnce === undefined) moments.set(at, [{ lane, value }]);
      else atOnce.push({ lane, value });
    }
  }
  const current: (Distribution | undefined)[] = [];
  return [...moments]
    .sort(([a], [b]) => a - b)
    .map(([at, changed]) => {
      for (const { lane, value } of changed) current[lane] = value;
      return { at, value: averageOf(current.filter((value) => value !== undefined)) };
    });
}

function averageOf(distributions: readonly Distribution[]): Distribution {
  const counts = new Map<Distribution, number>();
  for (const each of distributions) counts.set(each, (counts.get(each) ?? 0) + 1);
  const branches = [...counts].flatMap(([{ outcomes }, count]) => {
    const weight = rational(count, distributions.length);
    return outcomes.map(({ outcome, probability }) => ({ value: outcome, probability: multiply(probability, weight) }));
  });
  return { ...distributionOf(branches), exact: distributions.every(({ exact }) => exact) };
}
