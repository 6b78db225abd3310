/** Walks through the text of one record's data, field by field, as PowerDNS's parser does. Texts are binary strings. */
import { UserError } from '../../../input/errors.ts';
import type { TextRules } from '../../profile/profile.ts';
import { canonicalName } from '../../zone/name.ts';
import { characterStringBytes } from './character-string.ts';
import { BadRdata, UnknownRdata } from './errors.ts';

const BLANK = /[ \t\n\r]*/y;

export class TextReader {
  readonly rules: TextRules;
  readonly #text: string;
  #at = 0;

  /** Blanks at both ends count for nothing. */
  constructor(text: string, rules: TextRules) {
    this.#text = text.replace(/^[ \t\n\r]+|[ \t\n\r]+$/g, '');
    this.rules = rules;
  }

  get atEnd(): boolean {
    return this.#at === this.#text.length;
  }

  /** What `pattern` (sticky) matches behind the blanks. Throws `BadRdata` at the end of the text or where it does not. */
  take(pattern: RegExp, expected: string): string {
    this.#match(BLANK);
    if (this.atEnd) throw new BadRdata(`'${this.#text}' ends too early`);
    const found = this.#match(pattern);
    if (found === undefined || found === '') throw new BadRdata(`${expected} was expected in '${this.#text}'`);
    return found;
  }

  /** A whole number; a letter may follow it at once. */
  number(maximum: number): number {
    const value = Number(this.take(/\d+/y, 'a number'));
    if (value > maximum) throw new BadRdata(`${value} is larger than ${maximum}`);
    return value;
  }

  /**
   * A name in canonical spelling. A missing final dot makes no difference; nothing is relative to the zone. With a dot at its
   * beginning it is refused, but for one with a backslash somewhere: that is the root (4.7, 4.9, 5.1).
   */
  name(): string {
    const written = this.take(/[^ \t\n]+/y, 'a name');
    if (written.startsWith('.') && written.includes('\\')) return '.';
    const spelled = written.replace(/\\(\d{3}|[\s\S]?)|[\x80-\xff]/g, (unit, escaped?: string) => {
      if (escaped === undefined) return `\\${unit.charCodeAt(0)}`;
      if (/^\d{1,2}$/.test(escaped)) throw new BadRdata(`'${unit}' is no escape`);
      return escaped.length === 3 ? `\\${String(Number(escaped) & 0xff).padStart(3, '0')}` : unit;
    });
    try {
      return canonicalName(spelled);
    } catch (error) {
      if (error instanceof UserError) throw new BadRdata(error.message);
      throw error;
    }
  }

  /**
   * The bytes of one string, empty where the text has ended. Unless the rules say otherwise only letters and digits at the
   * very end may lack their quotes.
   */
  string(): Uint8Array {
    this.#match(BLANK);
    if (this.atEnd) return new Uint8Array();
    const pattern = this.rules.unquotedStrings
      ? /"(?:\\[\s\S]|[^"\\])*"|[^ \t\n\r"]+/y
      : /"(?:\\[\s\S]|[^"\\])*"|[0-9A-Za-z]+$/y;
    const found = this.#match(pattern);
    if (found === undefined) throw new BadRdata(`a string in quotes was expected in ${this.#text}`);
    return characterStringBytes(found.startsWith('"') ? found.slice(1, -1) : found, this.rules);
  }

  /** Hex digits up to the end, with anything but letters and digits between them; a lone `-` for none. */
  hex(): Uint8Array {
    return this.#hex(this.take(/[\s\S]+/y, 'hex digits'));
  }

  /** The same in one word. */
  hexWord(): Uint8Array {
    return this.#hex(this.take(/[^ \t\n\r]+/y, 'hex digits'));
  }

  /** Base64 up to the end, with blanks. */
  base64(): Uint8Array {
    return base64Bytes(this.take(/[A-Za-z0-9+/= \t\n\r]+/y, 'base64').replace(/[ \t\n\r]/g, ''), this.rules);
  }

  #hex(text: string): Uint8Array {
    if (text === '-') return new Uint8Array();
    const digits = text.replace(/[^0-9A-Za-z]/g, '');
    if (!/^[0-9a-f]*$/i.test(digits)) throw new BadRdata(`'${text}' is not hex`);
    if (digits.length % 2 === 1 && this.rules.strictHex)
      throw new BadRdata(`'${text}' has an odd number of hex digits`);
    return hexBytes(digits.length % 2 === 1 ? `${digits}0` : digits);
  }

  #match(pattern: RegExp): string | undefined {
    pattern.lastIndex = this.#at;
    const found = pattern.exec(this.#text)?.[0];
    if (found !== undefined) this.#at += found.length;
    return found;
  }
}

export function hexBytes(digits: string): Uint8Array {
  return Uint8Array.from(digits.match(/../g) ?? [], (pair) => Number.parseInt(pair, 16));
}

/** Base64 without blanks. What PowerDNS makes of malformed base64, where it takes it, is anybody's guess. */
export function base64Bytes(text: string, { strictBase64 }: TextRules): Uint8Array {
  if (/^(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?$/.test(text))
    return Uint8Array.from(Buffer.from(text, 'base64'));
  const isCutShort = strictBase64 && /^[^=]+=*$/.test(text) && text.length % 4 !== 0;
  if (/[^A-Za-z0-9+/=]/.test(text) || isCutShort) throw new BadRdata(`'${text}' is no base64`);
  throw new UnknownRdata(`what this release makes of the malformed base64 '${text}' is not known`);
}
