/** Text inside XML and HTML: whatever it is, it stays text. */

const ENTITIES: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
};

/** What no XML document may hold: control characters, halves of surrogate pairs, two that are no characters. */
const FORBIDDEN = /[^\t\n\r\u{20}-\u{d7ff}\u{e000}-\u{fffd}\u{10000}-\u{10ffff}]/gu;

/** As content of an element. What XML cannot hold becomes U+FFFD. */
export function escapeXml(text: string): string {
  return text
    .replaceAll(FORBIDDEN, '\u{fffd}')
    .replaceAll(/[&<>"']/g, (character) => ENTITIES[character] ?? '')
    .replaceAll('\r', '&#13;');
}

/** ` name="value"` for each; what is undefined is left out. Line breaks are written so that no parser makes spaces of them. */
export function attributes(values: Readonly<Record<string, string | number | undefined>>): string {
  return Object.entries(values)
    .map(([name, value]) => (value === undefined ? '' : ` ${name}="${escapeAttribute(`${value}`)}"`))
    .join('');
}

function escapeAttribute(text: string): string {
  return escapeXml(text).replaceAll('\n', '&#10;').replaceAll('\t', '&#9;');
}

/** An element with content that is markup already; without content it is closed at once. */
export function element(
  name: string,
  values: Readonly<Record<string, string | number | undefined>>,
  ...content: readonly string[]
): string {
  const inside = content.join('');
  return inside === '' ? `<${name}${attributes(values)}/>` : `<${name}${attributes(values)}>${inside}</${name}>`;
}
