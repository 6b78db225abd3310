/** The world in squares of some degrees, for the map. */
import { MEASURE_COUNT, MEASURES } from './amounts.ts';
import type { Atlas } from './atlas.ts';
import type { MapGrid } from './figures.ts';

export const GRID_DEGREES = 2;
const COLUMNS = 360 / GRID_DEGREES;
const ROWS = 180 / GRID_DEGREES;

/** By place of an atlas: the number of its cell in the grid, or −1 where nobody knows. */
export interface Grid extends MapGrid {
  readonly cellOfPlace: Int32Array;
  /** Whether clients are counted by their traffic; else by IPv4 addresses. */
  readonly byTraffic: boolean;
}

export function gridOf(atlas: Atlas): Grid {
  const byTraffic = hasTraffic(atlas);
  const measure = MEASURES.indexOf(byTraffic ? 'traffic' : 'ipv4Addresses');
  const sums = new Map<number, number>();
  for (let kind = 0; kind < atlas.kinds; kind++) {
    const clients = atlas.amounts[kind * MEASURE_COUNT + measure] ?? 0;
    const place = atlas.places[kind] ?? 0;
    if (clients === 0 || atlas.held[kind] === 0 || atlas.located[place] === 0) continue;
    const cell = cellAt(atlas.latitudes[place] ?? 0, atlas.longitudes[place] ?? 0);
    sums.set(cell, (sums.get(cell) ?? 0) + clients);
  }
  const sorted = [...sums].sort(([a], [b]) => a - b);
  const numbers = new Map(sorted.map(([cell], number) => [cell, number]));
  const cellOfPlace = new Int32Array(atlas.latitudes.length).map((_, place) =>
    atlas.located[place] === 0
      ? -1
      : (numbers.get(cellAt(atlas.latitudes[place] ?? 0, atlas.longitudes[place] ?? 0)) ?? -1),
  );
  return {
    degrees: GRID_DEGREES,
    cells: sorted.map(([cell]) => cell),
    clients: sorted.map(([, clients]) => clients),
    cellOfPlace,
    byTraffic,
  };
}

export function hasTraffic(atlas: Atlas): boolean {
  const measure = MEASURES.indexOf('traffic');
  for (let kind = 0; kind < atlas.kinds; kind++) if (atlas.amounts[kind * MEASURE_COUNT + measure] !== 0) return true;
  return false;
}

function cellAt(latitude: number, longitude: number): number {
  const row = Math.min(ROWS - 1, Math.max(0, Math.floor((latitude + 90) / GRID_DEGREES)));
  const column = Math.min(COLUMNS - 1, Math.max(0, Math.floor((longitude + 180) / GRID_DEGREES)));
  return row * COLUMNS + column;
}
