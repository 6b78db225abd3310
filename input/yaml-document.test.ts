import { describe, expect, test } from 'vitest';
import { z } from 'zod';
import { formatPlace, UserError } from './errors.ts';
import { parseYaml } from './yaml-document.ts';
import { checkYaml } from './yaml-schema.ts';

const TEXT = `regions: &all
  - { name: fsn, weight: 80 }
  - name: hel
    weight: 20
again: *all
`;

describe('a value is found where it is written', () => {
  const yaml = parseYaml(TEXT, 'regions.yaml', 'E_TEST');
  test.each([
    [['regions'], ':1:1'],
    [['regions', 0], ':2:5'],
    [['regions', 0, 'weight'], ':2:18'],
    [['regions', 1, 'weight'], ':4:5'],
    // Behind an alias: where it stands for.
    [['again', 1, 'name'], ':3:5'],
    // What is missing: what should hold it.
    [['regions', 1, 'city'], ':3:5'],
    [['nothing', 3], ''],
  ])('%j', (path, place) => {
    expect(formatPlace(yaml.placeOfPath(path))).toBe(`regions.yaml${place}`);
  });
});

test.each([
  [
    'a: 1\na: 2\n',
    'bad.yaml:2:1: Map keys must be unique (E_TEST)\n  Leave one of the two out, or put what they hold under one.',
  ],
  ['a:\n\tb: 1\n', 'bad.yaml:2:1: Tabs are not allowed as indentation (E_TEST)\n  Indent with blanks.'],
  [
    'a: b: c\n',
    "bad.yaml:1:4: Nested mappings are not allowed in compact mappings (E_TEST)\n  Put text that holds a colon and a blank in quotes: name: 'a: b'.",
  ],
  [
    'a: { b: [c }\n',
    'bad.yaml:1:12: Flow sequence in block collection must be sufficiently indented and end with a ] (E_TEST)\n  Close the list with ], and indent every line of it.',
  ],
  [
    "a: 'it's'\n",
    "bad.yaml:1:8: Unexpected scalar at node end (E_TEST)\n  The value was over before this: put all of it in quotes. In single quotes '' is one quote.",
  ],
  ['a: 1\n---\nb: 2\n', 'bad.yaml:2:1: a second document begins here (E_TEST)\n  Leave --- out: a file holds one.'],
  [
    'a: [1, *b]\n',
    "bad.yaml:1:8: there is no &b that *b could mean (E_TEST)\n  Write &b before a value above, or put '*b' in quotes if it is text.",
  ],
])('what is no YAML is refused at its place: %j', (text, described) => {
  let error: unknown;
  try {
    parseYaml(text, 'bad.yaml', 'E_TEST').plainValue();
  } catch (thrown) {
    error = thrown;
  }
  expect(error instanceof UserError && error.describe()).toBe(described);
});

test('numbers, true and blank are keys like any other', () => {
  const yaml = parseYaml('1: a\ntrue: b\n', 'keys.yaml', 'E_TEST');
  expect(formatPlace(yaml.placeOfPath(['1']))).toBe('keys.yaml:1:1');
  expect(formatPlace(yaml.placeOfPath(['true']))).toBe('keys.yaml:2:1');
});

describe('what a schema refuses', () => {
  const region = z.strictObject({
    name: z.string(),
    weight: z.union([z.number(), z.strictObject({ share: z.number() })]),
  });
  const source = z.union([
    z.strictObject({ api: z.string(), key: z.string(), zones: z.array(z.string()).optional() }),
    z.strictObject({ files: z.array(z.string()).min(1) }),
    z.strictObject({ axfr: z.string().min(1), zones: z.array(z.string()) }),
  ]);
  const schema = z.strictObject({
    regions: z.array(region).default([]),
    again: z.array(region).optional(),
    source: source.optional(),
  });

  function problems(text: string): readonly string[] {
    const codes = { key: 'E_KEY', value: 'E_VALUE' };
    const checked = checkYaml(parseYaml(text, 'r.yaml', 'E_TEST'), schema, codes, 'expected regions');
    return checked.kind === 'right' ? [] : checked.problems.map((problem) => problem.describe());
  }

  test.each([
    [TEXT, []],
    ['[]', ['r.yaml: expected regions (E_VALUE)']],
    ['regons: []', ["r.yaml:1:1: unknown key 'regons' (E_KEY)\n  Did you mean 'regions'?"]],
    ['regions: [{ name: a }]', ['r.yaml:1:11: regions.0.weight is missing (E_KEY)']],
    ['regions: [{ weight: 1 }]', ['r.yaml:1:11: regions.0.name is missing (E_KEY)']],
    ['regions: [{ name: 5, weight: 1 }]', ['r.yaml:1:13: regions.0.name: expected text, got 5 (E_VALUE)']],
    [
      'regions: [{ name: a, weight: { shar: 1 } }]',
      ["r.yaml:1:32: regions.0.weight: unknown key 'shar' (E_KEY)\n  Did you mean 'share'?"],
    ],
    ['source: { api: a }', ['r.yaml:1:1: source.key is missing (E_KEY)']],
    ['source: { files: a }', ['r.yaml:1:11: source.files: expected a list, got a (E_VALUE)']],
    ['source: { files: [] }', ['r.yaml:1:11: source.files: expected at least one entry, got none (E_VALUE)']],
    ["source: { axfr: '', zones: [a] }", ['r.yaml:1:11: source.axfr: expected some text, got none (E_VALUE)']],
    // As near to one as to another.
    ['source: { zones: [a] }', ['r.yaml:1:1: source: this is not understood: a mapping (E_VALUE)']],
    [
      'source: { api: a, files: [a] }',
      [
        "r.yaml:1:11: source: 'api' does not go with the other keys (E_KEY)\n  It belongs to another alternative: leave it out, or the others.",
      ],
    ],
    [
      'regions: [{ name: a, weight: { share: x } }]',
      ['r.yaml:1:32: regions.0.weight.share: expected a number, got x (E_VALUE)'],
    ],
  ])('%j', (text, expected) => {
    expect(problems(text)).toEqual(expected);
  });
});
