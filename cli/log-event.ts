/** What happens in the agent, as lines of its log. */
import type pino from 'pino';
import type { Agent } from '../agent/agent.ts';
import type { AgentEvent } from '../agent/events.ts';

export function logEvent(log: pino.Logger, agent: Agent, event: AgentEvent): void {
  switch (event.kind) {
    case 'source read': {
      const { kind, ...details } = event;
      log.info(details, kind);
      const server = agent.servers.find(({ config }) => config.name === event.server);
      for (const warning of server?.content?.reading.warnings ?? []) log.warn({ server: event.server }, warning);
      break;
    }
    case 'target changed': {
      const { check, result, after } = event.probe;
      log.info(
        { check: check.id, reason: result.reason },
        `target ${check.target || check.url} is ${after.kind} as seen from here`,
      );
      break;
    }
    case 'drift opened': {
      const { drift, diagnosis } = event;
      const { server, name, type, client, class: driftClass, message } = drift;
      const explained = diagnosis.filter(({ explains }) => explains).map(({ assumption }) => assumption);
      log.error({ server, name, type, client, class: driftClass, explained }, `drift: ${message}`);
      break;
    }
    case 'drift resolved': {
      const { server, name, type, client, class: driftClass } = event.drift;
      log.info({ server, name, type, client, class: driftClass }, 'drift resolved');
      break;
    }
    case 'source failed':
    case 'geoip failed':
    case 'history failed':
    case 'server down': {
      const { kind, ...details } = event;
      log.error(details, kind);
      break;
    }
    case 'finding': {
      const { kind, ...details } = event;
      log.warn(details, kind);
      break;
    }
    case 'answer changed': {
      const { kind, ...details } = event;
      log[isDraw(event) ? 'debug' : 'info'](details, kind);
      break;
    }
    case 'server up':
    case 'server restarted': {
      const { kind, ...details } = event;
      log.info(details, kind);
    }
  }
}

/** Records that choose at random answer otherwise all the time: what is as right as before is nothing to read about. */
function isDraw({ verdict, verdictBefore = verdict }: Extract<AgentEvent, { kind: 'answer changed' }>): boolean {
  return verdict !== 'outside' && verdict === verdictBefore;
}
