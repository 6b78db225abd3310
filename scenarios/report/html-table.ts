/** A table of the page, wider ones scroll. */
import { escapeXml } from './xml.ts';

/** `rows` are the cells of each row, as markup; `numbers` the heads of columns of numbers. */
export function htmlTable(heads: readonly string[], rows: readonly string[], numbers: readonly string[] = []): string {
  const head = heads
    .map((each) => `<th scope="col"${numbers.includes(each) ? ' class="number"' : ''}>${escapeXml(each)}</th>`)
    .join('');
  const body = rows.map((row) => `<tr>${row}</tr>`).join('\n');
  return `<div class="table"><table><thead><tr>${head}</tr></thead><tbody>${body}</tbody></table></div>`;
}
