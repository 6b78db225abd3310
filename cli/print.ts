/** Output for people and for programs. */
import { once } from 'node:events';
import { setImmediate } from 'node:timers/promises';
import { styleText } from 'node:util';

export function printJson(value: unknown): void {
  console.log(JSON.stringify(value, undefined, 2));
}

/** Columns as wide as their widest cell. */
export function printTable(heads: readonly string[], rows: readonly (readonly string[])[]): void {
  const widths = heads.map((head, i) => Math.max(head.length, ...rows.map((row) => (row[i] ?? '').length)));
  const line = (cells: readonly string[]) =>
    cells
      .map((cell, i) => cell.padEnd(widths[i] ?? 0))
      .join('  ')
      .trimEnd();
  console.log(styleText('bold', line(heads)));
  for (const row of rows) console.log(line(row));
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
