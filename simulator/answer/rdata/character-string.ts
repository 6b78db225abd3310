/** Strings of TXT and its relatives: bytes from text with escapes, and back. */
import type { TextRules } from '../../profile/profile.ts';
import { BadRdata } from './errors.ts';

/** What one character-string of a record holds at most. */
const MAX_BYTES = 255;

/** The bytes of a string written without its quotes: `\DDD` is a byte, a backslash before anything else disappears. */
export function characterStringBytes(text: string, { strictEscapes }: Pick<TextRules, 'strictEscapes'>): Uint8Array {
  const bytes: number[] = [];
  for (const [unit] of text.matchAll(/\\\d{3}|\\?[\s\S]/g)) {
    if (unit.length === 1 && unit !== '\\') bytes.push(unit.charCodeAt(0) & 0xff);
    else if (unit.length === 4) bytes.push(escapedByte(unit, strictEscapes));
    else if (/^\\\D$/.test(unit)) bytes.push(unit.charCodeAt(1) & 0xff);
    else throw new BadRdata(`'${unit}' in '${text}' is no escape`);
  }
  return Uint8Array.from(bytes);
}

function escapedByte(written: string, strict: boolean): number {
  const value = Number(written.slice(1));
  if (value > 0xff && strict) throw new BadRdata(`'${written}' is no byte`);
  return value & 0xff;
}

/** One character-string as text: printable ASCII as it is, quotes and backslashes escaped, other bytes as `\DDD`. */
export function quoteCharacterString(bytes: Uint8Array): string {
  let text = '"';
  for (const byte of bytes) {
    if (byte === 0x22 || byte === 0x5c) text += `\\${String.fromCharCode(byte)}`;
    else if (byte < 0x20 || byte > 0x7e) text += `\\${byte.toString().padStart(3, '0')}`;
    else text += String.fromCharCode(byte);
  }
  return `${text}"`;
}

/** Strings with their length bytes, as records hold them; long ones in several parts. */
export function withLengths(bytes: Uint8Array): number[] {
  const wire: number[] = [];
  for (let at = 0; at === 0 || at < bytes.length; at += MAX_BYTES) {
    const part = bytes.subarray(at, at + MAX_BYTES);
    wire.push(part.length, ...part);
  }
  return wire;
}
