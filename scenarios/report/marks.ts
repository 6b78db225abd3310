/** What stands in a lane of a figure, and how much of it there is room for. */
import type { Axis } from './axis.ts';
import { count, secondsText } from './words.ts';

/** `share` of the bar's height, in the colour of a class. */
export interface Layer {
  readonly colour: string;
  readonly share: number;
}

export type Mark =
  | {
      readonly kind: 'bar';
      readonly from: number;
      readonly to: number;
      readonly layers: readonly Layer[];
      readonly text: string;
      readonly title: string;
    }
  | { readonly kind: 'tick'; readonly at: number; readonly up: boolean; readonly title: string }
  | { readonly kind: 'moment'; readonly at: number; readonly text: string; readonly title: string }
  | {
      readonly kind: 'window';
      readonly from: number;
      readonly to: number;
      readonly verdict: 'pass' | 'fail' | 'skip';
      readonly text: string;
      readonly title: string;
    }
  | { readonly kind: 'failure'; readonly at: number; readonly title: string };

export interface Lane {
  readonly label: string;
  /** In full where the label is short for something. */
  readonly title: string;
  readonly marks: readonly Mark[];
}

export interface LaneGroup {
  readonly name: string;
  readonly lanes: readonly Lane[];
}

export type Bar = Extract<Mark, { kind: 'bar' }>;
export type Tick = Extract<Mark, { kind: 'tick' }>;

/** Bars narrower than this are told together with their neighbours. */
export const LEAST_BAR_PIXELS = 2;
/** Of one kind there is a tick every so many pixels at most. */
export const LEAST_TICK_PIXELS = 2;

/** Bars that follow each other, as many as can be told apart. */
export function foldedBars(bars: readonly Bar[], { pixelsPerSecond }: Axis): Bar[] {
  const folded: Bar[] = [];
  let narrow: Bar[] = [];
  const flush = () => {
    const [first] = narrow;
    const last = narrow.at(-1);
    if (first !== undefined && last !== undefined)
      folded.push(narrow.length === 1 ? first : together(narrow, first, last));
    narrow = [];
  };
  for (const bar of bars) {
    if ((bar.to - bar.from) * pixelsPerSecond >= LEAST_BAR_PIXELS) {
      flush();
      folded.push(bar);
      continue;
    }
    narrow.push(bar);
    if ((bar.to - (narrow[0]?.from ?? 0)) * pixelsPerSecond >= 4 * LEAST_BAR_PIXELS) flush();
  }
  flush();
  return folded;
}

function together(bars: readonly Bar[], first: Bar, last: Bar): Bar {
  const texts = [...new Set(bars.map(({ text }) => text))];
  const seen = texts.length > 6 ? `${texts.slice(0, 6).join(', ')}, …` : texts.join(', ');
  const times = `${secondsText(first.from)} to ${secondsText(last.to)}`;
  return {
    kind: 'bar',
    from: first.from,
    to: last.to,
    layers: [{ colour: 'many', share: 1 }],
    text: '',
    title: `${times}: ${count(bars.length, 'change')} (${seen})`,
  };
}

export interface Probed {
  readonly at: number;
  readonly up: boolean;
  readonly count: number;
  readonly reason: string;
}

/** One tick for all probes of one result that end at the same place of the picture. */
export function foldedTicks(probes: readonly Probed[], { pixelsPerSecond }: Axis): Tick[] {
  const places = Map.groupBy(probes, ({ at, up }) => `${Math.floor((at * pixelsPerSecond) / LEAST_TICK_PIXELS)} ${up}`);
  return [...places.values()].flatMap((together) => {
    const [first] = together;
    const last = together.at(-1);
    if (first === undefined || last === undefined) return [];
    const probed = together.reduce((sum, each) => sum + each.count, 0);
    const result = `${first.up ? 'up' : 'down'}: ${last.reason}`;
    const title =
      probed === 1
        ? `${secondsText(first.at)}: ${result}`
        : `${secondsText(first.at)} to ${secondsText(last.at)}: ${probed} probes, the last ${result}`;
    return [{ kind: 'tick', at: first.at, up: first.up, title } as const];
  });
}
