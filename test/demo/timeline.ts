/** The demo's output: one aligned line an event, a heading for each act, and tables. */
import { styleText } from 'node:util';

export interface Timeline {
  /** Seconds since the start. */
  seconds(): number;
  act(title: string): void;
  line(who: string, what: string, tone?: Tone): void;
  table(heads: readonly string[], rows: readonly (readonly string[])[]): void;
}

export type Tone = 'plain' | 'good' | 'bad' | 'dim';

const COLOURS = { plain: 'reset', good: 'green', bad: 'red', dim: 'dim' } as const;
const WHO_WIDTH = 10;

export function timeline(): Timeline {
  const startedMs = performance.now();
  const seconds = () => (performance.now() - startedMs) / 1000;
  return {
    seconds,
    act: (title) => console.log(`\n${styleText('bold', title)}`),
    line(who, what, tone = 'plain') {
      const time = `${seconds().toFixed(1).padStart(6)} s`;
      console.log(`${styleText('dim', time)}  ${who.padEnd(WHO_WIDTH)}  ${styleText(COLOURS[tone], what)}`);
    },
    table(heads, rows) {
      const widths = heads.map((head, i) => Math.max(head.length, ...rows.map((row) => (row[i] ?? '').length)));
      const format = (cells: readonly string[]) =>
        cells
          .map((cell, i) => cell.padEnd(widths[i] ?? 0))
          .join('  ')
          .trimEnd();
      console.log(`  ${styleText('dim', format(heads))}`);
      for (const row of rows) console.log(`  ${format(row)}`);
    },
  };
}
