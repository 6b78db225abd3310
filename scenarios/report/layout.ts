/** Lines of text for a terminal: as wide as it is, coloured where it can show colours. */
import { styleText } from 'node:util';
import { CALLED } from './repeat.ts';

export interface TextOptions {
  /** Whether the output is a terminal that shows colours. */
  readonly colour: boolean;
  /** Columns of the terminal. */
  readonly columns?: number;
  /** Every probe, every change and every expectation. */
  readonly verbose?: boolean;
  /** How the command line is called. */
  readonly called?: string;
}

export type Tone = 'plain' | 'good' | 'bad' | 'warn' | 'dim' | 'bold';

const COLOURS = { good: 'green', bad: 'red', warn: 'yellow', dim: 'dim', bold: 'bold' } as const;

export type Paint = (tone: Tone, text: string) => string;

/** What the table of bounds needs; narrower terminals break lines themselves. */
const LEAST_COLUMNS = 76;

/** What lines are laid out for. */
export interface Page {
  readonly paint: Paint;
  readonly columns: number;
  readonly verbose: boolean;
  readonly called: string;
}

export function pageOf({ colour, columns = 100, verbose = false, called = CALLED }: TextOptions): Page {
  return { paint: painter(colour), columns: Math.max(LEAST_COLUMNS, columns), verbose, called };
}

function painter(colour: boolean): Paint {
  return (tone, text) =>
    colour && tone !== 'plain' && text !== '' ? styleText(COLOURS[tone], text, { validateStream: false }) : text;
}

/** Names and answers come from files: no line break or escape sequence of theirs reaches the terminal. */
export function plain(text: string): string {
  return text.replaceAll(/\s+/g, ' ').replaceAll(/[\p{Cc}\p{Bidi_Control}]/gu, '\u{fffd}');
}

/** Words of `text` in lines of at most `width`, words that are longer left whole. */
export function wrapped(text: string, width: number): string[] {
  const lines: string[] = [];
  for (const word of plain(text).split(' ')) {
    const last = lines.at(-1);
    if (last !== undefined && last.length + 1 + word.length <= width) lines[lines.length - 1] = `${last} ${word}`;
    else lines.push(word);
  }
  return lines;
}

/** `head` once, and `text` beside it, wrapped. */
export function hanging(head: string, text: string, columns: number): string[] {
  const [first = '', ...rest] = wrapped(text, Math.max(20, columns - head.length));
  return [`${head}${first}`.trimEnd(), ...rest.map((line) => `${' '.repeat(head.length)}${line}`)];
}
