/** What to write instead of text that is no YAML. */

/** By the words of the parser; the first that fits. */
const HINTS: readonly (readonly [problem: RegExp, hint: string])[] = [
  [/^Nested mappings are not allowed/, "Put text that holds a colon and a blank in quotes: name: 'a: b'."],
  [/^Tabs are not allowed/, 'Indent with blanks.'],
  [/^Map keys must be unique/, 'Leave one of the two out, or put what they hold under one.'],
  [/must start at the same column/, 'Indent what belongs together by as many blanks.'],
  [/^Flow .* end with a \]/, 'Close the list with ], and indent every line of it.'],
  [/^Flow .* end with a \}/, 'Close the mapping with }, and indent every line of it.'],
  [/^Missing closing/, 'Close the text with the quotation mark that opens it.'],
  [/^Missing ,/, 'Put a comma between the two.'],
  [/^Implicit (?:map )?keys? need/, 'Write a key with a colon and a blank behind it: name: value.'],
  [
    /^Plain value cannot start|^Alias cannot be/,
    'Put text that begins with this sign in quotes, or leave the sign out.',
  ],
  [/^Invalid escape sequence/, 'Write \\\\ for a backslash, or put the text in single quotes.'],
  [
    /^Unexpected \S+ at node end/,
    "The value was over before this: put all of it in quotes. In single quotes '' is one quote.",
  ],
];

export function yamlHint(message: string): string | undefined {
  return HINTS.find(([problem]) => problem.test(message))?.[1];
}
