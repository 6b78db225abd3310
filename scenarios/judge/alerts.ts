/** When alerts of a scenario fire: their condition has held for as long as they wait. */
import type { Micros } from '../../simulator/clock.ts';
import { valueAt } from '../../simulator/world/history.ts';
import type { AlertRule } from '../scenario.ts';
import { nameOf } from '../simulate/watches.ts';
import { aliveOf, deadSince } from './truth.ts';
import { describeAnswers, type RunView, rdataOf, type WatchedAnswers } from './view.ts';
import type { Window } from './window.ts';

/** The times in which an alert fires. */
export function firingOf(alert: string, view: RunView): Window[] {
  const rule = view.scenario.alerts.get(alert);
  if (rule === undefined) return [];
  const watched = watchedByRule(rule, view);
  const moments = momentsOf(view, watched);
  const firing: Window[] = [];
  let since: Micros | undefined;
  for (const [i, at] of moments.entries()) {
    const holds = conditionHolds(rule, view, watched, at);
    if (holds) since ??= at;
    const until = moments[i + 1] ?? view.history.endsAt;
    if (holds && since !== undefined && until - since >= rule.pending) {
      const last = firing.at(-1);
      const from = since + rule.pending;
      if (last !== undefined && last.from === from) firing[firing.length - 1] = { from, to: until };
      else firing.push({ from, to: until });
    }
    if (!holds) since = undefined;
  }
  return firing;
}

function watchedByRule({ when }: AlertRule, { zone, watches, history }: RunView): WatchedAnswers[] {
  const name = when.name === undefined ? undefined : nameOf(when.name, zone)?.toLowerCase();
  return watches.flatMap((watch, i) =>
    watch.sample === undefined && (name === undefined || watch.name.toLowerCase() === name)
      ? [{ watch, changes: history.answers[i] ?? [] }]
      : [],
  );
}

/** Conditions can turn only where an answer, a status or a target changes. */
function momentsOf({ history, plan }: RunView, watched: readonly WatchedAnswers[]): Micros[] {
  const moments = [
    0,
    ...watched.flatMap(({ changes }) => changes.map(({ at }) => at)),
    ...history.statuses.flatMap(({ changes }) => changes.map(({ at }) => at)),
    ...plan.events.map(({ at }) => at),
  ];
  return [...new Set(moments)].sort((a, b) => a - b);
}

function conditionHolds({ when }: AlertRule, view: RunView, watched: readonly WatchedAnswers[], at: Micros): boolean {
  switch (when.kind) {
    case 'servers disagree':
      return [...Map.groupBy(watched, ({ watch }) => `${watch.client} ${watch.name} ${watch.type}`).values()].some(
        (group) => new Set(group.map(({ watch, changes }) => describeAt(view, changes, at, watch.type))).size > 1,
      );
    case 'answers dead target':
      return watched.some(({ watch, changes }) =>
        valueAt(changes, at)?.outcomes.some(({ outcome }) =>
          rdataOf(outcome, watch.type).some((rdata) => deadSince(aliveOf(view.plan, rdata), at) !== undefined),
        ),
      );
    case 'all down': {
      const servers = Map.groupBy(view.history.statuses, ({ server }) => server);
      return [...servers.values()].some((series) => {
        const known = series.map(({ changes }) => valueAt(changes, at)).filter((status) => status !== 'absent');
        return known.length > 0 && known.every((status) => status === 'down');
      });
    }
    case 'rcode':
      return watched.some(({ changes }) =>
        valueAt(changes, at)?.outcomes.some(({ outcome }) => outcome.rcode === when.rcode),
      );
  }
}

function describeAt({ scenario }: RunView, changes: WatchedAnswers['changes'], at: Micros, type: string): string {
  const value = valueAt(changes, at);
  return value === undefined ? '' : describeAnswers(scenario, value, type);
}
