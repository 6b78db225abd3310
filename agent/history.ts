/**
 * What the agent saw, kept in a SQLite file: every change of an answer, a target, a server and a source, and every drift.
 * Writes wait for at most a second and then go together, so that the file system is not in the way of the questions.
 */
import type { DatabaseSync } from 'node:sqlite';
import { UserError } from '../input/errors.ts';
import type { Diagnosis } from './diagnose.ts';
import type { Drift } from './drifts.ts';
import type { AgentEvent } from './events.ts';
import { observedCounts, type StoredDrift, storedDrift } from './history-drift.ts';
import {
  type AnswerKey,
  type AnswerState,
  answerSeries,
  changeOf,
  type HistoryState,
  type Series,
  seriesText,
  serverSeries,
  short,
  storedState,
  type TargetState,
  targetSeries,
} from './history-entry.ts';
import { historyStep, isLocked, openHistoryFile, pragma } from './history-file.ts';
import { lockHistory } from './history-lock.ts';
import { type Row, SeriesBudget } from './history-series.ts';
import { keyValues, prepareStatements, type Statements } from './history-statements.ts';

export interface HistoryOptions {
  readonly path: string;
  /** Older changes are deleted, but for the one that still holds. */
  readonly keepMs: number;
  /** Beyond this size the oldest changes are deleted, however young they are. */
  readonly maxBytes?: number;
  /** Told when writing begins to fail; what could not be written is tried again. */
  readonly onError?: (error: UserError) => void;
  /** Told when writing works again after an error. */
  readonly onRecovery?: () => void;
  /** The wall clock. */
  readonly nowMs?: () => number;
}

export type { StoredDrift } from './history-drift.ts';

/** A change: what is so since `atMs`. `skipped`: changes between the one before and this one that were not kept. */
export type HistoryEntry = HistoryState & { readonly atMs: number; readonly skipped: number };

/** What was so at one moment. */
export interface AnswerThen extends AnswerState {
  /** Since when. */
  readonly atMs: number;
  readonly skipped: number;
  /** Was an agent watching at that moment? If not, this is the last that was seen before. */
  readonly wasWatched: boolean;
  /** Changes between this one and the next kept one that were not kept: the answer then was this or another. */
  readonly skippedAfter: number;
  /** The targets of the record as seen then. */
  readonly targets: readonly (TargetState & { readonly atMs: number })[];
}

const DEFAULT_MAX_BYTES = 512 * 1024 * 1024;
const WRITE_EVERY_MS = 1000;
const SAY_ALIVE_EVERY_MS = 10_000;
const PRUNE_EVERY_MS = 60_000;
const PRUNE_ROWS = 2000;
const PRUNE_AFTER_ROWS = 2000;
/** Changes that wait for no second. */
const BATCH = 1000;
/** What is kept for later while the file cannot be written. */
const MAX_WAITING = 20_000;
const LOCKED_TIMES_UNTIL_ERROR = 10;
const MAX_SERIES = 100_000;
const MAX_ENTRIES = 1000;

type Waiting =
  | { readonly kind: 'change'; readonly series: Series; readonly row: Row }
  | { readonly kind: 'opened'; readonly drift: Drift; readonly diagnosis: readonly Diagnosis[] }
  | { readonly kind: 'resolved'; readonly drift: Drift }
  | { readonly kind: 'forgotten'; readonly id: number };

export class History {
  readonly #path: string;
  readonly #keepMs: number;
  readonly #maxBytes: number;
  readonly #onError: (error: UserError) => void;
  readonly #onRecovery: () => void;
  readonly #nowMs: () => number;
  readonly #db: DatabaseSync;
  readonly #unlock: () => void;
  readonly #statements: Statements;
  readonly #run: number;
  readonly #timer: NodeJS.Timeout;
  readonly #series = new Map<string, { readonly series: Series; readonly budget: SeriesBudget; id?: number }>();
  readonly #holding = new Set<string>();
  #waiting: Waiting[] = [];
  /** Failed writes in a row. */
  #failures = 0;
  #isTold = false;
  #aliveMs: number;
  #prunedMs = Number.NEGATIVE_INFINITY;
  #rowsSincePrune = 0;
  #isClosed = false;

  private constructor(options: HistoryOptions, db: DatabaseSync, unlock: () => void) {
    this.#unlock = unlock;
    this.#path = options.path;
    this.#keepMs = options.keepMs;
    this.#maxBytes = options.maxBytes ?? DEFAULT_MAX_BYTES;
    this.#onError = options.onError ?? (() => {});
    this.#onRecovery = options.onRecovery ?? (() => {});
    this.#nowMs = options.nowMs ?? Date.now;
    this.#db = db;
    this.#statements = prepareStatements(db);
    this.#aliveMs = this.#nowMs();
    this.#run = Number(this.#statements.startRun.run(this.#aliveMs, this.#aliveMs).lastInsertRowid);
    this.#timer = setInterval(() => this.#write(), WRITE_EVERY_MS).unref();
  }

  /**
   * Opens a history and makes the file where there is none. Throws `UserError` `E_HISTORY` where the file cannot be
   * had, is not a history, is damaged, was written by a newer release, or is being written by another process.
   */
  static open(options: HistoryOptions): History {
    const db = openHistoryFile(options.path);
    let unlock: (() => void) | undefined;
    try {
      const release = lockHistory(options.path);
      unlock = release;
      return historyStep(options.path, 'cannot be used', () => new History(options, db, release));
    } catch (error) {
      unlock?.();
      db.close();
      throw error;
    }
  }

  /** Remembers what changes by an event that happened at `wallMs`. Never throws. */
  record(event: AgentEvent, wallMs: number): void {
    if (this.#isClosed) return;
    if (event.kind === 'drift opened')
      this.#enqueue({ kind: 'opened', drift: event.drift, diagnosis: event.diagnosis });
    else if (event.kind === 'drift resolved') this.#enqueue({ kind: 'resolved', drift: event.drift });
    else {
      const change = changeOf(event);
      if (change === undefined) return;
      const key = seriesText(change.series);
      const { budget } = this.#remember(key, change.series, wallMs);
      const row = budget.change(JSON.stringify(change.state), Math.round(wallMs), change.recurs);
      if (budget.isHolding) this.#holding.add(key);
      if (row !== undefined) this.#enqueue({ kind: 'change', series: change.series, row });
    }
  }

  /** What was answered and possible at a moment; undefined where nothing is known of it. Throws `E_HISTORY`. */
  answerAt(key: AnswerKey, wallMs: number): AnswerThen | undefined {
    return this.#read(() => {
      const series = answerSeries(key);
      const entry = this.#at(series, wallMs);
      if (entry?.kind !== 'answer') return undefined;
      const next = this.#statements.skippedAfter.get(...keyValues(series), wallMs);
      const skippedAfter = next === undefined ? this.#unwritten(series) : Number(next.skipped);
      const targets = entry.checks.flatMap((id) => {
        const seen = this.#at(targetSeries(id), wallMs);
        return seen?.kind === 'target' ? [seen] : [];
      });
      return { ...entry, skippedAfter, targets, wasWatched: this.#wasWatched(wallMs) };
    });
  }

  /**
   * The changes from `fromMs` to `toMs`, oldest first, that bear on an answer: its own, those of its targets, and those of
   * the server and its source; of very many the last. Throws `E_HISTORY`.
   */
  around(key: AnswerKey, fromMs: number, toMs: number): readonly HistoryEntry[] {
    return this.#read(() => {
      const own = answerSeries(key);
      const before = this.#at(own, fromMs);
      const answers = this.#between(own, fromMs, toMs);
      const checks = new Set([...(before === undefined ? [] : [before]), ...answers].flatMap(checksOf));
      const others = [...serverSeries(key.server), ...[...checks].map(targetSeries)];
      const entries = [...answers, ...others.flatMap((series) => this.#between(series, fromMs, toMs))];
      return entries.sort((a, b) => a.atMs - b.atMs).slice(-MAX_ENTRIES);
    });
  }

  /** Every drift that was open at `sinceMs` or later, newest first. Throws `E_HISTORY`. */
  drifts(sinceMs: number): readonly StoredDrift[] {
    return this.#read(() => this.#statements.drifts.all(sinceMs, this.#run).map((row) => storedDrift(row, this.#run)));
  }

  /** Writes what waits and lets go of the file. Never throws. */
  close(): void {
    if (this.#isClosed) return;
    clearInterval(this.#timer);
    for (const key of this.#holding) this.#releaseHeld(key, (budget) => budget.release());
    this.#aliveMs = Number.NEGATIVE_INFINITY;
    this.#write();
    this.#isClosed = true;
    this.#db.close();
    this.#unlock();
  }

  // ---- writing

  #remember(key: string, series: Series, wallMs: number) {
    const known = this.#series.get(key);
    if (known !== undefined) return known;
    const fresh = { series, budget: new SeriesBudget(wallMs) };
    this.#series.set(key, fresh);
    if (this.#series.size > MAX_SERIES) this.#forgetOldest();
    return fresh;
  }

  #forgetOldest(): void {
    const [oldest] = this.#series.keys();
    const id = oldest === undefined ? undefined : this.#series.get(oldest)?.id;
    if (oldest === undefined) return;
    this.#releaseHeld(oldest, (budget) => budget.release());
    this.#series.delete(oldest);
    if (id !== undefined) this.#enqueue({ kind: 'forgotten', id });
  }

  #releaseHeld(key: string, take: (budget: SeriesBudget) => Row | undefined): void {
    const known = this.#series.get(key);
    const row = known === undefined ? undefined : take(known.budget);
    if (known === undefined || !known.budget.isHolding) this.#holding.delete(key);
    if (known !== undefined && row !== undefined) this.#waiting.push({ kind: 'change', series: known.series, row });
  }

  #enqueue(waiting: Waiting): void {
    this.#waiting.push(waiting);
    if (this.#waiting.length > MAX_WAITING) this.#waiting = this.#waiting.slice(-MAX_WAITING / 2);
    // While the file cannot be written, only the timer tries.
    if (this.#waiting.length >= BATCH && this.#failures === 0) this.#write();
  }

  #write(): void {
    const nowMs = this.#nowMs();
    for (const key of [...this.#holding]) this.#releaseHeld(key, (budget) => budget.due(nowMs));
    const batch = this.#waiting;
    try {
      historyStep(this.#path, 'cannot be written', () => this.#writeBatch(batch, nowMs));
      this.#waiting = [];
    } catch (error) {
      if (!(error instanceof UserError)) throw error;
      this.#failed(error);
      return;
    }
    this.#failures = 0;
    if (this.#isTold) this.#onRecovery();
    this.#isTold = false;
  }

  #failed(error: UserError): void {
    this.#failures++;
    if (this.#isTold || (isLocked(error) && this.#failures < LOCKED_TIMES_UNTIL_ERROR)) return;
    this.#isTold = true;
    this.#onError(error);
  }

  #writeBatch(batch: readonly Waiting[], nowMs: number): void {
    const mustSayAlive = nowMs - this.#aliveMs >= SAY_ALIVE_EVERY_MS;
    const mustPrune = nowMs - this.#prunedMs >= PRUNE_EVERY_MS || this.#rowsSincePrune >= PRUNE_AFTER_ROWS;
    if (batch.length === 0 && !mustSayAlive && !mustPrune) return;
    let isPruned = false;
    this.#transaction(() => {
      for (const waiting of batch) this.#writeOne(waiting);
      this.#statements.sayAlive.run(nowMs, this.#run);
      if (mustPrune) isPruned = this.#prune(nowMs);
    });
    this.#aliveMs = nowMs;
    this.#rowsSincePrune += batch.length;
    if (!mustPrune) return;
    this.#prunedMs = isPruned ? nowMs : Number.NEGATIVE_INFINITY;
    this.#rowsSincePrune = 0;
    this.#db.exec(`PRAGMA incremental_vacuum(${PRUNE_ROWS})`);
  }

  #transaction(step: () => void): void {
    this.#db.exec('BEGIN IMMEDIATE');
    try {
      step();
      this.#db.exec('COMMIT');
    } catch (error) {
      // What was rolled back may have made series; their ids are looked up again.
      for (const known of this.#series.values()) delete known.id;
      if (this.#db.isTransaction) this.#db.exec('ROLLBACK');
      throw error;
    }
  }

  #writeOne(waiting: Waiting): void {
    if (waiting.kind === 'change') {
      const { state, atMs, skipped } = waiting.row;
      this.#statements.addChange.run(this.#seriesId(waiting.series), atMs, skipped, state);
      return;
    }
    if (waiting.kind === 'forgotten') {
      this.#statements.forget.run(waiting.id);
      return;
    }
    const { drift } = waiting;
    const observed = observedCounts(drift);
    const lastSeenMs = Math.round(drift.lastSeenMs);
    if (waiting.kind === 'resolved') {
      const resolvedMs = drift.resolvedAtMs === undefined ? null : Math.round(drift.resolvedAtMs);
      const details = JSON.stringify({ message: short(drift.message), observed });
      this.#statements.resolveDrift.run(lastSeenMs, resolvedMs, details, this.#run, drift.id);
      return;
    }
    const { server, name, type, client, class: driftClass, sinceMs } = drift;
    const key = [this.#run, drift.id, server, name, type, client, driftClass, Math.round(sinceMs), lastSeenMs];
    const details = JSON.stringify({ message: short(drift.message), observed, diagnosis: waiting.diagnosis });
    this.#statements.openDrift.run(...key, details);
  }

  #seriesId(series: Series): number {
    const known = this.#series.get(seriesText(series));
    const id = known?.id ?? Number(this.#statements.addSeries.get(...keyValues(series), this.#run)?.id);
    if (known !== undefined) known.id = id;
    return id;
  }

  /** Deletes some of what is too old or too much. Is that all? */
  #prune(nowMs: number): boolean {
    const horizonMs = nowMs - this.#keepMs;
    const { pruneChanges, pruneDrifts, pruneRuns, pruneSeries } = this.#statements;
    const { changes } = pruneChanges.run(horizonMs, this.#run, horizonMs, PRUNE_ROWS);
    const usedPages = pragma(this.#db, 'page_count') - pragma(this.#db, 'freelist_count');
    const isTooLarge = usedPages * pragma(this.#db, 'page_size') > this.#maxBytes;
    if (isTooLarge) pruneChanges.run(Number.MAX_SAFE_INTEGER, this.#run, Number.MAX_SAFE_INTEGER, PRUNE_ROWS * 2);
    pruneDrifts.run(isTooLarge ? Number.MAX_SAFE_INTEGER : horizonMs, this.#run, PRUNE_ROWS);
    pruneRuns.run(horizonMs, this.#run);
    pruneSeries.run(this.#run);
    return Number(changes) < PRUNE_ROWS;
  }

  // ---- reading

  #read<T>(step: () => T): T {
    if (this.#isClosed) throw new UserError('E_HISTORY', `the history ${this.#path} is closed`, { exitCode: 3 });
    this.#write();
    return historyStep(this.#path, 'cannot be read', step);
  }

  #at(series: Series, wallMs: number): HistoryEntry | undefined {
    const row = this.#statements.at.get(...keyValues(series), wallMs);
    return row === undefined ? undefined : historyEntry(row);
  }

  #between(series: Series, fromMs: number, toMs: number): HistoryEntry[] {
    return this.#statements.between.all(...keyValues(series), fromMs, toMs, MAX_ENTRIES).map(historyEntry);
  }

  #unwritten(series: Series): number {
    return this.#series.get(seriesText(series))?.budget.unwritten ?? 0;
  }

  #wasWatched(wallMs: number): boolean {
    return this.#statements.runAt.get(wallMs, wallMs, this.#run) !== undefined;
  }
}

function checksOf(entry: HistoryEntry): readonly string[] {
  return entry.kind === 'answer' ? entry.checks : [];
}

function historyEntry(row: Record<string, unknown>): HistoryEntry {
  const state = storedState.parse(JSON.parse(String(row.state)));
  return { ...state, atMs: Number(row.at_ms), skipped: Number(row.skipped) };
}
