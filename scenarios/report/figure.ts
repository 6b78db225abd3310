/** The picture of one run: lanes over a time axis, as SVG. The names of lanes stand beside it and do not scroll away. */
import { type Axis, axisOf, ticksOf, xOf } from './axis.ts';
import { laneGroups, MOST_LANES } from './lanes.ts';
import { LABEL_WIDTH, LANE_HEIGHT, markSvg, shortened } from './mark-svg.ts';
import type { Lane, LaneGroup } from './marks.ts';
import type { ResultReport, ScenarioReport } from './report.ts';
import { element, escapeXml } from './xml.ts';

const AXIS_HEIGHT = 26;
const GROUP_HEIGHT = 24;
/** With more faults than this, lines through all lanes would hide what they should point at. */
const MOST_GUIDES = 30;

type Row =
  | { readonly kind: 'group'; readonly y: number; readonly name: string }
  | { readonly kind: 'lane'; readonly y: number; readonly lane: Lane };

/** Empty where there is no run to show. */
export function runFigure(report: ScenarioReport, result: ResultReport, describedBy: string): string {
  const { shown } = result;
  if (shown === undefined) return '';
  const axis = axisOf(report.endsAtSeconds);
  const rows = rowsOf(laneGroups(report, result, axis));
  const last = rows.at(-1);
  const bottom = last === undefined ? AXIS_HEIGHT : last.y + (last.kind === 'group' ? GROUP_HEIGHT : LANE_HEIGHT);
  const height = bottom + AXIS_HEIGHT;
  const labels = element(
    'svg',
    { class: 'labels', width: LABEL_WIDTH, height, 'aria-hidden': 'true' },
    ...rows.map(labelSvg),
  );
  const plot = element(
    'svg',
    {
      class: 'plot',
      width: axis.width,
      height,
      role: 'img',
      'aria-label': describedBy,
      'data-scale': axis.pixelsPerSecond,
    },
    gridSvg(axis, height, bottom),
    guidesSvg(axis, shown.faults, bottom),
    ...rows.map((row) => rowSvg(row, axis)),
    element('line', { class: 'cursor', x1: -9, x2: -9, y1: 0, y2: height }),
  );
  const scroll = element(
    'div',
    { class: 'scroll', tabindex: 0, role: 'group', 'aria-label': describedBy },
    labels,
    plot,
  );
  const hint = 'Point at anything to read when it was and why.';
  return element('div', { class: 'figure' }, scroll, element('p', { class: 'readout', 'data-hint': hint }, hint));
}

function rowsOf(groups: readonly LaneGroup[]): Row[] {
  let y = AXIS_HEIGHT;
  return groups.flatMap(({ name, lanes }) => {
    const kept = lanes.slice(0, MOST_LANES);
    const more = lanes.length - kept.length;
    const heading: Row = {
      kind: 'group',
      y,
      name: more > 0 ? `${name} (${more} more lanes are in the JSON report)` : name,
    };
    y += GROUP_HEIGHT;
    return [
      heading,
      ...kept.map((lane): Row => {
        const row = { kind: 'lane', y, lane } as const;
        y += LANE_HEIGHT;
        return row;
      }),
    ];
  });
}

function labelSvg(row: Row): string {
  if (row.kind === 'group') return element('text', { class: 'group', x: 0, y: row.y + 17 }, escapeXml(row.name));
  const { label, title } = row.lane;
  if (label === '') return '';
  const text = escapeXml(shortened(label, LABEL_WIDTH - 14));
  return element('text', { class: 'label', x: 0, y: row.y + 15 }, text, element('title', {}, escapeXml(title)));
}

function rowSvg(row: Row, axis: Axis): string {
  if (row.kind === 'group') {
    return element('line', { class: 'rule', x1: 0, x2: axis.width, y1: row.y + 0.5, y2: row.y + 0.5 });
  }
  return element('g', {}, ...row.lane.marks.map((mark) => markSvg(mark, row.y, axis)));
}

function gridSvg(axis: Axis, height: number, bottom: number): string {
  return ticksOf(axis)
    .map(({ seconds, label }) => {
      const x = xOf(axis, seconds);
      const anchor = x < 20 ? 'start' : x > axis.width - 30 ? 'end' : 'middle';
      const text = (y: number) => element('text', { class: 'axis', x, y, 'text-anchor': anchor }, label);
      return (
        element('line', { class: 'grid', x1: x, x2: x, y1: AXIS_HEIGHT - 6, y2: bottom + 4 }) +
        text(14) +
        text(height - 6)
      );
    })
    .join('');
}

/** Where faults begin and end, through all lanes. */
function guidesSvg(
  axis: Axis,
  faults: readonly { atSeconds: number; untilSeconds?: number | undefined }[],
  bottom: number,
) {
  const ends = faults.flatMap(({ untilSeconds }) => (untilSeconds === undefined ? [] : [untilSeconds]));
  const moments = new Set(
    [...faults.map(({ atSeconds }) => atSeconds), ...ends].filter((at) => at < axis.endsAtSeconds),
  );
  if (moments.size > MOST_GUIDES) return '';
  return [...moments]
    .map((at) => xOf(axis, at))
    .map((x) => element('line', { class: 'guide', x1: x, x2: x, y1: AXIS_HEIGHT, y2: bottom }))
    .join('');
}
