/** The time that an expectation is about, and what was so in it. */
import { MICROS_PER_SECOND, type Micros } from '../../simulator/clock.ts';
import type { Since } from '../../simulator/world/history.ts';
import type { When } from '../scenario.ts';

/** Both ends belong to it. */
export interface Window {
  readonly from: Micros;
  readonly to: Micros;
}

/** `72 s`, `60.005 s`: to the millisecond. */
export function secondsOf(time: Micros): string {
  return `${Number((time / MICROS_PER_SECOND).toFixed(3))} s`;
}

export function windowOf(when: When, endsAt: Micros): Window {
  switch (when.kind) {
    case 'at':
      return { from: when.at, to: when.at };
    case 'within':
      return { from: when.from, to: when.to };
    case 'by':
      return { from: when.by, to: when.until };
    case 'always':
    case 'never':
      return { from: 0, to: endsAt };
  }
}

/** What was so at its beginning, and whatever came up in it, each with the moment from which on. */
export function within<T>(changes: readonly Since<T>[], { from, to }: Window): readonly Since<T>[] {
  const first = changes.findLast((change) => change.at <= from);
  const later = changes.filter((change) => change.at > from && change.at <= to);
  return first === undefined ? later : [{ at: from, value: first.value }, ...later];
}
