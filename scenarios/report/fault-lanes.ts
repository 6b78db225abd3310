/** Faults beside each other in as few lanes as their names leave room for. */
import { type Axis, xOf } from './axis.ts';
import type { Lane, Mark } from './marks.ts';
import type { FaultReport } from './report.ts';
import { secondsText } from './words.ts';

const MOST_LANES = 8;
const LETTER_PIXELS = 6.6;
const MOST_TEXT_PIXELS = 320;
const GAP_PIXELS = 14;

export function packedFaults(faults: readonly FaultReport[], axis: Axis): Lane[] {
  const lanes: { marks: Mark[]; freeFrom: number }[] = [];
  for (const fault of faults) {
    const from = xOf(axis, fault.atSeconds);
    const text = Math.min(MOST_TEXT_PIXELS, fault.text.length * LETTER_PIXELS) + GAP_PIXELS;
    const to = xOf(axis, fault.untilSeconds ?? fault.atSeconds);
    let lane = lanes.find(({ freeFrom }) => freeFrom <= from);
    if (lane === undefined && lanes.length < MOST_LANES) {
      lane = { marks: [], freeFrom: 0 };
      lanes.push(lane);
    }
    // With every lane taken the name is left out: it is still told where the mark is pointed at.
    const isCrowded = lane === undefined;
    lane ??= lanes.at(-1);
    if (lane === undefined) continue;
    lane.marks.push(markOf(fault, isCrowded));
    lane.freeFrom = Math.max(lane.freeFrom, to + GAP_PIXELS, isCrowded ? 0 : from + text);
  }
  return lanes.map(({ marks }) => ({ label: '', title: '', marks }));
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
