import { type InputPlace, UserError } from '../input/errors.ts';
import { canonicalName } from '../simulator/zone/name.ts';

const MAX_INCLUDE_DEPTH = 10;

export interface NamedZone {
  /** Absolute, with the final dot. */
  readonly name: string;
  /** `native` where none is written. */
  readonly type: string;
  /** As written, or below the `directory` that was set before it; `undefined` without a `file` statement. */
  readonly file: string | undefined;
  readonly place: InputPlace;
}

export interface NamedConf {
  /** The last `directory`: what `$INCLUDE` in zone files is relative to. */
  readonly directory: string;
  readonly zones: readonly NamedZone[];
}

export interface NamedConfOptions {
  readonly file: string;
  /** What relative files are relative to until there is a `directory` option. */
  readonly directory: string;
  /** The content of a file of an `include` statement; its path is complete. */
  readonly include: (path: string, place: InputPlace) => string;
}

/**
 * The zones of a named.conf as PowerDNS's bind backend reads it: `options { directory "…"; };`, `zone "…" { type …;
 * file "…"; };` and `include "…";`. Every other statement is skipped. A relative file is below the `directory` known so
 * far. Throws `E_NAMED_CONF` with file, line and column.
 */
export function parseNamedConf(text: string, options: NamedConfOptions): NamedConf {
  const zones: NamedZone[] = [];
  const context: Context = { zones, directory: options.directory, include: options.include };
  readStatements(text, options.file, context, 0);
  return { directory: context.directory, zones };
}

/** `path` itself if it is absolute, else below `directory`. */
export function belowDirectory(directory: string, path: string): string {
  return path.startsWith('/') ? path : `${directory.replace(/\/$/, '')}/${path}`;
}

interface Context {
  readonly zones: NamedZone[];
  readonly include: NamedConfOptions['include'];
  directory: string;
}

interface Token {
  readonly kind: 'word' | 'string' | '{' | '}' | ';';
  readonly text: string;
  readonly place: InputPlace;
}

/** Words, strings and blocks up to a semicolon. */
interface Statement {
  readonly head: readonly [Token, ...Token[]];
  readonly block: readonly Statement[] | undefined;
}

function readStatements(text: string, file: string, context: Context, depth: number): void {
  for (const statement of parseStatements(tokens(text, file))) {
    const [keyword, argument] = statement.head;
    switch (keyword.text) {
      case 'options':
        context.directory = directoryOf(statement, context.directory);
        break;
      case 'directory':
        context.directory = value(keyword, argument);
        break;
      case 'zone':
        context.zones.push(zoneOf(statement, context.directory));
        break;
      case 'include':
        readInclude(keyword, argument, context, depth);
        break;
      case 'view':
        throw confError(
          keyword.place,
          'PowerDNS reads no views in named.conf',
          'Put the zone statements at top level.',
        );
    }
  }
}

function readInclude(keyword: Token, argument: Token | undefined, context: Context, depth: number): void {
  const path = belowDirectory(context.directory, value(keyword, argument));
  if (depth >= MAX_INCLUDE_DEPTH) {
    throw confError(
      keyword.place,
      `includes are nested deeper than ${MAX_INCLUDE_DEPTH}`,
      'Does a file include itself?',
    );
  }
  readStatements(context.include(path, argument?.place ?? keyword.place), path, context, depth + 1);
}

function directoryOf(options: Statement, before: string): string {
  const directory = options.block?.find(({ head: [keyword] }) => keyword.text === 'directory');
  return directory === undefined ? before : value(...directory.head);
}

function zoneOf(statement: Statement, directory: string): NamedZone {
  const [keyword, name] = statement.head;
  const text = value(keyword, name);
  if (statement.block === undefined) {
    throw confError(
      keyword.place,
      `the zone "${text}" has no block`,
      `Write: zone "${text}" { type native; file "…"; };`,
    );
  }
  const file = setting(statement.block, 'file');
  return {
    name: zoneName(text, name?.place ?? keyword.place),
    type: setting(statement.block, 'type')?.toLowerCase() ?? 'native',
    file: file === undefined ? undefined : belowDirectory(directory, file),
    place: keyword.place,
  };
}

function zoneName(text: string, place: InputPlace): string {
  try {
    return canonicalName(text);
  } catch (error) {
    if (!(error instanceof UserError)) throw error;
    throw confError(place, error.message, error.hint ?? '');
  }
}

function setting(block: readonly Statement[], name: string): string | undefined {
  const found = block.find(({ head: [keyword] }) => keyword.text === name);
  return found === undefined ? undefined : value(...found.head);
}

function value(keyword: Token, argument?: Token): string {
  if (argument !== undefined && argument.text !== '') return argument.text;
  throw confError(keyword.place, `'${keyword.text}' has no value`, `Write: ${keyword.text} "…";`);
}

function parseStatements(input: readonly Token[]): Statement[] {
  let position = 0;
  const parse = (opening: Token | undefined): Statement[] => {
    const statements: Statement[] = [];
    let head: Token[] = [];
    let block: readonly Statement[] | undefined;
    for (let token = input[position]; token !== undefined; token = input[position]) {
      position += 1;
      if (token.kind === '{') {
        if (head.length === 0) throw confError(token.place, 'a { without a statement before it', 'Take it out.');
        block = parse(token);
      } else if (token.kind === ';') {
        const [first, ...rest] = head;
        if (first !== undefined) statements.push({ head: [first, ...rest], block });
        head = [];
        block = undefined;
      } else if (token.kind === '}') {
        if (opening === undefined) throw confError(token.place, 'a } without a {', 'Take it out.');
        requireEnd(head);
        return statements;
      } else head.push(token);
    }
    requireEnd(head);
    if (opening !== undefined) throw confError(opening.place, 'the { is never closed', 'Close it with };');
    return statements;
  };
  return parse(undefined);
}

function requireEnd([first]: readonly Token[]): void {
  if (first === undefined) return;
  const hint = 'PowerDNS refuses the file without it: write ; behind every statement, also behind }.';
  throw confError(first.place, `the statement '${first.text}' has no semicolon behind it`, hint);
}

const TOKEN = /\/\*.*?\*\/|\/\*|\/\/[^\n]*|#[^\n]*|"[^"\n]*"|"|[{};]|[^\s"{};]+/gs;

function tokens(text: string, file: string): Token[] {
  const found: Token[] = [];
  let line = 1;
  let lineStart = 0;
  let scanned = 0;
  for (const match of text.matchAll(TOKEN)) {
    for (let at = text.indexOf('\n', scanned); at !== -1 && at < match.index; at = text.indexOf('\n', at + 1)) {
      line += 1;
      lineStart = at + 1;
    }
    scanned = match.index;
    const token = tokenOf(match[0], { file, line, column: match.index - lineStart + 1 });
    if (token !== undefined) found.push(token);
  }
  return found;
}

function tokenOf(text: string, place: InputPlace): Token | undefined {
  if (text === '/*') throw confError(place, 'the comment is never closed', 'Close it with */.');
  if (text === '"') throw confError(place, 'the string does not end on its line', 'End it with ".');
  if (text.startsWith('/*') || text.startsWith('//') || text.startsWith('#')) return undefined;
  if (text === '{' || text === '}' || text === ';') return { kind: text, text, place };
  if (text.startsWith('"')) return { kind: 'string', text: text.slice(1, -1), place };
  return { kind: 'word', text, place };
}

function confError(place: InputPlace, message: string, hint: string): UserError {
  return new UserError('E_NAMED_CONF', message, { place, hint });
}
