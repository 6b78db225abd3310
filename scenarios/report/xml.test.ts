import fc from 'fast-check';
import { expect, test } from 'vitest';
import { elementsOf, parseXml, textOf } from './fixtures/xml.ts';
import { element, escapeXml } from './xml.ts';

const anyText = fc.string({ unit: fc.integer({ min: 0, max: 0xffff }).map((code) => String.fromCharCode(code)) });

/** What is left of a text that XML can hold. */
function kept(text: string): string {
  return text.replaceAll(/[^\t\n\r\u{20}-\u{d7ff}\u{e000}-\u{fffd}\u{10000}-\u{10ffff}]/gu, '\u{fffd}');
}

test('any text comes out of a parser as it went in, but for what XML cannot hold', () => {
  fc.assert(
    fc.property(anyText, anyText, (value, content) => {
      const parsed = parseXml(element('a', { value }, element('b', {}, escapeXml(content)), 'end'));
      expect(parsed.attributes.get('value')).toBe(kept(value));
      expect(elementsOf(parsed, 'b').map(textOf).join('')).toBe(kept(content));
    }),
    { numRuns: 500 },
  );
});

test('markup in a text stays text', () => {
  const text = `</a><script>alert("1")</script>&amp;]]>'`;
  expect(textOf(parseXml(element('a', { title: text }, escapeXml(text))))).toBe(text);
});

test.each([
  '<a>',
  '<a></b>',
  '<a b="1" b="2"/>',
  '<a>&nbsp;</a>',
  '<a>& </a>',
  '<a/><b/>',
  '<a b=1/>',
  '<a>\u0001</a>',
])('the parser of these tests refuses %j', (text) => {
  expect(() => parseXml(text)).toThrow();
});
