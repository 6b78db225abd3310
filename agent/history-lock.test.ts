import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { History } from './history.ts';

const KEEP_MS = 3_600_000;

let folder = '';
let path = '';
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'pdns-shadow-lock-'));
  path = join(folder, 'history.db');
});
afterEach(() => rmSync(folder, { recursive: true }));

/** What a process of its own says that opens the history, writes the path as given, and ends at once. */
function openElsewhere(): string {
  const script = `
    import { History } from ${JSON.stringify(new URL('./history.ts', import.meta.url).href)};
    try {
      History.open({ path: process.argv[1], keepMs: ${KEEP_MS} });
      console.log('opened');
    } catch (error) {
      console.log(error.describe());
    }
    process.exit();`;
  const args = ['--input-type=module', '-e', script, 'history.db'];
  return execFileSync(process.execPath, args, { cwd: folder, encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] });
}

it('a second agent is refused for as long as the first one has the history', () => {
  const history = History.open({ path, keepMs: KEEP_MS });
  expect(openElsewhere()).toMatchInlineSnapshot(`
    "another agent writes the history history.db (E_HISTORY)
      Every agent needs one of its own: history: { path: /var/lib/pdns-shadow/other.db }. It is tried again each minute.
    "
  `);
  history.close();
  expect(openElsewhere()).toBe('opened\n');
  // The process is gone without having closed anything.
  History.open({ path, keepMs: KEEP_MS }).close();
});

it('the agent of a reload has the history together with the one whose place it takes', () => {
  const old = History.open({ path, keepMs: KEEP_MS });
  const next = History.open({ path, keepMs: KEEP_MS });
  old.close();
  expect(openElsewhere()).toContain('E_HISTORY');
  next.close();
  expect(openElsewhere()).toBe('opened\n');
});
