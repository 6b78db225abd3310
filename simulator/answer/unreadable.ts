/** Records that a server cannot read: it answers SERVFAIL to whoever asks for their name. */
import type { TextRules } from '../profile/profile.ts';
import type { ResourceRecord } from '../zone/record.ts';

const TEXT_TYPES: ReadonlySet<string> = new Set(['TXT', 'SPF']);

/** Why a server with these rules cannot read a record, as a code and a message; undefined where it can. */
export function whyUnreadable(record: ResourceRecord, rules: TextRules): { code: string; message: string } | undefined {
  const { owner, type } = record;
  if (record.unreadable !== undefined)
    return { code: 'E_RECORD_UNREADABLE', message: `${owner} ${type}: ${record.unreadable}` };
  if (record.unquoted !== undefined && !rules.unquotedStrings) {
    const message = `${owner} ${type}: '${record.unquoted}' is not quoted, which PowerDNS reads since 5.1 only`;
    return { code: 'E_RECORD_UNREADABLE', message };
  }
  const bad = rules.strictEscapes ? badEscape(record) : undefined;
  if (bad === undefined) return undefined;
  const message = `${owner} ${type}: '${bad}' in the text is no escape: write three digits up to 255`;
  return { code: 'E_LUA_TEXT', message };
}

/** The first backslash before a digit that does not start a byte in three digits, in code or text; undefined where there is none. */
function badEscape(record: ResourceRecord): string | undefined {
  const text = record.kind === 'lua' ? record.text : TEXT_TYPES.has(record.type) ? record.rdata : '';
  if (!text.includes('\\')) return undefined;
  for (const [written, digits] of text.matchAll(/\\(?:(\d{1,3})|[\s\S])/g)) {
    if (digits !== undefined && (digits.length < 3 || Number(digits) > 0xff)) return written;
  }
  return undefined;
}
