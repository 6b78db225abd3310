/**
 * `$GENERATE` as PowerDNS 4.7 reads it: `start-stop[/step]`, then a line in which `$` is the number, `${offset,width,radix}`
 * the number plus an offset in radix `d`, `o`, `x` or `X` with leading zeros, and a backslash guards the next character.
 * Differences from BIND: any other radix (BIND's `n`) counts as `d`, and one level of backslashes is lost everywhere.
 */

import { placeIn, type SourceLine, type Word, zoneError } from './zonefile-text.ts';

const MAX_LINES = 1_000_000;

/** The lines that a `$GENERATE` directive stands for. `words` are the directive's. */
export function* generatedLines(line: SourceLine, words: readonly Word[]): Generator<SourceLine> {
  const [directive, range, ...template] = words;
  if (directive === undefined || range === undefined || template.length === 0) {
    throw zoneError(placeIn(line, 0), '$GENERATE needs a range and a record', EXAMPLE);
  }
  const { start, stop, step } = parseRange(range);
  for (let number = start; number <= stop; number += step) {
    const text = template.map((part) => fill(part, number)).join(' ');
    yield { text, file: line.file, number: line.number, generated: true };
  }
}

const EXAMPLE = 'Write it like: $GENERATE 1-10/2 host$ A 192.0.2.$';

function parseRange(word: Word): { start: number; stop: number; step: number } {
  const [, first, last, by = '1'] = /^(\d+)-(\d+)(?:\/(\d+))?$/.exec(word.text) ?? [];
  const start = Number(first);
  const stop = Number(last);
  const step = Number(by);
  if (!(start <= stop) || step < 1) throw zoneError(word.place, `'${word.text}' is no range`, EXAMPLE);
  if ((stop - start) / step >= MAX_LINES) {
    throw zoneError(word.place, `'${word.text}' makes more than ${MAX_LINES} records`, 'Use a smaller range.');
  }
  return { start, stop, step };
}

function fill(part: Word, number: number): string {
  return part.text.replace(/\\(.?)|\$\{([^}]*)\}|\$\{.*|\$/gs, (text, guarded?: string, spec?: string) => {
    if (guarded !== undefined) return guarded;
    if (spec !== undefined) return formatNumber(part, spec, number);
    return text === '$' ? String(number) : '';
  });
}

function formatNumber(part: Word, spec: string, number: number): string {
  const match = /^\s*([+-]?\d+)(?:,\s*(\d+)(?:,(.))?)?/.exec(spec);
  if (match === null) {
    throw zoneError(part.place, `'\${${spec}}' has no number`, 'Write offset, width and radix like 0,3,d.');
  }
  const [, offset, width = '0', radix = 'd'] = match;
  const value = number + Number(offset);
  const digits = inRadix(value, radix);
  return digits.startsWith('-')
    ? `-${digits.slice(1).padStart(Number(width) - 1, '0')}`
    : digits.padStart(Number(width), '0');
}

function inRadix(value: number, radix: string): string {
  switch (radix) {
    case 'o':
      return (value >>> 0).toString(8);
    case 'x':
      return (value >>> 0).toString(16);
    case 'X':
      return (value >>> 0).toString(16).toUpperCase();
    default:
      return String(value);
  }
}
