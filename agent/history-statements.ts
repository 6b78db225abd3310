/** The SQL of the history. */
import type { DatabaseSync } from 'node:sqlite';
import type { Series } from './history-entry.ts';

export type Statements = ReturnType<typeof prepareStatements>;

const MAX_DRIFTS = 1000;
const OF_SERIES = '(SELECT id FROM series WHERE kind = ? AND server = ? AND name = ? AND type = ? AND client = ?)';

export function prepareStatements(db: DatabaseSync) {
  return {
    startRun: db.prepare('INSERT INTO runs (started_ms, last_ms) VALUES (?, ?)'),
    forget: db.prepare('UPDATE series SET run = 0 WHERE id = ?'),
    sayAlive: db.prepare('UPDATE runs SET last_ms = ? WHERE id = ?'),
    runAt: db.prepare('SELECT id FROM runs WHERE started_ms <= ? AND (last_ms >= ? OR id = ?) LIMIT 1'),
    addSeries: db.prepare(
      `INSERT INTO series (kind, server, name, type, client, run) VALUES (?, ?, ?, ?, ?, ?)
       ON CONFLICT DO UPDATE SET run = excluded.run RETURNING id`,
    ),
    addChange: db.prepare('INSERT INTO changes (series, at_ms, skipped, state) VALUES (?, ?, ?, ?)'),
    openDrift: db.prepare(
      `INSERT INTO drifts (run, drift, server, name, type, client, class, since_ms, last_seen_ms, details)
       VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT DO NOTHING`,
    ),
    resolveDrift: db.prepare(
      `UPDATE drifts SET last_seen_ms = ?, resolved_ms = ?, details = json_patch(details, ?) WHERE run = ? AND drift = ?`,
    ),
    at: db.prepare(
      `SELECT at_ms, skipped, state FROM changes WHERE series = ${OF_SERIES} AND at_ms <= ? ORDER BY at_ms DESC, id DESC LIMIT 1`,
    ),
    skippedAfter: db.prepare(
      `SELECT skipped FROM changes WHERE series = ${OF_SERIES} AND at_ms > ? ORDER BY at_ms, id LIMIT 1`,
    ),
    between: db.prepare(
      `SELECT * FROM (SELECT id, at_ms, skipped, state FROM changes WHERE series = ${OF_SERIES} AND at_ms >= ? AND at_ms <= ?
       ORDER BY at_ms DESC, id DESC LIMIT ?) ORDER BY at_ms, id`,
    ),
    drifts: db.prepare(
      `SELECT drifts.*, runs.last_ms AS run_last_ms FROM drifts JOIN runs ON runs.id = drifts.run
       WHERE coalesce(resolved_ms, max(drifts.last_seen_ms, runs.last_ms)) >= ? OR (resolved_ms IS NULL AND drifts.run = ?)
       ORDER BY since_ms DESC, drifts.id DESC LIMIT ${MAX_DRIFTS}`,
    ),
    // What a series of this run came to last before the horizon still holds.
    pruneChanges: db.prepare(
      `DELETE FROM changes WHERE id IN (
         SELECT old.id FROM changes AS old JOIN series ON series.id = old.series
         WHERE old.at_ms < ? AND (series.run <> ? OR EXISTS (
           SELECT 1 FROM changes AS new WHERE new.series = old.series AND new.at_ms < ? AND (new.at_ms, new.id) > (old.at_ms, old.id)))
         ORDER BY old.at_ms, old.id LIMIT ?)`,
    ),
    pruneDrifts: db.prepare(
      `DELETE FROM drifts WHERE id IN (
         SELECT id FROM drifts WHERE coalesce(resolved_ms, last_seen_ms) < ? AND (resolved_ms IS NOT NULL OR run <> ?)
         ORDER BY id LIMIT ?)`,
    ),
    pruneRuns: db.prepare(
      'DELETE FROM runs WHERE last_ms < ? AND id <> ? AND NOT EXISTS (SELECT 1 FROM drifts WHERE drifts.run = runs.id)',
    ),
    pruneSeries: db.prepare(
      'DELETE FROM series WHERE run <> ? AND NOT EXISTS (SELECT 1 FROM changes WHERE changes.series = series.id)',
    ),
  };
}

/** The values that `OF_SERIES` asks for. */
export function keyValues({ kind, server, name, type, client }: Series): [string, string, string, string, string] {
  return [kind, server, name, type, client];
}
