/** Faults beside each other in as few lanes as their names leave room for. */
import { type Axis, xOf } from './axis.ts';
import { placeBeside } from './mark-svg.ts';
import type { Lane, Mark } from './marks.ts';
import type { FaultReport } from './report.ts';
import { secondsText } from './words.ts';

const MOST_LANES = 8;
const GAP_PIXELS = 8;
/** Half of the sign that a moment is drawn as. */
const SIGN_PIXELS = 6;

export function packedFaults(faults: readonly FaultReport[], axis: Axis): Lane[] {
  const lanes: { marks: Mark[]; freeFrom: number }[] = [];
  for (const fault of faults) {
    const extent = extentOf(fault, axis);
    let lane = lanes.find(({ freeFrom }) => freeFrom <= extent.from);
    if (lane === undefined && lanes.length < MOST_LANES) {
      lane = { marks: [], freeFrom: 0 };
      lanes.push(lane);
    }
    // With every lane taken the name is left out: it is still told where the mark is pointed at.
    const isCrowded = lane === undefined;
    lane ??= lanes.at(-1);
    if (lane === undefined) continue;
    lane.marks.push(markOf(fault, isCrowded));
    if (!isCrowded) lane.freeFrom = extent.to + GAP_PIXELS;
  }
  return lanes.map(({ marks }) => ({ label: '', title: '', marks }));
}

/** All that is drawn of a fault, in pixels: its sign and its name. */
function extentOf({ atSeconds, untilSeconds, text }: FaultReport, axis: Axis): { from: number; to: number } {
  const sign = untilSeconds === undefined ? SIGN_PIXELS : 0;
  const from = xOf(axis, atSeconds) - sign;
  const to = xOf(axis, untilSeconds ?? atSeconds) + sign;
  const { isRight, needed } = placeBeside(text, from, to, axis);
  if (untilSeconds !== undefined && needed <= to - from) return { from, to };
  return isRight ? { from, to: to + needed } : { from: Math.max(0, from - needed), to };
}

function markOf({ atSeconds, untilSeconds, text, line }: FaultReport, isCrowded: boolean): Mark {
  const where = line === undefined ? '' : ` (line ${line})`;
  const shown = isCrowded ? '' : text;
  if (untilSeconds === undefined) {
    return { kind: 'moment', at: atSeconds, text: shown, title: `${secondsText(atSeconds)}: ${text}${where}` };
  }
  const title = `${secondsText(atSeconds)} to ${secondsText(untilSeconds)}: ${text}${where}`;
  return {
    kind: 'bar',
    from: atSeconds,
    to: untilSeconds,
    layers: [{ colour: 'fault', share: 1 }],
    text: shown,
    title,
  };
}
