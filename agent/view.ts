/** The agent's state as JSON: what `/api/v1/…` answers and `check` prints. Keys are camelCase with units. */
import { answerTexts } from '../simulator/answer/outcome.ts';
import type { Check } from '../simulator/health/check.ts';
import type { CheckStatus } from '../simulator/health/status.ts';
import { realClock } from '../wire/real-clock.ts';
import type { Agent } from './agent.ts';
import { formatEndpoint } from './config.ts';
import type { Drift } from './drifts.ts';
import type { CrossCheck } from './model.ts';
import { describeOutcome } from './outcome-text.ts';
import { predictionView } from './prediction-view.ts';
import type { WatchedServer } from './server.ts';

export function stateView(agent: Agent) {
  return {
    version: agent.version,
    geoipProblem: agent.geoipProblem?.describe() ?? null,
    servers: agent.servers.map(serverView),
    records: agent.servers.flatMap((server) =>
      (server.content?.crossChecks ?? []).map((crossCheck) => crossCheckView(server, crossCheck)),
    ),
    checks: checksView(agent),
    drifts: agent.book.open().map((drift) => driftView(agent, drift)),
    suspects: agent.book.pending().map(({ key, message, sinceMicros }) => ({
      ...key,
      message,
      forSeconds: round((realClock.now() - sinceMicros) / 1e6),
    })),
  };
}

export function serverView(server: WatchedServer) {
  const { content } = server;
  return {
    name: server.config.name,
    address: formatEndpoint(server.config.address),
    up: server.isUp ?? null,
    profile: server.knownLine ?? null,
    source: server.source.description,
    sourceProblem: server.sourceProblem?.describe() ?? null,
    sourceReadAt: server.sourceReadAtMs === undefined ? null : new Date(server.sourceReadAtMs).toISOString(),
    unreadZones: server.unreadZones,
    zones: content?.reading.zones.map((zone) => zone.name) ?? [],
    serials: Object.fromEntries(server.serials),
    checkIntervalSeconds: content?.settings.checkIntervalSeconds ?? null,
    sweeps: server.sweeps,
    queryBudgetRatio: round(server.budgetRatio),
    warnings: content?.reading.warnings ?? [],
  };
}

export function crossCheckView(server: WatchedServer, crossCheck: CrossCheck) {
  const { watched, client, withheld, warnings } = crossCheck;
  const observation = server.observation(crossCheck);
  const bounds = server.detectionBounds(crossCheck);
  return {
    server: server.config.name,
    zone: watched.zone,
    name: watched.owner,
    type: watched.type,
    client,
    code: watched.records.map((record) => record.text),
    verdict: withheld !== undefined ? 'inconclusive' : (observation?.judgement.verdict ?? 'waiting'),
    reason: withheld?.message ?? observation?.judgement.reason ?? 'not asked yet',
    observed: observation?.text ?? null,
    observedAt: observation === undefined ? null : new Date(observation.atMs).toISOString(),
    admissible: [
      ...new Set((observation?.judgement.admissible ?? []).map((outcome) => describeOutcome(outcome, watched.type))),
    ],
    recent: shareOf((observation?.recent ?? []).map(({ text }) => text)),
    cold: server.isCold(crossCheck),
    detectionBoundSeconds: {
      impossible: round(bounds.impossibleSeconds),
      belief: Number.isFinite(bounds.beliefSeconds) ? round(bounds.beliefSeconds) : null,
      content: round(bounds.contentSeconds),
      unreachable: round(bounds.unreachableSeconds),
    },
    warnings,
  };
}

/** The checks of all servers, each once, with what is seen of the target and what the servers may believe. */
export function checksView(agent: Agent) {
  const seen = new Set<string>();
  return agent.servers.flatMap((server) =>
    (server.content?.checks ?? []).flatMap((check) => {
      const key = `${server.config.name} ${check.id}`;
      if (seen.has(key)) return [];
      seen.add(key);
      return [checkView(server, check)];
    }),
  );
}

export function checkView(server: WatchedServer, check: Check) {
  const evidence = server.evidence(check) ?? [];
  const last = evidence.at(-1);
  return {
    server: server.config.name,
    id: check.id,
    kind: check.kind,
    target: check.target,
    url: check.url,
    options: check.options,
    seen: last === undefined ? 'unknown' : last.up ? 'up' : 'down',
    reason: last?.reason ?? null,
    probesInARow: last?.probes ?? 0,
    forSeconds: last === undefined ? null : round((realClock.now() - last.firstEndedAt) / 1e6),
    serverMayBelieve: server.fitting(check).map(statusText),
  };
}

export function driftView(agent: Agent, drift: Drift) {
  const server = agent.servers.find(({ config }) => config.name === drift.server);
  const crossCheck = server?.content?.crossChecks.find(
    ({ watched, client }) => watched.owner === drift.name && watched.type === drift.type && client === drift.client,
  );
  const observation = crossCheck === undefined ? undefined : server?.observation(crossCheck);
  return {
    id: drift.id,
    class: drift.class,
    server: drift.server,
    name: drift.name,
    type: drift.type,
    client: drift.client,
    since: new Date(drift.sinceMs).toISOString(),
    lastSeen: new Date(drift.lastSeenMs).toISOString(),
    resolvedAt: drift.resolvedAtMs === undefined ? null : new Date(drift.resolvedAtMs).toISOString(),
    message: drift.message,
    observed: Object.fromEntries(drift.observed),
    admissible: (observation?.judgement.admissible ?? []).map(({ rcode, answers }) => ({
      rcode,
      answers: answerTexts({ answers }, drift.type),
    })),
    diagnosis: server?.diagnosis(drift.id) ?? [],
  };
}

/** Why the answer to one cross-check should be what it should be. `withChanges`: also what would change it, which takes longer. */
export function explainView(agent: Agent, server: WatchedServer, crossCheck: CrossCheck, withChanges: boolean) {
  const prediction = server.prediction(crossCheck);
  return {
    ...crossCheckView(server, crossCheck),
    prediction:
      prediction === undefined
        ? null
        : predictionView(
            prediction,
            crossCheck.question,
            server.content?.profile.line ?? '',
            withChanges ? server.changes(crossCheck, prediction) : undefined,
          ),
    checks: crossCheck.checks.map((check) => checkView(server, check)),
    drifts: agent.book
      .all()
      .filter(
        (drift) =>
          drift.server === server.config.name &&
          drift.name === crossCheck.watched.owner &&
          drift.type === crossCheck.watched.type &&
          drift.client === crossCheck.client,
      )
      .map((drift) => driftView(agent, drift)),
  };
}

function statusText(status: CheckStatus): string {
  return status.kind === 'up' && status.weight > 0 ? `up with weight ${status.weight}` : status.kind;
}

function shareOf(texts: readonly string[]): Record<string, number> {
  const counts: Record<string, number> = {};
  for (const text of texts) counts[text] = (counts[text] ?? 0) + 1;
  return counts;
}

function round(value: number): number {
  return Math.round(value * 1000) / 1000;
}
