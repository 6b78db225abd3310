import { stripVTControlCharacters } from 'node:util';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { brokenAt, printProse, printTable } from './print.ts';

afterEach(() => vi.restoreAllMocks());

function printed(print: () => void): string {
  const lines: string[] = [];
  vi.spyOn(console, 'log').mockImplementation((text) => void lines.push(`${text}`));
  print();
  // Heads are bold.
  return stripVTControlCharacters(lines.join('\n'));
}

describe('prose', () => {
  it('is broken between words, and never before the unit of a number', () => {
    expect(brokenAt('it takes 12 s, which is 13.7 % of all', 11)).toEqual([
      'it takes',
      '12 s, which',
      'is 13.7 %',
      'of all',
    ]);
    expect(brokenAt('a-word-that-is-too-long for it', 6)).toEqual(['a-word-that-is-too-long', 'for it']);
  });

  it('is one line for programs', () => {
    const text = 'word '.repeat(60).trim();
    expect(printed(() => printProse(text, { mark: '!', indent: 2 }))).toBe(`! ${text}`);
  });
});

describe('a table', () => {
  it('has heads of several lines that end together, and cells of several that begin together', () => {
    const text = printed(() =>
      printTable(
        ['record', 'probes\n/s'],
        [
          ['www\n  and 2 like it', '1'],
          ['api', '20'],
        ],
      ),
    );
    expect(text.split('\n')).toEqual([
      '                 probes',
      'record           /s',
      'www              1',
      '  and 2 like it',
      'api              20',
    ]);
  });
});
