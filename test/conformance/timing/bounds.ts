/**
 * What the agent concludes hangs on how long a server can take at most (`checkTiming`). No real server may take longer
 * than that, and than this machine needs itself.
 */
import { MICROS_PER_SECOND, type Micros } from '../../../simulator/clock.ts';
import type { Check } from '../../../simulator/health/check.ts';
import { checkTiming } from '../../../simulator/health/possible.ts';
import type { CheckerModel } from './assumptions.ts';
import type { Observed, SeenPhase } from './observed.ts';
import type { Place, Story } from './story.ts';

/** Periods, first results and changes of answers that took longer than they may, in words. */
export function beyondBounds(
  story: Story,
  place: Place,
  observed: Observed,
  checks: ReadonlyMap<string, Check>,
  { profile, intervalSeconds }: CheckerModel,
  allowance: Micros,
): string[] {
  // A check that nobody asks for has no longest period.
  if (story.expireDelaySeconds !== undefined) return [];
  return [...checks].flatMap(([target, check]) => {
    const timing = checkTiming(check, [...checks.values()], profile, intervalSeconds);
    const phases = observed.phases[target] ?? [];
    const learning = (isUp: boolean): Micros =>
      timing.longestLearningMicros + (isUp ? 0 : (timing.minimumFailures - 1) * timing.longestPeriodMicros);
    const slowest = [
      ['first probe', firstProbe(target, observed), timing.longestFirstResultMicros],
      ['period', longestPeriod(target, phases, observed), timing.longestPeriodMicros],
      ['answer after a failure', longestChange(target, phases, observed, place, false), learning(false)],
      ['answer after a recovery', longestChange(target, phases, observed, place, true), learning(true)],
    ] as const;
    return slowest
      .filter(([, micros, bound]) => micros > bound + allowance)
      .map(([what, micros, bound]) => `${target}: ${what} took ${seconds(micros)} of at most ${seconds(bound)}`);
  });
}

function firstProbe(target: string, { questions, arrivals }: Observed): Micros {
  const asked = questions.find(({ label }) => label === `only-${target}`)?.sentAt;
  const probed = arrivals.find((arrival) => arrival.target === target)?.at;
  return asked === undefined || probed === undefined ? 0 : probed - asked;
}

/** Between two probes that were seen, with none in between that was refused. */
function longestPeriod(target: string, phases: readonly SeenPhase[], { arrivals }: Observed): Micros {
  if (phases.some(({ does }) => does === 'closed')) return 0;
  const times = arrivals.filter((arrival) => arrival.target === target).map(({ at }) => at);
  return Math.max(0, ...times.slice(1).map((at, i) => at - (times[i] ?? at)));
}

/** From a change of the target to the last answer that did not know of it, in the record that is named after it. */
function longestChange(
  target: string,
  phases: readonly SeenPhase[],
  { questions }: Observed,
  place: Place,
  toUp: boolean,
): Micros {
  const changes = phases.slice(1).filter(({ does }) => (does === 'answers') === toUp);
  const took = changes.map(({ at }) => {
    const until = phases.find((phase) => phase.at > at)?.at ?? Number.POSITIVE_INFINITY;
    const old = questions.findLast(
      ({ label, sentAt, answer }) =>
        label === target &&
        sentAt > at &&
        sentAt < until &&
        answer !== undefined &&
        answer.split(' ').includes(place.address(target)) !== toUp,
    );
    return old === undefined ? 0 : old.sentAt - at;
  });
  return Math.max(0, ...took);
}

function seconds(micros: Micros): string {
  return `${(micros / MICROS_PER_SECOND).toFixed(3)} s`;
}
