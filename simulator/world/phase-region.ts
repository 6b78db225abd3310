/** Sets of phases: an offset, a fraction and their sum, each between bounds. All numbers are whole microseconds, bounds included. */
import type { Micros } from '../clock.ts';
import type { Phase } from './plan.ts';

export interface Bounds {
  readonly least: Micros;
  readonly most: Micros;
}

export interface PhaseRegion {
  readonly offset: Bounds;
  readonly fraction: Bounds;
  readonly sum: Bounds;
}

/** Every phase with an offset and a fraction below these. */
export function allPhases(offsets: Micros, fractions: Micros): PhaseRegion {
  return {
    offset: { least: 0, most: offsets - 1 },
    fraction: { least: 0, most: fractions - 1 },
    sum: { least: 0, most: offsets + fractions - 2 },
  };
}

/** The phases that are in both, with bounds that are reached; undefined where there are none. */
export function intersection(a: PhaseRegion, b: PhaseRegion): PhaseRegion | undefined {
  return tightened({
    offset: both(a.offset, b.offset),
    fraction: both(a.fraction, b.fraction),
    sum: both(a.sum, b.sum),
  });
}

/** The phases of `region` that are not in `taken`, as regions that do not overlap. */
export function difference(region: PhaseRegion, taken: PhaseRegion): PhaseRegion[] {
  const rest: PhaseRegion[] = [];
  let left: PhaseRegion | undefined = region;
  for (const side of ['offset', 'fraction', 'sum'] as const) {
    const { least, most } = taken[side];
    for (const [outside, inside] of [
      [
        { least: Number.NEGATIVE_INFINITY, most: least - 1 },
        { least, most: Number.POSITIVE_INFINITY },
      ],
      [
        { least: most + 1, most: Number.POSITIVE_INFINITY },
        { least: Number.NEGATIVE_INFINITY, most },
      ],
    ] as const) {
      if (left === undefined) return rest;
      const cut = tightened({ ...left, [side]: both(left[side], outside) });
      if (cut !== undefined) rest.push(cut);
      left = tightened({ ...left, [side]: both(left[side], inside) });
    }
  }
  return rest;
}

/** A phase in the middle of the region. */
export function middle(region: PhaseRegion): Phase {
  const offset = Math.floor((region.offset.least + region.offset.most) / 2);
  const { least, most } = fractionsAt(region, offset);
  return { offset, fraction: Math.floor((least + most) / 2) };
}

/** The fractions that go with an offset of the region. */
export function fractionsAt({ fraction, sum }: PhaseRegion, offset: Micros): Bounds {
  return both(fraction, { least: sum.least - offset, most: sum.most - offset });
}

export function contains({ offset, fraction, sum }: PhaseRegion, phase: Phase): boolean {
  return isIn(offset, phase.offset) && isIn(fraction, phase.fraction) && isIn(sum, phase.offset + phase.fraction);
}

function isIn({ least, most }: Bounds, value: Micros): boolean {
  return least <= value && value <= most;
}

function both(a: Bounds, b: Bounds): Bounds {
  return { least: Math.max(a.least, b.least), most: Math.min(a.most, b.most) };
}

function tightened({ offset, fraction, sum }: PhaseRegion): PhaseRegion | undefined {
  const newSum = both(sum, { least: offset.least + fraction.least, most: offset.most + fraction.most });
  const newOffset = both(offset, { least: newSum.least - fraction.most, most: newSum.most - fraction.least });
  const newFraction = both(fraction, { least: newSum.least - newOffset.most, most: newSum.most - newOffset.least });
  const isEmpty = [newSum, newOffset, newFraction].some(({ least, most }) => least > most);
  return isEmpty ? undefined : { offset: newOffset, fraction: newFraction, sum: newSum };
}
