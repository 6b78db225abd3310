/** Arbitrary pieces of code, put together as text. */
import fc, { type Arbitrary } from 'fast-check';

export type Text = Arbitrary<string>;

export const words = (...values: readonly string[]): Text => fc.constantFrom(...values);

/** `one('mostly', 8, this) … ` reads worse than pairs of weight and choice. */
export function weighted(...choices: readonly (readonly [weight: number, arbitrary: Text])[]): Text {
  return fc.oneof(...choices.map(([weight, arbitrary]) => ({ weight, arbitrary })));
}

/** Parts one after the other: `text\`f(${a},${b})\``. */
export function text(literals: TemplateStringsArray, ...parts: readonly Text[]): Text {
  return fc
    .tuple(...parts)
    .map((drawn) => literals.reduce((all, literal, i) => all + (i === 0 ? '' : (drawn[i - 1] ?? '')) + literal, ''));
}

export function listOf(element: Text, minLength: number, maxLength: number, separator = ','): Text {
  return fc.array(element, { minLength, maxLength }).map((elements) => elements.join(separator));
}

export const quoted = (value: Text): Text => value.map((plain) => `'${plain}'`);
