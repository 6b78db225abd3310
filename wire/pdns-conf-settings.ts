import { type InputPlace, UserError } from '../input/errors.ts';

export interface Setting {
  readonly value: string;
  readonly place: InputPlace;
}

/** Settings with a default that `+=` adds to. */
const LIST_DEFAULTS: Readonly<Record<string, string>> = { 'local-address': '0.0.0.0, ::' };

/**
 * Reads the lines of a pdns.conf on top of `before`, as PowerDNS does (4.7 to 5.1): `name=value`, `name+=value` (joined
 * with a comma), a bare `name` (empty, which switches are on with), a backslash at the end goes on in the next line, `#`
 * starts a comment at the start of a line or behind a blank. Quotes mean nothing. Throws `E_PDNS_CONF`.
 */
export function parseSettings(
  text: string,
  file: string,
  before: ReadonlyMap<string, Setting>,
): ReadonlyMap<string, Setting> {
  const settings = new Map(before);
  for (const { content, line } of logicalLines(text)) {
    const match = /^([^=]*?)\s*(\+?=|$)(.*)$/s.exec(content);
    const [, name = '', operator = '', value = ''] = match ?? [];
    if (name === '') continue;
    const place = { file, line };
    const added = { value: value.trimStart(), place };
    settings.set(name, operator === '+=' ? appended(name, settings.get(name), added) : added);
  }
  return settings;
}

function appended(name: string, old: Setting | undefined, added: Setting): Setting {
  const parent = old?.value ?? LIST_DEFAULTS[name];
  if (parent === undefined) {
    throw new UserError('E_PDNS_CONF', `${name}+= has nothing to add to`, {
      place: added.place,
      hint: `PowerDNS does not start with it: write ${name}=${added.value} first.`,
    });
  }
  return { value: parent === '' ? added.value : `${parent}, ${added.value}`, place: added.place };
}

function* logicalLines(text: string): Generator<{ content: string; line: number }> {
  let content = '';
  let start: number | undefined;
  for (const [index, physical] of text.split('\n').entries()) {
    const trimmed = physical.trimEnd();
    start ??= index + 1;
    if (trimmed.endsWith('\\')) {
      content += trimmed.slice(0, -1);
      continue;
    }
    yield { content: withoutComment(content + trimmed).trim(), line: start };
    content = '';
    start = undefined;
  }
}

/** Only the first `#` counts: behind anything but a blank it and all that follow belong to the value. */
function withoutComment(line: string): string {
  const hash = line.indexOf('#');
  const isComment = hash === 0 || (hash > 0 && /\s/.test(line.charAt(hash - 1)));
  return isComment ? line.slice(0, hash) : line;
}
