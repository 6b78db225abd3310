/** Output for people and for programs. */
import { once } from 'node:events';
import { setImmediate } from 'node:timers/promises';
import { styleText } from 'node:util';

export function printJson(value: unknown): void {
  console.log(JSON.stringify(value, undefined, 2));
}

/** Columns as wide as their widest cell. Heads and cells may have several lines; those of heads end together. */
export function printTable(heads: readonly string[], rows: readonly (readonly string[])[]): void {
  const headLines = linesOf(heads, 'bottom');
  const rowLines = rows.flatMap((row) => linesOf(row, 'top'));
  const widths = heads.map((_, i) =>
    [...headLines, ...rowLines].reduce((widest, row) => Math.max(widest, (row[i] ?? '').length), 0),
  );
  const line = (cells: readonly string[]) =>
    cells
      .map((cell, i) => cell.padEnd(widths[i] ?? 0))
      .join('  ')
      .trimEnd();
  for (const row of headLines) console.log(styleText('bold', line(row)));
  for (const row of rowLines) console.log(line(row));
}

function linesOf(cells: readonly string[], side: 'top' | 'bottom'): string[][] {
  const split = cells.map((cell) => cell.split('\n'));
  const height = split.reduce((most, { length }) => Math.max(most, length), 1);
  return Array.from({ length: height }, (_, i) =>
    split.map((lines) => lines[side === 'top' ? i : i - (height - lines.length)] ?? ''),
  );
}

export interface ProseOptions {
  /** Before the first line, in place of the indent. One character wide. */
  readonly mark?: string;
  readonly indent?: number;
}

/** Broken between words on a terminal; one line for programs that search it. */
export function printProse(text: string, { mark, indent = 0 }: ProseOptions = {}): void {
  const [first = '', ...rest] = brokenAt(text, (process.stdout.columns ?? Number.POSITIVE_INFINITY) - indent);
  const space = ' '.repeat(indent);
  console.log(
    [`${mark === undefined ? space : `${mark} `}${first}`, ...rest.map((line) => space + line)].map(trimmed).join('\n'),
  );
}

/** Not between a number and its unit. */
const BREAKS = / (?!(?:%|m?s|km|[MG]B)(?:[\s.,;:)]|$))/;

/** Lines of at most so many characters, as far as words allow. */
export function brokenAt(text: string, columns: number): string[] {
  return text.split('\n').flatMap((paragraph) => {
    const lines: string[] = [];
    for (const word of paragraph.split(BREAKS)) {
      const last = lines.at(-1);
      if (last === undefined || last.length + 1 + word.length > columns) lines.push(word);
      else lines[lines.length - 1] = `${last} ${word}`;
    }
    return lines;
  });
}

function trimmed(line: string): string {
  return line.trimEnd();
}

const CHUNK_CHARACTERS = 65_536;

/** Millions of lines, as fast as their reader takes them. */
export async function printLines(lines: Iterable<string>): Promise<void> {
  let chunk: string[] = [];
  let characters = 0;
  for (const line of lines) {
    chunk.push(line);
    characters += line.length;
    if (characters < CHUNK_CHARACTERS) continue;
    await write(`${chunk.join('\n')}\n`);
    chunk = [];
    characters = 0;
  }
  if (chunk.length > 0) await write(`${chunk.join('\n')}\n`);
}

async function write(text: string): Promise<void> {
  if (!process.stdout.write(text)) await once(process.stdout, 'drain');
  // A reader that has gone is only noticed between turns.
  await setImmediate();
}
