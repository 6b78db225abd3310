/** Text inside XML and HTML: whatever it is, it stays text. */

/**
 * For contents and for attributes in double quotes. What no XML document may hold (control characters, half of a surrogate
 * pair) becomes U+FFFD; line breaks and tabs are written so that a parser does not turn them into spaces.
 */
export function escapeXml(text: string): string {
  return text
    .replaceAll(/[^\t\n\r\u{20}-\u{d7ff}\u{e000}-\u{fffd}\u{10000}-\u{10ffff}]/gu, '\u{fffd}')
    .replaceAll(/[&<>"'\t\n\r]/g, (character) => `&#${character.codePointAt(0)};`);
}

/** `name="value"` for each, with a space in front; what is undefined is left out. */
export function attributes(values: Readonly<Record<string, string | number | undefined>>): string {
  return Object.entries(values)
    .map(([name, value]) => (value === undefined ? '' : ` ${name}="${escapeXml(`${value}`)}"`))
    .join('');
}
