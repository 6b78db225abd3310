import { globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { COMMANDS } from './commands.ts';
import { readCall } from './usage.ts';

const REPOSITORY = join(import.meta.dirname, '..');
const usages = COMMANDS.map(({ usage }) => usage);

const calls = globSync(['README.md', 'docs/**/*.md', 'bench/*.md', 'deploy/**/*.{md,yaml,yml,service}'], {
  cwd: REPOSITORY,
}).flatMap((file) => {
  const text = readFileSync(join(REPOSITORY, file), 'utf8');
  return callsIn(file.endsWith('.md') ? codeOf(text) : text).map((call) => ({ file, call }));
});

describe('a call that a document shows', () => {
  it('is found, or nothing is proven', () => {
    expect(calls.length).toBeGreaterThan(40);
    expect(new Set(calls.map(({ file }) => file))).toContain('docs/runbooks/LintFindings.md');
  });

  it.each(calls)('$call ($file) is of a command and flags that exist', ({ call }) => {
    expect(problemOf(call)).not.toMatch(/there is no command|what\?|has no flag|takes no value|expected/);
  });
});

/** What stands in fences and between backticks: in prose `pdns-shadow` is a name. */
function codeOf(markdown: string): string {
  return Array.from(markdown.matchAll(/```[\s\S]*?```|`[^`]+`/g), ([code]) => code).join('\n');
}

/** Up to where the shell, a comment or the quotation ends. A line that goes on behind a backslash is one line. */
function callsIn(text: string): string[] {
  const lines = text.replaceAll(/\\\n\s*/g, ' ');
  const found = lines.matchAll(/(?:^|[`/=]|\$\()pdns-shadow (?!:)([a-z-][^`|;#\n)]*)/gm);
  return Array.from(found, ([, call = '']) => call.trim());
}

/** A document may leave out what a call needs: `pdns-shadow check` is a name for the command. */
function problemOf(call: string): string {
  const words = call.split(/\s+/).filter((word) => word !== '…' && word !== '>' && word !== '&');
  if (words.some((word) => word === '--help' || word === '--version')) return '';
  try {
    readCall(words, usages);
    return '';
  } catch (error) {
    return String(error);
  }
}
