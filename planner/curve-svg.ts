/** The curve as a picture: SVG text that stands alone, for light and dark screens. Deterministic. */
import type { Curve, CurveLine, CurvePoint } from './curve.ts';
import { short } from './finding.ts';

const WIDTH = 860;
const HEIGHT = 568;
const PLOT = { left: 84, right: 812, top: 96, bottom: 474 };

export function curveSvg(curve: Curve): string {
  const points = [...curve.lines.flatMap((line) => line.points), curve.now];
  const x = logScale(
    points.map((point) => point.detectionSeconds),
    PLOT.left,
    PLOT.right,
  );
  const y = logScale(
    points.map((point) => point.probesPerSecond),
    PLOT.bottom,
    PLOT.top,
  );
  const place = (point: CurvePoint): Place => ({ x: x.at(point.detectionSeconds), y: y.at(point.probesPerSecond) });
  const parts = [
    text(PLOT.left, 34, 'What faster detection costs', 'title'),
    text(PLOT.left, 58, subtitle(curve), 'quiet'),
    ...x.ticks.map((tick) => verticalTick(x.at(tick), tick)),
    ...y.ticks.map((tick) => horizontalTick(y.at(tick), tick)),
    text(
      (PLOT.left + PLOT.right) / 2,
      PLOT.bottom + 48,
      'a target that hangs is found out within … seconds, at the latest',
      'axis',
      'middle',
    ),
    `<text class="axis" transform="translate(26 ${(PLOT.top + PLOT.bottom) / 2}) rotate(-90)" text-anchor="middle">probes per second, all servers</text>`,
    ...curve.lines.map((line, i) => drawnLine(line, i, place)),
    ...legend(curve.lines),
    marked(curve.now, place(curve.now)),
    text(
      PLOT.left,
      HEIGHT - 18,
      'Both axes are logarithmic. Numbers are lua-health-checks-interval in seconds; the ring has the records’ own options.',
      'quiet',
    ),
  ];
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${WIDTH} ${HEIGHT}" width="${WIDTH}" height="${HEIGHT}" role="img" aria-label="Probe load against detection time">
<style>${STYLE}</style>
<rect class="paper" width="${WIDTH}" height="${HEIGHT}"/>
${parts.join('\n')}
</svg>
`;
}

const STYLE = `
svg { --ink: #1c2430; --quiet: #5b6675; --grid: #dfe4ea; --paper: #ffffff; --c0: #0b63b5; --c1: #b4540a; --c2: #7a3fa0; --now: #c2183c; }
@media (prefers-color-scheme: dark) {
  svg { --ink: #e8ecf1; --quiet: #a2adba; --grid: #323b47; --paper: #161b22; --c0: #6cb2f5; --c1: #f0a15c; --c2: #c79be6; --now: #ff6f8d; }
}
text { font: 14px system-ui, "Segoe UI", Roboto, sans-serif; fill: var(--ink); }
.title { font-size: 20px; font-weight: 600; }
.quiet, .tick { fill: var(--quiet); font-size: 13px; }
.axis { font-size: 14px; }
.paper { fill: var(--paper); }
.grid { stroke: var(--grid); stroke-width: 1; }
.line { fill: none; stroke-width: 2.5; }
.dot { stroke: var(--paper); stroke-width: 1.5; }
.at { font-size: 12px; }
.now { fill: none; stroke: var(--now); stroke-width: 3; }
.now-text { fill: var(--now); font-weight: 600; }
${[0, 1, 2].map((i) => `.s${i} { stroke: var(--c${i}); } .f${i} { fill: var(--c${i}); }`).join('\n')}
`;

interface Place {
  readonly x: number;
  readonly y: number;
}

interface Scale {
  at(value: number): number;
  readonly ticks: readonly number[];
}

/** From `start` to `end` for the values, with a little room around them. */
function logScale(values: readonly number[], start: number, end: number): Scale {
  const positive = values.filter((value) => value > 0 && Number.isFinite(value));
  const least = Math.log10(Math.min(...positive, Number.MAX_VALUE)) - 0.06;
  const most = Math.log10(Math.max(...positive, Number.MIN_VALUE)) + 0.06;
  const span = Math.max(0.2, most - least);
  const at = (value: number) => start + ((Math.log10(value) - least) / span) * (end - start);
  const decades = Array.from({ length: 14 }, (_, i) => 10 ** (i - 4));
  const ticks = decades.flatMap((decade) => [1, 2, 5].map((step) => step * decade));
  return { at, ticks: ticks.filter((tick) => Math.log10(tick) >= least && Math.log10(tick) <= least + span) };
}

function subtitle({ servers, checks, blind }: Curve): string {
  const count = (number: number, what: string) => `${number.toLocaleString('en')} ${what}${number === 1 ? '' : 's'}`;
  const without = blind === 0 ? '' : `; ${count(blind, 'check')} with timeout 0, which find nothing out`;
  return `${count(servers, 'server')}, ${count(checks, 'check')} each, while all is well${without}`;
}

function verticalTick(x: number, value: number): string {
  return `<line class="grid" x1="${round(x)}" y1="${PLOT.top}" x2="${round(x)}" y2="${PLOT.bottom}"/>${text(x, PLOT.bottom + 22, `${short(value)}`, 'tick', 'middle')}`;
}

function horizontalTick(y: number, value: number): string {
  return `<line class="grid" x1="${PLOT.left}" y1="${round(y)}" x2="${PLOT.right}" y2="${round(y)}"/>${text(PLOT.left - 10, y + 4, tickText(value), 'tick', 'end')}`;
}

function tickText(value: number): string {
  return value < 0.01 ? `${value}` : short(value);
}

/** Intervals that are written at their points; between them the dots say enough. */
const LABELLED = new Set([1, 2, 5, 10, 20, 30, 60]);

function drawnLine({ points }: CurveLine, i: number, place: (point: CurvePoint) => Place): string {
  const places = points.map((point) => ({ point, ...place(point) }));
  const path = places.map(({ x, y }, k) => `${k === 0 ? 'M' : 'L'}${round(x)} ${round(y)}`).join('');
  const dots = places.map(({ point, x, y }) => {
    const isLabelled = LABELLED.has(point.intervalSeconds);
    const dot = `<circle class="dot f${i}" cx="${round(x)}" cy="${round(y)}" r="${isLabelled ? 4.5 : 3}"/>`;
    return isLabelled && i === 0 ? `${dot}${text(x - 9, y + 14, `${point.intervalSeconds}`, `at f${i}`, 'end')}` : dot;
  });
  return `<path class="line s${i}" d="${path}"/>${dots.join('')}`;
}

function legend(lines: readonly CurveLine[]): string[] {
  if (lines.length < 2) return [];
  return lines.map(({ minimumFailures }, i) => {
    const x = PLOT.left + 170 * i;
    return `<line class="line s${i}" x1="${x}" y1="78" x2="${x + 26}" y2="78"/>${text(x + 34, 83, `minimumFailures ${minimumFailures}`, 'at')}`;
  });
}

/** A ring where the fleet is now. What it says stands above the plot, where no line crosses it. */
function marked(point: CurvePoint, { x, y }: Place): string {
  const { intervalSeconds: shortest, longestIntervalSeconds: longest } = point;
  const every = shortest === longest ? short(shortest) : `${short(shortest)} to ${short(longest)}`;
  const label = `now: every ${every} s, ${short(point.probesPerSecond)} probes/s, within ${short(point.detectionSeconds)} s`;
  return `<circle class="now" cx="${round(x)}" cy="${round(y)}" r="9"/><circle class="now" cx="${PLOT.right - 6}" cy="29" r="6"/>${text(PLOT.right - 20, 34, label, 'now-text', 'end')}`;
}

function text(x: number, y: number, content: string, style: string, anchor = 'start'): string {
  return `<text class="${style}" x="${round(x)}" y="${round(y)}" text-anchor="${anchor}">${content}</text>`;
}

function round(value: number): number {
  return Math.round(value * 10) / 10;
}
