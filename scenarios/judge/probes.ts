/** How often targets are probed. */
import { MICROS_PER_SECOND } from '../../simulator/clock.ts';
import type { ProbeRecord } from '../../simulator/world/history.ts';
import type { Expectation, What } from '../scenario.ts';
import { type Failure, isAt, type RunView } from './view.ts';
import { secondsOf, type Window } from './window.ts';

/** Probes that start within this time of each other are one burst. */
const BURST_MICROS = 100_000;

export function probeFailure(
  { target, rate, burst }: Extract<What, { kind: 'probes' }>,
  { servers }: Expectation,
  { scenario, history }: RunView,
  window: Window,
): Failure | undefined {
  const meant = history.probes.filter(
    (probe) =>
      probe.startedAt >= window.from &&
      probe.startedAt <= window.to &&
      (servers.length === 0 || servers.includes(probe.server)) &&
      (target === undefined || isAt(scenario, target, probe.target)),
  );
  const of = target ?? 'all targets';
  const seconds = (window.to - window.from) / MICROS_PER_SECOND;
  if (rate !== undefined && seconds > 0 && meant.length / seconds > rate) {
    const often = Number((meant.length / seconds).toFixed(2));
    const seen = `${often} a second from ${secondsOf(window.from)} to ${secondsOf(window.to)}`;
    return { at: undefined, client: '', server: '', wanted: `probes of ${of} at most ${rate} a second`, seen };
  }
  if (burst === undefined) return undefined;
  const largest = largestBurst(meant);
  if (largest.count <= burst) return undefined;
  const seen = `${largest.count} in one round`;
  return { at: largest.at, client: '', server: '', wanted: `probes of ${of} at most ${burst} in one round`, seen };
}

function largestBurst(probes: readonly ProbeRecord[]): { at: number; count: number } {
  const starts = probes.map(({ startedAt }) => startedAt).sort((a, b) => a - b);
  let largest = { at: 0, count: 0 };
  let first = 0;
  for (const [i, at] of starts.entries()) {
    while (at - (starts[first] ?? 0) > BURST_MICROS) first++;
    const count = i - first + 1;
    if (count > largest.count) largest = { at: starts[first] ?? 0, count };
  }
  return largest;
}
