/**
 * Every phase of a server, by the breakpoints that matter. The course of a world hangs on phases only through comparisons of
 * times, and a witness sees them all. Every time in it either stands still or moves along when the first question comes later,
 * so from one run and the same run a microsecond later follows for which phases no comparison turns: a region in which
 * the world takes the same course, with times that move evenly. What is left over is explored in the same way.
 */
import { MICROS_PER_SECOND, type Micros } from '../clock.ts';
import { allPhases, type Bounds, difference, intersection, middle, type PhaseRegion } from './phase-region.ts';
import type { Phase } from './plan.ts';
import type { Witness } from './witness.ts';

/** A region of phases in which a world takes one course. */
export interface PhaseCell<T> {
  readonly region: PhaseRegion;
  /** One of them, and what it came to there. */
  readonly phase: Phase;
  readonly result: T;
  /** The same course a little aside; undefined where the region is a single offset. */
  readonly moved: { readonly by: Micros; readonly result: T } | undefined;
}

export interface Exploration<T> {
  readonly cells: readonly PhaseCell<T>[];
  /** Every phase is in one of the cells. */
  readonly complete: boolean;
}

const MAX_CELLS = 20_000;

/** Explores the offsets below `offsets` with all fractions of a second. `run` must be a pure function of the phase. */
export function explorePhases<T>(
  offsets: Micros,
  run: (phase: Phase, witness: Witness) => T,
  maxCells = MAX_CELLS,
): Exploration<T> {
  const pending: PhaseRegion[] = [allPhases(offsets, MICROS_PER_SECOND)];
  const cells: PhaseCell<T>[] = [];
  for (let region = pending.pop(); region !== undefined; region = pending.pop()) {
    if (cells.length === maxCells) return { cells, complete: false };
    const cell = cellAround(middle(region), run);
    const within = intersection(region, cell.region);
    if (within === undefined) throw new RangeError('a phase is not in its own cell');
    cells.push({ ...cell, region: within });
    pending.push(...difference(region, within));
  }
  return { cells, complete: true };
}

function cellAround<T>(phase: Phase, run: (phase: Phase, witness: Witness) => T): PhaseCell<T> {
  const course = new Course();
  const result = run(phase, course);
  for (const by of [1, -1]) {
    const aside = { ...phase, offset: phase.offset + by };
    if (aside.offset < 0) continue;
    const other = new Course();
    const moved = run(aside, other);
    if (!other.isSameAs(course)) continue;
    return { region: course.region(phase, other), phase, result, moved: { by, result: moved } };
  }
  return { region: course.region(phase, undefined), phase, result, moved: undefined };
}

/**
 * When something happens at an offset of the cell's region, given when it happens at the cell's own phase and in the same
 * course aside.
 */
export function timeIn<T>(cell: PhaseCell<T>, at: Micros, atMoved: Micros | undefined, offset: Micros): Micros {
  if (cell.moved === undefined || atMoved === undefined) return at;
  return at + ((atMoved - at) / cell.moved.by) * (offset - cell.phase.offset);
}

/** The comparisons of one run, in their order. */
class Course implements Witness {
  readonly #earlier: Micros[] = [];
  readonly #later: Micros[] = [];
  readonly #ties: boolean[] = [];
  readonly #tasks: number[] = [];
  readonly #readAt: Micros[] = [];
  readonly #shown: Micros[] = [];

  follows(earlier: Micros, later: Micros, tie: boolean, task: number): void {
    this.#earlier.push(earlier);
    this.#later.push(later);
    this.#ties.push(tie);
    this.#tasks.push(task);
  }

  readsSecond(now: Micros, offset: Micros): void {
    this.#readAt.push(now);
    this.#shown.push(now + offset);
  }

  isSameAs(other: Course): boolean {
    return (
      this.#tasks.length === other.#tasks.length &&
      this.#shown.length === other.#shown.length &&
      this.#tasks.every((task, i) => task === other.#tasks[i] && this.#ties[i] === other.#ties[i]) &&
      this.#shown.every((shown, i) => second(shown) === second(other.#shown[i] ?? 0))
    );
  }

  /** The phases around `phase` for which nothing turns, given the same course aside; without one only this offset. */
  region(phase: Phase, other: Course | undefined): PhaseRegion {
    let offset = other === undefined ? exactly(phase.offset) : EVERYTHING;
    let fraction: Bounds = EVERYTHING;
    let sum: Bounds = EVERYTHING;
    if (other !== undefined) {
      for (let i = 0; i < this.#later.length; i++) {
        const earlier = this.#earlier[i] ?? 0;
        const later = this.#later[i] ?? 0;
        const earlierMoves = (other.#earlier[i] ?? 0) !== earlier;
        const laterMoves = (other.#later[i] ?? 0) !== later;
        if (earlierMoves === laterMoves) continue;
        const room = later - earlier - (this.#ties[i] ? 0 : 1);
        offset = laterMoves ? atLeast(offset, phase.offset - room) : atMost(offset, phase.offset + room);
      }
    }
    for (let i = 0; i < this.#shown.length; i++) {
      const shown = this.#shown[i] ?? 0;
      const back = shown - second(shown) * MICROS_PER_SECOND;
      const moves = other !== undefined && other.#readAt[i] !== this.#readAt[i];
      const around = (at: Micros, bounds: Bounds) =>
        atMost(atLeast(bounds, at - back), at - back + MICROS_PER_SECOND - 1);
      if (moves) sum = around(phase.offset + phase.fraction, sum);
      else fraction = around(phase.fraction, fraction);
    }
    return { offset, fraction, sum };
  }
}

const EVERYTHING: Bounds = { least: Number.NEGATIVE_INFINITY, most: Number.POSITIVE_INFINITY };

function exactly(value: Micros): Bounds {
  return { least: value, most: value };
}

function atLeast({ least, most }: Bounds, value: Micros): Bounds {
  return { least: Math.max(least, value), most };
}

function atMost({ least, most }: Bounds, value: Micros): Bounds {
  return { least, most: Math.min(most, value) };
}

function second(shown: Micros): number {
  return Math.floor(shown / MICROS_PER_SECOND);
}
