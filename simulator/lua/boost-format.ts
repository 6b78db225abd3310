/**
 * `boost::format` with text arguments, as `createReverse` uses it: missing arguments are empty, surplus ones are dropped.
 */
import { Opaque } from './context.ts';

/** A format that `boost::format` refuses. */
export class BadFormat extends Error {
  override readonly name = 'BadFormat';
}

type Piece =
  | { readonly kind: 'text'; readonly text: string }
  | { readonly kind: 'argument'; readonly number: number | undefined; readonly spec: Spec };

interface Spec {
  readonly flags: string;
  readonly width: number;
  readonly precision: number | undefined;
  readonly letter: string;
}

const PLAIN: Spec = { flags: '', width: 0, precision: undefined, letter: 's' };
/** `%1%` | `%1$5s`, `%5s`, `%|5|`. */
const OPTIONS = "(?:(?<argument>\\d+)\\$)?(?<flags>[-+ 0#=_']*)(?<width>\\*|\\d*)(?:\\.(?<precision>\\d+))?[hlL]*";
const DIRECTIVE = new RegExp(
  `(?<number>\\d+)%|${OPTIONS}(?<letter>[a-zA-Z])|\\|${OPTIONS}(?<letter>[a-zA-Z]?)\\|`,
  'y',
);
const LETTERS = 'diouxXcsfFeEgGaApnStT';

/** Throws `BadFormat`. */
export function boostFormat(format: string, values: readonly string[]): string {
  const pieces = parse(format);
  const numbers = pieces.flatMap((piece) => (piece.kind === 'argument' ? [piece.number] : []));
  if (numbers.includes(undefined) && numbers.some((number) => number !== undefined)) {
    throw new BadFormat('arguments with and without numbers are mixed');
  }
  let next = 1;
  return pieces
    .map((piece) => (piece.kind === 'text' ? piece.text : write(values[(piece.number ?? next++) - 1], piece.spec)))
    .join('');
}

function parse(format: string): Piece[] {
  const pieces: Piece[] = [];
  let at = 0;
  for (let percent = format.indexOf('%'); percent !== -1; percent = format.indexOf('%', at)) {
    pieces.push({ kind: 'text', text: format.slice(at, percent) });
    if (format[percent + 1] === '%') {
      pieces.push({ kind: 'text', text: '%' });
      at = percent + 2;
      continue;
    }
    DIRECTIVE.lastIndex = percent + 1;
    pieces.push(directive(DIRECTIVE.exec(format)?.groups ?? {}));
    at = DIRECTIVE.lastIndex;
  }
  return [...pieces, { kind: 'text', text: format.slice(at) }];
}

function directive(groups: Readonly<Record<string, string | undefined>>): Piece {
  if (groups.number !== undefined) return { kind: 'argument', number: argumentNumber(groups.number), spec: PLAIN };
  const { letter } = groups;
  if (letter === undefined || !LETTERS.includes(letter)) throw new BadFormat('no such directive');
  if (letter === 't' || letter === 'T') throw new Opaque('tabulation by boost::format is not simulated');
  if (groups.width === '*') throw new Opaque('a width of * in boost::format is not simulated');
  const spec: Spec = {
    flags: groups.flags ?? '',
    width: Number(groups.width ?? 0),
    precision: groups.precision === undefined ? undefined : Number(groups.precision),
    letter,
  };
  return {
    kind: 'argument',
    number: groups.argument === undefined ? undefined : argumentNumber(groups.argument),
    spec,
  };
}

/** `%01%` is refused: a number does not start with the zero that pads. */
function argumentNumber(digits: string): number {
  if (digits.startsWith('0')) throw new BadFormat('no such argument');
  return Number(digits);
}

function write(value: string | undefined, { flags, width, precision, letter }: Spec): string {
  if (value === undefined || letter === 'n') return '';
  const cut = letter === 'c' ? 1 : letter === 's' ? precision : undefined;
  const text = `${flags.includes(' ') ? ' ' : ''}${cut === undefined ? value : value.slice(0, cut)}`;
  if (flags.includes('-')) return text.padEnd(width);
  if (flags.includes('='))
    return text.padStart(text.length + Math.ceil(Math.max(0, width - text.length) / 2)).padEnd(width);
  return text.padStart(width, flags.includes('0') ? '0' : ' ');
}
