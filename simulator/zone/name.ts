/**
 * DNS names in presentation format. The canonical spelling is PowerDNS's own: `\.` and `\\` inside a label, `\DDD` for
 * every byte outside printable ASCII, everything else as it is; letters keep their case; a final dot.
 */

import { UserError } from '../../input/errors.ts';

const MAX_LABEL_BYTES = 63;
const MAX_NAME_BYTES = 255;

/**
 * The labels of a name, leftmost first, each in canonical spelling; `[]` for the root. A missing final dot makes no
 * difference. Throws `E_NAME_SYNTAX` for an empty label, a bad escape, a label of more than 63 or a name of more than
 * 255 bytes.
 */
export function splitLabels(name: string): string[] {
  return plainLabels(name) ?? labelBytes(name).map(presentLabel);
}

/** `text` as an absolute name: with a final dot as it is, without one below `origin`, `@` for the origin itself. */
export function absoluteName(text: string, origin: string): string {
  if (text === '@') return canonicalName(origin);
  return isAbsolute(text) ? canonicalName(text) : joinLabels([...splitLabels(text), ...splitLabels(origin)]);
}

/** `name` in canonical spelling, absolute whether or not the final dot was written, in the case it was written in. */
export function canonicalName(name: string): string {
  return joinLabels(splitLabels(name));
}

/** Whether `text` ends in a dot that is not escaped. */
export function isAbsolute(text: string): boolean {
  if (!text.endsWith('.')) return false;
  const backslashes = /\\*(?=\.$)/.exec(text)?.[0].length ?? 0;
  return backslashes % 2 === 0;
}

/** The name without its leftmost label; `undefined` for the root. */
export function parentName(name: string): string | undefined {
  const labels = splitLabels(name);
  return labels.length === 0 ? undefined : joinLabels(labels.slice(1));
}

/** Whether `name` is `ancestor` or below it, label by label and in any case. */
export function isSubdomain(name: string, ancestor: string): boolean {
  // Absolute names without escapes, as nearly all are, end alike.
  if (ancestor.length > 1 && isPlainAbsolute(name) && isPlainAbsolute(ancestor)) {
    const rest = name.length - ancestor.length;
    if (rest < 0 || (rest > 0 && name[rest - 1] !== '.')) return false;
    return lowerCaseName(name.slice(rest)) === lowerCaseName(ancestor);
  }
  const own = splitLabels(name).map(lowerCaseName);
  const wanted = splitLabels(ancestor).map(lowerCaseName);
  const offset = own.length - wanted.length;
  return offset >= 0 && wanted.every((label, index) => own[offset + index] === label);
}

function isPlainAbsolute(name: string): boolean {
  return name.endsWith('.') && !name.includes('\\') && !name.includes('..');
}

/** ASCII letters in lower case, all else untouched: the only folding DNS knows. */
export function lowerCaseName(name: string): string {
  return /[A-Z]/.test(name) ? name.replace(/[A-Z]+/g, (letters) => letters.toLowerCase()) : name;
}

/** Whether two names are the same name: case and spelling of escapes make no difference. */
export function sameName(left: string, right: string): boolean {
  return lowerCaseName(canonicalName(left)) === lowerCaseName(canonicalName(right));
}

/** The name as on the wire: a length byte before each label and a final zero, case kept, no compression. */
export function wireName(name: string): Uint8Array {
  const labels = labelBytes(name);
  return Uint8Array.from([...labels.flatMap((label) => [label.length, ...label]), 0]);
}

/** The canonical name of raw labels, leftmost first. Throws `E_NAME_SYNTAX` when they break a length limit. */
export function nameFromWireLabels(labels: readonly Uint8Array[]): string {
  const bytes = labels.map((label) => [...label]);
  checkLengths(bytes, () => joinLabels(bytes.map(presentLabel)));
  return joinLabels(bytes.map(presentLabel));
}

function joinLabels(labels: readonly string[]): string {
  const name = `${labels.join('.')}.`;
  if (name.length > MAX_NAME_BYTES - 1) labelBytes(name);
  return name;
}

/** Nearly every name is printable ASCII without escapes, and then its text is canonical already. */
function plainLabels(name: string): string[] | undefined {
  if (name.length >= MAX_NAME_BYTES - 1 || !/^[!-[\]-~]+$/.test(name)) return undefined;
  const labels = (name.endsWith('.') ? name.slice(0, -1) : name).split('.');
  return labels.every((label) => label.length > 0 && label.length <= MAX_LABEL_BYTES) ? labels : undefined;
}

function labelBytes(name: string): number[][] {
  if (name === '.' || name === '') return [];
  const labels: number[][] = [[]];
  for (const unit of nameUnits(name)) {
    if (unit === 'dot') labels.push([]);
    else labels.at(-1)?.push(...unit);
  }
  if (labels.at(-1)?.length === 0) labels.pop();
  checkLengths(labels, () => name);
  return labels;
}

function checkLengths(labels: readonly (readonly number[])[], name: () => string): void {
  if (labels.some((label) => label.length === 0)) {
    throw nameError(`the name '${name()}' has an empty label`, 'Write one dot between two labels.');
  }
  if (labels.some((label) => label.length > MAX_LABEL_BYTES)) {
    throw nameError(`the name '${name()}' has a label of more than ${MAX_LABEL_BYTES} bytes`, 'Split or shorten it.');
  }
  if (labels.reduce((sum, label) => sum + label.length + 1, 1) > MAX_NAME_BYTES) {
    throw nameError(`the name '${name()}' is longer than ${MAX_NAME_BYTES} bytes`, 'Shorten it.');
  }
}

function* nameUnits(name: string): Generator<'dot' | Iterable<number>> {
  for (const [unit] of name.matchAll(/\\\d{3}|\\.|\\$|./gsu)) {
    if (unit === '.') yield 'dot';
    else if (!unit.startsWith('\\')) yield utf8(unit);
    else if (unit.length === 4) yield [decimalEscape(unit, name)];
    else if (unit.length === 1) throw nameError(`the name '${name}' ends in a lone backslash`, 'Write \\\\ for one.');
    else yield utf8(unit.slice(1));
  }
}

function decimalEscape(text: string, name: string): number {
  const byte = Number(text.slice(1));
  if (byte > 255) throw nameError(`'${text}' in the name '${name}' is no byte`, 'Write \\000 to \\255.');
  return byte;
}

function presentLabel(bytes: readonly number[]): string {
  return bytes.map(presentByte).join('');
}

function presentByte(byte: number): string {
  const character = String.fromCharCode(byte);
  if (character === '.' || character === '\\') return `\\${character}`;
  return byte > 0x20 && byte < 0x7f ? character : `\\${String(byte).padStart(3, '0')}`;
}

function utf8(text: string): Uint8Array {
  return new TextEncoder().encode(text);
}

function nameError(message: string, hint: string): UserError {
  return new UserError('E_NAME_SYNTAX', message, { hint });
}
