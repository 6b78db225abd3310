/** One job: what all clients are answered in one state of one record, counted and measured. */
import type { Coordinates } from '../../geoip/distance.ts';
import { greatCircleKm } from '../../geoip/distance.ts';
import { type Amounts, addAmounts, noAmounts } from './amounts.ts';
import type { Asked } from './asked.ts';
import type { Atlas } from './atlas.ts';
import { type Candidate, type FarPlace, FarSums, farPlace } from './far.ts';
import type { FarExample, StateFigures, TargetFigures } from './figures.ts';
import type { Grid } from './grid.ts';
import { DistanceSums } from './kilometres.ts';
import { MapSums } from './map-sums.ts';
import { MoveSums } from './moves.ts';
import { forEachPair } from './pairs.ts';
import type { TargetPlace } from './target.ts';

export interface SurveyInput {
  readonly atlas: Atlas;
  readonly grid: Grid;
  /** What was answered while all is up, and what is now; the same where this is that state. */
  readonly before: Asked;
  readonly after: Asked;
  /** Targets that are up. */
  readonly available: readonly string[];
  /** Whether the record picks by distance, so that measuring in degrees can do harm. */
  readonly picksByDistance: boolean;
  readonly placeOf: (target: string) => TargetPlace | undefined;
  readonly describe: (kind: number) => Pick<FarExample, 'network' | 'where'>;
}

export type Surveyed = Pick<
  StateFigures,
  'clients' | 'targets' | 'elsewhere' | 'distance' | 'moves' | 'hashed' | 'far' | 'map' | 'warnings'
>;

export function survey(input: SurveyInput): Surveyed {
  const { atlas, grid, before, after, placeOf } = input;
  const clients = noAmounts();
  const sums = new Map<string, number[]>();
  const elsewhere = new Map<string, number[]>();
  const real = new Map<string, number[]>();
  const moves = new MoveSums();
  const distances = new PlaceDistances(input);
  const answered = new DistanceSums();
  const best = new DistanceSums();
  const far = new FarSums();
  const map = new MapSums(grid);
  const picksByDistance = input.picksByDistance;
  forEachPair(atlas, before, after, (kind, first, second, amounts) => {
    const shares = after.sharesOf(second);
    if (atlas.held[kind] === 0) {
      for (const [target, share] of shares) addTo(elsewhere, target, amounts, share);
      return;
    }
    addAmounts(clients, amounts);
    if (before !== after) moves.add(first, second, amounts);
    const place = atlas.places[kind] ?? 0;
    const isHashed = (after.numbers[kind] ?? 0) < 0;
    const isLocated = atlas.located[place] === 1;
    for (const [target, share] of shares) {
      addTo(sums, target, amounts, share);
      if (isHashed) addTo(real, target, amounts, share);
      if (!isLocated) continue;
      const km = distances.of(target, place);
      if (km === undefined) {
        map.add(place, target, amounts, share, 0);
        continue;
      }
      const bestKm = Math.min(km, distances.best(place));
      answered.add(km, amounts, share);
      best.add(bestKm, amounts, share);
      map.add(place, target, amounts, share, km - bestKm);
      const found = picksByDistance && km - bestKm >= 1 ? distances.far(target, place) : undefined;
      if (found !== undefined) far.add(found, kind, place, target, amounts, share);
    }
  });
  const targets = figuresOf(sums, placeOf);
  return {
    clients,
    targets,
    elsewhere: figuresOf(elsewhere, placeOf),
    distance: {
      measured: answered.totals,
      medianKm: answered.quantile(0.5),
      p95Km: answered.quantile(0.95),
      bestMedianKm: best.quantile(0.5),
      bestP95Km: best.quantile(0.95),
    },
    moves: moves.figures(before, after),
    hashed: hashedFigures(atlas, after, real),
    far: far.figures(input.describe),
    map: map.figures(targets.map(({ target }) => target)),
    warnings: after.warnings,
  };
}

function addTo(sums: Map<string, number[]>, target: string, amounts: Amounts, share: number): void {
  let sum = sums.get(target);
  if (sum === undefined) {
    sum = noAmounts();
    sums.set(target, sum);
  }
  addAmounts(sum, amounts, share);
}

function figuresOf(
  sums: ReadonlyMap<string, Amounts>,
  placeOf: (target: string) => TargetPlace | undefined,
): TargetFigures[] {
  return inOrder([...sums].map(([target, clients]) => ({ target, place: placeOf(target), clients })));
}

function inOrder<T extends { readonly target: string; readonly clients: Amounts }>(list: readonly T[]): T[] {
  const size = ({ clients }: T) => (clients[1] ?? 0) + (clients[3] ?? 0);
  return list.toSorted((a, b) => size(b) - size(a) || (a.target < b.target ? -1 : 1));
}

/** Nominal shares of the kinds whose answer hangs on hashes, beside the real ones. */
function hashedFigures(atlas: Atlas, { nominal, nominalSharesOf }: Asked, real: ReadonlyMap<string, Amounts>) {
  const sums = new Map<string, number[]>();
  const each = real.size === 0 ? 0 : noAmounts().length;
  for (const [kind, answer] of nominal) {
    if (atlas.held[kind] === 0) continue;
    const amounts = atlas.amounts.subarray(kind * each, (kind + 1) * each);
    for (const [target, share] of nominalSharesOf(answer)) addTo(sums, target, [...amounts], share);
  }
  return [...new Set([...sums.keys(), ...real.keys()])].sort().map((target) => ({
    target,
    nominal: sums.get(target) ?? noAmounts(),
    real: real.get(target) ?? noAmounts(),
  }));
}

/** Distances from places to targets, each worked out once. */
class PlaceDistances {
  readonly #atlas: Atlas;
  readonly #placeOf: SurveyInput['placeOf'];
  readonly #available: readonly { readonly target: string; readonly at: Coordinates }[];
  readonly #candidates: readonly Candidate[];
  readonly #km = new Map<string, Float64Array | undefined>();
  readonly #best: Float64Array;
  readonly #far = new Map<string, Map<number, FarPlace | undefined>>();

  constructor({ atlas, available, placeOf }: SurveyInput) {
    this.#atlas = atlas;
    this.#placeOf = placeOf;
    this.#available = available.flatMap((target) => {
      const at = placeOf(target);
      return at === undefined ? [] : [{ target, at }];
    });
    this.#candidates = this.#available.flatMap(({ target, at }) =>
      placeOf(target)?.source === 'database' ? [{ target, ...at }] : [],
    );
    this.#best = new Float64Array(atlas.latitudes.length).fill(-1);
  }

  of(target: string, place: number): number | undefined {
    return this.#table(target)?.[place];
  }

  best(place: number): number {
    let best = this.#best[place] ?? -1;
    if (best >= 0) return best;
    best = Number.POSITIVE_INFINITY;
    for (const { target } of this.#available) best = Math.min(best, this.#table(target)?.[place] ?? best);
    this.#best[place] = best;
    return best;
  }

  far(target: string, place: number): FarPlace | undefined {
    let known = this.#far.get(target);
    if (known === undefined) {
      known = new Map();
      this.#far.set(target, known);
    }
    if (known.has(place)) return known.get(place);
    const sent = this.#candidates.find((candidate) => candidate.target === target);
    const found = sent && farPlace(this.#at(place), sent, this.#candidates);
    known.set(place, found);
    return found;
  }

  #table(target: string): Float64Array | undefined {
    if (this.#km.has(target)) return this.#km.get(target);
    const at = this.#placeOf(target);
    const table = at && kilometresTo(this.#atlas, at);
    this.#km.set(target, table);
    return table;
  }

  #at(place: number): Coordinates {
    return { latitude: this.#atlas.latitudes[place] ?? 0, longitude: this.#atlas.longitudes[place] ?? 0 };
  }
}

const TABLES = new WeakMap<Atlas, Map<string, Float64Array>>();

/** By place; kept for all records that share a target's place. */
function kilometresTo(atlas: Atlas, at: Coordinates): Float64Array {
  const key = `${at.latitude} ${at.longitude}`;
  const tables = TABLES.get(atlas) ?? new Map<string, Float64Array>();
  TABLES.set(atlas, tables);
  let table = tables.get(key);
  if (table === undefined) {
    table = new Float64Array(atlas.latitudes.length);
    for (let place = 0; place < table.length; place++) {
      const client = { latitude: atlas.latitudes[place] ?? 0, longitude: atlas.longitudes[place] ?? 0 };
      table[place] = greatCircleKm(client, at);
    }
    tables.set(key, table);
  }
  return table;
}
