/** What must never be: at no moment is all of it so at once. */
import type { Distribution } from '../../simulator/answer/distribution.ts';
import type { Micros } from '../../simulator/clock.ts';
import { valueAt } from '../../simulator/world/history.ts';
import type { Expectation, What } from '../scenario.ts';
import { firingOf } from './alerts.ts';
import { isAboutAnswers, wrongAnswer } from './answers.ts';
import { believed, type Failure, firstOf, isAt, type RunView, textAt, type WatchedAnswers } from './view.ts';
import { type Window, within } from './window.ts';

/** What happened, with the times in which each alert that is spoken of fires. */
interface Seen extends RunView {
  readonly watched: readonly WatchedAnswers[];
  readonly firing: ReadonlyMap<string, readonly Window[]>;
}

/** The first moment at which it was so after all, for one client of one server, or for one server. */
export function neverFailure(
  { what, servers }: Expectation,
  view: RunView,
  watched: readonly WatchedAnswers[],
  window: Window,
): Failure | undefined {
  const alerts = what.flatMap((each) => (each.kind === 'alert' ? [each.alert] : []));
  const seen: Seen = { ...view, watched, firing: new Map(alerts.map((alert) => [alert, firingOf(alert, view)])) };
  const moments = momentsOf(seen, window);
  if (what.some(isAboutAnswers)) {
    return firstOf(watched, (each) => {
      const { client, server } = each.watch;
      const changes = what.every(isAboutAnswers)
        ? within(each.changes, window)
        : moments.map((at) => ({ at, value: valueAt(each.changes, at) }));
      const at = changes.find(({ at: moment, value }) => {
        return isAnswered(what, value, each.watch.type, view) && isSo(what, server, seen, moment);
      })?.at;
      if (at === undefined) return undefined;
      return { at, client, server, watch: each.watch, wanted: WANTED, seen: textAt(view, each, at) };
    });
  }
  const believing = [...new Set(view.history.statuses.map(({ server }) => server))];
  const isMeant = (server: string) => servers.length === 0 || servers.includes(server);
  const subjects = what.some(({ kind }) => kind === 'status') ? believing.filter(isMeant) : [''];
  return firstOf(subjects, (server) => {
    const at = moments.find((moment) => isSo(what, server, seen, moment));
    return at === undefined
      ? undefined
      : { at, client: '', server, wanted: WANTED, seen: what.map(seenText).join(', ') };
  });
}

const WANTED = 'anything but this';

/** Where any of it can begin to be so. */
function momentsOf({ history, watched, firing }: Seen, window: Window): Micros[] {
  const moments = [
    ...[...watched, ...history.statuses].flatMap(({ changes }) => changes.map(({ at }) => at)),
    ...[...firing.values()].flatMap((windows) => windows.map(({ from }) => from)),
  ];
  const inside = moments.filter((at) => at > window.from && at <= window.to);
  return [window.from, ...new Set(inside)].sort((a, b) => a - b);
}

/** Each draw counts on its own: what one of them brings may not be. */
function isAnswered(
  what: readonly What[],
  answers: Distribution | undefined,
  type: string,
  { scenario }: RunView,
): boolean {
  const about = what.filter(isAboutAnswers);
  return (answers?.outcomes ?? []).some((outcome) => {
    const drawn = { outcomes: [outcome], exact: true };
    return about.every((each) => wrongAnswer(each, drawn, type, scenario) === undefined);
  });
}

/** Whether all that is not about answers is so at a moment. */
function isSo(what: readonly What[], server: string, seen: Seen, at: Micros): boolean {
  return what.every((each) => {
    switch (each.kind) {
      case 'status':
        return [...each.statuses].every(([target, status]) => believes(server, target, status, seen, at));
      case 'agree':
        return agree(each.servers, seen, at);
      case 'alert':
        return seen.firing.get(each.alert)?.some(({ from, to }) => from <= at && at < to) ?? false;
      default:
        return true;
    }
  });
}

/** By one of its checks of the target; what it does not check is unknown to it. */
function believes(server: string, target: string, status: string, { scenario, history }: Seen, at: Micros): boolean {
  const own = history.statuses.filter((each) => each.server === server && isAt(scenario, target, each.target));
  if (own.length === 0) return status === 'unknown';
  return own.some(({ changes }) => believed(valueAt(changes, at)) === status);
}

/** For each client that asks more than one of them. */
function agree(servers: readonly string[], seen: Seen, at: Micros): boolean {
  const meant = seen.watched.filter(({ watch }) => servers.includes(watch.server));
  const groups = Map.groupBy(meant, ({ watch }) => `${watch.client} ${watch.name} ${watch.type}`);
  return [...groups.values()].every((group) => new Set(group.map((each) => textAt(seen, each, at))).size === 1);
}

function seenText(what: What): string {
  switch (what.kind) {
    case 'status':
      return [...what.statuses].map(([target, status]) => `${target} ${status}`).join(', ');
    case 'agree':
      return `${what.servers.join(' and ')} agree`;
    case 'alert':
      return `alert ${what.alert} fires`;
    default:
      return what.kind;
  }
}
