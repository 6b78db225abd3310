/** Lines, words and places of a zone file, cut as PowerDNS cuts them. */

import { UserError } from '../../input/errors.ts';
import type { SourcePlace } from './record.ts';

export interface SourceLine {
  readonly text: string;
  readonly file: string;
  /** Counts from 1. */
  readonly number: number;
  /** Written by `$GENERATE`: places then point at the directive. */
  readonly generated: boolean;
}

/** A run of characters without blanks, or a quoted string with its quotes. Escapes are kept. */
export interface Word {
  readonly text: string;
  readonly place: SourcePlace;
  /** Where it starts in its line, from 0. */
  readonly offset: number;
}

/** The lines of a file without what PowerDNS trims from their ends. */
export function sourceLines(file: string, text: string): SourceLine[] {
  if (text.startsWith('\ufeff')) {
    throw zoneError(
      { file, line: 1, column: 1 },
      'the file starts with a byte order mark',
      'Save it as UTF-8 without one.',
    );
  }
  return text.split('\n').map((line, index) => ({ text: trimEnd(line), file, number: index + 1, generated: false }));
}

/** The place of the character at `offset`. */
export function placeIn(line: SourceLine, offset: number): SourcePlace {
  return { file: line.file, line: line.number, column: line.generated ? 1 : offset + 1 };
}

/** The words of a line up to blanks: how PowerDNS reads directives and what stands before a record's data. */
export function plainWords(line: SourceLine): Word[] {
  return [...line.text.matchAll(/[^ \t\r\n]+/g)].map((match) => word(line, match.index, match[0]));
}

/**
 * The words of a record's data: from `offset` in `line` and, inside parentheses, from `nextLine`. Comments are dropped.
 * One pair of parentheses at most, and strings that end on their line: PowerDNS knows no other.
 */
export function dataWords(line: SourceLine, offset: number, nextLine: () => SourceLine | undefined): Word[] {
  const words: Word[] = [];
  let parentheses: 'none yet' | 'open' | 'closed' = 'none yet';
  let opening = placeIn(line, offset);
  let current: SourceLine | undefined = line;
  let start = offset;
  while (current !== undefined) {
    for (const piece of pieces(current, start)) {
      if (piece.text === '(') {
        if (parentheses !== 'none yet') throw zoneError(piece.place, 'a second opening parenthesis', ONE_PAIR);
        parentheses = 'open';
        opening = piece.place;
      } else if (piece.text === ')') {
        if (parentheses !== 'open')
          throw zoneError(piece.place, 'a closing parenthesis without an opening one', ONE_PAIR);
        parentheses = 'closed';
      } else words.push(piece);
    }
    if (parentheses !== 'open') return words;
    current = current.generated ? undefined : nextLine();
    start = 0;
  }
  throw zoneError(opening, 'the parenthesis is never closed', 'Close it with ) behind the last line of the record.');
}

/** The word, unless the file is not UTF-8 there. */
export function readable(word: Word): Word {
  if (!word.text.includes('\ufffd')) return word;
  throw zoneError(word.place, `'${word.text}' is not UTF-8`, 'Save the file as UTF-8, or write the bytes as \\DDD.');
}

/** `E_ZONE_SYNTAX` at a place. */
export function zoneError(place: SourcePlace, message: string, hint: string): UserError {
  return new UserError('E_ZONE_SYNTAX', message, { place, hint });
}

const ONE_PAIR = 'PowerDNS takes one pair of parentheses a record, and only behind the record type.';

const QUOTED = '"(?:\\\\.|[^"\\\\])*"';
const PIECE = new RegExp(`[()]|;.*|${QUOTED}|(?:\\\\.|\\\\$|${QUOTED}|[^ \\t\\r\\n"();\\\\])+|"`, 'gs');

function pieces(line: SourceLine, start: number): Word[] {
  const found: Word[] = [];
  for (const match of line.text.slice(start).matchAll(PIECE)) {
    const [text] = match;
    const offset = start + match.index;
    if (text.startsWith(';')) break;
    const place = placeIn(line, offset);
    if (text === '"') {
      throw zoneError(
        place,
        'the quoted string does not end on its line',
        'End it with " and go on in another string.',
      );
    }
    found.push(readable(word(line, offset, text)));
  }
  return found;
}

function word(line: SourceLine, offset: number, text: string): Word {
  return { text, place: placeIn(line, offset), offset };
}

function trimEnd(text: string): string {
  let end = text.length;
  while (end > 0 && ' \t\r\x1a'.includes(text.charAt(end - 1))) end -= 1;
  return text.slice(0, end);
}
