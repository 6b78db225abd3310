/** One run of a scenario as expectations look at it. */

import type { Distribution } from '../../simulator/answer/distribution.ts';
import type { Outcome } from '../../simulator/answer/outcome.ts';
import { canonicalRdata } from '../../simulator/answer/rdata.ts';
import type { Micros } from '../../simulator/clock.ts';
import { type History, type ShownStatus, type Since, valueAt } from '../../simulator/world/history.ts';
import type { WorldPlan } from '../../simulator/world/plan.ts';
import type { Zone } from '../../simulator/zone/record.ts';
import type { WatchInfo } from '../result.ts';
import type { Expectation, Scenario } from '../scenario.ts';
import { nameOf, plainClients, typeOf } from '../simulate/watches.ts';

export interface RunView {
  readonly scenario: Scenario;
  readonly zone: Zone;
  readonly watches: readonly WatchInfo[];
  readonly history: History;
  /** What really happened to targets. */
  readonly plan: Pick<WorldPlan, 'targets' | 'events'>;
}

/** The answers to one watch. */
export interface WatchedAnswers {
  readonly watch: WatchInfo;
  readonly changes: readonly Since<Distribution>[];
}

/** What went otherwise than expected, at one moment where there is one. */
export interface Failure {
  readonly at: Micros | undefined;
  readonly client: string;
  readonly server: string;
  readonly wanted: string;
  readonly seen: string;
  /** Whose answer it is; absent where it is about no single one. */
  readonly watch?: WatchInfo;
}

/**
 * The watches that an expectation is about; samples only where it names their client. What is true of whoever is answered, such as
 * an invariant, is about every name where it says none.
 */
export function watchedBy({ scenario, zone, watches, history }: RunView, expectation: Expectation): WatchedAnswers[] {
  const clients = expectation.clients.length > 0 ? expectation.clients : plainClients(scenario);
  const name = expectation.name === undefined ? undefined : nameOf(expectation.name, zone)?.toLowerCase();
  const type = name === undefined ? expectation.type : typeOf(expectation.type, name, zone);
  return watches.flatMap((watch, i) => {
    const isMeant =
      clients.includes(watch.client) &&
      (name === undefined || watch.name.toLowerCase() === name) &&
      (type === undefined || watch.type === type) &&
      (expectation.servers.length === 0 || expectation.servers.includes(watch.server));
    return isMeant ? [{ watch, changes: history.answers[i] ?? [] }] : [];
  });
}

/** The answers of an outcome that were asked for. */
export function rdataOf({ answers }: Outcome, type: string): string[] {
  return answers.filter((record) => record.type === type).map(({ rdata }) => rdata);
}

/** What stands for an answer in a scenario: the target's name, else the rdata. */
export function labelOf(scenario: Scenario, rdata: string): string {
  for (const { name, address } of scenario.targets.values()) if (address === rdata) return name;
  return rdata;
}

/** The rdata of a target's name, else what is written, in the notation of answers. */
export function rdataFor(scenario: Scenario, label: string, type: string): string {
  return scenario.targets.get(label)?.address ?? canonicalRdata(type, label);
}

/** `fsn`, `fsn hel`, `SERVFAIL`, `no data`; alternatives that draws decide between are joined by `or`. */
export function describeAnswers(scenario: Scenario, distribution: Distribution, type: string): string {
  const texts = distribution.outcomes.map(({ outcome }) => describeOutcome(scenario, outcome, type));
  return [...new Set(texts)].join(' or ');
}

export function describeOutcome(scenario: Scenario, outcome: Outcome, type: string): string {
  if (outcome.rcode === 'DROPPED') return 'no answer';
  if (outcome.rcode !== 'NOERROR') return outcome.rcode;
  const labels = rdataOf(outcome, type).map((rdata) => labelOf(scenario, rdata));
  return labels.length === 0 ? 'no data' : labels.sort().join(' ');
}

/** What a client gets at a moment, in words. */
export function textAt({ scenario }: RunView, { watch, changes }: WatchedAnswers, at: Micros): string {
  const value = valueAt(changes, at);
  return value === undefined ? '' : describeAnswers(scenario, value, watch.type);
}

/** Whether a check is one of a target, which is named or an address: `192.0.2.10`, `192.0.2.10:5432`, `[2001:db8::1]:5432`. */
export function isAt(scenario: Scenario, target: string, checked: string): boolean {
  const address = scenario.targets.get(target)?.address ?? target;
  if (checked === address) return true;
  return checked.startsWith(address.includes(':') ? `[${address}]:` : `${address}:`);
}

/** What is not known any more is as unknown as what never was. */
export function believed(status: ShownStatus | undefined): 'up' | 'down' | 'unknown' {
  return status === 'up' || status === 'down' ? status : 'unknown';
}

/** The earliest failure of any. */
export function firstOf<T>(items: readonly T[], find: (item: T) => Failure | undefined): Failure | undefined {
  return items.flatMap((item) => find(item) ?? []).sort((a, b) => (a.at ?? 0) - (b.at ?? 0))[0];
}
