/** What must hold whatever happens. */
import type { Micros } from '../../simulator/clock.ts';
import { aliveOf, deadSince } from './truth.ts';
import { type Failure, labelOf, type RunView, rdataOf, type WatchedAnswers } from './view.ts';
import { secondsOf, type Window, within } from './window.ts';

/**
 * No two regions write at once, and no client is sent to a region that writes without the lease. A region is the vantage of
 * the target that is answered.
 */
export function writersApart(
  { scenario, history }: RunView,
  watched: readonly WatchedAnswers[],
  window: Window,
): Failure | undefined {
  for (const { at, value } of within(history.lease, window)) {
    if (value.writers.length > 1) {
      return {
        at,
        client: '',
        server: '',
        wanted: 'one region that writes',
        seen: `${value.writers.join(' and ')} write`,
      };
    }
    const stray = value.writers.find((writer) => writer !== value.holder);
    if (stray === undefined) continue;
    const until = history.lease.find((later) => later.at > at)?.at ?? history.endsAt;
    for (const { watch, changes } of watched) {
      const sent = within(changes, { from: at, to: until }).find((change) =>
        change.value.outcomes.some(({ outcome }) =>
          rdataOf(outcome, watch.type).some((rdata) => vantageOf(scenario, rdata) === stray),
        ),
      );
      if (sent === undefined) continue;
      const seen = `clients are sent to ${stray}, which writes without the lease`;
      const wanted = 'writes with the lease only';
      return { at: sent.at, client: watch.client, server: watch.server, watch, wanted, seen };
    }
  }
  return undefined;
}

/** Nobody is sent to a target that has been dead for longer than `after`. */
export function answersOfDead(
  { scenario, history, plan }: RunView,
  watched: readonly WatchedAnswers[],
  after: Micros,
  window: Window,
): Failure | undefined {
  for (const { address, name } of scenario.targets.values()) {
    const alive = aliveOf(plan, address);
    for (const [i, { at: died, value }] of alive.entries()) {
      if (value) continue;
      const recovered = alive[i + 1]?.at ?? history.endsAt;
      const late = { from: Math.max(window.from, died + after), to: Math.min(window.to, recovered - 1) };
      if (late.from > late.to) continue;
      for (const { watch, changes } of watched) {
        const wrong = within(changes, late).find((change) =>
          change.value.outcomes.some(({ outcome }) => rdataOf(outcome, watch.type).includes(address)),
        );
        if (wrong === undefined) continue;
        const dead = secondsOf(wrong.at - (deadSince(alive, wrong.at) ?? died));
        const seen = `${labelOf(scenario, address)}, dead for ${dead}`;
        const wanted = `no ${name} once it has been dead for ${secondsOf(after)}`;
        return { at: wrong.at, client: watch.client, server: watch.server, watch, wanted, seen };
      }
    }
  }
  return undefined;
}

function vantageOf(scenario: RunView['scenario'], rdata: string): string | undefined {
  for (const { address, vantage } of scenario.targets.values()) if (address === rdata) return vantage;
  return undefined;
}
