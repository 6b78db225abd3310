/** Marks of a lane as SVG. */
import { type Axis, xOf } from './axis.ts';
import type { Mark } from './marks.ts';
import { element, escapeXml } from './xml.ts';

export const LANE_HEIGHT = 22;
export const LABEL_WIDTH = 214;

const BAR = { top: 3, height: 16 } as const;
const LETTER_PIXELS = 6.4;
const PADDING = 5;
/** Of a bar's height, for a line of small text. */
const TALL_SHARE = 0.65;

export function markSvg(mark: Mark, y: number, axis: Axis): string {
  switch (mark.kind) {
    case 'bar':
      return barSvg(mark, y, axis);
    case 'tick': {
      const x = xOf(axis, mark.at);
      const top = mark.up ? y + 3 : y + 11;
      const line = element('rect', {
        class: mark.up ? 'probe up' : 'probe down',
        x: x - 0.75,
        y: top,
        width: 1.5,
        height: 8,
      });
      // A tick is thin: what is pointed at is wider.
      const around = element('rect', { class: 'around', x: x - 3, y, width: 6, height: LANE_HEIGHT });
      return element('g', { class: 'mark' }, title(mark), line, around);
    }
    case 'moment': {
      const x = xOf(axis, mark.at);
      const middle = y + LANE_HEIGHT / 2;
      const diamond = element('path', { class: 'moment', d: `M${x} ${middle - 6}l6 6l-6 6l-6-6z` });
      return element('g', { class: 'mark' }, title(mark), diamond, textBeside(mark.text, x - 6, x + 6, y, axis));
    }
    case 'window':
      return windowSvg(mark, y, axis);
    case 'failure': {
      const x = xOf(axis, mark.at);
      const cross = `M${x - 5} ${y + 6}l10 10m0-10l-10 10`;
      return element(
        'g',
        { class: 'mark' },
        title(mark),
        element('path', { class: 'halo', d: cross }),
        element('path', { class: 'failure', d: cross }),
      );
    }
  }
}

type BarMark = Extract<Mark, { kind: 'bar' }>;

function barSvg(mark: BarMark, y: number, axis: Axis): string {
  const x = xOf(axis, mark.from);
  const width = Math.max(1, round(xOf(axis, mark.to) - x));
  let top = y + BAR.top;
  const layers = mark.layers.map(({ colour, share }) => {
    const height = round(BAR.height * share);
    const rect = element('rect', { class: `bar ${colour}`, x, y: top, width, height });
    top = round(top + height);
    return rect;
  });
  return element('g', { class: 'mark' }, title(mark), ...layers, barText(mark, x, width, y, axis));
}

/** On the bar, in the tallest layer if that is tall enough; beside it where the bar is a fault, which must have its name. */
function barText({ text, layers }: BarMark, x: number, width: number, y: number, axis: Axis): string {
  const written = shortened(text, width - 2 * PADDING);
  const isCut = written !== text;
  const [first] = layers;
  if (first?.colour === 'fault' && isCut) return textBeside(text, x, x + width, y, axis);
  if (written === '' || (isCut && written.length < 5)) return '';
  if (layers.length === 1 || first === undefined) {
    return element('text', { class: `on ${first?.colour ?? ''}`, x: x + PADDING, y: y + 15 }, escapeXml(written));
  }
  const isTall = first.share >= TALL_SHARE;
  const place = isTall ? y + BAR.top + (BAR.height * first.share) / 2 + 4 : y + 15;
  const style = isTall ? `on ${first.colour} small` : 'on several';
  return element('text', { class: style, x: x + PADDING, y: round(place) }, escapeXml(written));
}

function windowSvg(mark: Extract<Mark, { kind: 'window' }>, y: number, axis: Axis): string {
  const from = xOf(axis, mark.from);
  const to = xOf(axis, mark.to);
  // A moment is drawn as a window that can still be seen.
  const x = round(to - from < 4 ? Math.min(from - 2, axis.width - 5) : from);
  const width = round(Math.max(4, to - from));
  const rect = element('rect', {
    class: `window ${mark.verdict}`,
    x: x + 1,
    y: y + BAR.top,
    width: Math.max(2, width - 2),
    height: BAR.height,
    rx: 2,
  });
  // The sign of a failure may stand at the beginning.
  const inset = mark.verdict === 'fail' ? 2 * PADDING : PADDING + 1;
  const fits = mark.text.length * LETTER_PIXELS <= width - inset - PADDING;
  const text = fits
    ? element('text', { class: 'beside', x: x + inset, y: y + 15 }, escapeXml(mark.text))
    : textBeside(mark.text, x, x + width, y, axis);
  return element('g', { class: 'mark' }, title(mark), rect, text);
}

function textBeside(text: string, from: number, to: number, y: number, axis: Axis): string {
  if (text === '') return '';
  const { isRight, room } = placeBeside(text, from, to, axis);
  const at = isRight ? { x: round(to + PADDING) } : { x: round(from - PADDING), 'text-anchor': 'end' };
  return element('text', { class: 'beside', ...at, y: y + 15 }, escapeXml(shortened(text, room)));
}

/** Right of what it names if there is room, else left of it, else where there is more of it; and how many pixels it has. */
export function placeBeside(text: string, from: number, to: number, { width }: Axis) {
  const needed = text.length * LETTER_PIXELS + 2 * PADDING;
  const isRight = width - to >= needed || width - to >= from;
  return { isRight, needed, room: (isRight ? width - to : from) - 2 * PADDING };
}

/** As much of a text as there is room for, with an ellipsis in place of the rest. */
export function shortened(text: string, pixels: number): string {
  const most = Math.floor(pixels / LETTER_PIXELS);
  const letters = [...text];
  if (letters.length <= most) return text;
  return most < 3
    ? ''
    : `${letters
        .slice(0, most - 1)
        .join('')
        .trimEnd()}…`;
}

function title(mark: Mark): string {
  return element('title', {}, escapeXml(mark.title));
}

function round(pixels: number): number {
  return Math.round(pixels * 10) / 10;
}
