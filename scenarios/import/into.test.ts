import { expect, test } from 'vitest';
import { withTimeline } from './into.ts';

const ADDED = '  - { at: 60s, target: fsn, http: 503, note: "a - b" }\n  - { at: 90s, heal: all }\n';

test.each([
  [
    'below the last entry, as far to the right as that, comments and what follows untouched',
    'name: x\ntimeline:\n    - at: 10s\n      target: fsn  # first\n      http: 500 # last\n\n# What holds\nexpect: []\n',
    'name: x\ntimeline:\n    - at: 10s\n      target: fsn  # first\n      http: 500 # last\n' +
      '    - { at: 60s, target: fsn, http: 503, note: "a - b" }\n    - { at: 90s, heal: all }\n\n# What holds\nexpect: []\n',
  ],
  [
    'without an indent, at the end of a file that ends in the middle of a line',
    'timeline:\n- { at: 10s, heal: all }',
    'timeline:\n- { at: 10s, heal: all }\n- { at: 60s, target: fsn, http: 503, note: "a - b" }\n- { at: 90s, heal: all }\n',
  ],
  [
    'within brackets, before a comment and a comma',
    'timeline: [\n  { at: 10s, heal: all }, # first\n]\nends: 5m\n',
    'timeline: [\n  { at: 10s, heal: all }, { at: 60s, target: fsn, http: 503, note: "a - b" }, { at: 90s, heal: all }, # first\n]\nends: 5m\n',
  ],
  [
    'within empty brackets',
    'timeline: []\n',
    'timeline: [{ at: 60s, target: fsn, http: 503, note: "a - b" }, { at: 90s, heal: all }]\n',
  ],
  [
    'as a new list, behind text of several lines',
    'name: x\nzone: |\n  $ORIGIN acme.test.\n  www 30 IN A 192.0.2.1\n',
    'name: x\nzone: |\n  $ORIGIN acme.test.\n  www 30 IN A 192.0.2.1\ntimeline:\n' +
      '  - { at: 60s, target: fsn, http: 503, note: "a - b" }\n  - { at: 90s, heal: all }\n',
  ],
  [
    'behind an entry that ends with text of several lines',
    'timeline:\n  - at: 10s\n    note: |\n      one\n      two\nends: 5m\n',
    'timeline:\n  - at: 10s\n    note: |\n      one\n      two\n' +
      '  - { at: 60s, target: fsn, http: 503, note: "a - b" }\n  - { at: 90s, heal: all }\nends: 5m\n',
  ],
])('%s', (_, text, wanted) => {
  expect(withTimeline(text, 'world.yaml', ADDED)).toBe(wanted);
});

test.each([
  ['{ name: x }\n', 'the scenario is written in braces: nothing can be added'],
  ['name: &t []\ntimeline: *t\n', 'the timeline is written elsewhere, and only meant here: nothing can be added'],
])('where there is no place for them, that is said: %s', (text, message) => {
  expect(() => withTimeline(text, 'world.yaml', ADDED)).toThrow(message);
});
