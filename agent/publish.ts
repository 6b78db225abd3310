/** Sets the gauges from the agent's state, when Prometheus asks for them. */
import { answerTexts } from '../simulator/answer/outcome.ts';
import type { Check } from '../simulator/health/check.ts';
import { toNumber } from '../simulator/rational.ts';
import type { Agent } from './agent.ts';
import { compareServers } from './disagreement.ts';
import type { CrossCheck } from './model.ts';
import type { WatchedServer } from './server.ts';

const VANTAGE = 'local';

export function publishMetrics(agent: Agent): void {
  const { metrics, book } = agent;
  for (const name of RESET_BEFORE) metrics.reset(name);
  for (const server of agent.servers) {
    const labels = { server: server.config.name };
    if (server.isUp !== undefined) metrics.set('server_up', labels, server.isUp ? 1 : 0);
    publishSource(agent, server);
    metrics.set('query_budget_ratio', labels, server.budgetRatio);
    for (const [zone, serial] of server.serials) metrics.set('server_serial', { ...labels, zone }, serial);
    for (const crossCheck of server.content?.crossChecks ?? []) publishCrossCheck(agent, server, crossCheck);
  }
  metrics.set('geoip_last_load_successful', {}, agent.geoipProblem === undefined ? 1 : 0);
  publishFindings(agent);
  publishAgreement(agent);
  for (const { server, name, type, client, class: driftClass, resolvedAtMs, sinceMs } of book.all().toReversed()) {
    const labels = { server, name, type, client, class: driftClass };
    metrics.set('drift', labels, resolvedAtMs === undefined ? 1 : 0);
    metrics.set('drift_since_timestamp_seconds', labels, resolvedAtMs === undefined ? sinceMs / 1000 : 0);
  }
}

const RESET_BEFORE = [
  'record_info',
  'target_up',
  'target_failures',
  'target_next_change_seconds',
  'target_served',
  'record_cold',
  'answer_predicted',
  'answer_observed',
  'server_serial',
  'servers_agree',
  'lint_findings',
] as const;

/** Nothing before the first reading has ended, well or not. */
function publishSource({ metrics }: Agent, server: WatchedServer): void {
  const { config, content, sourceProblem, sourceReadAtMs } = server;
  const labels = { server: config.name };
  if (sourceProblem !== undefined || sourceReadAtMs !== undefined)
    metrics.set('source_last_read_successful', labels, sourceProblem === undefined ? 1 : 0);
  if (sourceReadAtMs !== undefined) metrics.set('source_last_success_timestamp_seconds', labels, sourceReadAtMs / 1000);
  if (content !== undefined) metrics.set('source_unread_zones', labels, server.unreadZones.length);
}

function publishCrossCheck({ metrics }: Agent, server: WatchedServer, crossCheck: CrossCheck): void {
  const { watched, client, checks } = crossCheck;
  const name = watched.owner;
  const { type } = watched;
  const record = { server: server.config.name, name, type };
  metrics.set('record_info', { zone: watched.zone, name, type, profile: server.knownLine ?? '' }, 1);
  metrics.set('record_cold', record, server.isCold(crossCheck) ? 1 : 0);
  for (const [target, seen] of seenTargets(server, checks)) {
    const labels = { name, type, target, vantage: VANTAGE };
    metrics.set('target_up', labels, seen.failures === 0 ? 1 : 0);
    metrics.set('target_failures', labels, seen.failures);
    metrics.set('target_next_change_seconds', labels, seen.undecidedSeconds);
  }
  const observation = server.observation(crossCheck);
  const prediction = observation === undefined ? undefined : server.prediction(crossCheck);
  if (observation === undefined || prediction === undefined) return;
  const targets = new Set(observation.recent.flatMap(({ answers }) => answers));
  for (const { outcome } of prediction.outcomes) for (const answer of answerTexts(outcome, type)) targets.add(answer);
  const last = new Set(observation.recent.at(-1)?.answers);
  for (const target of targets) {
    const seen = observation.recent.filter(({ answers }) => answers.includes(target)).length;
    const predicted = prediction.outcomes
      .filter(({ outcome }) => answerTexts(outcome, type).includes(target))
      .reduce((sum, { probability }) => sum + toNumber(probability), 0);
    metrics.set('answer_observed', { ...record, client, target }, seen / observation.recent.length);
    metrics.set('answer_predicted', { ...record, client, target }, predicted);
    if (last.has(target)) metrics.set('target_served', { ...record, target }, 1);
  }
}

/** A record may check one address in many ways (two ports, two URLs): the worst of them is what is seen of the target. */
function seenTargets(
  server: WatchedServer,
  checks: readonly Check[],
): ReadonlyMap<string, { readonly failures: number; readonly undecidedSeconds: number }> {
  const targets = new Map<string, { failures: number; undecidedSeconds: number }>();
  for (const check of checks) {
    const last = server.evidence(check)?.at(-1);
    if (last === undefined) continue;
    const target = check.address || check.url;
    const worst = targets.get(target) ?? { failures: 0, undecidedSeconds: 0 };
    targets.set(target, {
      failures: Math.max(worst.failures, last.up ? 0 : last.probes),
      undecidedSeconds: Math.max(worst.undecidedSeconds, server.undecidedSeconds(check)),
    });
  }
  return targets;
}

function publishFindings({ metrics, servers }: Agent): void {
  const counts = new Map<string, number>();
  for (const server of servers) {
    const found = (server.content?.crossChecks ?? []).flatMap(({ watched, warnings }) =>
      warnings.map(({ code }) => `${code} ${watched.owner} ${watched.type}`),
    );
    for (const each of new Set(found)) {
      const code = each.split(' ')[0] ?? '';
      counts.set(code, (counts.get(code) ?? 0) + 1);
    }
  }
  for (const [rule, count] of counts) metrics.set('lint_findings', { rule, severity: 'error' }, count);
}

/** Do the same records of two servers get answers that one state of the targets explains? */
function publishAgreement({ metrics, servers }: Agent): void {
  const agreeing = new Map<string, { name: string; type: string; agree: boolean }>();
  for (const { crossCheck, agree } of compareServers(servers)) {
    const { owner: name, type } = crossCheck.watched;
    const known = agreeing.get(`${name} ${type}`);
    agreeing.set(`${name} ${type}`, { name, type, agree: agree && known?.agree !== false });
  }
  for (const { name, type, agree } of agreeing.values()) metrics.set('servers_agree', { name, type }, agree ? 1 : 0);
}
