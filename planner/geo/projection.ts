/** The earth on paper: the Equal Earth projection (Šavrič, Patterson, Jenny 2018), which keeps areas and looks like the earth. */
import type { Coordinates } from '../../geoip/distance.ts';

const [A1, A2, A3, A4] = [1.340264, -0.081106, 0.000893, 0.003796];
const HALF_WIDTH = 2.7066;
/** Nobody lives below. */
const SOUTH_END = -58;
const NORTH_END = 84;

export const MAP_WIDTH = 1000;
const SCALE = MAP_WIDTH / 2 / HALF_WIDTH;
const TOP = equalEarth({ latitude: NORTH_END, longitude: 0 })[1];
export const MAP_HEIGHT = Math.round((TOP - equalEarth({ latitude: SOUTH_END, longitude: 0 })[1]) * SCALE);

/** Right and down from the upper left corner of a map of `MAP_WIDTH` by `MAP_HEIGHT`. */
export function project(place: Coordinates): readonly [x: number, y: number] {
  const [x, y] = equalEarth(place);
  return [(x + HALF_WIDTH) * SCALE, (TOP - y) * SCALE];
}

function equalEarth({ latitude, longitude }: Coordinates): readonly [number, number] {
  const sine = (Math.sqrt(3) / 2) * Math.sin((latitude * Math.PI) / 180);
  const t = Math.asin(sine);
  const t2 = t * t;
  const t6 = t2 * t2 * t2;
  const slope = A1 + 3 * A2 * t2 + t6 * (7 * A3 + 9 * A4 * t2);
  const x = (2 * Math.sqrt(3) * ((longitude * Math.PI) / 180) * Math.cos(t)) / (3 * slope);
  return [x, t * (A1 + A2 * t2 + t6 * (A3 + A4 * t2))];
}
