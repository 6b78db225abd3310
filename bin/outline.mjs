// Makes planner/geo/outline.ts: the coasts of the world, coarse enough for a page that stands alone.
// node bin/outline.mjs PATH/TO/world-atlas/land-110m.json (npm world-atlas 2.0.2)
import { readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const TENTHS = 10;
const { arcs, objects, transform } = JSON.parse(readFileSync(process.argv[2], 'utf8'));
const [scaleX, scaleY] = transform.scale;
const [startX, startY] = transform.translate;

const lines = arcs.map((arc) => {
  let [x, y] = [0, 0];
  return arc.map(([dx, dy]) => {
    x += dx;
    y += dy;
    return [Math.round((x * scaleX + startX) * TENTHS), Math.round((y * scaleY + startY) * TENTHS)];
  });
});
const lineOf = (index) => (index < 0 ? lines[-1 - index].toReversed() : lines[index]);
const rings = objects.land.geometries
  .flatMap(({ type, arcs: polygons }) => (type === 'Polygon' ? [polygons] : polygons))
  .flat()
  .map((ring) => ring.flatMap((index, i) => lineOf(index).slice(i === 0 ? 0 : 1)));

const text = rings
  .map((ring) => {
    let [x, y] = [0, 0];
    const steps = [];
    for (const [toX, toY] of ring) {
      if (steps.length > 0 && toX === x && toY === y) continue;
      steps.push(`${toX - x} ${toY - y}`);
      [x, y] = [toX, toY];
    }
    return steps.length < 4 ? '' : steps.join(' ');
  })
  .filter((ring) => ring !== '')
  .join('\n');

writeFileSync(
  join(dirname(dirname(fileURLToPath(import.meta.url))), 'planner', 'geo', 'outline.ts'),
  `/**
 * The coasts of the world at 1:110 million. A line for each ring: steps in tenths of a degree, east and north, from 0°N 0°E.
 *
 * Made by bin/outline.mjs from Natural Earth (public domain, naturalearthdata.com) as npm's world-atlas 2.0.2 has it
 * (ISC licence, copyright 2013-2019 Michael Bostock).
 */
export const OUTLINE = \`${text}\`;
`,
);
