/** The past as JSON: `/api/v1/explain?at=` and `/api/v1/drifts?since=`. */
import type { Agent } from './agent.ts';
import type { Drift } from './drifts.ts';
import type { History, HistoryEntry, StoredDrift } from './history.ts';
import type { CrossCheck } from './model.ts';
import type { WatchedServer } from './server.ts';
import { driftView } from './view.ts';

/** Changes so long before and after a moment are shown with it. */
const AROUND_MS = 600_000;

/** What one cross-check saw at a moment, what was possible then, and what changed around it. Throws `E_HISTORY`. */
export function pastView(history: History, server: WatchedServer, { watched, client }: CrossCheck, atMs: number) {
  const key = { server: server.config.name, name: watched.owner, type: watched.type, client };
  const then = history.answerAt(key, atMs);
  const [fromMs, toMs] = [atMs - AROUND_MS, atMs + AROUND_MS];
  return {
    ...key,
    zone: watched.zone,
    at: isoTime(atMs),
    verdict: then?.verdict ?? null,
    reason: then?.reason ?? 'nothing is known of that time',
    observed: then?.text ?? null,
    since: then === undefined ? null : isoTime(then.atMs),
    wasWatched: then?.wasWatched ?? false,
    admissible: then?.admissible ?? [],
    admissibleCount: then?.admissibleCount ?? 0,
    skippedAfter: then?.skippedAfter ?? 0,
    targets: (then?.targets ?? []).map(({ check, target, seen, reason, atMs: sinceMs }) => ({
      check,
      target,
      seen,
      reason,
      since: isoTime(sinceMs),
    })),
    changes: history.around(key, fromMs, toMs).map(entryView),
    drifts: history
      .drifts(fromMs)
      .filter((drift) => drift.sinceMs <= toMs && isSameAnswer(drift, key))
      .map(storedDriftView),
  };
}

/** Every drift that was open at `sinceMs` or later: those that this agent knows, and older ones of the history. */
export function driftsSince(agent: Agent, sinceMs: number) {
  const known = agent.book.all();
  const keys = new Set(known.map(occurrence));
  const past = (agent.history?.drifts(sinceMs) ?? []).filter((drift) => !keys.has(occurrence(drift)));
  const recent = known.filter(({ resolvedAtMs }) => resolvedAtMs === undefined || resolvedAtMs >= sinceMs);
  return [...recent.map((drift) => driftView(agent, drift)), ...past.map(storedDriftView)];
}

/** The JSON of a drift of now; what was possible then is in its message, and in the explanation of its time. */
function storedDriftView(drift: StoredDrift) {
  const { id, server, name, type, client, message, observed, diagnosis } = drift;
  return {
    id,
    class: drift.class,
    server,
    name,
    type,
    client,
    since: isoTime(drift.sinceMs),
    lastSeen: isoTime(drift.lastSeenMs),
    resolvedAt: drift.resolvedAtMs === undefined ? null : isoTime(drift.resolvedAtMs),
    wasLeftOpen: drift.wasLeftOpen,
    message,
    observed,
    admissible: [],
    diagnosis,
  };
}

function entryView({ atMs, ...entry }: HistoryEntry) {
  return { at: isoTime(atMs), ...entry };
}

type AnswerOf = Pick<Drift, 'server' | 'name' | 'type' | 'client'>;

function isSameAnswer(one: AnswerOf, other: AnswerOf): boolean {
  return (
    one.server === other.server &&
    one.name.toLowerCase() === other.name.toLowerCase() &&
    one.type === other.type &&
    one.client === other.client
  );
}

/** The same drift has another id in the history. */
function occurrence({ server, name, type, client, class: driftClass, sinceMs }: Drift | StoredDrift): string {
  return JSON.stringify([server, name, type, client, driftClass, Math.round(sinceMs)]);
}

function isoTime(ms: number): string {
  return new Date(ms).toISOString();
}
