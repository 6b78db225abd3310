import { UserError } from '../../input/errors.ts';
import { canonicalName, isAbsolute, isSubdomain } from './name.ts';
import { luaRdata, nameAt, rootNameAt, secondsAt, staticRdata } from './rdata.ts';
import type { ResourceRecord, SourcePlace } from './record.ts';
import { canonicalType } from './record-type.ts';
import { generatedLines } from './zonefile-generate.ts';
import {
  dataWords,
  placeIn,
  plainWords,
  readable,
  type SourceLine,
  sourceLines,
  type Word,
  zoneError,
} from './zonefile-text.ts';

const MAX_OPEN_FILES = 40;

export interface ZoneFileOptions {
  /** The file's name, for places. */
  readonly file: string;
  /** The zone: records outside it are refused. */
  readonly origin: string;
  /** For records before any TTL (PowerDNS's `default-ttl`); 3600 if not given. */
  readonly defaultTtlSeconds?: number;
  /** What `$INCLUDE path` stands for. Without it `$INCLUDE` is an error. */
  readonly include?: (path: string, place: SourcePlace) => IncludedFile;
  /**
   * Told of every record whose data PowerDNS loads and cannot read, which is then in the zone as `unreadable`. Without it the
   * first is thrown, and so is a string without quotes.
   */
  readonly onUnreadable?: (error: UserError) => void;
}

export interface IncludedFile {
  /** The name for places; two includes of one file must give the same. */
  readonly file: string;
  readonly text: string;
}

/**
 * The records of a zone file in the order they are written, as PowerDNS's bind backend reads them (4.7.3; the parser did
 * not change up to 5.1). Where that is not RFC 1035 or BIND:
 *
 * - A record without a TTL has that of the last record that had one, until there is a `$TTL`.
 * - A time is one number with at most one unit.
 * - `$ORIGIN` and the file of `$INCLUDE` are absolute or relative to nothing; what an included file sets stays set behind
 *   it, and an origin after `$INCLUDE file` is ignored.
 * - Strings end on their line; one pair of parentheses a record, behind the type.
 *
 * Throws `E_ZONE_SYNTAX` with file, line and column for what PowerDNS refuses to load, and, without `onUnreadable`, for data
 * that it loads but answers with SERVFAIL.
 */
export function parseZoneFile(text: string, options: ZoneFileOptions): ResourceRecord[] {
  const input = zoneInput({ file: options.file, text });
  const zone = canonicalName(options.origin);
  let state: State = {
    zone,
    origin: zone,
    owner: undefined,
    ttlSeconds: options.defaultTtlSeconds ?? 3600,
    hasTtlDirective: false,
  };
  const records: ResourceRecord[] = [];
  for (let line = input.next(); line !== undefined; line = input.next()) {
    const words = plainWords(line);
    const [first] = words;
    if (first === undefined || first.text.startsWith(';')) continue;
    if (line.text.startsWith('$')) {
      state = directive(line, [first, ...words.slice(1)], state, input, options);
    } else {
      const { record, ttlIsExplicit } = parseRecord(line, words, state, { input, onUnreadable: options.onUnreadable });
      records.push(record);
      const ttlSeconds = ttlIsExplicit && !state.hasTtlDirective ? record.ttlSeconds : state.ttlSeconds;
      state = { ...state, owner: record.owner, ttlSeconds };
    }
  }
  return records;
}

interface State {
  readonly zone: string;
  readonly origin: string;
  /** Of the record before. */
  readonly owner: string | undefined;
  readonly ttlSeconds: number;
  readonly hasTtlDirective: boolean;
}

function directive(
  line: SourceLine,
  words: readonly [Word, ...Word[]],
  state: State,
  input: ZoneInput,
  options: ZoneFileOptions,
): State {
  const [name, argument] = words;
  const kind = name.text.toUpperCase();
  if (kind !== '$TTL' && kind !== '$ORIGIN' && kind !== '$INCLUDE' && kind !== '$GENERATE') {
    throw zoneError(
      name.place,
      `'${name.text}' is no directive`,
      'PowerDNS knows $ORIGIN, $TTL, $INCLUDE and $GENERATE.',
    );
  }
  if (argument === undefined) throw zoneError(name.place, `${kind} has no value`, `Write one behind ${kind}.`);
  switch (kind) {
    case '$TTL':
      return {
        ...state,
        ttlSeconds: secondsAt({ ...argument, text: argument.text.replace(/;+$/, '') }),
        hasTtlDirective: true,
      };
    case '$ORIGIN':
      return { ...state, origin: newOrigin(argument, state.zone) };
    case '$INCLUDE':
      input.include(argument, options.include);
      return state;
    case '$GENERATE':
      input.insert(line.file, generatedLines(line, words));
      return state;
  }
}

function newOrigin(argument: Word, zone: string): string {
  const origin = rootNameAt(argument);
  if (!isAbsolute(argument.text) && !isSubdomain(origin, zone)) {
    const hint = `PowerDNS takes $ORIGIN as absolute even without the final dot: write the whole name.`;
    throw zoneError(argument.place, `the origin '${origin}' is not in the zone '${zone}'`, hint);
  }
  return origin;
}

function parseRecord(
  line: SourceLine,
  words: readonly Word[],
  state: State,
  { input, onUnreadable }: { readonly input: ZoneInput; readonly onUnreadable: ZoneFileOptions['onUnreadable'] },
): { record: ResourceRecord; ttlIsExplicit: boolean } {
  const inherits = /^[ \t\r]/.test(line.text);
  const owner = inherits ? inheritedOwner(line, state) : ownOwner(words, state);
  const head = parseHead(line, inherits ? words : words.slice(1));
  const data = dataWords(line, head.dataOffset, input.next);
  const ttlSeconds = head.ttlSeconds ?? state.ttlSeconds;
  const place = words[0]?.place ?? placeIn(line, 0);
  const end = placeIn(line, line.text.length);
  const common = { owner, ttlSeconds, place };
  const ttlIsExplicit = head.ttlSeconds !== undefined;
  try {
    return {
      record: { ...common, ...dataOf(head.type, data, state.origin, end, onUnreadable === undefined) },
      ttlIsExplicit,
    };
  } catch (error) {
    if (!(error instanceof UserError) || onUnreadable === undefined) throw error;
    onUnreadable(error);
    const rdata = data.map(({ text }) => text).join(' ');
    const record: ResourceRecord = { kind: 'static', ...common, type: head.type, rdata, unreadable: error.message };
    return { record, ttlIsExplicit };
  }
}

function dataOf(type: string, data: readonly Word[], origin: string, end: SourcePlace, isStrict: boolean) {
  if (type === 'LUA') {
    const { unquoted, ...lua } = luaRdata(data, end);
    return { kind: 'lua', ...lua, ...lackingQuotes(unquoted, 'code', isStrict) } as const;
  }
  const { rdata, unquoted } = staticRdata(type, data, origin, end);
  return { kind: 'static', type, rdata, ...lackingQuotes(unquoted, 'text', isStrict) } as const;
}

function lackingQuotes(word: Word | undefined, what: 'code' | 'text', isStrict: boolean): { unquoted?: string } {
  if (word === undefined) return {};
  if (!isStrict) return { unquoted: word.text };
  const hint = `PowerDNS before 5.1 answers SERVFAIL for unquoted ${what}: write "…" around every string${what === 'code' ? " and use ' inside it" : ''}.`;
  throw zoneError(word.place, `'${word.text}' is not quoted`, hint);
}

function inheritedOwner(line: SourceLine, state: State): string {
  if (state.owner !== undefined) return state.owner;
  const hint = 'A line that starts with a blank means the name before it: write a name, or @ for the zone.';
  throw zoneError(placeIn(line, 0), 'there is no record before this one whose name it could take', hint);
}

function ownOwner(words: readonly Word[], state: State): string {
  const [word] = words;
  const owner = word === undefined ? state.origin : nameAt(readable(word), state.origin);
  if (word === undefined || isSubdomain(owner, state.zone)) return owner;
  const hint = 'PowerDNS refuses the whole zone for it. Without the final dot a name is below $ORIGIN.';
  throw zoneError(word.place, `the record '${owner}' is not in the zone '${state.zone}'`, hint);
}

interface Head {
  readonly ttlSeconds: number | undefined;
  readonly type: string;
  /** Where the data starts in the line. */
  readonly dataOffset: number;
}

/** TTL, class and type, in any order up to the type. */
function parseHead(line: SourceLine, words: readonly Word[]): Head {
  let ttlSeconds: number | undefined;
  for (const [index, word] of words.entries()) {
    if (word.text.includes(';')) break;
    if (isClassIn(word)) continue;
    if (ttlSeconds === undefined && /^\d+[a-z]?$/i.test(word.text)) {
      ttlSeconds = secondsAt(word);
      continue;
    }
    const data = words.slice(index + 1);
    const start = data.length > 1 && data[0] !== undefined && isClassIn(data[0]) ? data[1] : data[0];
    return { ttlSeconds, type: typeAt(word), dataOffset: start?.offset ?? line.text.length };
  }
  throw zoneError(
    placeIn(line, line.text.length),
    'the record has no type',
    'Write name, TTL, type and data on one line.',
  );
}

function isClassIn(word: Word): boolean {
  return word.text.toUpperCase() === 'IN';
}

function typeAt(word: Word): string {
  const type = canonicalType(word.text);
  if (type !== undefined) return type;
  if (/^(\d+[smhdwy])+$/i.test(word.text)) secondsAt(word);
  throw zoneError(word.place, `'${word.text}' is no record type that PowerDNS knows`, typeHint(word.text));
}

function typeHint(text: string): string {
  if (/^(CH|HS|CHAOS|HESIOD)$/i.test(text)) return 'PowerDNS serves class IN only: leave the class out.';
  if (text.startsWith('(')) return 'PowerDNS takes parentheses only behind the record type.';
  return 'A type without a name is written TYPEn with data in \\# form.';
}

interface ZoneInput {
  next: () => SourceLine | undefined;
  /** Puts lines before those that are left. */
  insert(file: string, lines: Iterable<SourceLine>): void;
  include(word: Word, include: ZoneFileOptions['include']): void;
}

/** The lines of a file and of whatever it includes. */
function zoneInput(root: IncludedFile): ZoneInput {
  const open: { file: string; lines: Iterator<SourceLine> }[] = [];
  const insert: ZoneInput['insert'] = (file, lines) => open.push({ file, lines: lines[Symbol.iterator]() });
  insert(root.file, sourceLines(root.file, root.text));
  return {
    insert,
    next: () => {
      for (let top = open.at(-1); top !== undefined; top = open.at(-1)) {
        const step = top.lines.next();
        if (step.done !== true) return step.value;
        open.pop();
      }
      return undefined;
    },
    include: (word, include) => {
      const path = word.text.replace(/^"(.*)"$/, '$1');
      if (include === undefined) {
        throw zoneError(word.place, `'${path}' cannot be included here`, 'Put its records into this file.');
      }
      const included = include(path, word.place);
      if (open.some(({ file }) => file === included.file)) {
        throw zoneError(word.place, `'${path}' includes itself`, 'Take one $INCLUDE out of the loop.');
      }
      if (open.length >= MAX_OPEN_FILES) {
        throw zoneError(word.place, `more than ${MAX_OPEN_FILES} files include each other`, 'Include fewer.');
      }
      insert(included.file, sourceLines(included.file, included.text));
    },
  };
}
