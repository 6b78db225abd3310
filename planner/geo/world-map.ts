/** The world as one page that stands alone: who goes where, for each record and state. Deterministic. */
import type { Coordinates } from '../../geoip/distance.ts';
import { MEASURE_NAMES, MEASURES } from './amounts.ts';
import type { StateFigures } from './figures.ts';
import { countingOf, findingsOf, percent, shareOf } from './findings.ts';
import { OUTLINE } from './outline.ts';
import { MAP_HEIGHT, MAP_WIDTH, project } from './projection.ts';
import type { Results } from './results.ts';
import { MAP_SCRIPT } from './world-map-script.ts';
import { MAP_STYLE } from './world-map-style.ts';

const MOST_FINDINGS = 12;

export function worldMap(results: Results): string {
  const { head } = results;
  const databases = head.databases.map(({ type, builtAt }) => `${type} of ${builtAt.slice(0, 10)}`).join(', ');
  const counted = MEASURE_NAMES[countingOf(head).measure];
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>Who goes where</title>
<style>${MAP_STYLE}</style>
</head>
<body>
<header>
<h1>Who goes where</h1>
<p class="soft">PowerDNS ${escaped(head.profile)}, ${escaped(databases === '' ? 'no GeoIP database' : databases)}. Clients are counted by ${counted}; without ECS they ask through ${escaped(head.resolvers.join(', '))}.</p>
<div class="choices">
<label>Record <select id="record"></select></label>
<div id="states" role="group" aria-label="State"></div>
<label>Show <select id="view"><option value="target">where clients go</option><option value="lost">how much too far they go</option></select></label>
</div>
</header>
<main>
<figure>
<svg id="map" viewBox="0 0 ${MAP_WIDTH} ${MAP_HEIGHT}" role="img" aria-label="World map of clients by target">
<path class="sea" d="${seaPath()}"/>
<path class="graticule" d="${graticule()}"/>
<path class="land" d="${landPath()}"/>
<g id="cells"></g>
<g id="pins"></g>
</svg>
<figcaption id="readout">Point at the map.</figcaption>
</figure>
<aside>
<ul id="legend"></ul>
<dl id="figures"></dl>
</aside>
</main>
<section><h2>Findings</h2><ul class="findings">
${findings(results)}
</ul></section>
<noscript>The map is drawn by a script of this page.</noscript>
<script type="application/json" id="data">${JSON.stringify(dataOf(results)).replaceAll('<', '\\u003c')}</script>
<script>${MAP_SCRIPT}</script>
</body>
</html>
`;
}

function findings(results: Results): string {
  const all = findingsOf(results);
  const shown = all
    .slice(0, MOST_FINDINGS)
    .map(
      ({ code, severity, message, advice }) =>
        `<li class="${severity}">${escaped(message)} <span class="soft">${escaped(advice)} (${code})</span></li>`,
    );
  if (all.length > MOST_FINDINGS)
    shown.push(`<li class="soft">… and ${all.length - MOST_FINDINGS} more in the text</li>`);
  return shown.join('\n') || '<li>Nothing stands out.</li>';
}

/** What the script draws. Cells come as x, y and clients. */
function dataOf({ head, states }: Results) {
  const counting = countingOf(head);
  const index = MEASURES.indexOf(counting.measure);
  const columns = 360 / head.grid.degrees;
  const half = head.grid.degrees / 2;
  return {
    of: counting.of,
    cells: head.grid.cells.map((cell, i) => {
      const latitude = Math.floor(cell / columns) * head.grid.degrees - 90 + half;
      const longitude = (cell % columns) * head.grid.degrees - 180 + half;
      const [x, y] = project({ latitude, longitude });
      return [tenths(x), tenths(y), head.grid.clients[i] ?? 0, latitude, longitude];
    }),
    records: [...Map.groupBy(states, ({ name, type }) => `${name.replace(/\.$/, '')} ${type}`)].map(([name, its]) => ({
      name,
      states: its.map((state) => stateData(state, index, counting)),
    })),
  };
}

function stateData(state: StateFigures, index: number, counting: ReturnType<typeof countingOf>) {
  const { map, distance } = state;
  return {
    name: state.state,
    down: state.down,
    targets: state.targets.map(({ target, place, clients }) => ({
      name: target,
      share: percent(shareOf(state, [clients], counting)),
      ...(place && { at: project(place).map(tenths) }),
    })),
    ...map,
    moved:
      state.stateKind === 'up'
        ? ''
        : percent(
            shareOf(
              state,
              state.moves.map(({ clients }) => clients),
              counting,
            ),
          ),
    tooFar: percent(shareOf(state, [state.far.degrees, state.far.dateLine], counting)),
    median: distance.medianKm[index] ?? null,
    bestMedian: distance.bestMedianKm[index] ?? null,
    p95: distance.p95Km[index] ?? null,
    bestP95: distance.bestP95Km[index] ?? null,
  };
}

function landPath(): string {
  return OUTLINE.split('\n')
    .flatMap((ring) => cutAtDateLine(ringOf(ring)))
    .map((piece) => `M${piece.map((place) => project(place).map(tenths).join(' ')).join('L')}Z`)
    .join('');
}

function ringOf(text: string): Coordinates[] {
  const steps = text.split(' ').map(Number);
  let [east, north] = [0, 0];
  const ring: Coordinates[] = [];
  for (let i = 0; i < steps.length; i += 2) {
    east += steps[i] ?? 0;
    north += steps[i + 1] ?? 0;
    ring.push({ latitude: north / 10, longitude: east / 10 });
  }
  return ring;
}

/** A coast that goes on at the other edge of the map is drawn at both, not across. */
function cutAtDateLine(ring: readonly Coordinates[]): Coordinates[][] {
  const pieces: Coordinates[][] = [];
  let last: Coordinates | undefined;
  for (const place of ring) {
    if (last === undefined || Math.abs(place.longitude - last.longitude) > 180) pieces.push([]);
    pieces.at(-1)?.push(place);
    last = place;
  }
  const [first, ...others] = pieces;
  const end = others.pop();
  return first === undefined || end === undefined ? pieces : [[...end, ...first], ...others];
}

function seaPath(): string {
  const side = Array.from({ length: 37 }, (_, i) => -90 + i * 5);
  const points = [
    ...side.map((latitude) => ({ latitude, longitude: -180 })),
    ...side.toReversed().map((latitude) => ({ latitude, longitude: 180 })),
  ];
  return `M${points.map((place) => project(place).map(tenths).join(' ')).join('L')}Z`;
}

function graticule(): string {
  const lines: string[] = [];
  for (let longitude = -150; longitude < 180; longitude += 30) {
    const points = Array.from({ length: 37 }, (_, i) =>
      project({ latitude: -90 + i * 5, longitude })
        .map(tenths)
        .join(' '),
    );
    lines.push(`M${points.join('L')}`);
  }
  for (let latitude = -60; latitude <= 60; latitude += 30) {
    const [left, right] = [-180, 180].map((longitude) => project({ latitude, longitude }).map(tenths).join(' '));
    lines.push(`M${left}L${right}`);
  }
  return lines.join('');
}

function tenths(value: number): number {
  return Math.round(value * 10) / 10;
}

function escaped(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('"', '&quot;');
}
