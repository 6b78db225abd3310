/** Whether an expectation holds in one run. */

import { valueAt } from '../../simulator/world/history.ts';
import type { Expectation, What } from '../scenario.ts';
import { firingOf } from './alerts.ts';
import { compareShares, isAboutAnswers, labelledShares, sharesOf, wrongAnswer } from './answers.ts';
import { answersOfDead, writersApart } from './invariants.ts';
import { neverFailure } from './never.ts';
import { probeFailure } from './probes.ts';
import {
  believed,
  describeAnswers,
  type Failure,
  firstOf,
  isAt,
  type RunView,
  textAt,
  type WatchedAnswers,
  watchedBy,
} from './view.ts';
import { secondsOf, type Window, windowOf, within } from './window.ts';

/** The first thing that is not as expected; undefined where the expectation holds. */
export function failureOf(expectation: Expectation, view: RunView): Failure | undefined {
  const window = windowOf(expectation.when, view.scenario.endsAt);
  const watched = watchedBy(view, expectation);
  if (expectation.when.kind === 'never') return neverFailure(expectation, view, watched, window);
  const failures = expectation.what.flatMap((what) => whatFailure(what, expectation, view, watched, window) ?? []);
  return failures.sort((a, b) => (a.at ?? 0) - (b.at ?? 0))[0];
}

function whatFailure(
  what: What,
  expectation: Expectation,
  view: RunView,
  watched: readonly WatchedAnswers[],
  window: Window,
): Failure | undefined {
  if (isAboutAnswers(what)) {
    if (what.kind === 'distribution' && watched.some(({ watch }) => watch.sample !== undefined)) {
      return sampleFailure(what, view, watched, window);
    }
    return firstOf(watched, ({ watch, changes }) => {
      for (const { at, value } of within(changes, window)) {
        const wrong = wrongAnswer(what, value, watch.type, view.scenario);
        if (wrong !== undefined) return { at, client: watch.client, server: watch.server, watch, ...wrong };
      }
      return undefined;
    });
  }
  switch (what.kind) {
    case 'status':
      return statusFailure(what, expectation, view, window);
    case 'agree':
      return disagreement(what.servers, view, watched, window);
    case 'max-flips':
      return firstOf(watched, (each) => flipFailure(what.flips, view, each, window));
    case 'probes':
      return probeFailure(what, expectation, view, window);
    case 'alert': {
      const firing = firingOf(what.alert, view).find(({ from, to }) => from <= window.to && to >= window.from);
      return firing === undefined ? nothing(window, `alert ${what.alert} fires`, 'it does not fire') : undefined;
    }
    case 'invariant':
      return what.invariant === 'single-writer'
        ? writersApart(view, watched, window)
        : answersOfDead(view, watched, what.after, window);
  }
}

function sampleFailure(
  { shares, tolerance }: Extract<What, { kind: 'distribution' }>,
  { scenario }: RunView,
  watched: readonly WatchedAnswers[],
  window: Window,
): Failure | undefined {
  const moments = [...new Set(watched.flatMap(({ changes }) => within(changes, window).map(({ at }) => at)))];
  for (const at of moments.sort((a, b) => a - b)) {
    const now = watched.flatMap(({ changes }) => valueAt(changes, at) ?? []);
    const type = watched[0]?.watch.type ?? 'A';
    const wrong = compareShares(labelledShares(shares, type, scenario), sharesOf(now, type, scenario), tolerance);
    if (wrong === undefined) continue;
    const [first] = watched;
    return { at, client: first?.watch.client ?? '', server: first?.watch.server ?? '', ...wrong };
  }
  return undefined;
}

function statusFailure(
  { statuses }: Extract<What, { kind: 'status' }>,
  { servers }: Expectation,
  { scenario, history }: RunView,
  window: Window,
): Failure | undefined {
  for (const [target, wanted] of statuses) {
    const series = history.statuses.filter(
      (each) => (servers.length === 0 || servers.includes(each.server)) && isAt(scenario, target, each.target),
    );
    for (const { server, changes } of series) {
      for (const { at, value } of within(changes, window)) {
        const shown = believed(value);
        if (shown !== wanted)
          return { at, client: '', server, wanted: `${target} ${wanted}`, seen: `${target} ${shown}` };
      }
    }
    if (series.length === 0 && wanted !== 'unknown') {
      return nothing(window, `${target} ${wanted}`, `no server has a check of ${target}`);
    }
  }
  return undefined;
}

/** All servers give the same to the same client. */
function disagreement(
  servers: readonly string[],
  view: RunView,
  watched: readonly WatchedAnswers[],
  window: Window,
): Failure | undefined {
  const meant = watched.filter(({ watch }) => servers.includes(watch.server));
  for (const group of Map.groupBy(meant, ({ watch }) => `${watch.client} ${watch.name} ${watch.type}`).values()) {
    const moments = [...new Set(group.flatMap(({ changes }) => within(changes, window).map(({ at }) => at)))];
    for (const at of moments.sort((a, b) => a - b)) {
      const said = group.map((each) => ({ server: each.watch.server, text: textAt(view, each, at) }));
      if (new Set(said.map(({ text }) => text)).size <= 1) continue;
      const seen = said.map(({ server, text }) => `${text} from ${server}`).join(', ');
      return { at, client: group[0]?.watch.client ?? '', server: '', wanted: 'the same answer', seen };
    }
  }
  return undefined;
}

function flipFailure(most: number, view: RunView, { watch, changes }: WatchedAnswers, window: Window) {
  const texts = within(changes, window).map(({ at, value }) => ({
    at,
    text: describeAnswers(view.scenario, value, watch.type),
  }));
  const flips = texts.filter(({ text }, i) => i > 0 && text !== texts[i - 1]?.text);
  const tooMany = flips[most];
  if (tooMany === undefined) return undefined;
  const wanted =
    most === 0 ? 'no change of the answer' : `at most ${most} ${most === 1 ? 'change' : 'changes'} of the answer`;
  const before = texts[texts.indexOf(tooMany) - 1]?.text ?? '';
  const seen = `${most === 0 ? 'a change' : `change number ${most + 1}`}, from ${before} to ${tooMany.text}`;
  return { at: tooMany.at, client: watch.client, server: watch.server, watch, wanted, seen };
}

/** What is missing all the time has no moment, but where the time is one. */
function nothing({ from, to }: Window, wanted: string, what: string): Failure {
  const isMoment = from === to;
  const seen = isMoment ? what : `${what} from ${secondsOf(from)} to ${secondsOf(to)}`;
  return { at: isMoment ? from : undefined, client: '', server: '', wanted, seen };
}
