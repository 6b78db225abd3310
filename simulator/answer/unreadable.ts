/** Text of records that servers with strict escapes cannot read. */
import type { ResourceRecord } from '../zone/record.ts';

const TEXT_TYPES: ReadonlySet<string> = new Set(['TXT', 'SPF']);

/** The first backslash before a digit that does not start a byte in three digits, in code or text; undefined where there is none. */
export function badEscape(record: ResourceRecord): string | undefined {
  const text = record.kind === 'lua' ? record.text : TEXT_TYPES.has(record.type) ? record.rdata : '';
  if (!text.includes('\\')) return undefined;
  for (const [written, digits] of text.matchAll(/\\(?:(\d{1,3})|[\s\S])/g)) {
    if (digits !== undefined && (digits.length < 3 || Number(digits) > 0xff)) return written;
  }
  return undefined;
}
