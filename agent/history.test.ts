import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, statSync, truncateSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { UserError } from '../input/errors.ts';
import { httpCheck } from '../simulator/health/check.ts';
import { DOWN, UP } from '../simulator/health/status.ts';
import type { Drift } from './drifts.ts';
import type { AgentEvent } from './events.ts';
import { History, type HistoryOptions } from './history.ts';

const KEY = { server: 'ns1', name: 'api.acme.test.', type: 'A', client: 'eu' };
const CHECK = httpCheck('192.0.2.1', 0, 'https://api.acme.test/health', {});
const OTHER_CHECK = httpCheck('192.0.2.9', 0, 'https://other.acme.test/', {});
const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;
const NOON_MS = Date.UTC(2026, 0, 31, 12);

let folder = '';
let path = '';
let opened: History[] = [];

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'pdns-shadow-history-'));
  path = join(folder, 'history.db');
});

afterEach(() => {
  for (const history of opened) history.close();
  opened = [];
  rmSync(folder, { recursive: true });
});

function open(options: Partial<HistoryOptions> = {}): History {
  const history = History.open({ path, keepMs: 24 * HOUR_MS, nowMs: () => NOON_MS, ...options });
  opened.push(history);
  return history;
}

function judged(text: string, details: Partial<Extract<AgentEvent, { kind: 'answer judged' }>> = {}): AgentEvent {
  const usual = { verdict: 'match', reason: 'it must come', admissible: [text], checks: [CHECK.id] };
  return { kind: 'answer judged', ...KEY, text, ...usual, ...details };
}

function target(state: 'up' | 'down', check = CHECK): AgentEvent {
  const [before, after] = state === 'up' ? [DOWN, UP] : [UP, DOWN];
  const result = { up: state === 'up', reason: state === 'up' ? '200 in 12 ms' : 'connection refused' };
  return { kind: 'target changed', probe: { check, startedAt: 0, endedAt: 1, result, before, after } };
}

function drift(id: string, sinceMs: number, resolvedAtMs?: number): Drift {
  const observed = new Map([['192.0.2.2', 3]]);
  return {
    ...KEY,
    class: 'answer',
    id,
    message: 'answered 192.0.2.2',
    sinceMs,
    lastSeenMs: resolvedAtMs ?? sinceMs,
    resolvedAtMs,
    observed,
  };
}

function openDrift(id: string, sinceMs: number): AgentEvent {
  const diagnosis = [{ assumption: 'ECS is ignored', explains: true, detail: 'asked as nobody' }];
  return { kind: 'drift opened', drift: drift(id, sinceMs), diagnosis };
}

function errorOf(step: () => unknown): UserError {
  try {
    step();
  } catch (error) {
    if (error instanceof UserError) return error;
    throw error;
  }
  throw new Error('nothing was thrown');
}

function rows(table: string): number {
  const db = new DatabaseSync(path, { readOnly: true });
  const count = db.prepare(`SELECT count(*) AS count FROM ${table}`).get()?.count;
  db.close();
  return Number(count);
}

describe('what was answered at a moment', () => {
  it('is the last change before it, with what was possible and how the targets looked', () => {
    const history = open();
    history.record(target('up'), NOON_MS - 50 * MINUTE_MS);
    history.record(judged('192.0.2.1'), NOON_MS - 40 * MINUTE_MS);
    history.record(target('down'), NOON_MS - 30 * MINUTE_MS);
    const late = { verdict: 'outside', reason: 'the target is down', admissible: ['192.0.2.2'] };
    history.record(judged('192.0.2.1', late), NOON_MS - 20 * MINUTE_MS);

    expect(history.answerAt(KEY, NOON_MS - 41 * MINUTE_MS)).toBeUndefined();
    expect(history.answerAt(KEY, NOON_MS - 35 * MINUTE_MS)).toMatchObject({
      atMs: NOON_MS - 40 * MINUTE_MS,
      text: '192.0.2.1',
      verdict: 'match',
      admissible: ['192.0.2.1'],
      skippedAfter: 0,
      targets: [{ check: CHECK.id, target: '192.0.2.1', seen: 'up' }],
    });
    expect(history.answerAt(KEY, NOON_MS)).toMatchObject({
      text: '192.0.2.1',
      verdict: 'outside',
      admissible: ['192.0.2.2'],
      targets: [{ seen: 'down', reason: 'connection refused' }],
    });
  });

  it('is told apart by server, name, type and client; names as DNS compares them', () => {
    const history = open();
    history.record(judged('192.0.2.1'), NOON_MS);
    for (const other of [{ server: 'ns2' }, { name: 'www.acme.test.' }, { type: 'AAAA' }, { client: 'us' }]) {
      expect(history.answerAt({ ...KEY, ...other }, NOON_MS)).toBeUndefined();
    }
    expect(history.answerAt({ ...KEY, name: 'API.acme.test.' }, NOON_MS)?.text).toBe('192.0.2.1');
  });

  it('says when no agent was watching', () => {
    const first = open({ nowMs: () => NOON_MS });
    first.record(judged('192.0.2.1'), NOON_MS);
    first.close();
    const second = open({ nowMs: () => NOON_MS + HOUR_MS });
    expect(second.answerAt(KEY, NOON_MS)).toMatchObject({ wasWatched: true });
    expect(second.answerAt(KEY, NOON_MS + MINUTE_MS)).toMatchObject({ text: '192.0.2.1', wasWatched: false });
    expect(second.answerAt(KEY, NOON_MS + HOUR_MS)).toMatchObject({ wasWatched: true });
  });
});

describe('the changes around a moment', () => {
  it('are those of the answer, its targets, its server and the source, oldest first', () => {
    const history = open();
    history.record(judged('192.0.2.1'), NOON_MS - HOUR_MS);
    const events: AgentEvent[] = [
      target('down'),
      target('down', OTHER_CHECK),
      judged('192.0.2.2'),
      judged('192.0.2.7', { client: 'us' }),
      { kind: 'server down', server: 'ns1', reason: 'no answer' },
      { kind: 'server down', server: 'ns2', reason: 'no answer' },
      { kind: 'source failed', server: 'ns1', code: 'E_API', message: 'refused' },
      { kind: 'serials changed', server: 'ns1', serials: [{ zone: 'acme.test.', serial: 7 }] },
      { kind: 'server restarted', server: 'ns1' },
      { kind: 'server restarted', server: 'ns1' },
    ];
    for (const [i, event] of events.entries()) history.record(event, NOON_MS + i);
    const around = history.around(KEY, NOON_MS - MINUTE_MS, NOON_MS + MINUTE_MS);
    expect(around.map(({ atMs, kind }) => [atMs - NOON_MS, kind])).toEqual([
      [0, 'target'],
      [2, 'answer'],
      [4, 'server'],
      [6, 'source'],
      [7, 'serials'],
      [8, 'server'],
      [9, 'server'],
    ]);
    expect(history.around(KEY, NOON_MS + 3, NOON_MS + 4)).toHaveLength(1);
  });

  it('leave out what is as it was before', () => {
    const history = open();
    for (let i = 0; i < 5; i++) history.record(judged('192.0.2.1'), NOON_MS + i);
    history.record(judged('192.0.2.1', { reason: 'for another reason' }), NOON_MS + 9);
    expect(history.around(KEY, NOON_MS, NOON_MS + MINUTE_MS).map(({ atMs }) => atMs - NOON_MS)).toEqual([0, 9]);
  });
});

describe('an answer that rotates', () => {
  it('costs a few rows, says how many changes they stand for, and ends with the last answer', () => {
    let nowMs = NOON_MS;
    const history = open({ nowMs: () => nowMs });
    const changes = 720;
    for (let i = 0; i < changes; i++) {
      nowMs = NOON_MS + i * 5000;
      history.record(
        judged(i % 2 === 0 ? '192.0.2.1' : '192.0.2.2', { admissible: ['192.0.2.1', '192.0.2.2'] }),
        nowMs,
      );
    }
    expect(history.answerAt(KEY, nowMs)?.skippedAfter).toBeGreaterThan(0);
    nowMs += 2 * MINUTE_MS;
    const kept = history.around(KEY, NOON_MS, nowMs);
    expect(kept.length).toBeLessThan(70);
    expect(kept.reduce((sum, { skipped }) => sum + skipped + 1, 0)).toBe(changes);
    expect(history.answerAt(KEY, nowMs)).toMatchObject({ text: '192.0.2.2', skippedAfter: 0 });
  });
});

describe('drifts', () => {
  it('are kept with their diagnosis, resolved and open ones', () => {
    const history = open();
    history.record(openDrift('1', NOON_MS - HOUR_MS + 0.25), NOON_MS - HOUR_MS);
    history.record({ kind: 'drift resolved', drift: drift('1', NOON_MS - HOUR_MS, NOON_MS - 30 * MINUTE_MS) }, NOON_MS);
    history.record(openDrift('2', NOON_MS - 10 * MINUTE_MS), NOON_MS);
    expect(history.drifts(NOON_MS - 40 * MINUTE_MS)).toMatchObject([
      { id: '1-2', resolvedAtMs: undefined, wasLeftOpen: false },
      {
        ...KEY,
        id: '1-1',
        class: 'answer',
        sinceMs: NOON_MS - HOUR_MS,
        resolvedAtMs: NOON_MS - 30 * MINUTE_MS,
        observed: { '192.0.2.2': 3 },
        diagnosis: [{ assumption: 'ECS is ignored', explains: true }],
      },
    ]);
    expect(history.drifts(NOON_MS).map(({ id }) => id)).toEqual(['1-2']);
  });

  it('that were open when the agent ended are told from those that are open', () => {
    const first = open();
    first.record(openDrift('1', NOON_MS - MINUTE_MS), NOON_MS);
    first.close();
    const second = open({ nowMs: () => NOON_MS + HOUR_MS });
    second.record(openDrift('1', NOON_MS + HOUR_MS), NOON_MS + HOUR_MS);
    expect(second.drifts(NOON_MS - MINUTE_MS)).toMatchObject([
      { id: '2-1', wasLeftOpen: false },
      { id: '1-1', wasLeftOpen: true, resolvedAtMs: undefined },
    ]);
    expect(second.drifts(NOON_MS + MINUTE_MS).map(({ id }) => id)).toEqual(['2-1']);
  });
});

describe('a history file', () => {
  it('survives a restart', () => {
    const first = open();
    first.record(judged('192.0.2.1'), NOON_MS);
    first.close();
    expect(open().answerAt(KEY, NOON_MS)?.text).toBe('192.0.2.1');
  });

  it('survives an agent that is killed in the middle of its writes', () => {
    const script = `
      import { History } from ${JSON.stringify(new URL('./history.ts', import.meta.url).href)};
      const history = History.open({ path: process.argv[1], keepMs: 86400000 });
      for (let i = 0; ; i++) {
        history.record({ kind: 'answer judged', server: 'ns1', name: i + '.acme.test.', type: 'A', client: 'eu',
          text: String(i), verdict: 'match', reason: '', admissible: [], checks: [] }, Date.now());
        if (i === 5000) process.kill(process.pid, 'SIGKILL');
      }`;
    expect(() =>
      execFileSync(process.execPath, ['--input-type=module', '-e', script, path], { stdio: 'ignore' }),
    ).toThrow();
    const history = open({ nowMs: Date.now });
    expect(history.answerAt({ ...KEY, name: '0.acme.test.' }, Date.now())?.text).toBe('0');
    expect(rows('changes')).toBeGreaterThanOrEqual(5000);
    history.record(judged('192.0.2.1'), Date.now());
    expect(history.answerAt(KEY, Date.now())?.text).toBe('192.0.2.1');
  });

  it('serves an agent and the one that takes its place, as a reload has both for a moment', () => {
    const old = open();
    old.record(judged('192.0.2.1'), NOON_MS);
    const next = open();
    next.record(judged('192.0.2.2'), NOON_MS + 1);
    old.record(judged('192.0.2.3'), NOON_MS + 2);
    expect(next.answerAt(KEY, NOON_MS + 1)?.text).toBe('192.0.2.2');
    old.close();
    expect(next.answerAt(KEY, NOON_MS + 2)?.text).toBe('192.0.2.3');
  });

  it('can be read by others while it is written', () => {
    const history = open();
    history.record(judged('192.0.2.1'), NOON_MS);
    history.answerAt(KEY, NOON_MS);
    const reader = new DatabaseSync(path, { readOnly: true });
    const count = reader.prepare('SELECT count(*) AS count FROM changes');
    reader.exec('BEGIN');
    expect(count.get()).toEqual({ count: 1 });
    history.record(judged('192.0.2.2'), NOON_MS + 1);
    expect(history.answerAt(KEY, NOON_MS + 1)?.text).toBe('192.0.2.2');
    expect(count.get()).toEqual({ count: 1 });
    reader.exec('COMMIT');
    expect(count.get()).toEqual({ count: 2 });
    reader.close();
  });

  it('forgets what is older than it shall keep, but not what still holds', () => {
    let nowMs = NOON_MS;
    const history = open({ keepMs: HOUR_MS, nowMs: () => nowMs });
    history.record(judged('192.0.2.1'), NOON_MS);
    history.record(judged('192.0.2.2'), NOON_MS + 1);
    history.record(openDrift('1', NOON_MS), NOON_MS);
    history.record({ kind: 'drift resolved', drift: drift('1', NOON_MS, NOON_MS + 1) }, NOON_MS + 1);
    nowMs = NOON_MS + 3 * HOUR_MS;
    expect(history.answerAt(KEY, NOON_MS)).toBeUndefined();
    expect(history.answerAt(KEY, nowMs)).toMatchObject({ text: '192.0.2.2', atMs: NOON_MS + 1 });
    expect(history.drifts(0)).toEqual([]);
  });

  it('forgets in the end what an earlier run knew of things that are gone', () => {
    const first = open({ keepMs: HOUR_MS });
    first.record(judged('192.0.2.1'), NOON_MS);
    first.close();
    const second = open({ keepMs: HOUR_MS, nowMs: () => NOON_MS + 3 * HOUR_MS });
    second.drifts(0);
    expect([rows('changes'), rows('series'), rows('runs')]).toEqual([0, 0, 1]);
  });

  it('stays within its size whatever happens', () => {
    let nowMs = NOON_MS;
    const maxBytes = 4 * 1024 * 1024;
    const history = open({ maxBytes, nowMs: () => nowMs });
    for (let i = 0; i < 100_000; i++) {
      nowMs += 10;
      // Each thing has spent nothing yet of what it may write.
      history.record(judged(`${i}`, { name: `${i % 5000}.acme.test.` }), nowMs);
    }
    const last = history.answerAt({ ...KEY, name: '4999.acme.test.' }, nowMs);
    expect(last?.text).toBe('99999');
    // What was added since the last look, and what has to stay.
    expect(statSync(path).size).toBeLessThan(3 * maxBytes);
    expect(rows('changes')).toBeLessThan(50_000);
  });
});

describe('a file that cannot be a history', () => {
  it('is one that is no database; it is left as it is', () => {
    writeFileSync(path, 'this is a letter to a friend, longer than the header of a database would be\n'.repeat(20));
    const before = readFileSync(path);
    const error = errorOf(() => open());
    expect(error).toMatchObject({ code: 'E_HISTORY', exitCode: 3 });
    expect(error.describe()).toContain(path);
    expect(readFileSync(path)).toEqual(before);
  });

  it('is the database of another program; it is left as it is', () => {
    const other = new DatabaseSync(path);
    other.exec('CREATE TABLE people (name TEXT)');
    other.close();
    const before = readFileSync(path);
    expect(errorOf(() => open())).toMatchObject({
      code: 'E_HISTORY',
      message: expect.stringContaining('another program'),
    });
    expect(readFileSync(path)).toEqual(before);
  });

  it('is one of a newer release', () => {
    open().close();
    const db = new DatabaseSync(path);
    db.exec('PRAGMA user_version = 99');
    db.close();
    expect(errorOf(() => open())).toMatchObject({
      code: 'E_HISTORY',
      message: expect.stringMatching(/schema 99.*up to 1/),
    });
  });

  it('is a folder, or one in a folder that is not there', () => {
    expect(errorOf(() => open({ path: folder })).code).toBe('E_HISTORY');
    const missing = errorOf(() => open({ path: join(folder, 'missing', 'history.db') }));
    expect(missing).toMatchObject({ code: 'E_HISTORY', hint: expect.stringContaining('folder must exist') });
  });

  it('is one that was cut off', () => {
    const first = open();
    for (let i = 0; i < 2000; i++) first.record(judged(`${i}`, { name: `${i}.acme.test.` }), NOON_MS);
    first.close();
    truncateSync(path, Math.floor(statSync(path).size / 2 / 4096) * 4096);
    const step = () => {
      const history = open();
      for (let i = 0; i < 2000; i++) history.answerAt({ ...KEY, name: `${i}.acme.test.` }, NOON_MS);
    };
    expect(errorOf(step)).toMatchObject({ code: 'E_HISTORY', hint: expect.stringContaining('Move the file away') });
  });

  it('is one with rows that nobody of ours wrote', () => {
    const history = open();
    history.record(judged('192.0.2.1'), NOON_MS);
    history.answerAt(KEY, NOON_MS);
    const db = new DatabaseSync(path);
    db.exec(`UPDATE changes SET state = '{"kind":"answer"}'`);
    db.close();
    expect(errorOf(() => history.answerAt(KEY, NOON_MS))).toMatchObject({ code: 'E_HISTORY' });
  });
});

describe('a history that cannot be written', () => {
  it('says so once, keeps what happens, and writes it when it can', () => {
    const errors: UserError[] = [];
    let recoveries = 0;
    const history = open({ onError: (error) => errors.push(error), onRecovery: () => recoveries++ });
    const other = new DatabaseSync(path);
    other.exec('BEGIN IMMEDIATE');
    history.record(judged('192.0.2.1'), NOON_MS);
    // A short lock is nobody's fault.
    expect(history.answerAt(KEY, NOON_MS)).toBeUndefined();
    expect(errors).toEqual([]);
    for (let i = 0; i < 12; i++) history.answerAt(KEY, NOON_MS);
    expect(errors.map(({ code, hint }) => [code, hint])).toEqual([
      ['E_HISTORY', expect.stringContaining('Another process')],
    ]);
    other.exec('COMMIT');
    other.close();
    expect(history.answerAt(KEY, NOON_MS)?.text).toBe('192.0.2.1');
    expect(recoveries).toBe(1);
  });

  it('takes no more memory than it may, and keeps the newest', () => {
    const history = open({ onError: () => {} });
    const other = new DatabaseSync(path);
    other.exec('BEGIN IMMEDIATE');
    for (let i = 0; i < 50_000; i++) history.record(judged(`${i}`, { name: `${i}.acme.test.` }), NOON_MS);
    other.exec('COMMIT');
    other.close();
    expect(history.answerAt({ ...KEY, name: '49999.acme.test.' }, NOON_MS)?.text).toBe('49999');
    expect(rows('changes')).toBeLessThanOrEqual(20_000);
  });

  it('is quiet after it was closed', () => {
    const history = open();
    history.close();
    history.record(judged('192.0.2.1'), NOON_MS);
    history.close();
    expect(errorOf(() => history.answerAt(KEY, NOON_MS)).code).toBe('E_HISTORY');
  });
});
